using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// The dense losses of the language by name, one file each. All return a differentiable scalar; where an image, or the whole
/// batch, has no label it contributes zero with zero gradients, so that a step without labels is still a step.
/// </summary>
public static class PixelLosses
{
    public static readonly IReadOnlyList<string> Names = ["cross_entropy", "l1", "l2", "balanced_bce"];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="prediction">Logits [N, C, H, W], a regressed map [N, C, H, W], or a probability [N, 1, H, W].</param>
    /// <param name="label">Class indices [N, H, W] for cross_entropy, else a map like the prediction, NaN where unlabelled.</param>
    /// <param name="ignore">The class index that means "no label"; only cross_entropy reads it.</param>
    /// <exception cref="ArgumentException">No loss has this name, or the shapes do not fit each other.</exception>
    public static Tensor Compute(string name, Tensor prediction, Tensor label, long ignore) => name switch
    {
        "cross_entropy" => CrossEntropyLoss.Compute(prediction, label, ignore),
        "l1" => RegressionLoss.L1(prediction, label),
        "l2" => RegressionLoss.L2(prediction, label),
        "balanced_bce" => BalancedBinaryCrossEntropy.Compute(prediction, label),
        _ => throw new ArgumentException($"no loss is called '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
    };

    internal static void RequireSameShape(string loss, Tensor prediction, Tensor label)
    {
        if (prediction.dim() != 4 || !prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"{loss} compares two maps [N, C, H, W] of one shape, but the prediction is {Shape(prediction)} and the label {Shape(label)}");
    }

    internal static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
