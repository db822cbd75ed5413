using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Losses;
using Mtlc.Runtime.Training.Balancing;
using Mtlc.Tests.Training;
using static TorchSharp.torch;
using Split = Mtlc.Runtime.Data.Samples.Split;

namespace Mtlc.Tests.Tasks;

/// <summary>Whatever the compiler has a word for, the runtime does.</summary>
public class PartnerTests
{
    public static TheoryData<string> Kinds => [.. TaskKind.All.Select(k => k.Word)];

    public static TheoryData<string> Losses => [.. Loss.All.Select(l => l.Word)];

    public static TheoryData<string> Schemes => [.. BalancingScheme.All.Select(s => s.Word)];

    public static TheoryData<Type> Sources => [.. Signature.Choices(typeof(SourceRecipe)).Select(c => c.Type)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_has_a_target_a_trivial_prediction_metrics_and_a_picture(string word)
    {
        TorchRuntime.Start();
        var (program, source) = (TinyRun.Program(), new TinyRun.Blocks());
        var kind = TaskKind.Find(word)!;
        ModelTask[] sources = kind.Origin is { } origin ? [Make(TaskKind.Of(origin), "source", null)] : [];
        var task = Make(kind, "task", sources.FirstOrDefault()?.Name);
        var model = program.Model with { Tasks = [.. sources, task] };
        var statistics = TrainingStatistics.Measure(model, source, program.Data);
        var run = RuntimeTask.Of(task, model, statistics);
        using var scope = NewDisposeScope();
        var example = new EvaluationLoader(source, Split.Validation, program.Data, 1).Read().First();
        using var batch = Batch.Of(example, CPU);
        var (label, target) = (run.Label(batch), run.Target(batch));
        Assert.Equal(task.Kind.Target == TargetForm.Classes ? 3 : 4, target.dim());
        Assert.Equal(target.shape, label.shape);
        var trivial = run.Trivial(label);
        Assert.Equal(label.shape, trivial.shape);

        var metrics = TaskMetrics.Of(task, new(task, ["red", "green", "blue"], new()));
        Assert.False(metrics.HasLabels);
        metrics.Add(trivial, label);
        Assert.True(metrics.HasLabels);
        var results = metrics.Results(task.Name);
        Assert.Equal(task.Kind.Measures.Select(m => m.Key), results.Select(r => Measured(r.Key)).Distinct());
        Assert.All(
            results,
            r => Assert.Equal((Measure.Of(Measured(r.Key)).Direction, Measure.Of(Measured(r.Key)).Unit), (r.Direction, r.Unit))
        );

        var picture = new Picture(40, 64, example[0].ToRgb());
        var palette = Palette.For(["red", "green", "blue"]);
        var shown = run.Draw(label, label, picture, palette);
        Assert.Equal((40, 64), (shown.Height, shown.Width));
        var files = run.Files(label, shown, palette, DepthPng.Standard).ToList();
        Assert.All(files, f => Assert.Equal("PNG"u8.ToArray(), f.Content[1..4]));
        Assert.Equal(files.Select(f => f.Suffix).Distinct(), files.Select(f => f.Suffix));

        static ModelTask Make(TaskKind kind, string name, string? of) =>
            (ModelTask)Signature.Of(kind.Task).Create(new Dictionary<string, object?> { ["classes"] = 3 }) with
            {
                Name = name,
                Of = of,
            };

        // "semseg/iou/road" is one of "iou/*".
        static string Measured(string key) => key.Split('/') is [_, var name] ? name : $"{key.Split('/')[1]}/*";
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loss_is_least_where_the_prediction_is_the_label(string word)
    {
        var loss = Loss.Of(word);
        var label =
            loss.Fits == TargetForm.Classes
                ? tensor(new[] { 0L, 1, 1, 0 }).view(1, 2, 2)
                : tensor(new[] { 0f, 1, 1, 0 }).view(1, 1, 2, 2);
        var right = loss.Fits == TargetForm.Classes ? tensor(new[] { 9f, 0, 0, 9, 0, 9, 9, 0 }).view(1, 2, 2, 2) : label;
        Assert.InRange(PixelLoss.Of(loss).Compute(right, label, 255).item<float>(), 0, 1e-3);
        Assert.InRange(PixelLoss.Of(loss).Compute(right.flip(2), label, 255).item<float>(), 0.4, 200);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_scheme_has_a_balancer_of_its_own(string word)
    {
        TorchRuntime.Start();
        ImmutableArray<Objective> parts =
        [
            new Objective.Term(Loss.Of("l1"), "a", ["a"]),
            new Objective.Term(Loss.Of("l2"), "b", ["b"]),
        ];
        Assert.IsNotType<FixedWeights>(LossBalancer.Create(new Objective.Balanced(BalancingScheme.Of(word), parts), seed: 1));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_source_of_the_language_can_be_opened(Type recipe)
    {
        var source = (SourceRecipe)Signature.Of(recipe).Create(ImmutableDictionary<string, object?>.Empty);
        if (source is StoredRecipe)
            Assert.Throws<DataException>(() => DataSources.Open(source));
        else
            Assert.True(DataSources.Open(source).Count(Split.Train) > 0);
    }
}
