using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>The numbers that a network's values take on training pictures: the float32 network runs with all of them as
/// outputs.</summary>
static class Calibration
{
    public const int MostPictures = 16;
    const int SamplesOfAPicture = 4096;

    // A range that leaves the rarest numbers out may round all others less.
    static readonly float[] Shares = [1, 0.95f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f];

    /// <returns>Pictures of the train split, spread over it and cut to what a step of training sees: [1, 3, H, W]
    /// normalised, with what the network reads beside them behind these channels.</returns>
    /// <exception cref="DataException">There are none.</exception>
    public static Tensor[] Pictures(ExportedNetwork network, int stride)
    {
        var source = DataSources.Open(network.Program);
        var (all, crop) = (source.Count(Split.Train), network.Program.Data.Augment.Crop);
        if (all == 0)
            throw new DataException("the data has no samples in its train split, on which ranges could be measured");
        var count = Math.Min(all, MostPictures);
        return [.. Enumerable.Range(0, count).Select(i => Cut(source.ReadPicture(Split.Train, (int)((long)i * all / count))))];

        Tensor Cut(Sample sample)
        {
            using var scope = NewDisposeScope();
            var image = Batch.Of([Preparation.Whole(sample)], CPU).Image;
            var (height, width) = (Side(image.shape[2], crop.Height), Side(image.shape[3], crop.Width));
            var (top, left) = (Math.Max(0, (image.shape[2] - height) / 2), Math.Max(0, (image.shape[3] - width) / 2));
            var (rows, columns) = (Math.Min(height, image.shape[2]), Math.Min(width, image.shape[3]));
            return nn
                .functional.pad(
                    image.narrow(2, top, rows).narrow(3, left, columns),
                    [0, width - columns, 0, height - rows],
                    TorchSharp.PaddingModes.Replicate
                )
                .MoveToOuterDisposeScope();
        }

        long Side(long picture, int crop) => OutputStrides.Padded(Math.Min(picture, crop), stride);
    }

    /// <param name="raw">The bare network in float32.</param>
    public static Dictionary<string, ValueRange> Ranges(
        string beside,
        ModelProto raw,
        IReadOnlyCollection<string> values,
        IReadOnlyCollection<Tensor> pictures
    )
    {
        var exposed = raw.Clone();
        OnnxFile.Expose(exposed, values.Where(v => v != OnnxModel.Input));
        var (widest, samples) = (
            new Dictionary<string, ValueRange>(StringComparer.Ordinal),
            values.ToDictionary(v => v, _ => new List<float>(), StringComparer.Ordinal)
        );
        OnnxFile.WithSession(
            beside,
            exposed,
            session =>
            {
                foreach (var picture in pictures)
                {
                    using var scope = NewDisposeScope();
                    var given = session.Run(picture);
                    foreach (var value in values)
                    {
                        var numbers = (
                            value == OnnxModel.Input ? picture.narrow(1, 0, Model.PictureChannels) : given[value]
                        ).flatten();
                        var (low, high) = (numbers.min().item<float>(), numbers.max().item<float>());
                        widest[value] = widest.TryGetValue(value, out var known)
                            ? new(Math.Min(known.Minimum, low), Math.Max(known.Maximum, high))
                            : new(low, high);
                        var all = numbers.data<float>().ToArray();
                        var step = Math.Max(1, all.Length / SamplesOfAPicture);
                        for (var i = 0; i < all.Length; i += step)
                            samples[value].Add(all[i]);
                    }
                }
                return true;
            }
        );
        return values.ToDictionary(v => v, v => Best(widest[v].WithZero, samples[v]), StringComparer.Ordinal);
    }

    /// <summary>The range, or a share of it, with the least squared error.</summary>
    internal static ValueRange Best(ValueRange widest, IReadOnlyList<float> samples) =>
        Shares.Select(s => new ValueRange(widest.Minimum * s, widest.Maximum * s)).MinBy(r => Error(r, samples));

    static double Error(ValueRange range, IReadOnlyList<float> samples)
    {
        var (step, zero, error) = (range.Step, range.Zero, 0.0);
        foreach (var sample in samples)
        {
            var rounded = (Math.Clamp(MathF.Round(sample / step) + zero, 0, 255) - zero) * step;
            error += (double)(sample - rounded) * (sample - rounded);
        }
        return error;
    }
}
