using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.Onnx.Format;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>One arm per primitive: what it is in operator set 17.</summary>
/// <param name="size">Of the picture that the network gets, where that is fixed.</param>
sealed partial class OnnxOperators(OnnxGraph graph, ImageSize? size)
{
    /// <summary>The value that the network reads.</summary>
    public string Picture { get; set; } = OnnxModel.Input;

    /// <param name="x">Names of the operands.</param>
    /// <returns>The name of the result; null where ONNX has no such operator.</returns>
    public string? Write(Node node, string[] x) =>
        node.Op switch
        {
            LearnedMap learned => Learned(learned, node),
            RelativeCoords coords => Add("Identity", node, [Coordinates(coords)]),
            Conv conv => Convolve(conv, node, x[0], [.. node.Parameters.Select(graph.Weight)]),
            Linear linear => Convolve(
                new Conv(linear.Out),
                node,
                x[0],
                [
                    Step("Unsqueeze", node, [graph.Weight(node.Parameters[0]), graph.Whole(2, 3)]),
                    .. node.Parameters.Skip(1).Select(graph.Weight),
                ]
            ),
            ConvTranspose conv => Add(
                "ConvTranspose",
                node,
                [x[0], .. node.Parameters.Select(graph.Weight)],
                Attribute("kernel_shape", [conv.Kernel, conv.Kernel]),
                Attribute("strides", [conv.Stride, conv.Stride]),
                Attribute("pads", [conv.Margin, conv.Margin, conv.Margin, conv.Margin]),
                Attribute("output_padding", [conv.OutputMargin, conv.OutputMargin]),
                Attribute("group", conv.Groups)
            ),
            PixelShuffle shuffle => Add(
                "DepthToSpace",
                node,
                x,
                Attribute("blocksize", shuffle.Factor),
                Attribute("mode", "CRD")
            ),
            Attend attend => Attention(attend, node, x),
            WindowAttend attend when size is { } s => Windows(attend, node, x, s),
            RelativeBias => Pairs(node, x[0]),
            PadTo when size is { } s => Padded(
                node,
                node.Inputs[0].Shape.Lie(s.Height, s.Width),
                node.Shape.Lie(s.Height, s.Width),
                x[0]
            ),
            CropLike => Cut(node, x[0], node.Shape),
            MergePixels merge => Merged(merge, node, x[0]),
            RepeatChannels repeat => Gathered(
                node,
                x[0],
                Enumerable.Range(0, node.Shape.Channels).Select(i => (long)(i / repeat.Times))
            ),
            Rotary rotary when size is { } s => Turned(rotary, node, x[0], s),
            WithTokens => Joined(node, x),
            Pixels => PixelsOf(node, x[0]),
            TokensOf tokens => Sliced(node, x[0], 3, tokens.Start, tokens.Start + node.Shape.Width.Numerator),
            BatchNorm norm => Add(
                "BatchNormalization",
                node,
                [x[0], .. node.Parameters.Take(4).Select(graph.Weight)],
                Attribute("epsilon", norm.Eps)
            ),
            GroupNorm norm => OverGroups(node, x[0], norm),
            LayerScale => Add("Mul", node, [x[0], graph.Weight(node.Parameters[0])]),
            LayerNorm norm => OverChannels(node, x[0], norm),
            L2Normalize { Groups: 1 } norm => ToUnitLength(node, x[0], norm.Eps),
            L2Normalize norm => Add(
                "Reshape",
                node,
                [
                    ToUnitLength(
                        node,
                        Step("Reshape", node, [x[0], graph.Whole(0, norm.Groups, node.Shape.Channels / norm.Groups, -1)]),
                        norm.Eps,
                        2
                    ),
                    Extents(x[0], 0, 4),
                ]
            ),
            Relu => Add("Relu", node, x),
            Relu6 => Add("Clip", node, [x[0], graph.Scalar(0), graph.Scalar(6)]),
            Gelu => OfErrorFunction(node, x[0]),
            Silu => Add("Mul", node, [x[0], Step("Sigmoid", node, x)]),
            HardSwish => Add("HardSwish", node, x),
            HardSigmoid => Add("HardSigmoid", node, x, Attribute("alpha", 1.0 / 6), Attribute("beta", 0.5)),
            Sigmoid => Add("Sigmoid", node, x),
            Tanh => Add("Tanh", node, x),
            Softmax => Add("Softmax", node, x, Attribute("axis", 1)),
            Exp => Add("Exp", node, x),
            Log => Add("Log", node, x),
            Affine affine => Transform(affine, node, x[0]),
            MaxPool pool => Pool(pool, node, x[0]),
            MaxUnpool unpool => Unpool(unpool, node, x[0], x[1]),
            GlobalAvgPool => Add("GlobalAveragePool", node, x),
            AdaptiveAvgPool pool => Cells(pool.Size, node, x[0]),
            Resize resize => Sampled(
                resize.Mode,
                node,
                x[0],
                () => graph.Add("Mul", "size", [Extents(x[0], 2, 4), graph.Whole(resize.Scale)])
            ),
            ResizeLike { Antialias: true } or ResizeLike { Offset: > 0 } => null,
            ResizeLike resize => Sampled(resize.Mode, node, x[0], () => Extents(x[1], 2, 4), resize.AlignCorners),
            Concat => Add("Concat", node, Spread(node, x), Attribute("axis", 1)),
            Sum => Add("Sum", node, x),
            Ops.Add => Add("Add", node, x),
            Subtract => Add("Sub", node, x),
            Multiply => Add("Mul", node, x),
            Slice slice => Add(
                "Slice",
                node,
                [x[0], graph.Whole(slice.Start), graph.Whole(slice.Start + slice.Count), graph.Whole(1)]
            ),
            _ => null,
        };

