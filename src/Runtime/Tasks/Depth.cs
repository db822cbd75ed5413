using System.Text.Json.Nodes;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Depth: regressed in its unit, standardised; scored and shown in metres. The mean depth is trivial.</summary>
sealed class RuntimeDepth(DepthTask task, Model model, TrainingStatistics statistics)
    : RuntimeTask<DepthTask>(task, model, statistics)
{
    public override void Ask(StatisticsRequest request) => request.DepthIn(Task.Unit);

    public override Tensor Label(Batch batch) => batch.Depth.alias();

    public override Tensor Target(Batch batch) => Statistics.Codec(Task.Unit).Standardise(batch.Depth);

    public override Tensor Prediction(Tensor output) => Statistics.Codec(Task.Unit).ToMetres(output);

    public override Tensor Trivial(Tensor label) => TrivialPrediction.MeanDepth(Statistics.MeanMetres, label);

    public override JsonObject Facts
    {
        get
        {
            var codec = Statistics.Codec(Task.Unit);
            return new()
            {
                ["unit"] = Task.Unit.ToString().ToLowerInvariant(),
                ["mean"] = codec.Mean,
                ["deviation"] = codec.Deviation,
                ["minimum"] = codec.Minimum,
                ["maximum"] = codec.Maximum,
            };
        }
    }

    public override Picture Draw(Tensor map, Tensor scale, Picture under, Palette palette)
    {
        var (near, far) = Colormap.Range(TaskPixels.Floats(scale));
        return Colormap.Depth(under.Height, under.Width, TaskPixels.Floats(map), near, far);
    }

    public override IEnumerable<PredictionFile> Files(Tensor prediction, Picture shown, Palette palette, DepthPng unit)
    {
        var png = PredictionWriter.Depth(shown.Height, shown.Width, TaskPixels.Floats(prediction), unit, out var beyond);
        return [new($"_{unit.Symbol}.png", png, beyond), new(".png", shown.ToPng())];
    }
}
