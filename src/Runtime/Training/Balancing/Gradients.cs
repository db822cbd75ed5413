using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>Gradients of one loss alone, beside the accumulated ones.</summary>
static class Gradients
{
    /// <param name="keepGraph">Whether another backward pass follows.</param>
    /// <param name="scale">What the gradients are multiplied by.</param>
    /// <returns>One gradient for each parameter; null where the loss does not reach it.</returns>
    public static Tensor?[] Of(Tensor loss, IReadOnlyList<Parameter> parameters, bool keepGraph = true, double scale = 1)
    {
        using var factor = scale.ToScalar();
        using var outer = scale == 1 ? null : full_like(loss, factor);
        var found = autograd.grad(
            [loss],
            [.. parameters],
            outer is null ? null : [outer],
            retain_graph: keepGraph,
            allow_unused: true
        );
        return [.. found.Select(g => g is null || g.IsInvalid ? null : g)];
    }
}
