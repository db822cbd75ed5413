using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// 1x1:     conv(resize(x), W)                 ====>  resize(conv(x, W))
// pooled:  conv(concat(a, resize(point)), W)  ====>  conv(a, Wa) + conv(point, Wp)         the second spread over the first
// k x k:   conv(concat(a, resize(x)), W)      ====>  conv(a, Wa) + shifted_resize(conv1x1(x, taps of Wx))
//
// Interpolation is linear, and the weights of each pixel add up to 1: a 1x1 convolution with its bias may come before it, and a k
// x k convolution is the sum of k * k shifted 1x1 convolutions, each of which may. At a quarter of the resolution they cost a
// sixteenth; what is left at the full one does not depend on the number of input channels. Exact up to rounding, borders
// included, and so are gradients.
public static class ConvBeforeResize
{
    // A picture at which costs are compared: between a training crop and a whole street scene.
    const int Height = 512,
        Width = 1024;

    /// <summary>1x1 convolutions, the pooled branch of an ASPP among them.</summary>
    public static Graph Pointwise(Graph graph) =>
        Rewriter.Run(graph, (r, node) => node.Op is Conv { Kernel: 1 } ? Move(r, node) : null);

    /// <summary>Larger convolutions.</summary>
    public static Graph Spatial(Graph graph) =>
        Rewriter.Run(graph, (r, node) => node.Op is Conv { Kernel: > 1 } ? Move(r, node) : null);

    static Node? Move(Rewriter rewriter, Node node)
    {
        var conv = (Conv)node.Op;
        if (conv.Stride != 1 || conv.Groups != 1 || 2 * conv.Margin != conv.Dilation * (conv.Kernel - 1))
            return null;
        var parts = Parts(node.Inputs[0]);
        var moved = parts.Where(p => Pays(conv, p.Value)).ToList();
        if (moved.Count == 0)
            return null;
        var rest = parts.Except(moved).ToList();
        // A convolution of nothing but points has nothing to spread them over.
        if (rest.Count == 0 && moved.All(p => p.Value.Inputs[0].Shape.IsPoint) && conv.Kernel == 1 && moved.Count > 1)
            return null;
        return new Split(rewriter, node, conv, rest, moved).Write();
    }

    static List<Part> Parts(Node x)
    {
        var parts = new List<Part>();
        var start = 0;
        foreach (var value in x.Op is Concat ? x.Inputs : [x])
        {
            parts.Add(new(value, new(start, value.Shape.Channels)));
            start += value.Shape.Channels;
        }
        return parts;
    }

    static bool Pays(Conv conv, Node value)
    {
        if (value.Op is not (Resize or ResizeLike))
            return false;
        var from = value.Inputs[0].Shape;
        var (low, high) = (from.WithChannels(1).Elements(Height, Width), value.Shape.WithChannels(1).Elements(Height, Width));
        if (conv.Kernel == 1)
            return 2 * low <= high && conv.Out <= 2 * from.Channels;
        if (
            value.Op
            is not (
                Resize { Mode: Sampling.Bilinear }
                or ResizeLike { Mode: Sampling.Bilinear, AlignCorners: false, Antialias: false, Offset: 0 }
            )
        )
            return false;
        var weights = (long)conv.Out * from.Channels * conv.Kernel * conv.Kernel;
        var taps = from.WithChannels(conv.Out * conv.Kernel * conv.Kernel);
        var spread = new ShiftedResize(conv.Kernel, conv.Dilation, 0, false).MultiplyAdds(
            [taps],
            value.Shape.WithChannels(conv.Out),
            Height,
            Width
        );
        return 2 * (weights * low + spread) <= weights * high;
    }

    /// <summary>An operand of the concatenation, and the input channels of the convolution that it is.</summary>
    sealed record Part(Node Value, ChannelRange Channels);

