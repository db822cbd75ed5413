namespace Mtlc.Runtime.Launch;

/// <summary>Words of a command for a POSIX shell.</summary>
static class ShellText
{
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    /// <summary>In quotes where the shell would take it for something else.</summary>
    public static string Word(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%".Contains(c, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
