using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Tasks;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Experiments;

/// <summary>Asynchronous successive halving (ASHA; Li et al. 2020): points are trained to a rung, and the best share of it to the
/// next.</summary>
/// <param name="Metric">The key by which they are compared.</param>
/// <param name="Factor">Of so many points of a rung one goes on.</param>
/// <param name="Rungs">Epochs in all at each rung; the last are those of the recipe.</param>
public sealed record Halving(string Metric, int Factor, ImmutableArray<int> Rungs)
{
    /// <summary>The keys that a model's runs store and that are good or bad, the first of each task in front.</summary>
    public static ImmutableArray<string> Scores(Model model) =>
        Scores(model.Tasks.Where(t => !t.Auxiliary).Select(t => (t.Name, t.Kind)));

    /// <summary>The same of tasks that are scored, by their names and kinds.</summary>
    public static ImmutableArray<string> Scores(IEnumerable<(string Name, TaskKind Kind)> tasks)
    {
        ImmutableArray<string> keys =
        [
            .. tasks.SelectMany(t =>
                t.Kind.Measures.Where(m => m.Direction != MetricDirection.None && m.Detail == MeasureDetail.None)
                    .Select(m => $"{t.Name}/{m.Name}")
            ),
        ];
        return MultitaskScore.Parts(keys) is null ? keys : keys.Insert(0, MultitaskScore.Measure.Key);
    }

    /// <summary>So many of all points come to a rung, where each rung is judged as a whole.</summary>
    public int Expected(int points, int rung) => rung == 0 ? points : Expected(points, rung - 1) / Factor;

    /// <summary>The epochs that are trained, as a share of those of every point to its end.</summary>
    public double Share(int points) =>
        Rungs.Select((epochs, rung) => (double)Expected(points, rung) * (epochs - (rung > 0 ? Rungs[rung - 1] : 0))).Sum()
        / ((double)points * Rungs[^1]);

    /// <summary>Fits what was written to the points, which must be comparable.</summary>
    /// <returns>null after having said what is wrong.</returns>
    internal static Halving? Of(SweptSyntax stop, SweepHalving written, IReadOnlyList<SweepPoint> points, DiagnosticBag bag)
    {
        var metric = written.Metric ?? Scores(points[0].Program.Model).FirstOrDefault() ?? "";
        var epochs = points[0].Program.Train.Epochs;
        foreach (var point in points)
        {
            var scores = Scores(point.Program.Model);
            if (!scores.Contains(metric))
                return Wrong($"point {point.Number} has no score '{metric}'", $"its scores are {string.Join(", ", scores)}");
            if (point.Program.Train.Epochs is var own && own != epochs)
                return Wrong(
                    $"halving compares points of equally many epochs, but point {point.Number} has {own} and point 1 has {epochs}",
                    $"sweep over other settings, or without halving"
                );
            if (point.Program.Train.Evaluate.Every is var every && written.First % every != 0)
                return Wrong(
                    $"point {point.Number} is evaluated every {every} epochs, not after {written.First}",
                    $"first must be a multiple of {every}"
                );
        }
        if (written.First >= epochs)
            return Wrong($"nothing can stop early: the recipe ends after {epochs} epochs", $"first is {written.First}");
        var rungs = ImmutableArray.CreateBuilder<int>();
        for (long rung = written.First; rung < epochs; rung *= written.Factor)
            rungs.Add((int)rung);
        return new(metric, written.Factor, [.. rungs, epochs]);

        Halving? Wrong(FormattableString message, FormattableString label)
        {
            bag.BadSweep(stop.Values.Span, FormattableString.Invariant(message), FormattableString.Invariant(label));
            return null;
        }
    }
}