    string Add(string operation, Node node, string[] inputs, params AttributeProto[] attributes) =>
        graph.Add(operation, node.Name, inputs, attributes);

    // On the way to the node's value.
    string Step(string operation, Node node, string[] inputs, params AttributeProto[] attributes) =>
        graph.Add(operation, $"{node.Name}:{operation.ToLowerInvariant()}", inputs, attributes);

    string Convolve(Conv conv, Node node, string x, string[] weights)
    {
        long padding = conv.Margin;
        return Add(
            "Conv",
            node,
            [x, .. weights],
            Attribute("kernel_shape", [conv.Kernel, conv.Kernel]),
            Attribute("strides", [conv.Stride, conv.Stride]),
            Attribute("dilations", [conv.Dilation, conv.Dilation]),
            Attribute("pads", [padding, padding, padding, padding]),
            Attribute("group", conv.Groups)
        );
    }

    string OverChannels(Node node, string x, LayerNorm norm)
    {
        var last = Step("Transpose", node, [x], Attribute("perm", [0, 2, 3, 1]));
        var normalised = Step(
            "LayerNormalization",
            node,
            [last, .. node.Parameters.Select(graph.Weight)],
            Attribute("axis", -1),
            Attribute("epsilon", norm.Eps)
        );
        return Add("Transpose", node, [normalised], Attribute("perm", [0, 3, 1, 2]));
    }

    // GroupNormalization with weights of each channel came with operator set 21: groups are the instances' channels.
    string OverGroups(Node node, string x, GroupNorm norm)
    {
        var groups = Step("Reshape", node, [x, graph.Whole(0, norm.Groups, -1)]);
        var (ones, zeros) = (new float[norm.Groups], new float[norm.Groups]);
        ones.AsSpan().Fill(1);
        var normalised = Step(
            "InstanceNormalization",
            node,
            [groups, graph.Numbers(ones), graph.Numbers(zeros)],
            Attribute("epsilon", norm.Eps)
        );
        string[] perChannel = [.. node.Parameters.Select(p => Step("Unsqueeze", node, [graph.Weight(p), graph.Whole(1, 2)]))];
        return Add(
            "Add",
            node,
            [Step("Mul", node, [Step("Reshape", node, [normalised, Extents(x, 0, 4)]), perChannel[0]]), perChannel[1]]
        );
    }

    // LpNormalization knows no least length.
    string ToUnitLength(Node node, string x, double least, int axis = 1)
    {
        var length = Step("ReduceL2", node, [x], Attribute("axes", [axis]), Attribute("keepdims", 1));
        var unit = new[] { x, Step("Max", node, [length, graph.Scalar(least)]) };
        return axis == 1 ? Add("Div", node, unit) : Step("Div", node, unit);
    }

    // Of a shape that does not grow with the picture, or of a picture of a fixed size.
    long[] Lie(TensorShape shape)
    {
        var (rows, columns) = shape.Lie(size?.Height ?? 1, size?.Width ?? 1);
        return [rows, columns];
    }

    // What is made of parameters alone has a batch of 1.
    string[] Spread(Node node, string[] x)
    {
        var batched = node.Inputs.IndexOf(node.Inputs.FirstOrDefault(i => i.IsBatched)!);
        if (batched < 0 || node.Inputs.All(i => i.IsBatched))
            return x;
        var shape = Step("Concat", node, [Extents(x[batched], 0, 1), graph.Whole(1, 1, 1)], Attribute("axis", 0));
        return [.. x.Select((value, i) => node.Inputs[i].IsBatched ? value : Step("Expand", node, [value, shape]))];
    }

    // [0, channels, rows, columns], where 0 keeps the batch.
    string OfMap(Node node)
    {
        var shape = node.Shape;
        if (size is not null || shape.Height.IsFixed)
            return graph.Whole([4], [0, shape.Channels, .. Lie(shape)]);
        var extents = Step("Mul", node, [Extents(Picture, 2, 4), graph.Whole(shape.Height.Numerator, shape.Width.Numerator)]);
        var divided = Step("Div", node, [extents, graph.Whole(shape.Height.Denominator, shape.Width.Denominator)]);
        return Step("Concat", node, [graph.Whole(0, shape.Channels), divided], Attribute("axis", 0));
    }

    string Sliced(Node node, string x, int axis, long from, long to) =>
        Add("Slice", node, [x, graph.Whole(from), graph.Whole(to), graph.Whole(axis)]);

    string Gathered(Node node, string x, IEnumerable<long> channels) =>
        Add("Gather", node, [x, graph.Whole([.. channels])], Attribute("axis", 1));

    // x / 2 * (1 + erf(x / sqrt(2))); Gelu itself came with operator set 20.
    string OfErrorFunction(Node node, string x)
    {
        var error = Step("Erf", node, [Step("Div", node, [x, graph.Scalar(Math.Sqrt(2))])]);
        var twice = Step("Mul", node, [x, Step("Add", node, [error, graph.Scalar(1)])]);
        return Add("Mul", node, [twice, graph.Scalar(0.5)]);
    }

    string Transform(Affine affine, Node node, string x) =>
        (affine.Multiplier, affine.Offset) switch
        {
            (_, 0) => Add("Mul", node, [x, graph.Scalar(affine.Multiplier)]),
            (1, _) => Add("Add", node, [x, graph.Scalar(affine.Offset)]),
            _ => Add("Add", node, [Step("Mul", node, [x, graph.Scalar(affine.Multiplier)]), graph.Scalar(affine.Offset)]),
        };

    string Extents(string value, int from, int to) =>
        graph.Once(
            FormattableString.Invariant($"extents {from} to {to} of {value}"),
            () => graph.Add("Shape", $"{value}:extents", [value], Attribute("start", from), Attribute("end", to))
        );
}
