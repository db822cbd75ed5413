using System.Globalization;

namespace Mtlc.Runtime.Machine;

/// <summary>What Linux says of itself in files, below a root that is "/" except in tests. An unreadable file has no
/// lines.</summary>
sealed class SystemFiles(string root)
{
    public IReadOnlyList<string> Lines(string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path.TrimStart('/')));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The words behind a name at the beginning of a line; null where no line has it with a word behind.</summary>
    public string[]? Value(string path, string name) =>
        Lines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
        && line[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words
            ? words
            : null;

    /// <summary>A file of one number; null where it says something else, as "max".</summary>
    public long? Number(string path, int word = 0) => Number(Lines(path).FirstOrDefault()?.Split(' ').ElementAtOrDefault(word));

    public static long? Number(string? word) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
