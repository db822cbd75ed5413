using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>Reads every sweep: each path exists, each axis has values, paired lists are equally long, and each value alone would
/// be accepted.</summary>
public static class SweepChecks
{
    public static void Run(ProgramSymbols symbols, Evaluator evaluator)
    {
        foreach (var sweep in symbols.Sweeps.Values)
        {
            // What statements there are is known for each point, not here.
            var changesModel = sweep.Axes.Any(a => a.Paired.Any(ProgramBinder.ChoosesModel));
            var paths = new Dictionary<string, SweptSyntax>(StringComparer.Ordinal);
            foreach (var axis in sweep.Axes)
            {
                foreach (var swept in axis.Paired)
                {
                    if (!paths.TryAdd(swept.Path.ToString(), swept))
                        evaluator.Diagnostics.GivenTwice(
                            swept.Path.Span,
                            $"'{swept.Path}'",
                            paths[swept.Path.ToString()].Path.Span
                        );
                    if (!changesModel || swept.Path.Parts[0].Text is "data" or "train")
                        CheckPath(swept, symbols, evaluator.Diagnostics);
                }
            }
            foreach (var (swept, sets) in Given(sweep, evaluator))
            {
                foreach (var other in paths.Values)
                    Overlap(swept, sets, other, evaluator.Diagnostics);
            }
            foreach (var second in sweep.Stops.Skip(1))
                evaluator.Diagnostics.GivenTwice(second.Path.Span, "'stop'", sweep.Stops[0].Path.Span);
            foreach (var stop in sweep.Stops)
                SweepHalving.Of(stop, evaluator);
        }
    }

    /// <summary>The `set`s that the lines of a sweep amount to, one a value; a line whose values are wrong gives none, after
    /// having said why.</summary>
    static List<(SweptSyntax Swept, ImmutableArray<SetSyntax> Sets)> Given(SweepSyntax sweep, Evaluator evaluator) =>
        [
            .. from axis in sweep.Axes
            let values = Values(axis, evaluator)
            where values is not null
            from line in axis.Paired.Index()
            select (
                line.Item,
                values
                    .Value[line.Index]
                    .Select(v => new SetSyntax(line.Item.Path, v.Expression, v.Expression.Span))
                    .ToImmutableArray()
            ),
        ];

    // `train.optimizer: [sgd { lr: 0.1 }, adam]` beside `train.optimizer.lr: [...]`: one of the two would not be what the points
    // are trained with.
    static void Overlap(SweptSyntax swept, ImmutableArray<SetSyntax> sets, SweptSyntax other, DiagnosticBag diagnostics)
    {
        if (!SetOrder.IsAbove(swept.Path, other.Path))
            return;
        if (sets.FirstOrDefault(s => SetOrder.Given(s, other.Path).Length > 0) is { } giving)
            diagnostics.SweptTwice(SetOrder.Given(giving, other.Path)[0].Path.Span, other.Path.ToString(), other.Path.Span);
    }

    /// <summary>Neither may the command line: the points would be trained with one value, and told as if with theirs.</summary>
    public static void Overridden(SweepSyntax sweep, IReadOnlyList<SetSyntax> commandLine, Evaluator evaluator)
    {
        foreach (var (swept, sets) in Given(sweep, evaluator))
        {
            if (commandLine.FirstOrDefault(set => sets.Any(s => Replaces(set, s))) is { } replacing)
                evaluator.Diagnostics.SweptTwice(replacing.Path.Span, swept.Path.ToString(), swept.Path.Span);
        }
    }

    // Whether anything that one assignment gives is lost to the other, whichever comes first.
    static bool Replaces(SetSyntax set, SetSyntax other) =>
        set.Path.ToString() == other.Path.ToString()
        || (SetOrder.IsAbove(set.Path, other.Path) && SetOrder.Given(set, other.Path).Length > 0)
        || (SetOrder.IsAbove(other.Path, set.Path) && SetOrder.Given(other, set.Path).Length > 0);

    /// <summary>The path must be one that `set` accepts.</summary>
    static void CheckPath(SweptSyntax swept, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var first = swept.Path.Parts[0].Text;
        var known = new List<string> { "data", "train" };
        known.AddRange(symbols.Model?.Statements.Keys ?? Enumerable.Empty<string>());
        known.AddRange(symbols.Model?.Tasks.Keys ?? Enumerable.Empty<string>());
        known.AddRange(symbols.Lets.Keys);
        if (!known.Contains(first))
        {
            var meant = Suggestions.Closest(first, known) is { } closest ? $"did you mean '{closest}'?" : null;
            diagnostics.CannotSet(swept.Path.Parts[0].Span, swept.Path.ToString(), $"there is no '{first}'", meant, known);
        }
        else if (first is "data" or "train")
        {
            CheckSetting(swept, first == "data" ? RecipeKind.Data : RecipeKind.Train, diagnostics);
        }
    }

    /// <summary>Follows the path through the recipe's records, and through every choice of a union.</summary>
    static void CheckSetting(SweptSyntax swept, RecipeKind recipe, DiagnosticBag diagnostics)
    {
        var types = SettingTypes.Of(recipe);
        foreach (var part in swept.Path.Parts.Skip(1))
        {
            if (int.TryParse(part.Text, out _))
                return;
            var below = SettingTypes.Below(types, part.Text);
            if (below.IsEmpty)
            {
                diagnostics.NoSetting(
                    part.Span,
                    part.Text,
                    swept.Path.ToString()[..Math.Max(0, part.Span.Start - swept.Path.Span.Start - 1)],
                    [.. SettingTypes.Settings(types).Select(p => p.Name)]
                );
                return;
            }
            types = below;
        }
    }

    /// <summary>The values of every line of an axis, in equal numbers; null after having said what is wrong.</summary>
    public static ImmutableArray<ImmutableArray<SweptValue>>? Values(AxisSyntax axis, Evaluator evaluator)
    {
        var lines = axis.Paired.Select(swept => SweepValues.Of(swept, evaluator)).ToList();
        if (lines.Any(l => l is null))
            return null;
        var first = lines[0]!.Value.Length;
        for (var i = 1; i < lines.Count; i++)
        {
            if (lines[i]!.Value.Length is var count && count != first)
            {
                evaluator.Diagnostics.BadSweep(
                    axis.Paired[i].Values.Span,
                    $"`with` pairs lists of equal length: {first} values and {count}",
                    $"{count} values",
                    axis.Paired[0].Values.Span
                );
                return null;
            }
        }
        return [.. lines.Select(l => l!.Value)];
    }
}
