using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Targets;

/// <summary>
/// Contours of a segmentation, as the report defines them: a pixel is an edge where its class differs from the class above it or
/// from the class left of it. Two slips of the report's listing are mended: it wrote row differences into columns, and it took
/// the border of an unlabelled region for an edge. </summary>
public static class Contours
{
    /// <param name="labels">[N, H, W] class indices.</param>
    /// <param name="ignore">The index that means "no label".</param>
    /// <returns>[N, 1, H, W] float32: 1, 0, or NaN where the pixel, the one above or the one left of it is unlabelled.</returns>
    /// <exception cref="ArgumentException">The labels are not [N, H, W].</exception>
    public static Tensor Of(Tensor labels, long ignore)
    {
        if (labels.dim() != 3)
            throw new ArgumentException(
                $"contours are derived from labels [N, H, W], but these are [{string.Join(", ", labels.shape)}]"
            );
        var (height, width) = (labels.shape[1], labels.shape[2]);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var edge = zeros_like(labels, ScalarType.Bool);
        var unlabelled = labels.eq(Held(ignore));
        var unknown = unlabelled.clone();
        foreach (var (dimension, length) in new[] { (1L, height), (2L, width) })
        {
            // No neighbour outside the picture: its first row and column compare with one neighbour only.
            var (here, before) = (labels.narrow(dimension, 1, length - 1), labels.narrow(dimension, 0, length - 1));
            edge.narrow(dimension, 1, length - 1).logical_or_(here.ne(before));
            unknown.narrow(dimension, 1, length - 1).logical_or_(unlabelled.narrow(dimension, 0, length - 1));
        }
        return edge.to(ScalarType.Float32).masked_fill(unknown, Held(double.NaN)).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
