using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>Runs a written file on validation pictures and holds it against mtlc's own kernels: features, predictions,
/// scores.</summary>
sealed class Certifier : IDisposable
{
    readonly ExportedNetwork network;
    readonly OnnxModel model;
    readonly ExportOptions options;
    readonly GraphModule inference;
    readonly TaskTargets targets;
    readonly IDataSource source;
    readonly ModelTask[] tasks;
    readonly Dictionary<string, OutputSum> outputs;

    /// <exception cref="DataException">The data cannot be opened, or have no validation split.</exception>
    public Certifier(ExportedNetwork network, OnnxModel model, ExportOptions options)
    {
        (this.network, this.model, this.options) = (network, model, options);
        source = DataSources.Open(network.Program);
        if (source.Count(Split.Validation) == 0)
            throw new DataException("the data has no samples in its val split, on which the file could be compared");
        inference = network.Module(network.Model.Inference);
        targets = new(network.Model, network.Statistics);
        tasks = [.. network.Model.Tasks.Where(t => !t.Auxiliary)];
        outputs = tasks.ToDictionary(t => t.Name, _ => new OutputSum());
    }

    /// <param name="progress">Validation pictures compared, and of how many.</param>
    public Certificate Run(Action<int, int>? progress)
    {
        using var inferring = inference_mode();
        using var session = new OnnxSession(options.Path);
        var pictures = Pictures().ToArray();
        var features = CompareFeatures(pictures);
        foreach (var picture in pictures)
        {
            using var scope = NewDisposeScope();
            Compare(session, picture, Example(picture));
        }
        var (scores, images) = Score(session, progress);
        return new(
            OnnxSession.Version,
            [.. pictures.Select(p => new ImageSize(p.Height, p.Width))],
            images,
            features,
            [.. tasks.Select(t => outputs[t.Name].Of(t, Place(t)))],
            scores
        );
    }

    // Of the first, the middle and the last validation sample: whole, and cut to odd sizes; where the file takes one size, that
    // size.
    IEnumerable<Sample> Pictures()
    {
        var count = source.Count(Split.Validation);
        if (options.Size is { } size)
        {
            var first = source.ReadPicture(Split.Validation, 0);
            var resized = Picture(first).ResizeBilinear(size.Height, size.Width);
            yield return new("resized", size.Height, size.Width, resized.Rgb, null, null)
            {
                Maps = Maps(
                    first,
                    size.Height,
                    size.Width,
                    y => y * first.Height / size.Height,
                    x => x * first.Width / size.Width
                ),
            };
            yield break;
        }
        yield return source.ReadPicture(Split.Validation, 0);
        foreach (var (index, part) in ((int, double)[])[(count / 2, 0.75), (count - 1, 0.5)])
        {
            var read = source.ReadPicture(Split.Validation, index);
            var whole = Picture(read);
            var (height, width) = ((int)(whole.Height * part) | 1, (int)(whole.Width * part) | 1);
            var cut = Data.Images.Picture.Filled(height, width, (0, 0, 0));
            for (var y = 0; y < height; y++)
                whole.Rgb.AsSpan(y * whole.Width * 3, width * 3).CopyTo(cut.Rgb.AsSpan(y * width * 3));
            yield return new("cut", height, width, cut.Rgb, null, null) { Maps = Maps(read, height, width, y => y, x => x) };
        }
    }

    // Numbers of the rows and columns that a smaller or larger picture takes.
    static float[] Maps(Sample sample, int height, int width, Func<int, int> row, Func<int, int> column)
    {
        var (channels, area) = (sample.Maps.Length / (sample.Height * sample.Width), sample.Height * sample.Width);
        var maps = new float[channels * height * width];
        for (var (i, c) = (0, 0); c < channels; c++)
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
            maps[i++] = sample.Maps[c * area + row(y) * sample.Width + column(x)];
        return maps;
    }

    static Picture Picture(Sample sample) => new(sample.Height, sample.Width, sample.Rgb);

    static Batch Example(Sample sample) => Batch.Of([Preparation.Whole(sample)], CPU);

    // A copy of the file that gives the features out, too.
    ImmutableArray<FeatureError> CompareFeatures(Sample[] pictures)
    {
        var proto = OnnxFile.Read(options.Path);
        OnnxFile.Expose(proto, model.Features.Select(f => f.Value));
        return OnnxFile.WithSession(
            options.Path,
            proto,
            session =>
            {
                using var module = network.Module(OnnxModel.WithFeatures(network.Model));
                var sums = model.Features.Select(_ => new OutputSum()).ToArray();
                foreach (var picture in pictures)
                {
                    using var scope = NewDisposeScope();
                    var batch = Example(picture);
                    var (wanted, values) = (module.forward(Padded(batch.Image)), Run(session, picture, batch));
                    foreach (var (feature, sum) in model.Features.Zip(sums))
                        sum.Add(wanted[feature.Statement.Name], values[feature.Value]);
                }
                return model
                    .Features.Zip(
                        sums,
                        (f, s) => new FeatureError(f.Statement.Name, f.Statement.Span.ToString(), s.Worst, s.Largest)
                    )
                    .ToImmutableArray();
            }
        );
    }

    Dictionary<string, Tensor> Run(OnnxSession session, Sample picture, Batch batch) =>
        options.IsRaw
            ? session.Run(Padded(batch.Image))
            : session.RunWith(
                tensor(picture.Rgb, [1, picture.Height, picture.Width, 3]),
                batch.Image.narrow(1, Model.PictureChannels, batch.Image.shape[1] - Model.PictureChannels)
            );

