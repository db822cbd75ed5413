using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>
/// Dynamic weight averaging (Liu, Johns and Davison 2019): with w_k the ratio of a task's mean losses in the last two epochs, its
/// weight is K exp(w_k / T) / sum exp(w / T): a task that falls slowly gets more. All weigh 1 in the first two epochs. Costs
/// nothing. </summary>
/// <param name="count">Number of losses, K.</param>
/// <param name="temperature">T; the larger, the more even the weights.</param>
[Word("dwa")]
public sealed class DynamicWeightAverage(int count, double temperature) : LossBalancer
{
    public DynamicWeightAverage(Objective.Balanced objective, long seed)
        : this(objective.Parts.Length, objective.Settings["temperature"]) { }

    // So that a sum of exponentials stays finite, and one that vanishes beside it is no loss.
    const double Largest = 600;

    double[] sums = new double[count],
        steps = new double[count];

    // NaN before the epoch that gives the mean.
    double[] last = Unknown(count),
        beforeLast = Unknown(count);

    public IReadOnlyList<double> Weights
    {
        get
        {
            if (last.Concat(beforeLast).Any(double.IsNaN))
                return [.. Enumerable.Repeat(1.0, count)];
            var exponents = last.Zip(beforeLast, (now, before) => before == 0 ? 1 / temperature : now / before / temperature)
                .ToArray();
            // The same quotient as without, to the last bit where nothing overflows; only then is the largest taken off.
            var most = exponents.Max();
            var exponentials = exponents
                .Select(e =>
                    most < Largest ? Math.Exp(e)
                    : e == most ? 1
                    : Math.Exp(e - most)
                )
                .ToArray();
            return [.. exponentials.Select(e => count * e / exponentials.Sum())];
        }
    }

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context)
    {
        var step = BackwardWeighted(losses, Weights, context);
        for (var i = 0; i < count; i++)
        {
            if (step.Losses[i] == 0)
                continue;
            sums[i] += step.Losses[i];
            steps[i]++;
        }
        return step;
    }

    public override void EndEpoch()
    {
        // A task that had no label in the whole epoch keeps its last mean.
        var mean = last.Select((before, i) => steps[i] == 0 ? before : sums[i] / steps[i]).ToArray();
        (beforeLast, last) = (last, mean);
        (sums, steps) = (new double[count], new double[count]);
    }

    public override IReadOnlyDictionary<string, double[]> State =>
        new Dictionary<string, double[]>
        {
            ["dwa.sums"] = [.. sums],
            ["dwa.steps"] = [.. steps],
            ["dwa.last"] = [.. last],
            ["dwa.before_last"] = [.. beforeLast],
        };

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        sums = [.. Entry(state, "dwa.sums", count)];
        steps = [.. Entry(state, "dwa.steps", count)];
        last = [.. Entry(state, "dwa.last", count)];
        beforeLast = [.. Entry(state, "dwa.before_last", count)];
    }

    static double[] Unknown(int count) => [.. Enumerable.Repeat(double.NaN, count)];
}
