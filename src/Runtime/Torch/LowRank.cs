using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.Torch;

/// <summary>Low-rank matrices beside a whole one (LoRA, Hu et al. 2021).</summary>
static class LowRank
{
    /// <summary>W x + b + factor * B A x.</summary>
    /// <param name="y">W x + b, which is written over: nobody else reads it, nor does its gradient.</param>
    /// <param name="a">[ranges * rank, in]</param>
    /// <param name="b">[outputs of the ranges, rank]</param>
    public static Tensor AddTo(Tensor y, Adapted op, Tensor x, Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var low = F.conv2d(x, a.unsqueeze(2).unsqueeze(3));
        var spread = Spread(b, y.shape[1], op.Factor, op.On);
        return y.PlusInPlace(F.conv2d(low, spread.unsqueeze(2).unsqueeze(3))).MoveToOuterDisposeScope();
    }

    /// <summary>factor * B as one matrix [out, ranges * rank]: of each range its rows at its outputs and its columns at its
    /// rows of A, and 0 elsewhere.</summary>
    public static Tensor Spread(Tensor b, long outputs, double factor, ImmutableArray<ChannelRange> on)
    {
        var rank = b.shape[1];
        var (row, parts) = (0L, new List<Tensor>());
        foreach (var (part, range) in on.Index())
        {
            long[] margins = [part * rank, (on.Length - 1 - part) * rank, range.Start, outputs - range.Start - range.Count];
            parts.Add(F.pad(b.narrow(0, row, range.Count), margins));
            row += range.Count;
        }
        return parts.Aggregate((sum, next) => sum.Plus(next)) * Held(factor);
    }
}
