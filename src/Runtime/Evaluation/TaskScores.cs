using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Tasks;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>The metrics of a model's scored tasks, each for the network and for the trivial predictor.</summary>
public sealed class TaskScores
{
    readonly (ModelTask Task, IMetricAccumulator Network, IMetricAccumulator Trivial)[] tasks;
    readonly TaskTargets targets;

    /// <param name="classNames">Names of the data's classes; classes without a name get their number.</param>
    public TaskScores(Model model, TaskTargets targets, ImmutableArray<string> classNames, EvaluateRecipe recipe)
    {
        this.targets = targets;
        tasks = [.. model.Tasks.Where(t => !t.Auxiliary).Select(t => (t, Accumulator(t), Accumulator(t)))];

        IMetricAccumulator Accumulator(ModelTask task) =>
            TaskMetrics.Of(
                task,
                new(
                    task,
                    task is ClassTask { Classes: var classes } ? TrainingStatistics.NamesOf(classNames, classes) : [],
                    recipe
                )
            );
    }

    /// <param name="predictions">The output of each task, by the task's name.</param>
    /// <param name="isDecoded">Whether they are what metrics compare already: depth in metres.</param>
    public void Add(IReadOnlyDictionary<string, Tensor> predictions, Batch batch, bool isDecoded = false)
    {
        using var scope = NewDisposeScope();
        foreach (var (task, network, trivial) in tasks)
        {
            var label = targets.Label(task, batch);
            network.Add(isDecoded ? predictions[task.Name] : targets.Prediction(task, predictions[task.Name]), label);
            trivial.Add(targets[task].Trivial(label), label);
        }
    }

    /// <summary>
    /// Every metric, the multitask score first where it is defined, then task by task with the headline first. A task of which
    /// nothing was labelled has none. </summary>
    public ImmutableArray<MetricRow> Rows => Of(t => t.Network.HasLabels);

    /// <summary>The keys of all metrics that there can be, in the same order, whatever is labelled.</summary>
    public ImmutableArray<string> Keys => [.. Of(_ => true).Select(r => r.Metric.Key)];

    /// <summary>Tasks without a score: no pixel that was evaluated has a label of them.</summary>
    public ImmutableArray<string> Unlabelled => [.. tasks.Where(t => !t.Network.HasLabels).Select(t => t.Task.Name)];

    /// <summary>What "best" is judged by: the multitask score, or the first labelled task's headline; NaN where nothing is
    /// labelled.</summary>
    public Metric Score => Rows is [var first, ..] ? first.Metric : Of(_ => true)[0].Metric;

    /// <summary>The confusion of each labelled segmentation task's classes.</summary>
    public IEnumerable<(string Task, SegmentationMetrics Metrics)> Segmentations =>
        tasks
            .Where(t => t.Network is SegmentationMetrics { HasLabels: true })
            .Select(t => (t.Task.Name, (SegmentationMetrics)t.Network));

    ImmutableArray<MetricRow> Of(Func<(ModelTask Task, IMetricAccumulator Network, IMetricAccumulator Trivial), bool> isScored)
    {
        var scored = tasks.Where(isScored).ToList();
        var rows = scored
            .SelectMany(t =>
                t.Network.Results(t.Task.Name).Zip(t.Trivial.Results(t.Task.Name), (n, o) => new MetricRow(n, o.Value))
            )
            .ToList();
        if (
            MultitaskScore.Parts([.. tasks.Select(t => t.Task)]) is var (first, second)
            && Headline(first) is { } iou
            && Headline(second) is { } depth
        )
        {
            var score = MultitaskScore.Of(iou.Metric.Value, depth.Metric.Value);
            rows.Insert(
                0,
                new(
                    Metric.Of(MultitaskScore.Measure.Key, MultitaskScore.Measure, score),
                    MultitaskScore.Of(iou.Trivial, depth.Trivial)
                )
            );
        }
        return [.. rows];

        MetricRow? Headline(ModelTask task) => rows.Find(r => r.Metric.Key.StartsWith($"{task.Name}/", StringComparison.Ordinal));
    }

    /// <summary>A score by which runs are compared: higher is better.</summary>
    public static double Merit(Metric score) => score.Direction == MetricDirection.Lower ? -score.Value : score.Value;
}
