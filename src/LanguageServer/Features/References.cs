using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>Where something is declared, where it is used, and what it is called.</summary>
static class References
{
    public static Location[] Definition(Analysis file, int offset)
    {
        if (DocumentLinks.At(file, offset) is { } link)
            return [new(link, default)];
        if (file.NameAt(offset)?.Definition is { IsBuiltIn: false } definition && file.Locate(definition.Name.Span) is { } place)
            return [place];
        return
        [
            .. Occurrences
                .Meant(Occurrences.Beside(file), file.Path, offset)
                .Select(s => Place(file.Snapshot, s))
                .OfType<Location>(),
        ];
    }

    public static Location[] Of(Analysis file, int offset, bool withDeclaration, CancellationToken token)
    {
        if (Occurrences.WordAt(file, offset) is not { } word)
            return [];
        var all = Occurrences.All(file.Snapshot, word, token);
        var meant = Meant(file, all, offset);
        return
        [
            .. all.Where(o => meant.Contains(o.Declared) && (withDeclaration || !o.IsDeclaration))
                .Select(o => o.At)
                .Distinct()
                .OrderBy(o => o.Path, StringComparer.Ordinal)
                .ThenBy(o => o.Start)
                .Select(o => Place(file.Snapshot, o))
                .OfType<Location>(),
        ];
    }

    /// <summary>Within the file alone.</summary>
    public static DocumentHighlight[] Highlights(Analysis file, int offset) =>
        file.NameAt(offset)?.Definition is not { } definition
            ? []
            :
            [
                .. file
                    .Names.Where(u => u.Definition == definition)
                    .Select(u => new DocumentHighlight(
                        u.Name.Span.ToRange(),
                        u.Role == Compiler.Binding.NameRole.Declaration ? 3 : 2
                    )),
            ];

    internal static HashSet<Spot> Meant(Analysis file, IEnumerable<Occurrence> all, int offset) =>
        file.NameAt(offset)?.Definition is { } definition && !file.Snapshot.Importers(file.Path).Any()
            ? [Occurrences.SpotOf(definition)]
            : [.. Occurrences.Meant(all, file.Path, offset)];

    internal static Location? Place(Snapshot snapshot, Spot spot)
    {
        if (spot.Path.StartsWith('<'))
            return null;
        if (spot.Path.StartsWith("std/", StringComparison.Ordinal))
        {
            var standard = Compiler.Binding.StandardLibrary.Sources.First(s => s.Path == spot.Path);
            return snapshot.Files.Standard(standard) is { } copy
                ? new(Paths.ToUri(copy), standard.RangeOf(spot.Start, spot.Start + spot.Length))
                : null;
        }
        return spot.Path != "--set" && snapshot.Text(spot.Path) is { } text
            ? new(snapshot.UriOf(spot.Path), text.RangeOf(spot.Start, spot.Start + spot.Length))
            : null;
    }
}
