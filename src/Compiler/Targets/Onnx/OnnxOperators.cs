using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.Onnx.Format;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

/// <summary>One arm per primitive: what it is in operator set 17.</summary>
/// <param name="size">Of the picture that the network gets, where that is fixed.</param>
sealed class OnnxOperators(OnnxGraph graph, ImageSize? size)
{
    /// <param name="x">Names of the operands.</param>
    /// <returns>The name of the result; null where ONNX has no such operator.</returns>
    public string? Write(Node node, string[] x) =>
        node.Op switch
        {
            LearnedMap => Add("Identity", node, [graph.Weight(node.Parameters[0])]),
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
            Attend attend => Attention(attend.Heads, node, x),
            BatchNorm norm => Add(
                "BatchNormalization",
                node,
                [x[0], .. node.Parameters.Take(4).Select(graph.Weight)],
                Attribute("epsilon", norm.Eps)
            ),
            GroupNorm norm => OverGroups(node, x[0], norm),
            LayerScale => Add("Mul", node, [x[0], graph.Weight(node.Parameters[0])]),
            LayerNorm norm => OverChannels(node, x[0], norm),
            L2Normalize norm => ToUnitLength(node, x[0], norm.Eps),
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
            ResizeLike resize => Sampled(resize.Mode, node, x[0], () => Extents(x[1], 2, 4)),
            Concat => Add("Concat", node, x, Attribute("axis", 1)),
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

    // softmax(q k^T / sqrt(d)) v, heads apart: [N, heads, d, positions].
    string Attention(int heads, Node node, string[] x)
    {
        var (width, values) = (node.Inputs[0].Shape.Channels, node.Inputs[2].Shape.Channels);
        string Heads(string map, int channels) => Step("Reshape", node, [map, graph.Whole(0, heads, channels / heads, -1)]);
        string Turned(string map) => Step("Transpose", node, [map], Attribute("perm", [0, 1, 3, 2]));
        var scores = Step("MatMul", node, [Turned(Heads(x[0], width)), Heads(x[1], width)]);
        var weights = Step(
            "Softmax",
            node,
            [Step("Mul", node, [scores, graph.Scalar(Math.Pow((double)width / heads, -0.5))])],
            Attribute("axis", -1)
        );
        var seen = Turned(Step("MatMul", node, [weights, Turned(Heads(x[2], values))]));
        var shape = Step("Concat", node, [Extents(x[0], 0, 1), graph.Whole(values), Extents(x[0], 2, 4)], Attribute("axis", 0));
        return Add("Reshape", node, [seen, shape]);
    }

    // LpNormalization knows no least length.
    string ToUnitLength(Node node, string x, double least)
    {
        var length = Step("ReduceL2", node, [x], Attribute("axes", [1]), Attribute("keepdims", 1));
        return Add("Div", node, [x, Step("Max", node, [length, graph.Scalar(least)])]);
    }

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

    string Pool(MaxPool pool, Node node, string x)
    {
        long padding = pool.Border.Resolve(pool.Kernel, 1);
        var tiles = pool.Kernel % 2 == 0 && pool.Kernel == pool.Step && padding == 0;
        return Add(
            "MaxPool",
            node,
            [x],
            Attribute("kernel_shape", [pool.Kernel, pool.Kernel]),
            Attribute("strides", [pool.Step, pool.Step]),
            Attribute("pads", [padding, padding, padding, padding]),
            Attribute("ceil_mode", tiles ? 1 : 0)
        );
    }

    string Unpool(MaxUnpool unpool, Node node, string x, string pooled)
    {
        AttributeProto[] window =
        [
            Attribute("kernel_shape", [unpool.Kernel, unpool.Kernel]),
            Attribute("strides", [unpool.Kernel, unpool.Kernel]),
        ];
        var places = graph.AddSecond(
            "MaxPool",
            $"{node.Name}:maxpool",
            $"{node.Name}:places",
            [pooled],
            [.. window, Attribute("ceil_mode", 1)]
        );
        return Add("MaxUnpool", node, [x, places, Extents(pooled, 0, 4)], window);
    }

    // align_corners=False is half_pixel; torch's nearest is the pixel that floor(i * from / to) says.
    string Sampled(Sampling mode, Node node, string x, Func<string> target)
    {
        var sizes = size is { } fixedSize
            ? graph.Whole(
                1,
                node.Shape.Channels,
                node.Shape.Height.Resolve(fixedSize.Height),
                node.Shape.Width.Resolve(fixedSize.Width)
            )
            : graph.Add("Concat", $"{node.Name}:sizes", [Extents(x, 0, 2), target()], Attribute("axis", 0));
        AttributeProto[] how = mode switch
        {
            Sampling.Nearest =>
            [
                Attribute("mode", "nearest"),
                Attribute("coordinate_transformation_mode", "asymmetric"),
                Attribute("nearest_mode", "floor"),
            ],
            Sampling.Bicubic =>
            [
                Attribute("mode", "cubic"),
                Attribute("coordinate_transformation_mode", "half_pixel"),
                Attribute("cubic_coeff_a", -0.75),
            ],
            _ => [Attribute("mode", "linear"), Attribute("coordinate_transformation_mode", "half_pixel")],
        };
        return Add("Resize", node, [x, "", "", sizes], how);
    }

    string Extents(string value, int from, int to) =>
        graph.Once(
            FormattableString.Invariant($"extents {from} to {to} of {value}"),
            () => graph.Add("Shape", $"{value}:extents", [value], Attribute("start", from), Attribute("end", to))
        );

    // Means over the rows and columns of cells that overlap where they do not divide, as torch.nn.AdaptiveAvgPool2d's; ONNX has
    // no such pooling.
    string Cells(int cells, Node node, string x)
    {
        var shape = node.Inputs[0].Shape;
        var rows = size is { } s ? Known(cells, shape.Height.Resolve(s.Height)) : Computed(cells, node, x, 2);
        var columns = size is { } t ? Known(cells, shape.Width.Resolve(t.Width)) : Computed(cells, node, x, 3);
        var across = Step("Transpose", node, [columns], Attribute("perm", [1, 0]));
        return Add("MatMul", node, [Step("MatMul", node, [rows, x]), across]);
    }

    // [cells, length]: of each cell what each row or column counts.
    string Known(int cells, int length)
    {
        var matrix = new float[cells * length];
        for (var cell = 0; cell < cells; cell++)
        {
            var (start, end) = ((int)((long)cell * length / cells), (int)(((long)(cell + 1) * length + cells - 1) / cells));
            matrix.AsSpan(cell * length + start, end - start).Fill(1f / (end - start));
        }
        return graph.Numbers([cells, length], matrix);
    }

    string Computed(int cells, Node node, string x, int axis)
    {
        var length = Extents(x, axis, axis + 1);
        var positions = Step("Range", node, [graph.Whole([], [0]), Step("Squeeze", node, [length]), graph.Whole([], [1])]);
        long[] column = [cells, 1];
        long[] numbers = [.. Enumerable.Range(0, cells).Select(i => (long)i)];
        var start = Step("Div", node, [Step("Mul", node, [graph.Whole(column, numbers), length]), graph.Whole(cells)]);
        var beyond = Step("Mul", node, [graph.Whole(column, [.. numbers.Select(i => i + 1)]), length]);
        var end = Step("Div", node, [Step("Add", node, [beyond, graph.Whole(cells - 1)]), graph.Whole(cells)]);
        var isInside = Step(
            "And",
            node,
            [Step("GreaterOrEqual", node, [positions, start]), Step("Less", node, [positions, end])]
        );
        var ones = Step("Cast", node, [isInside], Attribute("to", (long)graph.Number));
        return Step("Div", node, [ones, Step("ReduceSum", node, [ones, graph.Whole(1)], Attribute("keepdims", 1))]);
    }
}
