using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Computes derived parameters from stored ones; differentiable wherever gradients are on.</summary>
static class DerivedParameters
{
    /// <returns>A new tensor object, though it may share memory with a stored parameter.</returns>
    public static Tensor Compute(Parameter parameter, ParameterStore store)
    {
        using var scope = NewDisposeScope();
        return Value(parameter).MoveToOuterDisposeScope();

        Tensor Value(Parameter p) => p.Derivation switch
        {
            null => store[p.Name].alias(),
            Derivation.NormalizedWeight d => Value(d.Weight) * Scale(d.Norm).view(-1, 1, 1, 1),
            Derivation.NormalizedBias { Bias: null } d => Value(d.Norm.Beta) - Value(d.Norm.Mean) * Scale(d.Norm),
            Derivation.NormalizedBias d => Value(d.Norm.Beta).Plus((Value(d.Bias!) - Value(d.Norm.Mean)) * Scale(d.Norm)),
            Derivation.InputChannels d => Columns(Value(d.Weight), d),
            Derivation.Taps d => Taps(Value(d.Weight)),
            Derivation.Pointwise d => Value(d.Matrix).unsqueeze(2).unsqueeze(3),
            Derivation.Rounded d => Value(d.Whole).to(Types.Of(d.To)),
            Derivation.Stacked d => cat([.. d.Parts.Select(Value)], 0),
            var other => throw new NotSupportedException($"{p.Name}: the runtime has no arm for {other.GetType().Name}"),
        };

        Tensor Scale(NormParameters norm) => Value(norm.Gamma) / Value(norm.Variance).Plus(norm.Epsilon).sqrt();
    }

    static Tensor Columns(Tensor weight, Derivation.InputChannels derivation)
    {
        var parts = derivation.Ranges.Select(r => weight.narrow(1, r.Start, r.Count)).ToArray();
        return parts.Length == 1 ? parts[0] : cat(parts, 1);
    }

    static Tensor Taps(Tensor weight)
    {
        var (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2]);
        return weight.permute(2, 3, 0, 1).reshape(kernel * kernel * outputs, inputs, 1, 1);
    }
}
