using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>Files that a program names, where they are there.</summary>
static class DocumentLinks
{
    public static DocumentLink[] Of(Analysis file) =>
        [.. Files(file).Select(f => new DocumentLink(f.Span.ToRange(), file.UriOf(f.Path)))];

    /// <summary>The file whose name stands at an offset, as an address.</summary>
    public static string? At(Analysis file, int offset) =>
        Files(file).Where(f => f.Span.Start <= offset && offset < f.Span.End).Select(f => file.UriOf(f.Path)).FirstOrDefault();

    /// <summary>Programs that a report names.</summary>
    public static IEnumerable<string> Programs(Analysis file, ReportSyntax report) => Named(file, report).Select(f => f.Path);

    static IEnumerable<(SourceSpan Span, string Path)> Files(Analysis file) =>
        file.Tree.Declarations.SelectMany(d => Named(file, d));

    static IEnumerable<(SourceSpan Span, string Path)> Named(Analysis file, SyntaxNode node)
    {
        var own = node switch
        {
            ImportSyntax import => Existing(import.File, import.FileSpan),
            StringSyntax text when text.Value.Contains('.') => Existing(text.Value, text.Span),
            _ => null,
        };
        return own is { } found ? [found] : SyntaxChildren.Of(node).SelectMany(c => Named(file, c));

        (SourceSpan, string)? Existing(string name, SourceSpan span) =>
            Snapshot.Resolve(file.Path, name) is { } path
            && (file.Snapshot.Documents.ContainsKey(path) || file.Snapshot.Files.Stamp(path) is not null)
                ? (Inner(span), path)
                : null;
    }

    // Without the quotes.
    static SourceSpan Inner(SourceSpan span) => span.Length > 2 ? span.Source.Span(span.Start + 1, span.Length - 2) : span;
}
