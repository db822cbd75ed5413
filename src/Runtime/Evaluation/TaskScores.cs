using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>The metrics of a model's scored tasks, each for the network and for the trivial predictor.</summary>
public sealed class TaskScores
{
    readonly (ModelTask Task, IMetricAccumulator Network, IMetricAccumulator Trivial)[] tasks;
    readonly TaskTargets targets;
    readonly TrainingStatistics statistics;

    /// <param name="classNames">Names of the data's classes; classes without a name get their number.</param>
    public TaskScores(Model model, TaskTargets targets, TrainingStatistics statistics, ImmutableArray<string> classNames, EvaluateRecipe recipe)
    {
        (this.targets, this.statistics) = (targets, statistics);
        tasks = [.. model.Tasks.Where(t => !t.Auxiliary).Select(t => (t, Accumulator(t), Accumulator(t)))];

        IMetricAccumulator Accumulator(ModelTask task) => task.Kind switch
        {
            TaskKind.Segmentation => new SegmentationMetrics(Names(task.Classes), task.Ignore, recipe.Absent),
            TaskKind.Depth => new CombinedMetrics(new DepthMetrics(), new DepthByDistance(DepthByDistance.Street)),
            TaskKind.Contour => new ContourMetrics(recipe.ContourTolerance),
            TaskKind.Normals => new NormalsMetrics(),
            _ => throw new NotSupportedException($"there are no metrics for {task.Kind}"),
        };
        ImmutableArray<string> Names(int classes) =>
            [.. Enumerable.Range(0, classes).Select(i => i < classNames.Length ? classNames[i] : FormattableString.Invariant($"class{i}"))];
    }

    /// <param name="predictions">The output of each task, by the task's name.</param>
    public void Add(IReadOnlyDictionary<string, Tensor> predictions, Batch batch)
    {
        using var scope = NewDisposeScope();
        foreach (var (task, network, trivial) in tasks)
        {
            var label = targets.Label(task, batch);
            network.Add(targets.Prediction(task, predictions[task.Name]), label);
            trivial.Add(Constant(task, label), label);
        }
    }

    /// <summary>Every metric, the multitask score first where it is defined, then task by task with the headline first.</summary>
    public ImmutableArray<MetricRow> Rows
    {
        get
        {
            var rows = tasks.SelectMany(t => t.Network.Results(t.Task.Name).Zip(t.Trivial.Results(t.Task.Name), (n, o) => new MetricRow(n, o.Value))).ToList();
            if (Headline(TaskKind.Segmentation) is { } iou && Headline(TaskKind.Depth) is { } depth)
                rows.Insert(0, new(MultitaskScore.Metric(iou.Metric.Value, depth.Metric.Value), MultitaskScore.Of(iou.Trivial, depth.Trivial)));
            return [.. rows];

            MetricRow? Headline(TaskKind kind) => tasks.FirstOrDefault(t => t.Task.Kind == kind).Task is { } task
                ? rows.First(r => r.Metric.Key.StartsWith($"{task.Name}/", StringComparison.Ordinal))
                : null;
        }
    }

    /// <summary>The confusion of each segmentation task's classes.</summary>
    public IEnumerable<(string Task, SegmentationMetrics Metrics)> Segmentations =>
        tasks.Where(t => t.Network is SegmentationMetrics).Select(t => (t.Task.Name, (SegmentationMetrics)t.Network));

    /// <summary>A score by which runs are compared: higher is better.</summary>
    public static double Merit(Metric score) => score.Direction == MetricDirection.Lower ? -score.Value : score.Value;

    Tensor Constant(ModelTask task, Tensor label) => task.Kind switch
    {
        TaskKind.Segmentation => full_like(label, Held(statistics.MostFrequentClass), ScalarType.Int64),
        TaskKind.Depth => TrivialPrediction.MeanDepth(statistics.MeanMetres, label),
        TaskKind.Contour => TrivialPrediction.NoContour(label),
        _ => TrivialPrediction.MeanNormal(statistics.MeanNormal[0], statistics.MeanNormal[1], statistics.MeanNormal[2], label),
    };
}
