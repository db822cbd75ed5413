using DiffPlex.Renderer;

namespace Mtlc.Cli.Output;

/// <summary>What changed in a text, as `diff -u` writes it and `patch` reads it.</summary>
static class UnifiedDiff
{
    /// <summary>Behind a last line that has no line break; no program can hold it.</summary>
    const string Unbroken = "\u0001";

    /// <param name="after">Ends with a line break, or is empty.</param>
    public static string Of(string path, string before, string after) =>
        UnidiffRenderer
            .GenerateUnidiff(Lines(before), Lines(after), path, path)
            .Replace(Unbroken, $"{Environment.NewLine}\\ No newline at end of file", StringComparison.Ordinal);

    // The renderer takes what lies behind the last line break for a line.
    static string Lines(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
        : text.EndsWith('\n') ? text[..^1]
        : text.Length > 0 ? text + Unbroken
        : text;
}
