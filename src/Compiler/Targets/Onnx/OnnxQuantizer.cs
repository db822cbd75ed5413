using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Mtlc.Compiler.Targets.Onnx.Format;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>The numbers that a value takes.</summary>
public readonly record struct ValueRange(float Minimum, float Maximum)
{
    /// <summary>Zero is a number that padding needs, and is represented exactly.</summary>
    public ValueRange WithZero => new(Math.Min(Minimum, 0), Math.Max(Maximum, 0));

    public float Step => Maximum > Minimum ? (Maximum - Minimum) / 255 : 1;

    public byte Zero => (byte)Math.Clamp(MathF.Round(-Minimum / Step), 0, 255);
}

/// <summary>
/// Convolutions in whole numbers of 8 bits, as ONNX says it with pairs of QuantizeLinear and DequantizeLinear: weights signed and
/// symmetric, with a step for each output channel; values unsigned, with a step and a zero for each value; biases of 32 bits
/// (Jacob et al. 2018). A runtime that knows such pairs computes with integers between them, and one that does not rounds as they
/// say. </summary>
public sealed class OnnxQuantizer
{
    const int Largest = 127;

    readonly ModelProto model;
    readonly Dictionary<string, TensorProto> initializers;
    readonly Dictionary<string, NodeProto> producers;
    readonly Dictionary<string, List<NodeProto>> consumers = new(StringComparer.Ordinal);

    /// <param name="model">With float32 numbers, which lie in it.</param>
    public OnnxQuantizer(ModelProto model)
    {
        this.model = model;
        var graph = model.Graph;
        initializers = graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
        producers = graph
            .Node.SelectMany(n => n.Output.Select(o => (o, n)))
            .ToDictionary(p => p.o, p => p.n, StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            foreach (var input in node.Input.Where(i => i.Length > 0))
            {
                if (!consumers.TryGetValue(input, out var readers))
                    consumers.Add(input, readers = []);
                readers.Add(node);
            }
        }
        Layers = [.. graph.Node.Where(n => n.OpType == "Conv" && WeightOf(n) is not null).Select(n => n.Name)];
        var all = Layers.ToHashSet(StringComparer.Ordinal);
        Values =
        [
            .. graph
                .Node.Where(n => all.Contains(n.Name))
                .Select(n => n.Input[0])
                .Concat(Made(all, _ => default).Keys)
                .Distinct(),
        ];
    }

    /// <summary>The convolutions that can be quantised, by the names of their operators.</summary>
    public ImmutableArray<string> Layers { get; }

    /// <summary>Values whose ranges are needed.</summary>
    public ImmutableArray<string> Values { get; }

