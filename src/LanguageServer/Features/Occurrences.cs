using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;

namespace Mtlc.LanguageServer.Features;

/// <summary>A place in the text, the same in every program that reads the file.</summary>
public readonly record struct Spot(string Path, int Start, int Length)
{
    public static Spot Of(SourceSpan span) => new(span.Source.Path, span.Start, span.Length);
}

/// <summary>A name in the text that means a declaration; both by their places.</summary>
/// <param name="Declared">Where what it means is declared; what the language has is told by a path that no file has.</param>
public readonly record struct Occurrence(Spot At, Spot Declared, bool IsDeclaration);

/// <summary>
/// Which names of all programs of the workspace mean what. A recipe may belong to several programs, whose statements it then
/// means all, a sweep may take its model from several files, and reports and halving name tasks in texts. </summary>
public static class Occurrences
{
    /// <summary>Everything in the workspace that is called by a word and means something.</summary>
    public static HashSet<Occurrence> All(Snapshot snapshot, string word, CancellationToken token)
    {
        var parts = snapshot
            .AllPaths.Where(p => snapshot.Mentions(p, word))
            .ToArray()
            .AsParallel()
            .WithCancellation(token)
            .Select(path =>
            {
                var part = new HashSet<Occurrence>();
                foreach (var (_, compilation) in snapshot.Plainly(path))
                    Add(compilation, word, part);
                InReports(snapshot, path, part);
                return part;
            });
        return [.. parts.SelectMany(p => p).Where(o => o.At.Length == word.Length)];
    }

    /// <summary>The word at an offset, or just before it.</summary>
    public static string? WordAt(Analysis file, int offset)
    {
        var (start, end) = (offset, offset);
        while (start > 0 && Texts.Token.IsWord(file.Text[start - 1]))
            start--;
        while (end < file.Text.Length && Texts.Token.IsWord(file.Text[end]))
            end++;
        return end > start ? file.Text[start..end] : null;
    }

    /// <summary>What a file names of other programs: the sweeps and tasks in its reports, the tasks in its sweeps'
    /// metrics.</summary>
    public static HashSet<Occurrence> Beside(Analysis file)
    {
        var found = new HashSet<Occurrence>();
        InReports(file.Snapshot, file.Path, found);
        foreach (var (_, compilation) in file.Snapshot.Plainly(file.Path))
            InStops(compilation.Symbols, found);
        return found;
    }

    /// <summary>What the name at an offset means in the programs that read it: more than one thing in a recipe of several
    /// programs.</summary>
    public static ImmutableArray<Spot> Meant(IEnumerable<Occurrence> all, string path, int offset) =>
        [
            .. all.Where(o => o.At.Path == path && o.At.Start <= offset && offset <= o.At.Start + o.At.Length)
                .Select(o => o.Declared)
                .Distinct(),
        ];

    /// <summary>Every place that must change with any of these, so that no program loses what it means.</summary>
    public static HashSet<Occurrence> Together(IReadOnlyCollection<Occurrence> all, IEnumerable<Spot> declared)
    {
        var (byMeaning, byPlace) = (all.ToLookup(o => o.Declared), all.ToLookup(o => o.At));
        var (found, known) = (new HashSet<Occurrence>(), new HashSet<Spot>(declared));
        for (var open = new Stack<Spot>(known); open.TryPop(out var meaning); )
        {
            foreach (var occurrence in byMeaning[meaning].Where(found.Add))
            {
                foreach (var other in byPlace[occurrence.At].Where(o => known.Add(o.Declared)))
                    open.Push(other.Declared);
            }
        }
        return found;
    }

    public static Spot SpotOf(Definition definition) =>
        definition.IsBuiltIn
            ? new($"<{definition.Kind}>", definition.Name.Text.Length, definition.Name.Text.GetHashCode(StringComparison.Ordinal))
            : Spot.Of(definition.Name.Span);

    /// <summary>The names of one program that are a word.</summary>
    static void Add(Compilation compilation, string word, HashSet<Occurrence> found)
    {
        foreach (var use in compilation.Resolution.All)
        {
            if (use.Definition is { } definition && use.Name.Text == word)
                found.Add(new(Spot.Of(use.Name.Span), SpotOf(definition), use.Role == NameRole.Declaration));
        }
        InStops(compilation.Symbols, found);
    }

    /// <summary>`stop: halving("TASK/METRIC")`</summary>
    static void InStops(ProgramSymbols symbols, HashSet<Occurrence> found)
    {
        foreach (
            var argument in symbols
                .Sweeps.Values.SelectMany(s => s.Stops)
                .SelectMany(s => (s.Values as CallSyntax)?.Arguments ?? [])
        )
            InKey(argument.Value, symbols, found);
    }

    /// <summary>`sweep("FILE", NAME)` and `scores: ["TASK/METRIC"]` of a report.</summary>
    static void InReports(Snapshot snapshot, string path, HashSet<Occurrence> found)
    {
        foreach (var item in (snapshot.Tree(path)?.Declarations.OfType<ReportSyntax>() ?? []).SelectMany(r => r.Settings.Items))
        {
            if (item.Value is not ConfiguredSyntax { Settings.Items: var settings })
                continue;
            var programs = new List<ProgramSymbols>();
            foreach (
                var run in settings
                    .Where(s => s.Key.ToString() == "runs")
                    .SelectMany(s => s.Value is ListSyntax list ? list.Items : [s.Value])
            )
            {
                var file = run switch
                {
                    StringSyntax text => text,
                    CallSyntax { Arguments: [{ Value: StringSyntax text }, ..] } => text,
                    _ => null,
                };
                if (file is null || Snapshot.Resolve(path, file.Value) is not { } target || snapshot.Text(target) is null)
                    continue;
                programs.AddRange(snapshot.Plainly(target).Select(p => p.Compilation.Symbols));
                if (
                    run is CallSyntax { Arguments: [_, { Value: ReferenceSyntax { Name: var name } }] }
                    && programs[^1].Sweeps.GetValueOrDefault(name.Text) is { } sweep
                )
                    found.Add(new(Spot.Of(name.Span), Spot.Of(sweep.Name.Span), false));
            }
            foreach (
                var key in settings
                    .Where(s => s.Key.ToString() == "scores")
                    .SelectMany(s => s.Value is ListSyntax list ? list.Items : [s.Value])
            )
                programs.ForEach(p => InKey(key, p, found));
        }
    }

    /// <summary>The task in "semseg/mean_iou".</summary>
    static void InKey(ExpressionSyntax value, ProgramSymbols symbols, HashSet<Occurrence> found)
    {
        if (
            value is StringSyntax { Value: var key }
            && key.IndexOf('/', StringComparison.Ordinal) is > 0 and var end
            && symbols.Model?.Tasks.GetValueOrDefault(key[..end]) is { } task
        )
        {
            found.Add(new(new(value.Span.Source.Path, value.Span.Start + 1, end), Spot.Of(task.Syntax.Name.Span), false));
        }
    }
}
