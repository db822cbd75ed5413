using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Export;

/// <summary>
/// Another precision where it earns its place: scores on the val split say so. Layers that cost most go back to float32, one at
/// first and then twice as many, until every score's loss is within the tolerance; then as many of them as can do without it
/// return. </summary>
/// <param name="model">The file in float32, whose numbers lie in it.</param>
/// <param name="certifier">Has run it.</param>
/// <param name="certificate">What came out.</param>
sealed class PrecisionSearch(
    ExportedNetwork network,
    OnnxModel model,
    ExportOptions options,
    Certifier certifier,
    Certificate certificate,
    Action<int, int>? progress
)
{
    /// <summary>Pictures on which each layer's cost is measured alone.</summary>
    const int CostPictures = 4;

    /// <summary>Of so many layers, the number that returns to 8 bits is not found more exactly.</summary>
    const int Grain = 16;

    readonly long floatBytes = new FileInfo(options.Path).Length;

    readonly ImmutableArray<ScorePair> own = certificate.Scores is { IsEmpty: false } scores
        ? [.. scores.Where(s => s.Metric.Direction != MetricDirection.None && !IsDetail(s.Metric.Key))]
        : throw new DataException(
            "another precision is judged by its scores: it needs a val split with labels"
                + (options.Size is null ? "" : ", of pictures of the size of --size")
        );

    /// <summary>Weights and values in float16.</summary>
    /// <param name="half">The file in float16, without its numbers.</param>
    public (ModelProto File, PrecisionReport Report) Half(OnnxModel half)
    {
        OnnxFile.Fill(half, new(network.Numbers));
        var only = Try(half.Proto, 0);
        return (half.Proto, new(ExportPrecision.Fp16, options.Tolerance, half.Weights.Length, [], [only], 0, floatBytes));
    }

    /// <summary>Convolutions in 8 bits.</summary>
    /// <param name="raw">The bare network, without its numbers.</param>
    public (ModelProto File, PrecisionReport Report) Whole(OnnxModel raw)
    {
        OnnxFile.Fill(raw, new(network.Numbers));
        var (bare, quantizer) = (new OnnxQuantizer(raw.Proto), new OnnxQuantizer(model.Proto));
        var pictures = Calibration.Pictures(network, model.Stride);
        try
        {
            // The picture itself has a name of its own in each.
            var ranges = Calibration.Ranges(options.Path, raw.Proto, bare.Values, pictures);
            var values = quantizer.Values.ToDictionary(
                v => v,
                v => ranges.TryGetValue(v, out var range) ? range : ranges[OnnxModel.Input]
            );
            var costs = Costs(raw.Proto, bare, ranges, [.. pictures.Take(CostPictures)]);
            var order = quantizer.Layers.OrderByDescending(l => costs[l]).ToImmutableArray();
            var tries = ImmutableArray.CreateBuilder<PrecisionTry>();

            PrecisionTry At(int floats)
            {
                var made = Try(File(floats), floats);
                tries.Add(made);
                return made;
            }
            ModelProto File(int floats) => quantizer.Quantized(order.Skip(floats).ToHashSet(StringComparer.Ordinal), values);

            var (wrong, right) = (-1, order.Length);
            for (var floats = 0; floats < order.Length; floats = floats == 0 ? 1 : 2 * floats)
            {
                if (At(floats).Worst <= options.Tolerance)
                {
                    right = floats;
                    break;
                }
                wrong = floats;
            }
            while (right < order.Length && right - wrong > Math.Max(1, order.Length / Grain))
            {
                var middle = (wrong + right) / 2;
                (wrong, right) = At(middle).Worst <= options.Tolerance ? (wrong, middle) : (middle, right);
            }
            if (tries[^1].Float != right)
                At(right);
            return (
                File(right),
                new(
                    ExportPrecision.Int8,
                    options.Tolerance,
                    order.Length,
                    [.. order.Take(right).Select(Named)],
                    tries.ToImmutable(),
                    pictures.Length,
                    floatBytes
                )
            );
        }
        finally
        {
            foreach (var picture in pictures)
                picture.Dispose();
        }
    }

    // "task/measure/detail": of a class, or a band of distance.
    static bool IsDetail(string key) => key.Count(c => c == '/') > 1;

    string Named(string layer) => $"{model.Proto.Graph.Node.First(n => n.Name == layer).DocString} {layer}".TrimStart();

    PrecisionTry Try(ModelProto proto, int floats) =>
        OnnxFile.WithSession(
            options.Path,
            proto,
            session =>
            {
                var pairs = certifier.ScoresOf(session, own, progress);
                return new PrecisionTry(floats, pairs, pairs.Max(Loss));
            }
        );

    /// <summary>How much worse than mtlc's, as a share; not a number is the worst. The score of all tasks together is what others
    /// lie above fixed marks: a share of it, which may be next to nothing, says nothing.</summary>
    static double Loss(ScorePair pair)
    {
        if (double.IsNaN(pair.Metric.Value) || !pair.Metric.Key.Contains('/', StringComparison.Ordinal))
            return 0;
        if (double.IsNaN(pair.Exported))
            return double.PositiveInfinity;
        var worse = pair.Metric.Direction == MetricDirection.Lower ? pair.Difference : -pair.Difference;
        return worse <= 0 ? 0 : worse / Math.Max(Math.Abs(pair.Metric.Value), 1e-9);
    }

    /// <summary>What each layer costs alone: the squared error of the predictions, of their variance.</summary>
    Dictionary<string, double> Costs(
        ModelProto raw,
        OnnxQuantizer quantizer,
        IReadOnlyDictionary<string, ValueRange> ranges,
        Tensor[] pictures
    )
    {
        using var scope = NewDisposeScope();
        var wanted = OnnxFile.WithSession(options.Path, raw, s => pictures.Select(s.Run).ToList());
        var costs = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var layer in quantizer.Layers)
        {
            options.Stop.ThrowIfCancellationRequested();
            costs[layer] = OnnxFile.WithSession(
                options.Path,
                quantizer.Quantized(new HashSet<string>(StringComparer.Ordinal) { layer }, ranges),
                session => pictures.Zip(wanted).Sum(p => Error(session, p.First, p.Second))
            );
            progress?.Invoke(costs.Count, quantizer.Layers.Length);
        }
        return costs;
    }

    static double Error(OnnxSession session, Tensor picture, Dictionary<string, Tensor> wanted)
    {
        using var scope = NewDisposeScope();
        var given = session.Run(picture);
        return wanted.Sum(w =>
        {
            var difference = given[w.Key] - w.Value;
            var error = (difference * difference).mean().item<float>();
            return error / Math.Max(w.Value.var().item<float>(), 1e-12f);
        });
    }
}
