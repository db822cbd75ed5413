using DiffPlex.Renderer;

namespace Mtlc.Cli.Output;

/// <summary>What changed in a text, as `diff -u` writes it and `patch` reads it.</summary>
static class UnifiedDiff
{
    /// <summary>Behind a last line that has no line break; no program can hold it.</summary>
    const string Unbroken = "\u0001";

    /// <summary>In the place of a carriage return, which the renderer would take for the end of a line.</summary>
    const string Return = "\u0002";

    /// <param name="after">Ends with a line break, or is empty.</param>
    public static string Of(string path, string before, string after) =>
        UnidiffRenderer
            .GenerateUnidiff(Lines(before), Lines(after), path, path)
            .ReplaceLineEndings("\n")
            .Replace(Return, "\r", StringComparison.Ordinal)
            .Replace(Unbroken, "\n\\ No newline at end of file", StringComparison.Ordinal);

    // The renderer takes what lies behind the last line break for a line.
    static string Lines(string text)
    {
        var lines = text.Replace("\r\n", Return + "\n", StringComparison.Ordinal);
        return lines.EndsWith('\n') ? lines[..^1]
            : lines.Length > 0 ? lines + Unbroken
            : lines;
    }
}
