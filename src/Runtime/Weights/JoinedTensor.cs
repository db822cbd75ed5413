using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Weights;

/// <summary>A parameter made of tensors of a file: q, k and v that lie joined in one and apart in the other.</summary>
static class JoinedTensor
{
    /// <summary>One of equal parts along the first dimension.</summary>
    public static WeightsTensor Part(WeightsTensor whole, TensorPart part)
    {
        if (part.Of == 1 || whole.Unfit is not null)
            return whole;
        if (whole.Dimensions is not [var rows, .. var rest] || rows % part.Of != 0)
            return whole with { Unfit = $"[{string.Join(", ", whole.Dimensions)}], which is not {part.Of} parts of equal size" };
        var size = rows / part.Of;
        return new(whole.Name, [size, .. rest], Cut);

        Tensor Cut()
        {
            using var all = whole.Load();
            return all.narrow(0, part.Part * size, size).clone();
        }
    }

    /// <summary>Tensors one behind the other along their first dimension.</summary>
    /// <param name="isRenamed">Whether the file is in a style of others, which may have dimensions of 1 more or less: a layer scale
    /// of torchvision's is [C, 1, 1], of timm's [C].</param>
    public static WeightsTensor Of(ImmutableArray<WeightsTensor> parts, Parameter parameter, bool isRenamed)
    {
        var joined = parts is [var alone] ? alone : Joined(parts);
        ImmutableArray<long> wanted = [.. parameter.Dimensions.Select(d => (long)d)];
        var differs = !joined.Dimensions.SequenceEqual(wanted);
        return isRenamed && differs && joined.Unfit is null && Sizes(joined.Dimensions).SequenceEqual(Sizes(wanted))
            ? new(joined.Name, wanted, Shaped)
            : joined;

        Tensor Shaped()
        {
            using var value = joined.Load();
            return value.reshape([.. wanted]).clone();
        }
    }

    static WeightsTensor Joined(ImmutableArray<WeightsTensor> parts)
    {
        var (name, rest) = (string.Join(" + ", parts.Select(p => p.Name)), parts[0].Dimensions.Skip(1).ToList());
        var unfit =
            parts.Select(p => p.Unfit).FirstOrDefault(u => u is not null)
            ?? (
                parts.All(p => p.Dimensions.Length > 0 && p.Dimensions.Skip(1).SequenceEqual(rest))
                    ? null
                    : string.Join(" and ", parts.Select(p => $"[{string.Join(", ", p.Dimensions)}]"))
                        + ", which do not fit together"
            );
        return new(name, unfit is null ? [parts.Sum(p => p.Dimensions[0]), .. rest] : [], Loaded) { Unfit = unfit };

        Tensor Loaded()
        {
            var loaded = parts.Select(p => p.Load()).ToList();
            try
            {
                return cat(loaded, 0);
            }
            finally
            {
                loaded.ForEach(t => t.Dispose());
            }
        }
    }

    static IEnumerable<long> Sizes(ImmutableArray<long> dimensions) => dimensions.Where(d => d != 1);
}
