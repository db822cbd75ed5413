using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>The weights that the file wrote, and no others: the losses are added up.</summary>
public sealed class FixedWeights : LossBalancer
{
    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context) =>
        BackwardWeighted(losses, [.. losses.Select(_ => 1.0)], context);
}