    /// <summary>The sum of a convolution of the rest and of what each moved part became.</summary>
    sealed class Split(Rewriter rewriter, Node node, Conv conv, List<Part> rest, List<Part> moved)
    {
        bool biasLeft = conv.Bias;

        public Node Write()
        {
            // The bias goes to whichever term comes first; full maps come before points, which are spread over them.
            var terms = new List<Func<bool, Node>>();
            if (rest.Count > 0)
                terms.Add(Rest);
            foreach (var part in moved.OrderBy(p => p.Value.Inputs[0].Shape.IsPoint ? 1 : 0))
                terms.Add(last => conv.Kernel == 1 ? Pointwise(part, last) : Taps(part, last));
            if (terms.Count == 1)
                return terms[0](true);
            var sum = terms[0](false);
            for (var i = 1; i < terms.Count; i++)
                sum = Emit(i == terms.Count - 1, "add", new Add(), [sum, terms[i](false)], []);
            return sum;
        }

        Node Rest(bool last)
        {
            ImmutableArray<Node> values = [.. rest.Select(p => rewriter[p.Value])];
            var x = values.Length == 1 ? values[0] : rewriter.Add(node, "rest", new Concat(), values, []);
            var bias = TakeBias();
            return Emit(
                last,
                "rest",
                conv with
                {
                    Bias = bias.Length > 0,
                },
                [x],
                [Weight([.. rest.Select(p => p.Channels)]), .. bias]
            );
        }

        Node Pointwise(Part part, bool last)
        {
            var from = rewriter[part.Value.Inputs[0]];
            var bias = TakeBias();
            var low = conv with { Bias = bias.Length > 0 };
            // What a full map is added to needs no resizing of its own.
            var spread = from.Shape.IsPoint && (rest.Count > 0 || moved.Any(p => !p.Value.Inputs[0].Shape.IsPoint));
            var result = Emit(last && spread, "low", low, [from], [Weight([part.Channels]), .. bias]);
            return spread ? result : Emit(last, "resized", part.Value.Op, [result, .. Like(part)], []);
        }

        Node Taps(Part part, bool last)
        {
            var weight = Weight([part.Channels]);
            var taps = new Conv(conv.Out * conv.Kernel * conv.Kernel, Bias: false);
            var from = rewriter[part.Value.Inputs[0]];
            var each = rewriter.Derive($"{weight.Name}:taps", taps.Parameters([from.Shape])[0], new Derivation.Taps(weight));
            var low = rewriter.Add(node, "taps", taps, [from], [each]);
            var bias = TakeBias();
            var scale = part.Value.Op is Resize resize ? resize.Scale : 0;
            return Emit(
                last,
                "upsampled",
                new ShiftedResize(conv.Kernel, conv.Dilation, scale, bias.Length > 0),
                [low, .. Like(part)],
                bias
            );
        }

        ImmutableArray<Node> Like(Part part) => part.Value.Op is ResizeLike ? [rewriter[part.Value.Inputs[1]]] : [];

        ImmutableArray<Parameter> TakeBias()
        {
            var taken = biasLeft;
            biasLeft = false;
            return taken ? [node.Parameters[1]] : [];
        }

        Parameter Weight(ImmutableArray<ChannelRange> channels)
        {
            var whole = node.Parameters[0];
            var count = channels.Sum(c => c.Count);
            if (count == node.Inputs[0].Shape.Channels)
                return whole;
            var spec = whole.Spec with { Dimensions = [conv.Out, count, conv.Kernel, conv.Kernel] };
            return rewriter.Derive(
                $"{whole.Name}:{string.Join('+', channels)}",
                spec,
                new Derivation.InputChannels(whole, channels)
            );
        }

        Node Emit(bool last, string role, Op op, ImmutableArray<Node> inputs, ImmutableArray<Parameter> parameters) =>
            last ? rewriter.Replace(node, op, inputs, parameters) : rewriter.Add(node, role, op, inputs, parameters);
    }
}
