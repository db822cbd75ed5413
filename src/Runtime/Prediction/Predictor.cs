using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Prediction;

/// <summary>Applies a run to pictures of any size.</summary>
public static class Predictor
{
    const int MostOnSheet = 12,
        WidestOnSheet = 384;

    /// <summary>
    /// Writes, for each picture NAME and each task: labels as a palette PNG (NAME_TASK.png) and over the picture
    /// (NAME_TASK_overlay.png); depth of 16 bits in its unit (NAME_TASK_mm.png) and in colour (NAME_TASK.png); contours in grey
    /// and normals in colour (NAME_TASK.png). `sheet.png` shows the first pictures side by side. Predictions are as large as
    /// their picture. </summary>
    /// <param name="images">Pictures, or folders of pictures.</param>
    /// <param name="progress">A picture that is done, how many are, and of how many.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="DataException">A picture, or what the network reads beside it, is missing or damaged, or a folder has
    /// none.</exception>
    /// <exception cref="RunException">The run has no good checkpoint, or its weights do not fit the program.</exception>
    public static IReadOnlyList<string> Run(
        CompiledProgram program,
        RunDirectory run,
        IReadOnlyList<string> images,
        string outDirectory,
        InferenceOptions? options = null,
        Action<string, int, int>? progress = null
    )
    {
        options ??= new();
        var inputs = InputPictures.Find(images);
        var maps = new PictureMaps(program, options.Maps, inputs.Count);
        var statistics = StatisticsFile.Read(run);
        using var module = TrainedNetwork.Load(program, run, options, out _);
        using var inference = inference_mode();
        var targets = new TaskTargets(program.Model, statistics);
        var palette = Palette.For(statistics.ClassNames);
        ModelTask[] tasks = [.. program.Model.Tasks.Where(t => !t.Auxiliary)];
        Directory.CreateDirectory(outDirectory);
        List<string> written = [];
        List<Tile> tiles = [];
        var beyond = new List<(string File, int Pixels)>();
        foreach (var (done, (path, name)) in inputs.Index())
        {
            options.Stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var picture = Picture.Load(path);
            using var batch = Batch.Of(
                [
                    Preparation.Whole(
                        new(name, picture.Height, picture.Width, picture.Rgb, null, null)
                        {
                            Maps = maps.Read(path, picture.Height, picture.Width),
                        }
                    ),
                ],
                module.Parameters.Device
            );
            var outputs = WholePictures.Predict(module, batch.Image);
            List<Tile> row = [new(Shrunk(picture), name)];
            foreach (var task in tasks)
            {
                var prediction = targets.Prediction(task, outputs[task.Name]).contiguous();
                var shown = targets[task].Draw(prediction, prediction, picture, palette);
                foreach (var file in targets[task].Files(prediction, shown, palette, options.DepthUnit))
                    Write(Path.Combine(outDirectory, $"{name}_{task.Name}{file.Suffix}"), file);
                row.Add(new(Shrunk(shown), task.Name));
            }
            if (done < MostOnSheet)
                tiles.AddRange(row);
            progress?.Invoke(path, done + 1, inputs.Count);
        }
        var sheet = Path.Combine(outDirectory, "sheet.png");
        ContactSheet.Compose(tiles, 1 + tasks.Length).SavePng(sheet);
        if (beyond.Count > 0)
            options.Warned?.Invoke(TooFar(beyond, options.DepthUnit));
        return [.. written, sheet];

        void Write(string path, PredictionFile file)
        {
            File.WriteAllBytes(path, file.Content);
            written.Add(path);
            if (file.Beyond > 0)
                beyond.Add((path, file.Beyond));
        }
    }

    static string TooFar(List<(string File, int Pixels)> beyond, DepthPng unit)
    {
        var coarser = DepthPng.All.FirstOrDefault(u => u.PerMetre < unit.PerMetre);
        var remedy = coarser is null ? "" : $"; --depth-unit {coarser.Symbol} writes up to {coarser.Farthest}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{beyond.Sum(b => (long)b.Pixels):#,0} pixels of {beyond.Count} pictures are farther than the {unit.Farthest} "
                + $"that 16 bits of {unit.Symbol} hold, and are written as that (the first: {beyond[0].File}){remedy}"
        );
    }

    static Picture Shrunk(Picture picture)
    {
        var scale = Math.Min(1, (double)WidestOnSheet / picture.Width);
        return scale == 1 ? picture : picture.ResizeBilinear(Math.Max(1, (int)(picture.Height * scale)), WidestOnSheet);
    }
}
