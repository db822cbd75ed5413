using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>
/// The best that can be predicted without looking at the picture: one constant for every pixel, taken from the training labels.
/// Evaluated with the same accumulators as the network, it is what each metric is compared with. </summary>
public static class TrivialPrediction
{
    /// <summary>The most frequent class everywhere.</summary>
    /// <param name="mostFrequent">Of the training labels.</param>
    /// <param name="labels">[N, H, W]: what is to be predicted; only its shape counts.</param>
    public static Tensor MostFrequentClass(int mostFrequent, Tensor labels) =>
        full_like(labels, Held(mostFrequent), ScalarType.Int64);

    /// <summary>The mean depth everywhere.</summary>
    /// <param name="mean">Mean depth of the training labels in metres.</param>
    /// <param name="labels">[N, 1, H, W]: what is to be predicted; only its shape counts.</param>
    public static Tensor MeanDepth(double mean, Tensor labels) => full_like(labels, Held(mean));

    /// <summary>No contour anywhere: the more frequent of the two classes. Its precision is undefined, its recall and F are
    /// 0.</summary>
    /// <param name="labels">[N, 1, H, W]: what is to be predicted; only its shape counts.</param>
    public static Tensor NoContour(Tensor labels) => zeros_like(labels);

    /// <summary>One direction everywhere.</summary>
    /// <param name="x">To the right, mean over the training labels; so y downwards and z along the optical axis.</param>
    /// <param name="labels">[N, 3, H, W]: what is to be predicted; only its shape counts.</param>
    public static Tensor MeanNormal(double x, double y, double z, Tensor labels)
    {
        using var direction = tensor(new[] { x, y, z }, labels.dtype, labels.device);
        using var column = direction.view(1, 3, 1, 1);
        return column.expand(labels.shape).clone();
    }
}
