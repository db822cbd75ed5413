using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>Softmax cross-entropy of a segmentation, the mean over all labelled pixels of the batch.</summary>
[Word("cross_entropy")]
public sealed class CrossEntropyLoss : PixelLoss
{
    /// <param name="logits">[N, C, H, W] float.</param>
    /// <param name="labels">[N, H, W] int64: 0 .. C-1, or <paramref name="ignore"/> where there is no label.</param>
    /// <returns>A scalar; zero, with zero gradients, where the batch has no label.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit each other, or nothing is said to be ignored.</exception>
    public override Tensor Compute(Tensor logits, Tensor labels, long? ignore = null)
    {
        var (predicted, labelled) = (logits.shape, labels.shape);
        if (
            predicted.Length != 4
            || labelled.Length != 3
            || predicted[0] != labelled[0]
            || predicted[2] != labelled[1]
            || predicted[3] != labelled[2]
        )
            throw new ArgumentException(
                $"cross_entropy compares logits [N, C, H, W] with labels [N, H, W], but the logits are {Shape(logits)} "
                    + $"and the labels {Shape(labels)}"
            );

        var none =
            ignore ?? throw new ArgumentException("cross_entropy needs the class index that means \"no label\"", nameof(ignore));
        using var scope = NewDisposeScope();
        // The built-in mean is 0/0 where nothing is labelled; the sum over max(count, 1) is 0.
        var sum = nn.functional.cross_entropy(logits, labels, ignore_index: none, reduction: nn.Reduction.Sum);
        var count = labels.ne(Held(none)).sum().clamp(min: Held(1));
        return (sum / count).MoveToOuterDisposeScope();
    }
}
