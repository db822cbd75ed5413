using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.Onnx.Format;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

// What makes a map smaller or larger.
sealed partial class OnnxOperators
{
    string? Cut(Node node, string x, TensorShape to)
    {
        if (size is null && !to.Height.IsFixed)
            return null;
        var sides = Lie(to);
        return Add("Slice", node, [x, graph.Whole(0, 0), graph.Whole(sides), graph.Whole(2, 3)]);
    }

    string Padded(Node node, (int Rows, int Columns) from, (int Rows, int Columns) to, string x) =>
        Add("Pad", node, [x, graph.Whole(0, 0, 0, 0, 0, 0, to.Rows - from.Rows, to.Columns - from.Columns)]);

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
