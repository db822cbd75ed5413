using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using static Mtlc.Compiler.Targets.Onnx.OnnxGraph;

namespace Mtlc.Compiler.Targets.Onnx;

// Maps that are learned, tokens, and attention among positions.
sealed partial class OnnxOperators
{
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

    string Coordinates(RelativeCoords coords)
    {
        var (spec, side) = (coords.Parameters([])[0], 2 * coords.Window - 1);
        var pairs = spec.Values;
        var planes = Enumerable.Range(0, 2).SelectMany(axis => Enumerable.Range(0, side * side).Select(i => pairs[2 * i + axis]));
        return graph.Numbers([1, 2, side, side], planes.ToArray());
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
}
