using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx.Format;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>Operators in the order in which they are made, and the numbers that they read.</summary>
/// <param name="reserved">Names that no inner value may have.</param>
sealed class OnnxGraph(string name, IEnumerable<string> reserved)
{
    readonly GraphProto graph = new() { Name = name };
    readonly HashSet<string> names = [.. reserved];
    readonly Dictionary<string, string> known = new(StringComparer.Ordinal);
    readonly Dictionary<Parameter, string> weights = [];
    readonly List<TensorProto> constants = [];

    /// <summary>Where in the source stands what is written now: "branched.mtl:12:3".</summary>
    public string Place { get; set; } = "";

    /// <summary>Whether the numbers that operators read and make now are float16.</summary>
    public bool IsHalf { get; set; }

    /// <summary>What numbers are now.</summary>
    public TensorProto.Types.DataType Number => IsHalf ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float;

    public ImmutableArray<Parameter> Weights => [.. weights.Keys];

    /// <summary>Adds an operator.</summary>
    /// <param name="result">What its value is to be called, if no other is.</param>
    /// <returns>The value's name.</returns>
    public string Add(
        string operation,
        string result,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<AttributeProto> attributes
    ) => AddAs(operation, Unused(result), inputs, attributes);

    /// <summary>The same for a value whose name is reserved.</summary>
    public string AddAs(
        string operation,
        string result,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<AttributeProto> attributes
    )
    {
        var node = new NodeProto
        {
            Name = result,
            OpType = operation,
            Input = { inputs.ToArray() },
            Output = { result },
            Attribute = { attributes.ToArray() },
        };
        if (Place.Length > 0)
            node.DocString = Place;
        graph.Node.Add(node);
        return result;
    }

    /// <summary>Adds an operator of which the second result is wanted.</summary>
    public string AddSecond(
        string operation,
        string first,
        string second,
        ReadOnlySpan<string> inputs,
        AttributeProto[] attributes
    )
    {
        Add(operation, first, inputs, attributes);
        var name = Unused(second);
        graph.Node[^1].Output.Add(name);
        return name;
    }

    /// <summary>What was made of the same value before, or now.</summary>
    public string Once(string what, Func<string> make)
    {
        if (!known.TryGetValue(what, out var value))
            known.Add(what, value = make());
        return value;
    }

    public string Weight(Parameter parameter)
    {
        if (!weights.TryGetValue(parameter, out var name))
            weights.Add(parameter, name = Unused(parameter.Name));
        return name;
    }

    public string Numbers(params ReadOnlySpan<float> values) => Numbers([values.Length], values);

    public string Scalar(double value) => Numbers([], [(float)value]);

    public string Numbers(long[] dimensions, ReadOnlySpan<float> values) => Constant(Number, dimensions, Bytes(values, Number));

    /// <summary>Numbers as a file holds them.</summary>
    /// <param name="type">Float or Float16; of float16, what is beyond its range becomes its largest number.</param>
    public static byte[] Bytes(ReadOnlySpan<float> values, TensorProto.Types.DataType type)
    {
        if (type != TensorProto.Types.DataType.Float16)
            return MemoryMarshal.AsBytes(values).ToArray();
        var halves = new Half[values.Length];
        for (var i = 0; i < values.Length; i++)
            halves[i] = (Half)Math.Clamp(values[i], (float)Half.MinValue, (float)Half.MaxValue);
        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }

    public string Whole(params ReadOnlySpan<long> values) => Whole([values.Length], values);

    public string Whole(long[] dimensions, ReadOnlySpan<long> values) =>
        Constant(TensorProto.Types.DataType.Int64, dimensions, MemoryMarshal.AsBytes(values));

    public void Input(string name, TensorProto.Types.DataType type, params string[] dimensions) =>
        graph.Input.Add(Value(name, type, dimensions));

    public void Output(string name, TensorProto.Types.DataType type, params string[] dimensions) =>
        graph.Output.Add(Value(name, type, dimensions));

    public ModelProto ToModel()
    {
        foreach (var (parameter, name) in weights)
            graph.Initializer.Add(Tensor(name, Number, [.. parameter.Dimensions.Select(d => (long)d)]));
        graph.Initializer.Add(constants);
        return new()
        {
            IrVersion = OnnxModel.IrVersion,
            ProducerName = "mtlc",
            Graph = graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OnnxModel.OperatorSet },
            },
        };
    }

    string Constant(TensorProto.Types.DataType type, long[] dimensions, ReadOnlySpan<byte> bytes)
    {
        var data = bytes.ToArray();
        return Once(
            $"{type}[{string.Join(',', dimensions)}]{Convert.ToHexString(data)}",
            () =>
            {
                var tensor = Tensor(Unused("constant"), type, dimensions);
                tensor.RawData = ByteString.CopyFrom(data);
                constants.Add(tensor);
                return tensor.Name;
            }
        );
    }

    static TensorProto Tensor(string name, TensorProto.Types.DataType type, long[] dimensions) =>
        new()
        {
            Name = name,
            DataType = (int)type,
            Dims = { dimensions },
        };

    static ValueInfoProto Value(string name, TensorProto.Types.DataType type, string[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
            shape.Dim.Add(
                long.TryParse(dimension, out var size)
                    ? new() { DimValue = size }
                    : new TensorShapeProto.Types.Dimension { DimParam = dimension }
            );
        return new()
        {
            Name = name,
            Type = new()
            {
                TensorType = new() { ElemType = (int)type, Shape = shape },
            },
        };
    }

    string Unused(string wanted)
    {
        var name = wanted;
        for (var i = 2; !names.Add(name); i++)
            name = FormattableString.Invariant($"{wanted}:{i}");
        return name;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Int,
            I = value,
        };

    public static AttributeProto Attribute(string name, double value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Float,
            F = (float)value,
        };

    public static AttributeProto Attribute(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.String,
            S = ByteString.CopyFromUtf8(value),
        };

    public static AttributeProto Attribute(string name, params long[] values) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Ints,
            Ints = { values },
        };
}
