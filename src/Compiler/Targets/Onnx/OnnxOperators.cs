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

    // softmax(q k^T / sqrt(d)) v, heads apart: [N, heads, d, positions].
    string Attention(Attend attend, Node node, string[] x)
    {
        var heads = attend.Heads;
        var scale = attend.Scale == 0 ? Math.Pow((double)node.Inputs[0].Shape.Channels / heads, -0.5) : attend.Scale;
        x = Spread(node, x);
        var (width, values) = (node.Inputs[0].Shape.Channels, node.Inputs[2].Shape.Channels);
        string Heads(string map, int channels) => Step("Reshape", node, [map, graph.Whole(0, heads, channels / heads, -1)]);
        string Turned(string map) => Step("Transpose", node, [map], Attribute("perm", [0, 1, 3, 2]));
        var scores = Step("MatMul", node, [Turned(Heads(x[0], width)), Heads(x[1], width)]);
        var weights = Step("Softmax", node, [Step("Mul", node, [scores, graph.Scalar(scale)])], Attribute("axis", -1));
        var seen = Turned(Step("MatMul", node, [weights, Turned(Heads(x[2], values))]));
        var shape = Step("Concat", node, [Extents(x[0], 0, 1), graph.Whole(values), Extents(x[0], 2, 4)], Attribute("axis", 0));
        return Add("Reshape", node, [seen, shape]);
    }

    // LpNormalization knows no least length.
    string ToUnitLength(Node node, string x, double least, int axis = 1)
    {
        var length = Step("ReduceL2", node, [x], Attribute("axes", [axis]), Attribute("keepdims", 1));
        var unit = new[] { x, Step("Max", node, [length, graph.Scalar(least)]) };
        return axis == 1 ? Add("Div", node, unit) : Step("Div", node, unit);
    }

    string Learned(LearnedMap map, Node node)
    {
        var weight = graph.Weight(node.Parameters[0]);
        var shape = node.Shape;
        if (map.Stored == Stored.Map)
            return Add("Identity", node, [weight]);
        var channels = map.Stored is Stored.Column or Stored.Vector
            ? weight
            : Step(
                "Transpose",
                node,
                [Step("Reshape", node, [weight, graph.Whole(-1, map.Channels)])],
                Attribute("perm", [1, 0])
            );
        return Add("Reshape", node, [channels, graph.Whole([4], [1, map.Channels, .. Lie(shape)])]);
    }

    // Of a shape that does not grow with the picture, or of a picture of a fixed size.
    long[] Lie(TensorShape shape)
    {
        var (rows, columns) = shape.Lie(size?.Height ?? 1, size?.Width ?? 1);
        return [rows, columns];
    }

    string Coordinates(RelativeCoords coords)
    {
        var (spec, side) = (coords.Parameters([])[0], 2 * coords.Window - 1);
        var pairs = spec.Values;
        var planes = Enumerable.Range(0, 2).SelectMany(axis => Enumerable.Range(0, side * side).Select(i => pairs[2 * i + axis]));
        return graph.Numbers([1, 2, side, side], planes.ToArray());
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

    string Joined(Node node, string[] x)
    {
        var flat = Spread(node, x)
            .Select(value => Step("Reshape", node, [value, graph.Whole(0, node.Shape.Channels, 1, -1)]))
            .ToArray();
        return Add("Concat", node, [.. flat[1..], flat[0]], Attribute("axis", 3));
    }

    string PixelsOf(Node node, string x)
    {
        var tokens = node.Inputs[0].Shape.Tokens;
        if (tokens == 0)
            return Add("Identity", node, [x]);
        var row = graph.Add("Slice", $"{node.Name}:row", [x, graph.Whole(tokens), graph.Whole(int.MaxValue), graph.Whole(3)]);
        return Add("Reshape", node, [row, OfMap(node)]);
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

    string? Cut(Node node, string x, TensorShape to)
    {
        if (size is null && !to.Height.IsFixed)
            return null;
        var sides = Lie(to);
        return Add("Slice", node, [x, graph.Whole(0, 0), graph.Whole(sides), graph.Whole(2, 3)]);
    }

    string Padded(Node node, (int Rows, int Columns) from, (int Rows, int Columns) to, string x) =>
        Add("Pad", node, [x, graph.Whole(0, 0, 0, 0, 0, 0, to.Rows - from.Rows, to.Columns - from.Columns)]);

    string Gathered(Node node, string x, IEnumerable<long> channels) =>
        Add("Gather", node, [x, graph.Whole([.. channels])], Attribute("axis", 1));

    // SpaceToDepth goes through a block row by row. A picture's sides divide by what the network reduces them by.
    string Merged(MergePixels merge, Node node, string x)
    {
        var (factor, channels) = (merge.Factor, node.Inputs[0].Shape.Channels);
        var blocks = Step("SpaceToDepth", node, [x], Attribute("blocksize", factor));
        return Gathered(
            node,
            blocks,
            from column in Enumerable.Range(0, factor)
            from row in Enumerable.Range(0, factor)
            from channel in Enumerable.Range(0, channels)
            select (long)(row * factor + column) * channels + channel
        );
    }

    string Pairs(Node node, string table)
    {
        var (heads, index) = (node.Shape.Channels, RelativeBias.Index(RelativeBias.Window(node.Inputs[0].Shape)));
        var flat = Step("Reshape", node, [table, graph.Whole(0, heads, -1)]);
        var pairs = Step("Gather", node, [flat, graph.Whole([.. index.Select(i => (long)i)])], Attribute("axis", 2));
        return Add("Reshape", node, [pairs, graph.Whole([4], [0, heads, .. Lie(node.Shape)])]);
    }

    // Channels of a head by pairs half a head apart.
    string Turned(Rotary rotary, Node node, string x, ImageSize picture)
    {
        var shape = node.Shape;
        var (rows, columns) = (shape.Height.Resolve(picture.Height), shape.Width.Resolve(picture.Width));
        var half = shape.Channels / rotary.Heads / 2;
        var (positions, angles) = (shape.Tokens + rows * columns, rotary.Angles(shape.Channels, rows, columns));
        var (cosine, sine) = (new float[half * positions], new float[half * positions]);
        for (var pair = 0; pair < half; pair++)
        for (var position = 0; position < positions; position++)
        {
            var pixel = position - shape.Tokens;
            (sine[pair * positions + position], cosine[pair * positions + position]) =
                pixel < 0 ? (0, 1) : ((float)Math.Sin(angles[pixel * half + pair]), (float)Math.Cos(angles[pixel * half + pair]));
        }
        long[] table = [1, 1, half, positions];
        var (c, s) = (graph.Numbers(table, cosine), graph.Numbers(table, sine));
        var heads = Step("Reshape", node, [x, graph.Whole(0, rotary.Heads, 2 * half, positions)]);
        string Half(int from) => Step("Slice", node, [heads, graph.Whole(from), graph.Whole(from + half), graph.Whole(2)]);
        var (first, second) = (Half(0), Half(half));
        var turned = Step(
            "Concat",
            node,
            [
                Step("Sub", node, [Step("Mul", node, [first, c]), Step("Mul", node, [second, s])]),
                Step("Add", node, [Step("Mul", node, [second, c]), Step("Mul", node, [first, s])]),
            ],
            Attribute("axis", 2)
        );
        return Add("Reshape", node, [turned, graph.Whole([4], [0, shape.Channels, .. Lie(shape)])]);
    }

    // Windows apart, [N, windows, heads, positions, channels of a head], for a picture of a fixed size.
    string Windows(WindowAttend attend, Node node, string[] x, ImageSize picture)
    {
        var (rows, columns) = node.Shape.Lie(picture.Height, picture.Width);
        var (side, heads) = (attend.Window, attend.Heads);
        var (down, across) = (side >= rows ? 0 : attend.Shift, side >= columns ? 0 : attend.Shift);
        var (wide, high, positions) = (columns / side, rows / side, side * side);
        var scale = attend.Scale == 0 ? Math.Pow((double)node.Inputs[0].Shape.Channels / heads, -0.5) : attend.Scale;
        string Apart(int operand)
        {
            var each = node.Inputs[operand].Shape.Channels / heads;
            var moved = Rolled(node, Rolled(node, x[operand], 2, down), 3, across);
            var split = Step("Reshape", node, [moved, graph.Whole([7], [0, heads, each, high, side, wide, side])]);
            var turned = Step("Transpose", node, [split], Attribute("perm", [0, 3, 5, 1, 4, 6, 2]));
            return Step("Reshape", node, [turned, graph.Whole([5], [0, high * wide, heads, positions, each])]);
        }
        var keys = Step("Transpose", node, [Apart(1)], Attribute("perm", [0, 1, 2, 4, 3]));
        var scores = Step("MatMul", node, [Step("Mul", node, [Apart(0), graph.Scalar(scale)]), keys]);
        scores = Step("Add", node, [scores, Step("Unsqueeze", node, [x[3], graph.Whole(1)])]);
        if ((down, across) != (0, 0))
        {
            long[] shape = [high * wide, 1, positions, positions];
            scores = Step("Add", node, [scores, graph.Numbers(shape, attend.Mask(rows, columns))]);
        }
        var seen = Step("MatMul", node, [Step("Softmax", node, [scores], Attribute("axis", -1)), Apart(2)]);
        var values = node.Shape.Channels / heads;
        var map = Step("Reshape", node, [seen, graph.Whole([7], [0, high, wide, heads, side, side, values])]);
        map = Step("Transpose", node, [map], Attribute("perm", [0, 3, 6, 1, 4, 2, 5]));
        map = Step("Reshape", node, [map, graph.Whole([4], [0, node.Shape.Channels, rows, columns])]);
        return Add("Identity", node, [Rolled(node, Rolled(node, map, 2, -down), 3, -across)]);
    }

    // Towards the beginning of an axis, cyclically; below 0 towards its end.
    string Rolled(Node node, string x, int axis, int shift)
    {
        if (shift == 0)
            return x;
        string Part(long from, long to) => Step("Slice", node, [x, graph.Whole(from), graph.Whole(to), graph.Whole(axis)]);
        return Step("Concat", node, [Part(shift, int.MaxValue), Part(0, shift)], Attribute("axis", axis));
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
    string Sampled(Sampling mode, Node node, string x, Func<string> target, bool alignCorners = false)
    {
        var coordinates = alignCorners ? "align_corners" : "half_pixel";
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
                Attribute("coordinate_transformation_mode", coordinates),
                Attribute("cubic_coeff_a", -0.75),
            ],
            _ => [Attribute("mode", "linear"), Attribute("coordinate_transformation_mode", coordinates)],
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
