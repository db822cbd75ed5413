using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>Gradients of one loss alone, beside the accumulated ones.</summary>
static class Gradients
{
    /// <param name="keepGraph">Whether another backward pass follows.</param>
    /// <returns>One gradient for each parameter; null where the loss does not reach it.</returns>
    public static Tensor?[] Of(Tensor loss, IReadOnlyList<Parameter> parameters, bool keepGraph = true) =>
        [.. autograd.grad([loss], [.. parameters], retain_graph: keepGraph, allow_unused: true).Select(g => g is null || g.IsInvalid ? null : g)];
}
