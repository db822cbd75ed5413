using System.Text.Json.Nodes;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Normals of a depth's labels. The mean direction is trivial.</summary>
sealed class RuntimeNormals(NormalsTask task, Model model, TrainingStatistics statistics)
    : RuntimeTask<NormalsTask>(task, model, statistics)
{
    public override void Ask(StatisticsRequest request) => request.Direction(Label);

    // A picture of one row or column has no steps to two neighbours.
    public override Tensor Label(Batch batch) =>
        batch.Depth is var depth && depth.shape[2] > 1 && depth.shape[3] > 1
            ? Torch.Targets.Normals.OfPixels(depth)
            : full([depth.shape[0], 3, depth.shape[2], depth.shape[3]], Held(double.NaN), ScalarType.Float32, depth.device);

    public override Tensor Target(Batch batch) => Label(batch);

    public override Tensor Prediction(Tensor output) => output.alias();

    public override Tensor Trivial(Tensor label) =>
        TrivialPrediction.MeanNormal(Statistics.MeanNormal[0], Statistics.MeanNormal[1], Statistics.MeanNormal[2], label);

    public override JsonObject Facts => [];

    public override Picture Draw(Tensor map, Tensor scale, Picture under, Palette palette) =>
        Colormap.Normals(under.Height, under.Width, TaskPixels.Floats(map));

    public override IEnumerable<PredictionFile> Files(Tensor prediction, Picture shown, Palette palette, DepthPng unit) =>
        [new(".png", shown.ToPng())];
}
