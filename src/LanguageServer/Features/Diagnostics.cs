using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Experiments;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Diagnostic = Mtlc.LanguageServer.Protocol.Diagnostic;
using Found = Mtlc.Dsl.Diagnostics.Diagnostic;

namespace Mtlc.LanguageServer.Features;

/// <summary>What is wrong with the programs of the open files, file by file.</summary>
static class Diagnostics
{
    public const string Source = "mtlc";

    /// <summary>By path, of every file of those programs; files without any are there with none.</summary>
    public static ImmutableDictionary<string, ImmutableArray<Found>> Of(Snapshot snapshot, CancellationToken token)
    {
        var found = new Dictionary<string, List<Found>>(StringComparer.Ordinal);
        foreach (
            var root in snapshot.Recent.Select(snapshot.RootOf).Distinct(StringComparer.Ordinal).Where(r => !snapshot.Standard(r))
        )
        {
            token.ThrowIfCancellationRequested();
            var program = snapshot.Program(root);
            foreach (var source in program.Compilation.Symbols.Sources)
                found.TryAdd(source.Path, []);
            foreach (var diagnostic in Of(snapshot, program))
            {
                if (!found.TryGetValue(diagnostic.Span.Source.Path, out var list))
                    found[diagnostic.Span.Source.Path] = list = [];
                if (!list.Exists(d => IsSame(d, diagnostic)))
                    list.Add(diagnostic);
            }
        }
        foreach (var path in snapshot.Recent)
            found.TryAdd(path, []);
        return found.ToImmutableDictionary(f => f.Key, f => f.Value.ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>A file of components or of a recipe needs no model; one of sweeps and reports is checked by what they
    /// name.</summary>
    static IEnumerable<Found> Of(Snapshot snapshot, Documents.Program program)
    {
        var compilation = program.Compilation;
        if (compilation.Symbols.Model is not null)
            return compilation.Diagnostics;
        var declares = snapshot.Declares<SweepSyntax>(program.Path) || snapshot.Declares<ReportSyntax>(program.Path);
        return declares && DeclaredExperiments.Compile(snapshot.Text(program.Path)!, snapshot.Text) is { } experiments
            ? experiments.Diagnostics
            : compilation.Diagnostics.Where(d => d.Code != BindingErrors.NoModelCode);
    }

    public static Diagnostic ToProtocol(Found diagnostic, Func<SourceSpan, Location?> locate)
    {
        var message =
            diagnostic.Message
            + (diagnostic.Label is null ? "" : $"\n{diagnostic.Label}")
            + (diagnostic.Help is null ? "" : $"\nhelp: {diagnostic.Help}")
            + string.Concat(diagnostic.Notes.Where(n => n.Span is null).Select(n => $"\nnote: {n.Message}"));
        return new(
            diagnostic.Span.ToRange(),
            diagnostic.Severity == Severity.Error ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
            diagnostic.Code,
            Source,
            message,
            Tags: diagnostic.Code == "MTL4001" ? [DiagnosticTag.Unnecessary] : null,
            RelatedInformation:
            [
                .. diagnostic
                    .Notes.Where(n => n.Span is not null)
                    .Select(n => (n.Message, Place: locate(n.Span!.Value)))
                    .Where(n => n.Place is not null)
                    .Select(n => new DiagnosticRelatedInformation(n.Place!, n.Message)),
            ]
        );
    }

    static bool IsSame(Found a, Found b) =>
        a.Code == b.Code && a.Message == b.Message && a.Span.Start == b.Span.Start && a.Span.Length == b.Span.Length;
}
