using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Mtlc.LanguageServer.Texts;

/// <summary>A row of a table of the manual.</summary>
/// <param name="Section">The heading that it stands under.</param>
/// <param name="Of">The first cell of the table's head: "train", "kind", "primitive"; empty where there is none.</param>
/// <param name="Key">What the row tells of, one of several maybe.</param>
/// <param name="Default">Of a setting, where the table has a column for it.</param>
public sealed record ManualEntry(string Section, string Of, string Key, string Default, string Meaning);

/// <summary>docs/language.md, which the assembly carries: what a hover says of a setting is what the manual says.</summary>
public static partial class Manual
{
    static readonly Lazy<ImmutableArray<ManualEntry>> Read = new(() => Entries(Text()));

    public static ImmutableArray<ManualEntry> All => Read.Value;

    /// <param name="of">Of which table, by its first head cell.</param>
    public static ManualEntry? Find(string of, string key) => All.FirstOrDefault(e => e.Of == of && e.Key == key);

    /// <summary>The sentence of the manual's section on losses that tells of one.</summary>
    public static string? Loss(string name) =>
        LossSentence().Match(Text()) is var section && section.Success
            ? Sentences(section.Value).FirstOrDefault(s => s.Contains($"`{name}(", StringComparison.Ordinal))
            : null;

    /// <summary>The first sentence outside of tables and programs that begins to tell of a piece of code.</summary>
    public static string? Sentence(string code) =>
        Sentences(Prose().Replace(Text(), ""))
            .FirstOrDefault(s => s.Contains($"`{code}", StringComparison.Ordinal))
            ?.Trim('*', ' ');

    static IEnumerable<string> Sentences(string text) => SentenceEnd().Split(text.ReplaceLineEndings(" ")).Select(s => s.Trim());

    static string Text()
    {
        using var stream = typeof(Manual).Assembly.GetManifestResourceStream("manual/language.md")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    static ImmutableArray<ManualEntry> Entries(string text)
    {
        var entries = ImmutableArray.CreateBuilder<ManualEntry>();
        var (section, head) = ("", (string[]?)null);
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('#'))
                section = line.TrimStart('#', ' ');
            if (!line.StartsWith('|'))
            {
                head = null;
                continue;
            }
            string[] cells =
            [
                .. CellEnd().Split(line.Trim().Trim('|')).Select(c => c.Replace("\\|", "|", StringComparison.Ordinal).Trim()),
            ];
            if (head is null)
            {
                head = cells;
                continue;
            }
            if (cells[0].StartsWith("---", StringComparison.Ordinal))
                continue;
            entries.AddRange(Keys(cells[0]).Select((key, i) => Entry(section, head, cells, key, i)));
        }
        return entries.ToImmutable();
    }

    static ManualEntry Entry(string section, string[] head, string[] cells, string key, int index)
    {
        var column = Array.FindIndex(head, h => h == "default");
        var value = column < 0 || column >= cells.Length ? "" : cells[column];
        var values = value.Split(", ");
        var several = Keys(cells[0]).Count();
        return new(
            section,
            head[0].Trim('`'),
            key,
            several > 1 && values.Length == several ? values[index] : value,
            string.Join("; ", cells.Skip(1).Where((_, i) => i + 1 != column).Where(c => c.Length > 0))
        );
    }

    /// <summary>"`conv(x, ...)`" tells of conv, "`train.batch`, `epochs`" of both.</summary>
    static IEnumerable<string> Keys(string cell) =>
        Code()
            .Matches(cell)
            .Select(m => m.Groups[1].Value)
            .Where(k => !k.StartsWith('('))
            .Select(k => KeyOf().Match(k).Value)
            .Where(k => k.Length > 0);

    /// <summary>What is no prose.</summary>
    [GeneratedRegex(@"```.*?```|^(\||#)[^\n]*$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Prose();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellEnd();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[A-Za-z_0-9.]+")]
    private static partial Regex KeyOf();

    [GeneratedRegex(@"### The loss.*?(?=\n##)", RegexOptions.Singleline)]
    private static partial Regex LossSentence();

    [GeneratedRegex(@"(?<=\.)\s|;\s")]
    private static partial Regex SentenceEnd();
}
