namespace Mtlc.Cli.Output;

internal enum Ink { Bold, Dim, Red, Green, Yellow, Cyan }

/// <summary>One of the process's output streams: how wide it is, whether it shows colour, whether somebody watches.</summary>
internal sealed class Terminal(TextWriter writer, bool isInteractive, bool hasColor, int? width)
{
    private const int Narrowest = 20;

    private static readonly Lazy<Terminal> output = new(() => Open(Console.Out, Console.IsOutputRedirected));
    private static readonly Lazy<Terminal> error = new(() => Open(new UnfailingWriter(Console.Error), Console.IsErrorRedirected));

    public static Terminal Output => output.Value;

    public static Terminal Error => error.Value;

    public TextWriter Writer { get; } = writer;

    /// <summary>A terminal with a cursor; false for files, pipes and dumb terminals.</summary>
    public bool IsInteractive { get; } = isInteractive;

    public bool HasColor { get; } = hasColor;

    /// <summary>Columns; null where lines may be as long as they like (files, pipes).</summary>
    public int? Width { get; } = width;

    public void WriteLine(string line = "") => Writer.WriteLine(line);

    /// <summary>Prose, broken between words where the terminal ends.</summary>
    public void WriteText(string text, Ink? ink = null)
    {
        foreach (var line in Wrapping.Words(text, Width ?? int.MaxValue))
            WriteLine(ink is { } color ? Style(line, color) : line);
    }

    public void WriteWarning(string text) => WriteLine($"{Style("warning", Ink.Yellow)}: {text}");

    public string Style(string text, Ink ink) => HasColor ? $"\e[{Code(ink)}m{text}\e[0m" : text;

    /// <summary>The same where what is told matters less than what is done: a failure to write is told once, as a warning, and ends nothing.</summary>
    public Terminal Unfailing(Terminal error, string what) => new(
        new UnfailingWriter(Writer, reason => error.WriteWarning($"{what} cannot be shown ({reason.TrimEnd('.')}); the work goes on without")), IsInteractive, HasColor, Width);

    private static Terminal Open(TextWriter writer, bool redirected)
    {
        // https://no-color.org: any value but the empty one.
        var plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var dumb = redirected || Environment.GetEnvironmentVariable("TERM") is "dumb";
        return new(writer, !dumb, !dumb && !plain, redirected ? null : CurrentColumns());
    }

    /// <summary>The terminal's columns at this moment; 80 where it does not tell.</summary>
    public static int CurrentColumns()
    {
        var columns = Console.WindowWidth;
        return columns <= 0 ? 80 : Math.Max(columns, Narrowest);
    }

    private static int Code(Ink ink) => ink switch
    {
        Ink.Bold => 1,
        Ink.Dim => 2,
        Ink.Red => 31,
        Ink.Green => 32,
        Ink.Yellow => 33,
        Ink.Cyan => 36,
        _ => throw new ArgumentOutOfRangeException(nameof(ink)),
    };
}
