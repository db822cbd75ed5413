using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// Absolute and squared error of a regressed map: the mean over an image's labelled values, then over the images that have any
/// (the report's losses for depth and, over the valid components of the vectors, <c>LossNormal</c>).
/// </summary>
public static class RegressionLoss
{
    /// <param name="prediction">[N, C, H, W].</param>
    /// <param name="label">[N, C, H, W], NaN where unlabelled.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor L1(Tensor prediction, Tensor label)
    {
        PixelLosses.RequireSameShape("l1", prediction, label);
        using var scope = NewDisposeScope();
        var (error, valid) = Error(prediction, label);
        return MeanOverImages(error.abs(), valid).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="L1"/>
    public static Tensor L2(Tensor prediction, Tensor label)
    {
        PixelLosses.RequireSameShape("l2", prediction, label);
        using var scope = NewDisposeScope();
        var (error, valid) = Error(prediction, label);
        return MeanOverImages(error.pow(Held(2)), valid).MoveToOuterDisposeScope();
    }

    // Masked rather than gathered: no synchronisation with the device, no copy of indices. The mask is applied to the difference,
    // before any power, so that no NaN takes part in a product of the backward pass.
    static (Tensor Error, Tensor Valid) Error(Tensor prediction, Tensor label)
    {
        var invalid = label.isnan();
        return ((prediction - label).masked_fill(invalid, Held(0)), invalid.logical_not());
    }

    static Tensor MeanOverImages(Tensor masked, Tensor valid)
    {
        var count = valid.flatten(1).sum(1);
        var perImage = masked.flatten(1).sum(1) / count.clamp(min: Held(1));
        return perImage.sum() / count.gt(Held(0)).sum().clamp(min: Held(1));
    }
}
