using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>From the labels of a batch to what each task is trained on and scored on.</summary>
public sealed class TaskTargets(Model model, TrainingStatistics statistics)
{
    /// <summary>What metrics compare with: classes [N, H, W], metres [N, 1, H, W], contours [N, 1, H, W] or normals [N, 3, H, W].</summary>
    public Tensor Label(ModelTask task, Batch batch) => task.Kind switch
    {
        TaskKind.Segmentation => Ignoring(task, batch.Classes),
        TaskKind.Depth => batch.Depth.alias(),
        TaskKind.Contour => ContoursOf(model.Task(task.Of!), batch),
        TaskKind.Normals => NormalsOf(batch.Depth),
        _ => throw new NotSupportedException($"there is no target for {task.Kind}"),
    };

    /// <summary>What losses compare with: depth standardised in its unit, all others as <see cref="Label"/>.</summary>
    public Tensor Target(ModelTask task, Batch batch) =>
        task.Kind == TaskKind.Depth ? statistics.Codec(task.Unit).Standardise(batch.Depth) : Label(task, batch);

    /// <summary>A prediction as metrics see it: depth in metres, all others as they are.</summary>
    public Tensor Prediction(ModelTask task, Tensor output) =>
        task.Kind == TaskKind.Depth ? statistics.Codec(task.Unit).ToMetres(output) : output.alias();

    Tensor ContoursOf(ModelTask source, Batch batch)
    {
        using var labels = Ignoring(source, batch.Classes);
        return Contours.Of(labels, source.Ignore);
    }

    // A picture of one row or column has no steps to two neighbours.
    internal static Tensor NormalsOf(Tensor depth) => depth.shape[2] > 1 && depth.shape[3] > 1
        ? Normals.OfPixels(depth)
        : full([depth.shape[0], 3, depth.shape[2], depth.shape[3]], Held(double.NaN), ScalarType.Float32, depth.device);

    // Samples say 255 where there is no label; a program may set another class aside, or number "no label" differently.
    static Tensor Ignoring(ModelTask task, Tensor classes)
    {
        if (task.Ignore == Example.Unlabelled)
            return classes.alias();
        using var unlabelled = classes.eq(Held(Example.Unlabelled));
        return classes.masked_fill(unlabelled, Held(task.Ignore));
    }
}
