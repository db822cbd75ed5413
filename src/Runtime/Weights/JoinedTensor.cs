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

    /// <summary>Tensors one behind the other along their first dimension, or the second of [1, L, C].</summary>
    /// <param name="given">null in the place of zeros.</param>
    /// <param name="zeros">How many rows of zeros, or <see cref="TensorPart.AsMany"/>, where there are some.</param>
    /// <param name="isRenamed">Whether the file is in a style of others, which may have dimensions of 1 more or less: a layer
    /// scale of torchvision's is [C, 1, 1], of timm's [C].</param>
    public static WeightsTensor Of(
        ImmutableArray<WeightsTensor?> given,
        ImmutableArray<int> zeros,
        Parameter parameter,
        bool isRenamed
    )
    {
        var like = given.First(t => t is not null)!;
        ImmutableArray<WeightsTensor> parts = [.. given.Zip(zeros, (tensor, rows) => tensor ?? Zeros(like, rows))];
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

    static int Axis(WeightsTensor tensor) => tensor.Dimensions is [1, _, _] ? 1 : 0;

    static WeightsTensor Zeros(WeightsTensor like, int rows)
    {
        if (like.Dimensions.IsEmpty)
            return like;
        var axis = Axis(like);
        var shape = rows == TensorPart.AsMany ? like.Dimensions : like.Dimensions.SetItem(axis, rows);
        return new("zeros", shape, () => zeros([.. shape]));
    }

    static WeightsTensor Joined(ImmutableArray<WeightsTensor> parts)
    {
        var (name, axis) = (string.Join(" + ", parts.Select(p => p.Name)), Axis(parts[0]));
        bool Fit(ImmutableArray<long> shape) =>
            shape.Length == parts[0].Dimensions.Length
            && shape.Length > 0
            && shape.RemoveAt(axis).SequenceEqual(parts[0].Dimensions.RemoveAt(axis));
        var unfit =
            parts.Select(p => p.Unfit).FirstOrDefault(u => u is not null)
            ?? (
                parts.All(p => Fit(p.Dimensions))
                    ? null
                    : string.Join(" and ", parts.Select(p => $"[{string.Join(", ", p.Dimensions)}]"))
                        + ", which do not fit together"
            );
        ImmutableArray<long> whole = unfit is null ? parts[0].Dimensions.SetItem(axis, parts.Sum(p => p.Dimensions[axis])) : [];
        return new(name, whole, Loaded) { Unfit = unfit };

        Tensor Loaded()
        {
            var loaded = parts.Select(p => p.Load()).ToList();
            try
            {
                return cat(loaded, axis);
            }
            finally
            {
                loaded.ForEach(t => t.Dispose());
            }
        }
    }

    static IEnumerable<long> Sizes(ImmutableArray<long> dimensions) => dimensions.Where(d => d != 1);
}
