using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>Where errors are shown: at what the user wrote, with the way into the components in notes.</summary>
public sealed partial class Evaluator
{
    /// <summary>Where an error at a place is shown: at the user's call, when the place is inside a component that was
    /// expanded.</summary>
    public SourceSpan Place(SourceSpan inner) => frames.Count == 0 ? inner : outermost;

    /// <summary>The way from the user's call to the place.</summary>
    public IEnumerable<DiagnosticNote> Inside(SourceSpan inner)
    {
        if (frames.Count == 0)
            return [];
        var calls = frames.Reverse().ToList();
        var notes = calls.Zip(
            calls.Skip(1).Select(f => f.Call).Append(inner),
            (frame, place) => new DiagnosticNote($"in component {frame.Component.Name}", place)
        );
        return calls.Count <= 6
            ? [.. notes]
            : [.. notes.Take(2), new DiagnosticNote($"... {calls.Count - 5} components further in"), .. notes.TakeLast(3)];
    }

    /// <param name="origin">What the user wrote for the value, where it came through a parameter.</param>
    public void WrongKind(SourceSpan span, string what, string expected, Value found, Origin? origin = null)
    {
        if (found is WordValue word)
        {
            ReportUnknown(word, expected);
        }
        else if (found is not ErrorValue && !HasGivenUp && !IsPartial(found) && IsFirst("MTL2006", origin))
        {
            diagnostics.Add(
                new(
                    "MTL2006",
                    Severity.Error,
                    $"{origin?.What ?? what}: expected {expected}, found {found.Describe()}",
                    origin?.Span ?? Place(span),
                    $"expected {expected}",
                    [.. Inside(span)]
                )
            );
        }
    }

    public void OutOfBounds(SourceSpan span, string what, string bounds, double found, Origin? origin = null)
    {
        if (IsFirst("MTL2007", origin))
        {
            diagnostics.Add(
                new(
                    "MTL2007",
                    Severity.Error,
                    FormattableString.Invariant($"{origin?.What ?? what} must be {bounds}, and is {found}"),
                    origin?.Span ?? Place(span),
                    bounds,
                    [.. Inside(span)]
                )
            );
        }
    }

    /// <summary>A word that stands for nothing, where something was needed.</summary>
    public void ReportUnknown(WordValue word, string? wanted = null)
    {
        var known = Known(word.Name);
        if (!symbols.HasSyntaxErrors || Suggestions.Closest(word.Name.Text, known) is not null)
            diagnostics.UnknownName(
                word.Name.Span,
                word.Name.Text,
                known,
                IsUserText(word.Name.Span) ? [] : Inside(word.Name.Span),
                wanted
            );
    }

    /// <summary>What the user wrote for the value of an expression, where it is no more than a parameter or an item of
    /// one.</summary>
    public Origin? OriginOf(ExpressionSyntax expression, Scope scope) =>
        expression switch
        {
            ParenthesizedSyntax parenthesized => OriginOf(parenthesized.Inner, scope),
            ReferenceSyntax reference => scope.Find(reference.Name.Text)?.Origin,
            IndexSyntax { Index: NumberSyntax { IsInteger: true, Value: < 65_536 } index } item => OriginOf(item.Target, scope)
                ?.Item((int)index.Value),
            _ => null,
        };

    static bool IsPartial(Value value) => value is ListValue list && list.Items.Contains(ErrorValue.Instance);

    /// <summary>A value that the user wrote once is blamed once, however often components read it.</summary>
    bool IsFirst(string code, Origin? origin) => origin is null || blamed.Add((code, origin.Span));

    public void ReportIndex(SourceSpan span, double index, int length, Origin? list)
    {
        if (IsFirst("MTL2030", list))
            diagnostics.IndexOutOfRange(list?.Span ?? Place(span), index, length, Inside(span));
    }

    IEnumerable<string> Known(NameSyntax name) =>
        visible.TryGetValue(name, out var scope) ? scope.Names.Where(n => n != name.Text) : [];

    /// <summary>Which scope an unbound word was met in, for suggestions.</summary>
    readonly Dictionary<NameSyntax, Scope> visible = new(ReferenceEqualityComparer.Instance);

    static bool IsUserText(SourceSpan span) => !span.Source.Path.StartsWith("std/", StringComparison.Ordinal);
}
