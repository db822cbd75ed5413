using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>Intersection over union from one confusion matrix over the whole evaluation (Cordts et al. 2016, section
/// 4.1).</summary>
[Measures("mean_iou", "pixel_accuracy", "absent_classes", "iou/*")]
public sealed class SegmentationMetrics : IMetricAccumulator
{
    readonly ImmutableArray<string> classNames;
    readonly AbsentClasses absentClasses;

    public SegmentationMetrics(MetricContext context)
        : this(context.Classes, ((ClassTask)context.Task).Ignore, context.Recipe.Absent) { }

    /// <param name="classNames">A name for each class, used in the keys.</param>
    /// <param name="ignore">The label index that means "no label".</param>
    /// <param name="absentClasses">
    /// Whether a class that occurs neither in a label nor in a prediction is left out of the mean, or counts as an IoU of 0 (the
    /// course's rule). </param>
    public SegmentationMetrics(
        ImmutableArray<string> classNames,
        long ignore,
        AbsentClasses absentClasses = AbsentClasses.Exclude
    )
    {
        this.classNames = classNames;
        this.absentClasses = absentClasses;
        Confusion = new ConfusionMatrix(classNames.Length, ignore);
    }

    public ConfusionMatrix Confusion { get; }

    public ImmutableArray<string> ClassNames => classNames;

    /// <summary>Names of the classes that have occurred neither in a label nor in a prediction.</summary>
    public IReadOnlyList<string> Absent => [.. classNames.Where((_, k) => double.IsNaN(Confusion.IoU(k)))];

    /// <summary>Mean IoU in percent; NaN where nothing was labelled.</summary>
    public double MeanIoU
    {
        get
        {
            if (Confusion.Total == 0)
                return double.NaN;
            var all = Enumerable.Range(0, classNames.Length).Select(Confusion.IoU);
            return absentClasses == AbsentClasses.Zero
                ? all.Average(iou => double.IsNaN(iou) ? 0 : iou)
                : all.Where(iou => !double.IsNaN(iou)).Average();
        }
    }

    /// <param name="prediction">Logits (or any scores) [N, C, H, W], or class indices [N, H, W] int64.</param>
    /// <param name="label">[N, H, W] class indices, or the ignore index.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or an index is no class.</exception>
    public void Add(Tensor prediction, Tensor label)
    {
        using var scope = NewDisposeScope();
        if (prediction.dim() == 4 && prediction.shape[1] != classNames.Length)
            throw new ArgumentException($"the prediction has {prediction.shape[1]} channels for {classNames.Length} classes");
        Confusion.Add(prediction.dim() == 4 ? prediction.argmax(1) : prediction, label);
    }

    /// <summary>Adds what another accumulator of the same classes has seen.</summary>
    public void Merge(SegmentationMetrics other) => Confusion.Merge(other.Confusion);

    /// <inheritdoc/>
    public bool HasLabels => Confusion.Total > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task) =>
        [
            Metric.Of(task, "mean_iou", MeanIoU),
            Metric.Of(task, "pixel_accuracy", Confusion.PixelAccuracy),
            Metric.Of(task, "absent_classes", Absent.Count),
            .. classNames.Select((name, k) => Metric.Of(task, "iou", name, Confusion.IoU(k))),
        ];
}
