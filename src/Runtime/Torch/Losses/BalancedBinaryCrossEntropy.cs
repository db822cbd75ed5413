using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Losses;

/// <summary>
/// The report's <c>WeightedBCE</c> for contours, in which few pixels are positive (HED, Xie and Tu 2015; PAD-Net, Xu et al.
/// 2018): in each image, positives weigh <c>negatives / labelled</c>, negatives <c>Held(1.1) * positives / labelled</c>.
/// </summary>
[Word("balanced_bce")]
public sealed class BalancedBinaryCrossEntropy : PixelLoss
{
    /// <param name="probability">[N, 1, H, W], after the sigmoid.</param>
    /// <param name="label">[N, 1, H, W]: 1, 0, or no label (NaN, or the report's 2).</param>
    /// <returns>
    /// The mean over the images that have a label of each image's weighted mean. As in the report, an unlabelled pixel weighs
    /// zero and still counts in its image's mean: half an image's labels give half its loss. Probabilities 0 and 1 are safe: the
    /// logarithm is cut at -100. </returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public override Tensor Compute(Tensor probability, Tensor label, long? ignore = null)
    {
        RequireSameShape(probability, label);
        using var scope = NewDisposeScope();
        // libtorch refuses a probability that is not a number; the loss is then no number either, and training deals with it.
        if (probability.isnan().any().item<bool>())
            return probability.sum().MoveToOuterDisposeScope();
        var positive = label.eq(Held(1));
        var negative = label.eq(Held(0));
        var positives = positive.flatten(1).sum(1).to(probability.dtype);
        var negatives = negative.flatten(1).sum(1).to(probability.dtype);
        var labelled = positives.Plus(negatives);
        var images = labelled.gt(Held(0)).sum().clamp(min: Held(1));
        // One image's weights also carry the mean over its pixels and over the images, so that one fused sum remains.
        var scale = Held(1) / (labelled.clamp(min: Held(1)) * images * Held(probability.numel() / probability.shape[0]));
        var target = positive.to(probability.dtype);
        var weight = (target * PerImage(negatives * scale)).Plus(negative * PerImage(Held(1.1) * positives * scale));
        return nn.functional.binary_cross_entropy(probability, target, weight, nn.Reduction.Sum).MoveToOuterDisposeScope();
    }

    static Tensor PerImage(Tensor values) => values.view(-1, 1, 1, 1);
}
