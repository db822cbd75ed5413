using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// An error of a regressed map: the mean over an image's labelled values, then over the images that have any (the report's losses
/// for depth and, over the valid components of the vectors, <c>LossNormal</c>). </summary>
public abstract class RegressionLoss : PixelLoss
{
    /// <summary>Of each value, from how far it is off; 0 where that is 0.</summary>
    protected abstract Tensor Error(Tensor difference);

    /// <inheritdoc/>
    public sealed override Tensor Compute(Tensor prediction, Tensor label, long? ignore = null)
    {
        RequireSameShape(prediction, label);
        using var scope = NewDisposeScope();
        // Masked rather than gathered: no synchronisation with the device, no copy of indices. The mask is applied to the
        // difference, before any power, so that no NaN takes part in a product of the backward pass.
        var invalid = label.isnan();
        var error = Error((prediction - label).masked_fill(invalid, Held(0)));
        return MeanOverImages(error, invalid.logical_not()).MoveToOuterDisposeScope();
    }

    static Tensor MeanOverImages(Tensor masked, Tensor valid)
    {
        var count = valid.flatten(1).sum(1);
        var perImage = masked.flatten(1).sum(1) / count.clamp(min: Held(1));
        return perImage.sum() / count.gt(Held(0)).sum().clamp(min: Held(1));
    }
}

/// <summary>Absolute error.</summary>
[Word("l1")]
public sealed class L1Loss : RegressionLoss
{
    protected override Tensor Error(Tensor difference) => difference.abs();
}

/// <summary>Squared error.</summary>
[Word("l2")]
public sealed class L2Loss : RegressionLoss
{
    protected override Tensor Error(Tensor difference) => difference.pow(Held(2));
}
