using System.Text.Json.Nodes;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Classes: the most frequent one is trivial; predictions are palette pictures, and colours over the picture.</summary>
sealed class RuntimeSegmentation(SegmentationTask task, Model model, TrainingStatistics statistics)
    : RuntimeTask<SegmentationTask>(task, model, statistics)
{
    /// <summary>How often each class occurs is measured for every run.</summary>
    public override void Ask(StatisticsRequest request) { }

    public override Tensor Label(Batch batch) => Labels(Task, batch);

    public override Tensor Target(Batch batch) => Label(batch);

    public override Tensor Prediction(Tensor output) => output.alias();

    public override Tensor Trivial(Tensor label) => TrivialPrediction.MostFrequentClass(Statistics.MostFrequentClass, label);

    public override JsonObject Facts =>
        new()
        {
            ["ignore"] = Task.Ignore,
            ["class_names"] = new JsonArray([
                .. TrainingStatistics.NamesOf(Statistics.ClassNames, Task.Classes).Select(n => (JsonNode?)n),
            ]),
        };

    public override Picture Draw(Tensor map, Tensor scale, Picture under, Palette palette) =>
        under.Overlay(TaskPixels.Classes(Task, map), palette, 0.6);

    public override IEnumerable<PredictionFile> Files(Tensor prediction, Picture shown, Palette palette, DepthPng unit) =>
        [
            new(".png", PngWriter.Palette(shown.Height, shown.Width, TaskPixels.Classes(Task, prediction), palette.Rgb)),
            new("_overlay.png", shown.ToPng()),
        ];

    /// <summary>[N, H, W]. Samples say 255 where there is no label; a program may set another class aside, or number "no label"
    /// differently.</summary>
    public static Tensor Labels(SegmentationTask task, Batch batch)
    {
        if (task.Ignore == Example.Unlabelled)
            return batch.Classes.alias();
        using var unlabelled = batch.Classes.eq(Held(Example.Unlabelled));
        return batch.Classes.masked_fill(unlabelled, Held(task.Ignore));
    }
}
