using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>A file that a prediction is written as.</summary>
/// <param name="Suffix">Behind the picture's and the task's name: "_overlay.png".</param>
/// <param name="Beyond">Pixels whose value the file cannot hold, and that it holds as the nearest it can.</param>
public sealed record PredictionFile(string Suffix, byte[] Content, int Beyond = 0);

/// <summary>
/// What a run does with one task: what it is trained on and scored on, what it is compared with, and how it is shown. The class
/// of a kind derives from <see cref="RuntimeTask{TTask}"/> of the kind's task, by which it is found. </summary>
public abstract class RuntimeTask
{
    static readonly FrozenDictionary<Type, Type> ByTask = Partners
        .Of<RuntimeTask>()
        .ToFrozenDictionary(t => t.BaseType!.GetGenericArguments()[0]);

    /// <param name="model">Has the tasks that others are computed from.</param>
    /// <exception cref="KeyNotFoundException">The runtime has no such kind.</exception>
    public static RuntimeTask Of(ModelTask task, Model model, TrainingStatistics statistics) =>
        Partners.Make<RuntimeTask>(ByTask[task.GetType()], task, model, statistics);

    /// <summary>Asks for what <see cref="Trivial"/> and <see cref="Target"/> read of the statistics, which are measured before
    /// there are any.</summary>
    public abstract void Ask(StatisticsRequest request);

    /// <summary>What metrics compare with: classes [N, H, W], metres [N, 1, H, W], contours [N, 1, H, W] or normals [N, 3, H,
    /// W].</summary>
    public abstract Tensor Label(Batch batch);

    /// <summary>What losses compare with, in the form that the kind states.</summary>
    public abstract Tensor Target(Batch batch);

    /// <summary>A prediction as metrics see it.</summary>
    /// <param name="output">[N, C, H, W], after the activation.</param>
    public abstract Tensor Prediction(Tensor output);

    /// <summary>The best that can be predicted without looking at a picture.</summary>
    /// <param name="label">What is to be predicted, as <see cref="Label"/> gives it; only its shape counts.</param>
    public abstract Tensor Trivial(Tensor label);

    /// <summary>What a written program (`export --to pytorch`) is told of the task beside its name; null where the programs do
    /// not know the kind.</summary>
    public virtual JsonObject? Facts => null;

    /// <summary>One picture's label or prediction as colours.</summary>
    /// <param name="map">As metrics see it, of one image.</param>
    /// <param name="scale">The map whose range the colours span: pictures that are to be compared share it.</param>
    /// <param name="under">The picture, over which classes are laid.</param>
    public abstract Picture Draw(Tensor map, Tensor scale, Picture under, Palette palette);

    /// <summary>One picture's prediction as files.</summary>
    /// <param name="prediction">As metrics see it, of one image.</param>
    /// <param name="shown">The same as <see cref="Draw"/> gives it.</param>
    public abstract IEnumerable<PredictionFile> Files(Tensor prediction, Picture shown, Palette palette, DepthPng unit);
}

/// <inheritdoc/>
public abstract class RuntimeTask<TTask>(TTask task, Model model, TrainingStatistics statistics) : RuntimeTask
    where TTask : ModelTask
{
    protected TTask Task { get; } = task;

    protected Model Model { get; } = model;

    protected TrainingStatistics Statistics { get; } = statistics;
}
