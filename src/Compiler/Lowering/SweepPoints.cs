using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Compiles a program, right without them, with the values of its sweeps, so that `check` knows what the tenth experiment would
/// say: each value of each axis with the axes before it at their first value, since later lines see what earlier ones set; then
/// the other points, as far as the limit goes. </summary>
static class SweepPoints
{
    const int Limit = 64;

    /// <param name="compile">Compiles with these `set`s.</param>
    public static void Check(
        ProgramSymbols symbols,
        Action<ImmutableArray<SetSyntax>, DiagnosticBag> compile,
        DiagnosticBag diagnostics
    )
    {
        var tried = 0;
        foreach (var sweep in symbols.Sweeps.Values)
        {
            var axes = Ordered(sweep.Axes).Select(a => Sets(a, symbols)).ToList();
            var before = diagnostics.Count;
            for (var axis = 0; axis < axes.Count; axis++)
            {
                foreach (var value in axes[axis])
                    Try([.. axes.Take(axis).SelectMany(a => a[0]), .. value], value);
            }
            if (diagnostics.Count > before)
                continue;
            foreach (var point in Product(axes).Take(Limit))
                Try([.. point.SelectMany(v => v)], point[^1]);
        }

        void Try(ImmutableArray<SetSyntax> point, ImmutableArray<SetSyntax> blamed)
        {
            if (++tried > Limit)
                return;
            var found = new DiagnosticBag();
            compile(point, found);
            if (found.HasErrors)
                Blame(found.ToSorted().First(d => d.Severity == Severity.Error), point, blamed, diagnostics);
        }
    }

    /// <summary>`train.optimizer` before `train.optimizer.momentum`, which not every optimizer has.</summary>
    static List<AxisSyntax> Ordered(IEnumerable<AxisSyntax> axes)
    {
        var ordered = new List<AxisSyntax>();
        foreach (var axis in axes)
        {
            var below = ordered.FindIndex(other => other.Paired.Any(o => axis.Paired.Any(a => SetOrder.IsAbove(a.Path, o.Path))));
            ordered.Insert(below < 0 ? ordered.Count : below, axis);
        }
        return ordered;
    }

    /// <summary>The values of an axis as the `set`s that they amount to; the axis itself was checked before.</summary>
    static ImmutableArray<ImmutableArray<SetSyntax>> Sets(AxisSyntax axis, ProgramSymbols symbols)
    {
        var unused = new DiagnosticBag();
        var lines = SweepChecks.Values(axis, new(symbols, new GraphBuilder(unused), unused))!.Value;
        return
        [
            .. Enumerable
                .Range(0, lines[0].Length)
                .Select(i =>
                    axis.Paired.Select((swept, k) => new SetSyntax(swept.Path, lines[k][i].Expression, swept.Span))
                        .ToImmutableArray()
                ),
        ];
    }

    static IEnumerable<ImmutableArray<ImmutableArray<SetSyntax>>> Product(
        IReadOnlyList<ImmutableArray<ImmutableArray<SetSyntax>>> axes
    )
    {
        IEnumerable<ImmutableArray<ImmutableArray<SetSyntax>>> points =
        [
            [],
        ];
        foreach (var axis in axes)
            points = points.SelectMany(p => axis.Select(p.Add));
        return axes.Count < 2 ? [] : points;
    }

    /// <summary>An error in the value itself stands there; any other is shown at the value that brought it about.</summary>
    static void Blame(
        Diagnostic error,
        ImmutableArray<SetSyntax> point,
        ImmutableArray<SetSyntax> blamed,
        DiagnosticBag diagnostics
    )
    {
        if (point.Any(s => Contains(s.Path.Span, error.Span) || Contains(s.Value.Span, error.Span)))
        {
            diagnostics.Add(error);
            return;
        }
        var set = blamed[^1];
        var with = string.Join(", ", point.Where(s => s != set).Select(s => $"{s.Path} = {s.Value.Span.Text}"));
        diagnostics.Add(
            error with
            {
                Message = $"with {set.Path} = {set.Value.Span.Text}: {error.Message}",
                Span = set.Value.Span,
                Label = with.Length == 0 ? "this value" : $"together with {with}",
                Notes = [new(error.Label ?? "here", error.Span), .. error.Notes],
            }
        );
    }

    static bool Contains(SourceSpan outer, SourceSpan inner) =>
        outer.Source == inner.Source && outer.Start <= inner.Start && inner.End <= outer.End;
}
