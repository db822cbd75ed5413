using System.Collections.Immutable;

namespace Mtlc.Compiler.Ir;

/// <summary>What derived parameters are computed with: libtorch's tensors where gradients flow, plain arrays where a file is
/// written.</summary>
public interface IParameterArithmetic<T>
{
    T Stored(Parameter parameter);

    T Add(T left, T right);

    T Subtract(T left, T right);

    /// <summary>Element by element.</summary>
    T Multiply(T left, T right);

    /// <summary>gamma / sqrt(variance + epsilon)</summary>
    T Scale(T gamma, T variance, double epsilon);

    /// <param name="weight">[out, in, k, k]</param>
    /// <param name="scale">[out]</param>
    T ScaleOutputs(T weight, T scale);

    /// <param name="weight">[out, in, k, k]</param>
    /// <returns>Some of its input channels, range by range: [out, count, k, k].</returns>
    T InputChannels(T weight, ImmutableArray<ChannelRange> ranges);

    /// <summary><see cref="Derivation.LowRank"/></summary>
    T AddLowRank(T weight, T a, T b, double factor, ImmutableArray<ChannelRange> on);

    /// <param name="matrix">[out, in]</param>
    /// <returns>[out, in, 1, 1]</returns>
    T Pointwise(T matrix);

    /// <summary><see cref="Derivation.Taps"/></summary>
    T Taps(T weight);

    T Round(T whole, Precision to);

    /// <summary>One behind the other along the first dimension.</summary>
    T Stack(ImmutableArray<T> parts);
}
