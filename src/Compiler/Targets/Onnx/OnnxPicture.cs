using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.Onnx.Format;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>
/// What stands before and behind the network: bytes are normalised, and the last row and column repeated up to sizes that the
/// network divides by; predictions are cut back and become classes, metres and probabilities. </summary>
sealed class OnnxPicture(OnnxGraph graph, OnnxSettings settings, int stride)
{
    const TensorProto.Types.DataType Bytes = TensorProto.Types.DataType.Uint8,
        Floats = TensorProto.Types.DataType.Float;

    string Batch => settings.Size is null ? "batch" : "1";

    string Height => settings.Size is { } size ? Text(size.Height) : "height";

    string Width => settings.Size is { } size ? Text(size.Width) : "width";

    // Of the picture, before it is padded: two numbers.
    string Extents =>
        graph.Once(
            "extents of the picture",
            () => graph.Add("Shape", "extents", [OnnxModel.Input], Attribute("start", 1), Attribute("end", 3))
        );

    /// <summary>The size that the network gets for a picture of this size.</summary>
    public ImageSize Padded(ImageSize size) =>
        new((int)OutputStrides.Padded(size.Height, stride), (int)OutputStrides.Padded(size.Width, stride));

    /// <returns>The value that the network reads: [N, 3, H, W] normalised, sides multiples of the stride.</returns>
    public string Read()
    {
        graph.IsHalf = false;
        var x = Picture();
        graph.IsHalf = settings.IsHalf;
        return settings.IsHalf ? graph.Add("Cast", "halved", [x], Attribute("to", (long)graph.Number)) : x;
    }

    /// <summary>A map beside the picture: float32 [N, C, H, W], as the data have it, NaN where there is no number.</summary>
    /// <returns>The value that the network reads. It has the same name whatever stands before it.</returns>
    public string Read(Ops.MapInput map)
    {
        graph.IsHalf = false;
        var channels = Text(map.Channels);
        graph.Input(map.Map, Floats, Batch, channels, Height, Width);
        var x =
            settings.IsRaw || Pads() is not { } pads
                ? map.Map
                : graph.Add("Pad", $"{map.Map}:padded", [map.Map, pads], Attribute("mode", "edge"));
        var missing = graph.Add("IsNaN", $"{map.Map}:missing", [x]);
        var scale = settings.Maps[map.Map];
        string Numbers(ImmutableArray<float> values) => graph.Numbers([1, values.Length, 1, 1], values.AsSpan());
        x = graph.Add("Sub", $"{map.Map}:centred", [x, Numbers(scale.Mean)]);
        x = graph.Add("Div", $"{map.Map}:scaled", [x, Numbers(scale.Deviation)]);
        x = graph.Add("Where", $"{map.Map}:standardised", [missing, graph.Scalar(0), x]);
        graph.IsHalf = settings.IsHalf;
        return settings.IsHalf ? graph.Add("Cast", $"{map.Map}:halved", [x], Attribute("to", (long)graph.Number)) : x;
    }

    string Picture()
    {
        if (settings.IsRaw)
        {
            graph.Input(OnnxModel.Input, Floats, Batch, "3", Height, Width);
            return OnnxModel.Input;
        }
        graph.Input(OnnxModel.Input, Bytes, Batch, Height, Width, "3");
        var x = graph.Add("Cast", "intensities", [OnnxModel.Input], Attribute("to", (long)Floats));
        x = graph.Add("Transpose", "channels", [x], Attribute("perm", [0, 3, 1, 2]));
        x = graph.Add("Mul", "scaled", [x, graph.Numbers([1, 3, 1, 1], settings.Picture.Factor.AsSpan())]);
        x = graph.Add("Sub", "normalised", [x, graph.Numbers([1, 3, 1, 1], settings.Picture.Offset.AsSpan())]);
        return Pads() is { } pads ? graph.Add("Pad", "padded", [x, pads], Attribute("mode", "edge")) : x;
    }