    Tensor Padded(Tensor image)
    {
        var (height, width) = (image.shape[2], image.shape[3]);
        return nn.functional.pad(
            image,
            [0, OutputStrides.Padded(width, model.Stride) - width, 0, OutputStrides.Padded(height, model.Stride) - height],
            PaddingModes.Replicate
        );
    }

    /// <returns>What mtlc and the file predict, in the form in which the file gives it: [1, C, H, W], or classes [1, H,
    /// W].</returns>
    (Dictionary<string, Tensor> Own, Dictionary<string, Tensor> File) Compare(OnnxSession session, Sample picture, Batch batch)
    {
        var raw = WholePictures.Predict(inference, batch.Image);
        var given = Run(session, picture, batch);
        var (own, file) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (var task in tasks)
        {
            var (wanted, value) = (raw[task.Name], given[task.Name]);
            if (options.IsRaw)
                value = value.narrow(2, 0, picture.Height).narrow(3, 0, picture.Width);
            else if (task is ClassTask)
                wanted = wanted.argmax(1);
            else
                (wanted, value) = (targets.Prediction(task, wanted), value.view(wanted.shape));
            outputs[task.Name].Add(wanted, value, isClasses: task is ClassTask);
            (own[task.Name], file[task.Name]) = (wanted, value);
        }
        return (own, file);
    }

    (ImmutableArray<ScorePair> Scores, int Images) Score(OnnxSession session, Action<int, int>? progress)
    {
        var (count, images, isScored) = (source.Count(Split.Validation), 0, HasLabels());
        var program = network.Program;
        TaskScores Scores() => new(program.Model, targets, network.Statistics.ClassNames, program.Train.Evaluate);
        var (ofOwn, ofFile) = (Scores(), Scores());
        for (var i = 0; i < count; i++)
        {
            options.Stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            if (Read(i) is { } sample)
            {
                if (options.Size is { } size && (sample.Height, sample.Width) != (size.Height, size.Width))
                    return ([], images);
                var batch = Example(sample);
                var (own, file) = Compare(session, sample, batch);
                ofOwn.Add(own, batch, isDecoded: !options.IsRaw);
                ofFile.Add(file, batch, isDecoded: !options.IsRaw);
                images++;
            }
            progress?.Invoke(i + 1, count);
        }
        return (isScored ? [.. ofOwn.Rows.Zip(ofFile.Rows, (a, b) => new ScorePair(a.Metric, b.Metric.Value))] : [], images);
    }

    /// <summary>The scores of another file of the same network, beside those of mtlc.</summary>
    /// <param name="own">Those of mtlc.</param>
    public ImmutableArray<ScorePair> ScoresOf(OnnxSession session, ImmutableArray<ScorePair> own, Action<int, int>? progress)
    {
        using var inferring = inference_mode();
        var (program, count) = (network.Program, source.Count(Split.Validation));
        var scores = new TaskScores(program.Model, targets, network.Statistics.ClassNames, program.Train.Evaluate);
        for (var i = 0; i < count; i++)
        {
            options.Stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            if (Read(i) is { } sample)
            {
                var batch = Example(sample);
                var given = Run(session, sample, batch);
                scores.Add(
                    tasks.ToDictionary(t => t.Name, t => Given(t, given[t.Name], sample)),
                    batch,
                    isDecoded: !options.IsRaw
                );
            }
            progress?.Invoke(i + 1, count);
        }
        var values = scores.Rows.ToDictionary(r => r.Metric.Key, r => r.Metric.Value);
        return [.. own.Select(o => o with { Exported = values[o.Metric.Key] })];
    }

    Tensor Given(ModelTask task, Tensor value, Sample picture) =>
        options.IsRaw ? value.narrow(2, 0, picture.Height).narrow(3, 0, picture.Width)
        : task is ClassTask ? value
        : value.view(1, task.Channels, picture.Height, picture.Width);

    Sample? Read(int index)
    {
        try
        {
            return source.Read(Split.Validation, index);
        }
        catch (DataException) when (network.Program.Data.Corrupt == CorruptPolicy.Skip)
        {
            return null;
        }
    }

    bool HasLabels()
    {
        try
        {
            source.RequireLabels(Split.Validation);
            return true;
        }
        catch (DataException)
        {
            return false;
        }
    }

    // Where the decoder stands that predicts it.
    string Place(ModelTask task) =>
        network.Model.Declarations.LastOrDefault(d => d.Tasks.Contains(task.Name))?.Span.ToString() ?? "";

    public void Dispose() => inference.Dispose();

    /// <summary>Errors of one value over several pictures.</summary>
    sealed class OutputSum
    {
        long pixels,
            differing;

        public double Worst { get; private set; }

        public double Largest { get; private set; }

        public void Add(Tensor wanted, Tensor given, bool isClasses = false)
        {
            if (!wanted.shape.AsSpan().SequenceEqual(given.shape))
                throw new RunException(
                    $"the file gives [{string.Join(", ", given.shape)}] where mtlc gives [{string.Join(", ", wanted.shape)}]"
                );
            if (isClasses)
            {
                var (one, other) = wanted.dim() == 4 ? (wanted.argmax(1), given.argmax(1)) : (wanted, given);
                (pixels, differing) = (pixels + one.numel(), differing + one.ne(other).sum().item<long>());
            }
            if (wanted.dtype != ScalarType.Float32)
                return;
            var error = (wanted - given).abs().max().item<float>();
            Worst = double.IsNaN(error) ? double.NaN : Math.Max(Worst, error);
            Largest = Math.Max(Largest, wanted.abs().max().item<float>());
        }

        public OutputError Of(ModelTask task, string place) =>
            new(task.Name, place, task is UnitTask ? "m" : "", Worst, Largest, pixels, differing);
    }
}
