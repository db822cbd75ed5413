using System.Collections.Frozen;
using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// A dense loss of the language, marked with its word. Every one returns a differentiable scalar; where an image, or the whole
/// batch, has no label it contributes zero with zero gradients, so that a step without labels is still a step. </summary>
public abstract class PixelLoss
{
    static readonly FrozenDictionary<string, PixelLoss> ByWord = Partners
        .Of<PixelLoss>()
        .ToFrozenDictionary(t => Partners.Word(t)!, t => Partners.Make<PixelLoss>(t));

    /// <exception cref="KeyNotFoundException">The runtime does not compute it.</exception>
    public static PixelLoss Of(Loss loss) => ByWord[loss.Word];

    /// <param name="prediction">Logits [N, C, H, W], a regressed map [N, C, H, W], or a probability [N, 1, H, W].</param>
    /// <param name="label">Class indices [N, H, W] for losses of classes, else a map like the prediction, NaN where
    /// unlabelled.</param>
    /// <param name="ignore">The class index that means "no label", for losses of classes; null for others.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public abstract Tensor Compute(Tensor prediction, Tensor label, long? ignore = null);

    protected void RequireSameShape(Tensor prediction, Tensor label)
    {
        if (prediction.dim() != 4 || !prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"{Partners.Word(GetType())} compares two maps [N, C, H, W] of one shape, but the prediction is "
                    + $"{Shape(prediction)} and the label {Shape(label)}"
            );
    }

    protected static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