    /// <summary>Makes a prediction of the network an output.</summary>
    /// <param name="value">[N, C, H, W]</param>
    public void Write(ModelTask task, GraphOutput output, string value)
    {
        var channels = Text(output.Value.Shape.Channels);
        graph.IsHalf = false;
        if (settings.IsHalf)
            value = graph.Add("Cast", $"{task.Name}:whole", [value], Attribute("to", (long)Floats));
        if (settings.IsRaw)
        {
            graph.AddAs("Identity", task.Name, [value]);
            graph.Output(task.Name, Floats, Batch, channels, Height, Width);
            return;
        }
        if (task is ClassTask)
        {
            var classes = graph.Add("ArgMax", $"{task.Name}:class", [value], Attribute("axis", 1), Attribute("keepdims", 0));
            Cut("Cast", task.Name, [classes], 1, Attribute("to", (long)Bytes));
            graph.Output(task.Name, Bytes, Batch, Height, Width);
            return;
        }
        var map = task is UnitTask ? Metres(settings.Depth[task.Name], task.Name, value) : value;
        if (task.Channels == 1)
        {
            Cut("Squeeze", task.Name, [map, graph.Whole(1)], 1);
            graph.Output(task.Name, Floats, Batch, Height, Width);
        }
        else
        {
            Cut("Identity", task.Name, [map], 2);
            graph.Output(task.Name, Floats, Batch, channels, Height, Width);
        }
    }

    // Unit by unit as DepthCodec does it: the unit is clamped before it is turned back.
    string Metres(DepthScale scale, string task, string value)
    {
        var (name, minimum, maximum) = ($"{task}:metres", scale.Minimum, scale.Maximum);
        var x = graph.Add(
            "Add",
            name,
            [graph.Add("Mul", name, [value, graph.Scalar(scale.Deviation)]), graph.Scalar(scale.Mean)]
        );
        x = scale.Unit switch
        {
            DepthUnit.Log => graph.Add("Exp", name, [Clamp(x, Math.Log(minimum), Math.Log(maximum))]),
            DepthUnit.Inverse => graph.Add("Reciprocal", name, [Clamp(x, 1 / maximum, 1 / minimum)]),
            _ => x,
        };
        return Clamp(x, minimum, maximum);

        string Clamp(string of, double from, double to) => graph.Add("Clip", name, [of, graph.Scalar(from), graph.Scalar(to)]);
    }

    // What the operator makes becomes the output, cut back to the picture's rows and columns.
    void Cut(string operation, string result, string[] inputs, int axis, params AttributeProto[] attributes)
    {
        if (stride == 1 || settings.Size is { } size && Padded(size) == size)
        {
            graph.AddAs(operation, result, inputs, attributes);
            return;
        }
        var whole = graph.Add(operation, $"{result}:whole", inputs, attributes);
        var ends = settings.Size is { } known ? graph.Whole(known.Height, known.Width) : Extents;
        graph.AddAs("Slice", result, [whole, graph.Whole(0, 0), ends, graph.Whole(axis, axis + 1)]);
    }

    string? Pads()
    {
        if (stride == 1)
            return null;
        if (settings.Size is { } size)
        {
            var padded = Padded(size);
            return padded == size ? null : graph.Whole(0, 0, 0, 0, 0, 0, padded.Height - size.Height, padded.Width - size.Width);
        }
        return graph.Once("pads", DynamicPads);
    }

    string DynamicPads()
    {
        var over = graph.Add("Mod", "over", [Extents, graph.Whole(stride)]);
        var missing = graph.Add(
            "Mod",
            "missing",
            [graph.Add("Sub", "missing", [graph.Whole(stride), over]), graph.Whole(stride)]
        );
        return graph.Add("Concat", "pads", [graph.Whole(0, 0, 0, 0, 0, 0), missing], Attribute("axis", 0));
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
