using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Reports;

/// <summary>
/// The same validation samples after each epoch, a row each: the picture, the maps that are read beside it, then label and
/// prediction of every scored task, as in the report's figures 7, 8 and 10. </summary>
sealed class SampleSheet
{
    const int WidestPicture = 384;

    readonly CompiledProgram program;
    readonly TrainingStatistics statistics;
    readonly Palette palette;
    readonly IReadOnlyList<Example> examples;

    public SampleSheet(CompiledProgram program, IDataSource source, TrainingStatistics statistics)
    {
        (this.program, this.statistics) = (program, statistics);
        palette = Palette.For(source.Contract.ClassNames);
        var (total, wanted) = (source.Count(Split.Validation), program.Train.Evaluate.Samples);
        var count = Math.Min(total, wanted);
        // Spread over the split, for its neighbours often show the same street.
        var indices = Enumerable.Range(0, count).Select(i => (int)((2L * i + 1) * total / (2 * count)));
        examples = [.. new EvaluationLoader(source, Split.Validation, program.Data, 1).Read(indices).SelectMany(e => e)];
    }

    public bool IsEmpty => examples.Count == 0;

    public Picture Draw(GraphModule inference, string title)
    {
        using var mode = inference_mode();
        inference.eval();
        ModelTask[] tasks = [.. program.Model.Tasks.Where(t => !t.Auxiliary)];
        List<Tile> tiles = [];
        foreach (var example in examples)
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of([example], inference.Parameters.Device);
            Row(tiles, tasks, example, batch, WholePictures.Predict(inference, batch.Image));
        }
        return ContactSheet.Compose(tiles, 1 + program.Model.Maps.Length + 2 * tasks.Length, title);
    }

    void Row(List<Tile> tiles, ModelTask[] tasks, Example example, Batch batch, IReadOnlyDictionary<string, Tensor> outputs)
    {
        var targets = new TaskTargets(program.Model, statistics);
        var picture = new Picture(example.Height, example.Width, example.ToRgb());
        var scale = Math.Min(1, (double)WidestPicture / example.Width);
        Tile Shown(Picture full, string caption) =>
            new(scale == 1 ? full : full.ResizeBilinear(Math.Max(1, (int)(full.Height * scale)), WidestPicture), caption);
        tiles.Add(Shown(picture, example.Name));
        foreach (var map in program.Model.Maps)
        {
            // Of more channels than colours, the first.
            var (area, shown) = (example.Height * example.Width, map.Channels == 3 ? 3 : 1);
            var numbers = example.Image.AsSpan(map.Start * area, shown * area);
            var (low, high) = Colormap.Spread(numbers) ?? (0, 0);
            var range = Colormap.Spread(numbers) is null
                ? "no number"
                : string.Create(CultureInfo.InvariantCulture, $"{low:g3} to {high:g3}");
            var part = map.Channels > shown ? $" (1 of {map.Channels})" : "";
            tiles.Add(Shown(Colormap.Numbers(example.Height, example.Width, numbers, low, high), $"{map.Name}{part}: {range}"));
        }
        foreach (var task in tasks)
        {
            var label = targets.Label(task, batch);
            var prediction = targets.Prediction(task, outputs[task.Name]);
            tiles.Add(Shown(targets[task].Draw(label, label, picture, palette), $"{task.Name}: label"));
            tiles.Add(Shown(targets[task].Draw(prediction, label, picture, palette), $"{task.Name}: prediction"));
        }
    }
}
