using ModelContextProtocol;
using Mtlc.Cli.Files;

namespace Mtlc.Cli.Commands.Mcp;

/// <summary>The pages of docs/, which lie in the assembly.</summary>
static class Manual
{
    const string Folder = "manual/";

    public static IEnumerable<string> Pages => Resource.Below(Folder).Select(n => Path.GetFileNameWithoutExtension(n));

    /// <summary>Each page with its headings.</summary>
    public static string Contents() =>
        string.Concat(Pages.Select(p => $"{p}\n{string.Concat(Headings(Text(p)).Select(h => $"  {h}\n"))}"));

    /// <exception cref="McpException">There is no such page, or no such heading on it.</exception>
    public static string Page(string page, string? heading)
    {
        if (!Pages.Contains(page, StringComparer.Ordinal))
            throw new McpException($"there is no page '{page}'; there are {string.Join(", ", Pages)}");
        var text = Text(page);
        return heading is null
            ? text
            : Section(text, heading)
                ?? throw new McpException(
                    $"page '{page}' has no heading '{heading}'; it has {string.Join(", ", Headings(text))}"
                );
    }

    /// <summary>From a heading to the next of its level or a higher one.</summary>
    static string? Section(string text, string heading)
    {
        var lines = text.Split('\n');
        var first = Array.FindIndex(
            lines,
            l => Level(l) > 0 && Title(l).Equals(heading.Trim().TrimStart('#', ' '), StringComparison.OrdinalIgnoreCase)
        );
        if (first < 0)
            return null;
        var end = Array.FindIndex(lines, first + 1, l => Level(l) is > 0 and var level && level <= Level(lines[first]));
        return string.Join('\n', lines[first..(end < 0 ? lines.Length : end)]).TrimEnd() + "\n";
    }

    static IEnumerable<string> Headings(string text)
    {
        var inCode = false;
        foreach (var line in text.Split('\n'))
        {
            inCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!inCode && Level(line) > 1)
                yield return Title(line);
        }
    }

    static int Level(string line) =>
        line.TakeWhile(c => c == '#').Count() is var level && level < line.Length && line[level] == ' ' ? level : 0;

    static string Title(string line) => line.TrimStart('#', ' ').Trim();

    static string Text(string page) => Resource.Text($"{Folder}{page}.md");
}
