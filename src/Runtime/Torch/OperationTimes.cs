using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>What each operation of a graph takes on this machine's CPU, in a forward pass over one picture of noise.</summary>
public static class OperationTimes
{
    /// <summary>The first pass lays out weights and generates kernels; of the others the shortest counts, which the machine
    /// disturbed least.</summary>
    const int Passes = 5;

    /// <returns>Nanoseconds by the node's name.</returns>
    public static IReadOnlyDictionary<string, long> Of(Graph graph, ImageSize size)
    {
        TorchRuntime.Start();
        using var inference = inference_mode();
        using var module = new GraphModule(graph);
        module.eval();
        using var picture = randn(1, module.InputChannels, size.Height, size.Width);
        var shortest = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var pass = 0; pass < Passes; pass++)
        {
            var first = pass == 0;
            module.Timed = first
                ? null
                : (node, time) =>
                {
                    var nanoseconds = (long)time.TotalNanoseconds;
                    if (!shortest.TryGetValue(node.Name, out var known) || nanoseconds < known)
                        shortest[node.Name] = nanoseconds;
                };
            using var scope = NewDisposeScope();
            module.call(picture);
        }
        return shortest;
    }
}
