using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// The dense losses of the language, one file each. All return a differentiable scalar; where an image, or the whole
/// batch, has no label it contributes zero with zero gradients, so that a step without labels is still a step.
/// </summary>
public static class PixelLosses
{
    /// <param name="loss">Which loss.</param>
    /// <param name="prediction">Logits [N, C, H, W], a regressed map [N, C, H, W], or a probability [N, 1, H, W].</param>
    /// <param name="label">Class indices [N, H, W] for cross_entropy, else a map like the prediction, NaN where unlabelled.</param>
    /// <param name="ignore">The class index that means "no label"; only cross_entropy reads it.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public static Tensor Compute(LossKind loss, Tensor prediction, Tensor label, long ignore) => loss switch
    {
        LossKind.CrossEntropy => CrossEntropyLoss.Compute(prediction, label, ignore),
        LossKind.L1 => RegressionLoss.L1(prediction, label),
        LossKind.L2 => RegressionLoss.L2(prediction, label),
        LossKind.BalancedBce => BalancedBinaryCrossEntropy.Compute(prediction, label),
        _ => throw new ArgumentOutOfRangeException(nameof(loss), loss, "there is no such loss"),
    };

    internal static void RequireSameShape(string loss, Tensor prediction, Tensor label)
    {
        if (prediction.dim() != 4 || !prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"{loss} compares two maps [N, C, H, W] of one shape, but the prediction is {Shape(prediction)} and the label {Shape(label)}");
    }

    internal static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
