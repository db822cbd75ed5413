using System.Text;

namespace Mtlc.Cli.Output;

/// <summary>A stream that is closed, full, or a pipe that nobody reads: what cannot be said is dropped, and the exit code still
/// tells.</summary>
/// <param name="failed">Told once, of the first failure.</param>
sealed class UnfailingWriter(TextWriter inner, Action<string>? failed = null) : TextWriter
{
    bool hasFailed;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (hasFailed)
                return;
            hasFailed = true;
            failed?.Invoke(exception.Message);
        }
    }
}
