using System.Diagnostics;

namespace Mtlc.Cli.Output;

/// <summary>Shows on stderr how far a long task has come, where somebody watches; leaves no trace.</summary>
static class Counter
{
    static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);

    /// <param name="what">What is counted: "images".</param>
    /// <param name="work">Is given what it calls with how many are done, and of how many; from any thread.</param>
    public static T Watch<T>(string what, Func<Action<int, int>, T> work)
    {
        var error = Terminal.Error;
        if (!error.IsInteractive)
            return work((_, _) => { });
        var gate = new Lock();
        var last = 0L;
        try
        {
            return work(
                (done, all) =>
                {
                    lock (gate)
                    {
                        if (done < all && Stopwatch.GetElapsedTime(last) < RefreshInterval)
                            return;
                        last = Stopwatch.GetTimestamp();
                        error.Writer.Write($"\r\e[K{Line(what, done, all, Terminal.CurrentColumns() - 1)}");
                    }
                }
            );
        }
        finally
        {
            error.Writer.Write("\r\e[K");
        }
    }

    /// <summary>The same for work that counts up to a number known beforehand.</summary>
    public static T Watch<T>(string what, int all, Func<IProgress<int>, T> work) =>
        Watch(what, count => work(new Teller(done => count(done, all))));

    /// <summary>Unlike <see cref="Progress{T}"/>, tells at once and on the thread that reports.</summary>
    sealed class Teller(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }

    /// <summary>"━━━━╌╌╌╌  120/240 images", without the bar, then cut, where there is no room.</summary>
    public static string Line(string what, int done, int all, int width)
    {
        const int longest = 30,
            shortest = 4;
        var text = $"{Quantity.Grouped(done)}/{Quantity.Grouped(all)} {what}";
        var bar = Math.Min(width - text.Length - 2, longest);
        if (bar < shortest)
            return text[..Math.Min(text.Length, Math.Max(width, 0))];
        var filled = all == 0 ? 0 : (int)((long)bar * done / all);
        return $"{new string('━', filled)}{new string('╌', bar - filled)}  {text}";
    }
}
