using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Targets;

/// <summary>
/// Between metres and what the network regresses: <c>(u(metres) - Mean) / Deviation</c>, <c>u</c> being the unit. Losses live on
/// the standardised side, metrics on the side of metres, clamped to the range of the data. </summary>
/// <param name="Unit">The unit u.</param>
/// <param name="Mean">Mean of depth in that unit over the training split.</param>
/// <param name="Deviation">Standard deviation of depth in that unit, positive.</param>
/// <param name="Minimum">Smallest depth of the data, in metres whatever the unit is; positive.</param>
/// <param name="Maximum">Largest depth of the data, in metres whatever the unit is.</param>
public sealed record DepthCodec(DepthUnit Unit, double Mean, double Deviation, double Minimum, double Maximum)
{
    /// <summary>The codec of statistics that were measured in the unit itself (<see cref="Metrics.DepthMoments"/> measures
    /// them).</summary>
    /// <param name="unit">The unit in which mean and deviation are given.</param>
    /// <param name="inUnit">Mean and deviation in the unit; minimum and maximum in metres.</param>
    /// <exception cref="ArgumentException">A number is not finite, the deviation or the minimum not positive, or the range
    /// empty.</exception>
    public static DepthCodec Measured(DepthUnit unit, DepthStatistics inUnit)
    {
        var (mean, deviation, minimum, maximum) = inUnit;
        if (!double.IsFinite(mean) || !double.IsFinite(deviation) || deviation <= 0)
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"depth cannot be standardised by mean {mean} and deviation {deviation}: the data needs labelled "
                        + $"pixels that differ"
                )
            );
        if (!(minimum > 0) || !(maximum > minimum) || !double.IsFinite(maximum))
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"the depth of the data must lie in a range of positive metres, but it is {minimum} .. {maximum}"
                )
            );
        return new DepthCodec(unit, mean, deviation, minimum, maximum);
    }

    /// <param name="metres">Depth of any shape in metres, positive, NaN where unlabelled.</param>
    /// <returns>The standardised unit, NaN where unlabelled.</returns>
    public Tensor Standardise(Tensor metres)
    {
        using var scope = NewDisposeScope();
        var value = Unit switch
        {
            DepthUnit.Log => metres.log(),
            DepthUnit.Inverse => metres.reciprocal(),
            _ => metres,
        };
        return ((value - Held(Mean)) / Held(Deviation)).MoveToOuterDisposeScope();
    }

    /// <param name="standardised">What the network regresses, of any shape.</param>
    /// <returns>Metres, clamped to the range of the data; NaN stays NaN.</returns>
    public Tensor ToMetres(Tensor standardised)
    {
        using var scope = NewDisposeScope();
        var value = (standardised * Held(Deviation)).Plus(Mean);
        // The unit is clamped before it is turned back: a prediction far out would overflow the exponential, or change its sign
        // as 1/x.
        var metres = Unit switch
        {
            DepthUnit.Log => value.clamp(Held(Math.Log(Minimum)), Held(Math.Log(Maximum))).exp(),
            DepthUnit.Inverse => value.clamp(Held(1 / Maximum), Held(1 / Minimum)).reciprocal(),
            _ => value,
        };
        return metres.clamp(Held(Minimum), Held(Maximum)).MoveToOuterDisposeScope();
    }
}
