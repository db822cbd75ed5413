using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Computes derived parameters from stored ones; differentiable wherever gradients are on.</summary>
sealed class DerivedParameters(ParameterStore store) : IParameterArithmetic<Tensor>
{
    /// <returns>A new tensor object, though it may share memory with a stored parameter.</returns>
    public static Tensor Compute(Parameter parameter, ParameterStore store)
    {
        using var scope = NewDisposeScope();
        return parameter.Compute(new DerivedParameters(store)).MoveToOuterDisposeScope();
    }

    public Tensor Stored(Parameter parameter) => store[parameter.Name].alias();

    public Tensor Pointwise(Tensor matrix) => matrix.unsqueeze(2).unsqueeze(3);

    public Tensor Add(Tensor left, Tensor right) => left.Plus(right);

    public Tensor Subtract(Tensor left, Tensor right) => left - right;

    public Tensor Multiply(Tensor left, Tensor right) => left * right;

    public Tensor Scale(Tensor gamma, Tensor variance, double epsilon) => gamma / variance.Plus(epsilon).sqrt();

    public Tensor ScaleOutputs(Tensor weight, Tensor scale) => weight * scale.view(-1, 1, 1, 1);

    public Tensor InputChannels(Tensor weight, ImmutableArray<ChannelRange> ranges)
    {
        var parts = ranges.Select(r => weight.narrow(1, r.Start, r.Count)).ToArray();
        return parts.Length == 1 ? parts[0] : cat(parts, 1);
    }

    public Tensor AddLowRank(Tensor weight, Tensor a, Tensor b, double factor, ImmutableArray<ChannelRange> on) =>
        weight.Plus(LowRank.Spread(b, weight.shape[0], factor, on).mm(a).view(weight.shape));

    public Tensor Taps(Tensor weight)
    {
        var (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2]);
        return weight.permute(2, 3, 0, 1).reshape(kernel * kernel * outputs, inputs, 1, 1);
    }

    public Tensor Round(Tensor whole, Precision to) => whole.to(Types.Of(to));

    public Tensor Stack(ImmutableArray<Tensor> parts) => cat([.. parts], 0);
}
