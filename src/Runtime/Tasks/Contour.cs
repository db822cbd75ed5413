using System.Text.Json.Nodes;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Contours of a segmentation's labels. That there is none is trivial.</summary>
sealed class RuntimeContour(ContourTask task, Model model, TrainingStatistics statistics)
    : RuntimeTask<ContourTask>(task, model, statistics)
{
    /// <summary>Nothing of it is measured.</summary>
    public override void Ask(StatisticsRequest request) { }

    public override Tensor Label(Batch batch)
    {
        var source = (SegmentationTask)Model.Task(Task.Of!);
        using var labels = RuntimeSegmentation.Labels(source, batch);
        return Contours.Of(labels, source.Ignore);
    }

    public override Tensor Target(Batch batch) => Label(batch);

    public override Tensor Prediction(Tensor output) => output.alias();

    public override Tensor Trivial(Tensor label) => TrivialPrediction.NoContour(label);

    public override JsonObject Facts => [];

    public override Picture Draw(Tensor map, Tensor scale, Picture under, Palette palette) =>
        Colormap.Contour(under.Height, under.Width, TaskPixels.Floats(map));

    public override IEnumerable<PredictionFile> Files(Tensor prediction, Picture shown, Palette palette, DepthPng unit) =>
        [new(".png", shown.ToPng())];
}
