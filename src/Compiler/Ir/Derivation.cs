using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>
/// How a parameter that a pass invented is computed from parameters that are stored. Checkpoints, optimizers and counts know the
/// stored ones alone: a pass may rearrange weights and their names, numbers and gradients stay what the source says. </summary>
public abstract record Derivation
{
    /// <summary>What it is computed from; these may be derived too.</summary>
    public abstract ImmutableArray<Parameter> Sources { get; }

    /// <summary>Its value, in whichever tensors a target computes with.</summary>
    public abstract T Compute<T>(IParameterArithmetic<T> with);

    /// <summary>weight * gamma / sqrt(variance + eps), per output channel.</summary>
    public sealed record NormalizedWeight(Parameter Weight, NormParameters Norm) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Weight, Norm.Gamma, Norm.Variance];

        public override T Compute<T>(IParameterArithmetic<T> with) => with.ScaleOutputs(Weight.Compute(with), Norm.Scale(with));

        public override string ToString() => $"{Weight.Name} * {Norm.Gamma.Name} / sqrt({Norm.Variance.Name} + eps)";
    }

    /// <summary>beta + (bias - mean) * gamma / sqrt(variance + eps); no bias counts as 0.</summary>
    public sealed record NormalizedBias(Parameter? Bias, NormParameters Norm) : Derivation
    {
        public override ImmutableArray<Parameter> Sources =>
            Bias is null
                ? [Norm.Gamma, Norm.Beta, Norm.Mean, Norm.Variance]
                : [Bias, Norm.Gamma, Norm.Beta, Norm.Mean, Norm.Variance];

        public override T Compute<T>(IParameterArithmetic<T> with)
        {
            var (beta, mean, scale) = (Norm.Beta.Compute(with), Norm.Mean.Compute(with), Norm.Scale(with));
            return Bias is null
                ? with.Subtract(beta, with.Multiply(mean, scale))
                : with.Add(beta, with.Multiply(with.Subtract(Bias.Compute(with), mean), scale));
        }

        public override string ToString() =>
            $"{Norm.Beta.Name} + ({(Bias is null ? "" : Bias.Name + " ")}- {Norm.Mean.Name}) * {Norm.Gamma.Name} / "
            + $"sqrt({Norm.Variance.Name} + eps)";
    }

    /// <summary>weight + factor * B A, where A and B lie one behind the other for each range of outputs.</summary>
    /// <param name="Weight">[out, in] or [out, in, 1, 1]</param>
    /// <param name="A">[ranges * rank, in]</param>
    /// <param name="B">[outputs of the ranges, rank]</param>
    public sealed record LowRank(Parameter Weight, Parameter A, Parameter B, double Factor, ImmutableArray<ChannelRange> On)
        : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Weight, A, B];

        public override T Compute<T>(IParameterArithmetic<T> with) =>
            with.AddLowRank(Weight.Compute(with), A.Compute(with), B.Compute(with), Factor, On);

        public override string ToString() =>
            FormattableString.Invariant($"{Weight.Name} + {Factor} * {B.Name} {A.Name} at {string.Join(" and ", On)}");
    }

    /// <summary>The part of a convolution's weight [out, in, k, k] that reads some of its input channels.</summary>
    public sealed record InputChannels(Parameter Weight, ImmutableArray<ChannelRange> Ranges) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Weight];

        public override T Compute<T>(IParameterArithmetic<T> with) => with.InputChannels(Weight.Compute(with), Ranges);

        public override string ToString() => $"{Weight.Name}[:, {string.Join(" and ", Ranges)}]";
    }

    /// <summary>A weight [out, in, k, k] as that of k * k 1x1 convolutions one behind the other, row by row: [k * k * out, in, 1,
    /// 1].</summary>
    public sealed record Taps(Parameter Weight) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Weight];

        public override T Compute<T>(IParameterArithmetic<T> with) => with.Taps(Weight.Compute(with));

        public override string ToString() => $"taps of {Weight.Name}";
    }

    /// <summary>A matrix [out, in] as the weight [out, in, 1, 1] of a 1x1 convolution.</summary>
    public sealed record Pointwise(Parameter Matrix) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Matrix];

        public override T Compute<T>(IParameterArithmetic<T> with) => with.Pointwise(Matrix.Compute(with));

        public override string ToString() => $"{Matrix.Name} as a 1x1 convolution's";
    }

    /// <summary>The same numbers in another format.</summary>
    public sealed record Rounded(Parameter Whole, Precision To) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => [Whole];

        public override T Compute<T>(IParameterArithmetic<T> with) => with.Round(Whole.Compute(with), To);

        public override string ToString() => $"{Whole.Name} in {To.ToString().ToLowerInvariant()}";
    }

    /// <summary>Weights or biases of several convolutions one behind the other, along the output channels.</summary>
    public sealed record Stacked(ImmutableArray<Parameter> Parts) : Derivation
    {
        public override ImmutableArray<Parameter> Sources => Parts;

        public override T Compute<T>(IParameterArithmetic<T> with) => with.Stack([.. Parts.Select(p => p.Compute(with))]);

        public override string ToString() => string.Join(" over ", Parts.Select(p => p.Name));
    }
}

/// <summary>What a batch normalisation reads in evaluation.</summary>
public sealed record NormParameters(Parameter Gamma, Parameter Beta, Parameter Mean, Parameter Variance, double Epsilon)
{
    /// <summary>gamma / sqrt(variance + eps)</summary>
    internal T Scale<T>(IParameterArithmetic<T> with) => with.Scale(Gamma.Compute(with), Variance.Compute(with), Epsilon);
}

/// <summary>Channels start to start + count - 1.</summary>
public readonly record struct ChannelRange(int Start, int Count)
{
    public override string ToString() => FormattableString.Invariant($"{Start}:{Start + Count}");
}