    /// <summary>The model with some of its convolutions in 8 bits.</summary>
    /// <param name="layers">Of <see cref="Layers"/>.</param>
    /// <param name="ranges">Of every one of <see cref="Values"/>.</param>
    public ModelProto Quantized(IReadOnlySet<string> layers, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        var result = model.Clone();
        var made = Made(layers, value => ranges[value]);
        var graph = result.Graph;
        var (nodes, added) = (new List<NodeProto>(), new List<TensorProto>());
        // Only for the convolutions that read them, where no integers come out of what makes them.
        var read = new Dictionary<string, string>(StringComparer.Ordinal);

        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                if (made.ContainsKey(node.Input[i]))
                    node.Input[i] = Whole(node.Input[i]);
            }
            if (layers.Contains(node.Name))
            {
                var source = producers.TryGetValue(node.Name, out var original) ? original.Input[0] : node.Input[0];
                if (!made.TryGetValue(source, out var range))
                {
                    range = ranges[source].WithZero;
                    if (!read.TryGetValue(source, out var whole))
                        read.Add(source, whole = Pair(source, range));
                    node.Input[0] = whole;
                }
                Weights(node, range.Step);
            }
            nodes.Add(node);
            foreach (var output in node.Output.Where(made.ContainsKey).ToList())
                Pair(output, made[output]);
        }
        graph.Node.Clear();
        graph.Node.Add(nodes);
        graph.Initializer.Add(added);
        DropUnused(graph);
        return result;

        string Pair(string value, ValueRange range)
        {
            var (step, zero) = (Constant(value + ":step", [range.Step]), Zero(value + ":zero", range.Zero));
            nodes.Add(Node("QuantizeLinear", value + ":quantized", [value, step, zero]));
            nodes.Add(Node("DequantizeLinear", Whole(value), [value + ":quantized", step, zero]));
            return Whole(value);
        }

        void Weights(NodeProto conv, float step)
        {
            var (weight, isTurned) = WeightOf(conv)!.Value;
            long[] dimensions = isTurned ? [.. weight.Dims, 1, 1] : [.. weight.Dims];
            var values = Floats(weight);
            var channels = (int)dimensions[0];
            var (steps, bytes) = Rounded(values, channels);
            var name = conv.Name + ":weight";
            added.Add(Tensor(name, TensorProto.Types.DataType.Int8, dimensions, MemoryMarshal.AsBytes<sbyte>(bytes)));
            added.Add(Tensor(name + ":zero", TensorProto.Types.DataType.Int8, [channels], new byte[channels]));
            conv.Input[1] = Dequantized(name, Constant(name + ":step", steps, channels), name + ":zero");
            if (conv.Input.Count < 3)
                return;
            var bias = Floats(initializers[conv.Input[2]]);
            float[] each = [.. steps.Select(s => s * step)];
            int[] whole =
            [
                .. bias.Select((b, i) => (int)Math.Clamp(Math.Round((double)b / each[i]), int.MinValue, int.MaxValue)),
            ];
            name = conv.Name + ":bias";
            added.Add(Tensor(name, TensorProto.Types.DataType.Int32, [channels], MemoryMarshal.AsBytes<int>(whole)));
            conv.Input[2] = Dequantized(name, Constant(name + ":step", each, channels), null);
        }

        string Dequantized(string name, string steps, string? zero)
        {
            nodes.Add(
                Node(
                    "DequantizeLinear",
                    name + ":whole",
                    zero is null ? [name, steps] : [name, steps, zero],
                    Attribute("axis", 0)
                )
            );
            return name + ":whole";
        }

        string Constant(string name, float[] values, params long[] dimensions)
        {
            added.Add(Tensor(name, TensorProto.Types.DataType.Float, dimensions, MemoryMarshal.AsBytes<float>(values)));
            return name;
        }

        string Zero(string name, byte value)
        {
            added.Add(Tensor(name, TensorProto.Types.DataType.Uint8, [], [value]));
            return name;
        }
    }

    /// <summary>Weights in whole steps of each output channel.</summary>
    public static (float[] Steps, sbyte[] Values) Rounded(float[] weights, int channels)
    {
        var (steps, values, each) = (new float[channels], new sbyte[weights.Length], weights.Length / channels);
        for (var c = 0; c < channels; c++)
        {
            var largest = 0f;
            foreach (var value in weights.AsSpan(c * each, each))
                largest = Math.Max(largest, Math.Abs(value));
            steps[c] = largest > 0 ? largest / Largest : 1;
            for (var i = c * each; i < (c + 1) * each; i++)
                values[i] = (sbyte)Math.Clamp(MathF.Round(weights[i] / steps[c]), -Largest, Largest);
        }
        return (steps, values);
    }

    /// <summary>Values that integers come out for, with their ranges: of a chosen convolution with its activation, of sums and
    /// joins of such values, and of what picks among them and keeps their range.</summary>
    Dictionary<string, ValueRange> Made(IReadOnlySet<string> layers, Func<string, ValueRange> rangeOf)
    {
        var made = new Dictionary<string, ValueRange>(StringComparer.Ordinal);
        foreach (var node in model.Graph.Node)
        {
            var operands = node.Input.Where(i => i.Length > 0 && !initializers.ContainsKey(i)).ToList();
            switch (node.OpType)
            {
                case "Conv" when layers.Contains(node.Name):
                case "Add" or "Concat" when operands.Count == node.Input.Count && operands.All(made.ContainsKey):
                    made[Activated(node)] = rangeOf(Activated(node)).WithZero;
                    break;
                case "MaxPool" or "Resize" when KeepsRange(node) && made.TryGetValue(node.Input[0], out var range):
                    made[node.Output[0]] = range;
                    break;
            }
        }
        return made;
    }

    // Where positions are asked for, too, integers are of no use.
    static bool KeepsRange(NodeProto node) =>
        node.OpType == "MaxPool"
            ? node.Output.Count == 1
            : node.Attribute.Any(a => a.Name == "mode" && a.S.ToStringUtf8() is "linear" or "nearest");

    /// <summary>A rectifier that alone reads an operator's result belongs to it: runtimes compute both at once.</summary>
    string Activated(NodeProto node) =>
        consumers.TryGetValue(node.Output[0], out var readers) && readers is [{ OpType: "Relu" } relu]
            ? relu.Output[0]
            : node.Output[0];

    /// <summary>The weights of a convolution, and whether a matrix [O, I] stands for them.</summary>
    (TensorProto Tensor, bool IsTurned)? WeightOf(NodeProto conv) =>
        initializers.TryGetValue(conv.Input[1], out var weight) ? (weight, false)
        : producers.TryGetValue(conv.Input[1], out var by)
        && by.OpType == "Unsqueeze"
        && initializers.TryGetValue(by.Input[0], out weight)
        && weight.Dims.Count == 2
            ? (weight, true)
        : null;

    static float[] Floats(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();

    static string Whole(string value) => value + ":dequantized";

    static NodeProto Node(string operation, string output, string[] inputs, params AttributeProto[] attributes) =>
        new()
        {
            Name = output,
            OpType = operation,
            Input = { inputs },
            Output = { output },
            Attribute = { attributes },
        };

    static TensorProto Tensor(string name, TensorProto.Types.DataType type, long[] dimensions, ReadOnlySpan<byte> bytes) =>
        new()
        {
            Name = name,
            DataType = (int)type,
            Dims = { dimensions },
            RawData = ByteString.CopyFrom(bytes),
        };

    /// <summary>The float32 weights that have 8 bits now, and what turned them.</summary>
    static void DropUnused(GraphProto graph)
    {
        var outputs = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (var isDone = false; !isDone; )
        {
            var used = graph.Node.SelectMany(n => n.Input).ToHashSet(StringComparer.Ordinal);
            var left = graph.Node.Where(n => n.Output.Any(o => used.Contains(o) || outputs.Contains(o))).ToList();
            isDone = left.Count == graph.Node.Count;
            var numbers = graph.Initializer.Where(i => used.Contains(i.Name)).ToList();
            graph.Node.Clear();
            graph.Node.Add(left);
            graph.Initializer.Clear();
            graph.Initializer.Add(numbers);
        }
    }
}
