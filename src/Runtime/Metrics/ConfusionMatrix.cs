using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>How many pixels of each class were predicted as which class: rows are labels, columns predictions.</summary>
public sealed class ConfusionMatrix
{
    readonly long[] counts;
    readonly long ignore;

    /// <param name="classes">Number of classes.</param>
    /// <param name="ignore">The label index that means "no label".</param>
    public ConfusionMatrix(int classes, long ignore)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        Classes = classes;
        this.ignore = ignore;
        counts = new long[classes * classes];
    }

    public int Classes { get; }

    public long this[int label, int predicted] => counts[label * Classes + predicted];

    /// <summary>Labelled pixels of a class.</summary>
    public long Labelled(int k) => Enumerable.Range(0, Classes).Sum(j => this[k, j]);

    /// <summary>Labelled pixels that were predicted as a class.</summary>
    public long Predicted(int k) => Enumerable.Range(0, Classes).Sum(j => this[j, k]);

    public long Total => counts.Sum();

    /// <summary>Percentage of labelled pixels whose class was found; NaN where nothing is labelled.</summary>
    public double PixelAccuracy => 100.0 * Enumerable.Range(0, Classes).Sum(k => this[k, k]) / Total;

    /// <summary>Intersection over union of a class in percent; NaN where it occurs neither in label nor in prediction.</summary>
    public double IoU(int k) => 100.0 * this[k, k] / (Labelled(k) + Predicted(k) - this[k, k]);

    /// <param name="predicted">[N, H, W] class indices.</param>
    /// <param name="labels">[N, H, W] class indices, or the ignore index.</param>
    /// <exception cref="ArgumentException">The shapes differ, or an index is no class.</exception>
    public void Add(Tensor predicted, Tensor labels)
    {
        if (!predicted.shape.AsSpan().SequenceEqual(labels.shape))
            throw new ArgumentException(
                $"predicted classes [{string.Join(", ", predicted.shape)}] and labels [{string.Join(", ", labels.shape)}] "
                    + $"differ in shape"
            );
        using var scope = NewDisposeScope();
        var unlabelled = labels.eq(Held(ignore));
        var noClass = labels.lt(Held(0)).logical_or_(labels.ge(Held(Classes))).logical_and_(unlabelled.logical_not());
        noClass.logical_or_(predicted.lt(Held(0))).logical_or_(predicted.ge(Held(Classes)));
        if (noClass.any().item<bool>())
            throw new ArgumentException(
                $"a label or prediction is outside 0..{Classes - 1} and is not the ignore index {ignore}"
            );
        // Unlabelled pixels go to one bin behind the matrix: cheaper than gathering the others.
        var bins = (labels.to(ScalarType.Int64) * Held(Classes)).Plus(predicted).masked_fill(unlabelled, Held(Classes * Classes));
        var added = bincount(bins.flatten(), minlength: Classes * Classes + 1).cpu().data<long>();
        for (var i = 0; i < counts.Length; i++)
            counts[i] += added[i];
    }

    /// <summary>Adds what another matrix of the same classes has counted.</summary>
    public void Merge(ConfusionMatrix other)
    {
        if (other.Classes != Classes)
            throw new ArgumentException($"a confusion matrix of {other.Classes} classes cannot be added to one of {Classes}");
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }
}
