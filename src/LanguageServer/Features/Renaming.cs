using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using StreamJsonRpc;

namespace Mtlc.LanguageServer.Features;

/// <summary>
/// Gives something another name wherever it is meant, in programs, recipes, sweeps and reports. It is tried first: where a
/// program would have another error, or a name another meaning, nothing is renamed and the reason is told. </summary>
static class Renaming
{
    static readonly HashSet<string> Reserved =
    [
        "let",
        "return",
        "of",
        "with",
        "for",
        "in",
        "if",
        "then",
        "else",
        "true",
        "false",
        "and",
        "or",
        "not",
        "skip",
        "image",
        "none",
    ];

    public static PrepareRenameResult? Prepare(Analysis file, int offset)
    {
        if (file.NameAt(offset) is { Definition: { } definition } use)
            return Fixed(file, Occurrences.SpotOf(definition)) ? null : new(use.Name.Span.ToRange(), use.Name.Text);
        var at = Occurrences
            .Beside(file)
            .FirstOrDefault(o => o.At.Path == file.Path && o.At.Start <= offset && offset <= o.At.Start + o.At.Length);
        if (at == default || Fixed(file, at.Declared))
            return null;
        return new(file.Source.RangeOf(at.At.Start, at.At.Start + at.At.Length), file.Text.Substring(at.At.Start, at.At.Length));
    }

    /// <exception cref="LocalRpcException">It cannot be renamed, or not to this.</exception>
    public static WorkspaceEdit Edit(Analysis file, int offset, string name, CancellationToken token)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(Texts.Token.IsWord) || Reserved.Contains(name))
            throw Refused($"'{name}' cannot be a name");
        var snapshot = file.Snapshot;
        if (Occurrences.WordAt(file, offset) is not { } word)
            throw Refused("there is no name here that could be changed");
        var all = Occurrences.All(snapshot, word, token);
        var meant = References.Meant(file, all, offset);
        if (meant.Count == 0)
            throw Refused("there is no name here that could be changed");
        var changed = Occurrences.Together(all, meant);
        if (changed.Any(o => Fixed(file, o.Declared)))
            throw Refused("the language and its standard library keep their names");
        var edits = changed
            .Select(o => o.At)
            .Distinct()
            .GroupBy(s => s.Path)
            .ToDictionary(g => g.Key, g => g.OrderBy(s => s.Start).ToList(), StringComparer.Ordinal);
        var texts = edits.ToDictionary(e => e.Key, e => Applied(snapshot.Text(e.Key)!, e.Value, name), StringComparer.Ordinal);
        Try(snapshot, texts, name, token);
        return new(
            edits.ToDictionary(
                e => file.UriOf(e.Key),
                e =>
                    e.Value.Select(s => new TextEdit(snapshot.Text(s.Path)!.RangeOf(s.Start, s.Start + s.Length), name))
                        .ToArray(),
                StringComparer.Ordinal
            )
        );
    }

    static void Try(Snapshot snapshot, Dictionary<string, SourceText> texts, string name, CancellationToken token)
    {
        SourceText? Open(string path) => texts.GetValueOrDefault(path) ?? snapshot.Text(path);
        var programs = snapshot
            .AllPaths.Where(p => snapshot.Reads(p, texts.Keys))
            .SelectMany(p => snapshot.Plainly(p).Select(m => (Path: p, m.Sets, Before: m.Compilation)))
            .ToArray()
            .AsParallel()
            .AsOrdered()
            .WithCancellation(token)
            .Select(p => (p.Path, p.Before, After: Compilation.CheckWithoutSweeps(Open(p.Path)!, Open, p.Sets)));
        foreach (var (path, before, after) in programs.ToList())
        {
            var known = before.Diagnostics.Select(d => d.Code).ToList();
            if (after.Diagnostics.FirstOrDefault(d => d.Severity == Severity.Error && !known.Remove(d.Code)) is { } error)
                throw Refused($"with the name '{name}' {Path.GetFileName(path)} would not be right: {error.Message}");
            // A name that another one hides would mean that one, without an error.
            var (old, anew) = (Shape(before), Shape(after));
            if (!old.SequenceEqual(anew))
                throw Refused(
                    $"the name '{name}' would mean something else in {Path.GetFileName(path)}, or something else would mean it"
                );
        }
    }

    /// <summary>Which names of a program mean the same, by their order: what a renaming leaves as it is.</summary>
    static List<int> Shape(Compilation compilation)
    {
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        return
        [
            .. compilation.Resolution.All.Select(u =>
                u.Definition is not { } definition ? -1
                : numbers.TryGetValue(definition, out var known) ? known
                : numbers[definition] = numbers.Count
            ),
        ];
    }

    static SourceText Applied(SourceText text, List<Spot> spots, string name)
    {
        var content = text.Content;
        foreach (var spot in spots.AsEnumerable().Reverse())
            content = content.Remove(spot.Start, spot.Length).Insert(spot.Start, name);
        return new(text.Path, content) { Identity = text.Identity };
    }

    static bool Fixed(Analysis file, Spot declared) =>
        declared.Path.StartsWith('<')
        || declared.Path.StartsWith("std/", StringComparison.Ordinal)
        || file.Snapshot.Standard(declared.Path);

    static LocalRpcException Refused(string reason) => new(reason) { ErrorCode = ErrorCodes.RequestFailed };
}
