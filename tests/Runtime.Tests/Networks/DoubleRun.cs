using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Networks;

/// <summary>
/// Runs a graph in double precision through the runtime's own primitives. A gradient in float32 jumps where rounding takes an
/// activation across a ReLU's kink; here it says whether the derivative is the same function. </summary>
static class DoubleRun
{
    public static (Dictionary<string, Tensor> Outputs, Dictionary<string, Tensor> Parameters) Train(Graph graph, Tensor pictures)
    {
        var parameters = graph.Parameters.ToDictionary(
            p => p.Name,
            p =>
            {
                var value = ReferenceNetwork.Weight(p);
                return p.Spec.IsInteger ? value.to(ScalarType.Int64) : value.to(ScalarType.Float64).requires_grad_(p.IsTrainable);
            }
        );
        var context = new PrimitiveContext(pictures.to(ScalarType.Float64), true, default);
        var values = new Dictionary<Node, Tensor>();
        foreach (var node in graph.Nodes)
        {
            Tensor[] operands = [.. node.Inputs.Select(i => values[i])];
            values[node] = Primitives.Run(node, operands, [.. node.Parameters.Select(p => parameters[p.Name])], context);
        }
        return (graph.Outputs.ToDictionary(o => o.Name, o => values[o.Value]), parameters);
    }
}
