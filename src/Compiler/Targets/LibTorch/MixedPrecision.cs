using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// y = conv(x, W)     ====>  y = conv(cast(x, to: bf16), bf16 of W)
// z = softmax(y)     ====>  z = softmax(cast(y, to: float32))
// PyTorch's autocast lists (Micikevicius et al. 2018): convolutions compute in the low precision; what adds up over many pixels
// or channels, or grows fast, in float32; everything else in the precision of what it reads, in float32 where that is mixed.
// Batch norm reads and writes low precision maps, but its parameters and statistics, and the sums in its kernel, are float32.
// Predictions, and so all losses, are float32. Stored weights are float32 too, and so are the gradients that they get: the cast
// is part of the graph.
public static class MixedPrecision
{
    public static Graph Run(Graph graph, Precision low)
    {
        if (low == Precision.Float32)
            return graph;
        var precisions = new Dictionary<Node, Precision>(); // of values of the old graph, as the new one has them
        var casts = new Dictionary<(Node Value, Precision To), Node>();
        var weights = new Dictionary<Parameter, Parameter>();
        return Rewriter.Run(
            graph,
            (rewriter, node) =>
            {
                var precision = Wanted(node);
                ImmutableArray<Node> inputs =
                [
                    .. node.Inputs.Select((x, i) => node.Op.ReadsValues(i) && precisions[x] != precision ? Cast(x) : rewriter[x]),
                ];
                var parameters = node.Op is Conv or ConvTranspose or Linear or Adapted
                    ? [.. node.Parameters.Select(Rounded)]
                    : node.Parameters;
                if (rewriter.IsOutput(node) && precision != Precision.Float32)
                {
                    precisions[node] = Precision.Float32;
                    return rewriter.Replace(
                        node,
                        new Cast(Precision.Float32),
                        [rewriter.Add(node, Word(low), node.Op, inputs, parameters)],
                        []
                    );
                }
                precisions[node] = precision;
                return precision == Precision.Float32 && inputs.SequenceEqual(node.Inputs)
                    ? null
                    : rewriter.Replace(node, node.Op, inputs, parameters);

                Node Cast(Node value)
                {
                    if (!casts.TryGetValue((value, precision), out var cast))
                        casts.Add(
                            (value, precision),
                            cast = rewriter.Add(node, Word(precision), new Cast(precision), [rewriter[value]], [])
                        );
                    return cast;
                }
            }
        );

        Precision Wanted(Node node) =>
            node.Op.Traits.Computes switch
            {
                Computing.Low => low,
                Computing.Float32 => Precision.Float32,
                _ => node.Inputs.All(x => precisions[x] == low) ? low : Precision.Float32,
            };

        Parameter Rounded(Parameter weight)
        {
            if (!weights.TryGetValue(weight, out var rounded))
                weights.Add(
                    weight,
                    rounded = new($"{weight.Name}:{Word(low)}", weight.Spec, new Derivation.Rounded(weight, low))
                );
            return rounded;
        }
    }

    static string Word(Precision precision) => Binding.Signature.Snake(precision.ToString());
}
