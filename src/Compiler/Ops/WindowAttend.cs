using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// Attention within windows of window x window pixels (Liu et al. 2021): softmax(scale q_i k_j + bias_ij) v_j over the j in i's
/// window, heads apart. A shift moves the windows down and right by as many pixels, cyclically; pixels that came around the
/// border then see only each other. Along an axis that one window fills, nothing is shifted. </summary>
/// <param name="Scale">0: 1 / sqrt(channels of a head).</param>
[Primitive("window_attend", "q", "k", "v", "bias")]
public sealed record WindowAttend(
    [Bounds(1, 1024)] int Heads,
    [Bounds(1, 64)] int Window,
    [Bounds(0, 63)] int Shift = 0,
    [Bounds(0, 1e6)] double Scale = 0
) : Op
{
    public override string Name => "window_attend";

    public override Traits Traits =>
        new(Saves.Operands, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) => operand < 3 ? shape.Tokens == 0 : shape.IsPlain;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var (q, k, v, bias) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        if (q.Channels != k.Channels)
            return errors.ChannelsDiffer(0, 1);
        if (!q.SameResolution(k))
            return errors.ResolutionsDiffer(0, 1);
        if (!q.SameResolution(v))
            return errors.ResolutionsDiffer(0, 2);
        if (q.Channels % Heads != 0)
            return errors.Invalid($"{q.Channels} channels do not divide into {Heads} heads");
        if (v.Channels % Heads != 0)
            return errors.Invalid($"{v.Channels} channels of values do not divide into {Heads} heads");
        if (Shift >= Window)
            return errors.Invalid($"a shift of {Shift} pixels is not less than a window of {Window}");
        if (!IsWhole(q.Height) || !IsWhole(q.Width))
            return errors.Invalid(
                $"{q.Resolution} is not made of windows of {Window} x {Window}",
                $"pad what q, k and v are made of: pad_to(x, {Window})"
            );
        var positions = Window * Window;
        return bias == new TensorShape(Heads, Extent.Pixels(positions), Extent.Pixels(positions))
            ? q.WithChannels(v.Channels)
            : errors.Invalid($"a bias of {Heads} x {positions} x {positions} is needed, and this is {bias}");

        bool IsWhole(Extent extent) => (extent.IsFixed ? extent.Numerator : extent.Multiple) % Window == 0;
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        output.WithChannels(1).Elements(height, width) * Window * Window * (inputs[1].Channels + inputs[2].Channels);

    // How much each pixel looks at each of its window: softmax's result; and the values in windows.
    public override long Kept(Node node, Workload work) => Looks(node, work) + node.Inputs.Take(3).Sum(work.Bytes);

    // Scores, with the bias and as softmax has them, and operands and result in windows.
    public override long Scratch(Node node, Workload work, bool frozen) =>
        3 * Looks(node, work) + node.Inputs.Take(3).Sum(work.Bytes) + work.Bytes(node);

    /// <summary>What is added to the scores of a map of height x width pixels where windows are shifted: [windows, positions,
    /// positions] in row-major order, 0 for pixels that are neighbours and -100 for those that are not.</summary>
    public float[] Mask(int height, int width)
    {
        var (down, across, positions) = (height / Window, width / Window, Window * Window);
        var mask = new float[height * width * positions];
        for (var window = 0; window < down * across; window++)
        {
            var (row, column) = (window / across, window % across);
            if (row < down - 1 && column < across - 1)
                continue; // nothing came around the border
            var regions = Enumerable
                .Range(0, positions)
                .Select(p => (Part(row * Window + p / Window, height), Part(column * Window + p % Window, width)))
                .ToArray();
            for (var pair = 0; pair < positions * positions; pair++)
            {
                if (regions[pair / positions] != regions[pair % positions])
                    mask[window * positions * positions + pair] = -100;
            }
        }
        return mask;

        // Along one axis: whole windows; what is left of the last one; what came around the border.
        int Part(int at, int size) =>
            Window >= size || at < size - Window ? 0
            : at < size - Shift ? 1
            : 2;
    }

    long Looks(Node node, Workload work) => work.Bytes(node) / node.Shape.Channels * Heads * Window * Window;
}

/// <summary>
/// The bias of each pair of pixels of a window from a table of their differences: [heads, 2 w - 1, 2 w - 1] to [heads, w w, w
/// w]. The buffer under its own name is torchvision's `relative_position_index`. </summary>
[Primitive("relative_bias", "table")]
public sealed record RelativeBias : Op
{
    public override string Name => "relative_bias";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var table = inputs[0];
        if (
            !table.Height.IsFixed
            || table.Height != table.Width
            || table.Height.Numerator is var side && side % 2 == 0
            || side > 127
        )
            return errors.Invalid($"a table of 2 w - 1 x 2 w - 1 differences is needed, and this is {table}");
        var positions = Extent.Pixels(Window(table) * Window(table));
        return new(table.Channels, positions, positions);
    }

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        var index = Index(Window(inputs[0]));
        return
        [
            new("", [index.Length], Initializer.Listed, IsTrainable: false, IsInteger: true)
            {
                Values = [.. index.Select(i => (float)i)],
            },
        ];
    }

    public static int Window(TensorShape table) => (table.Height.Numerator + 1) / 2;

    /// <summary>[w w, w w] in row-major order: of each pair of positions, the place of their difference in the table.</summary>
    public static ImmutableArray<int> Index(int window)
    {
        var positions = Enumerable.Range(0, window * window).Select(p => (Row: p / window, Column: p % window)).ToArray();
        return
        [
            .. positions.SelectMany(
                a => positions,
                (a, b) => (a.Row - b.Row + window - 1) * (2 * window - 1) + a.Column - b.Column + window - 1
            ),
        ];
    }
}

/// <summary>
/// The differences of two pixels of a window, [2, 2 w - 1, 2 w - 1], rows first, on a scale of logarithms (Liu et al. 2022):
/// sign(d) log2(1 + 8 |d| / (w - 1)) / 3. A buffer of torchvision's shape, [1, 2 w - 1, 2 w - 1, 2]. </summary>
[Primitive("relative_coords")]
public sealed record RelativeCoords([Bounds(2, 64)] int Window) : Op
{
    public override string Name => "relative_coords";
    public override bool IsConstant => true;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    int Side => 2 * Window - 1;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        new(2, Extent.Pixels(Side), Extent.Pixels(Side));

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [new("", [1, Side, Side, 2], Initializer.Listed, IsTrainable: false) { Values = Values() }];

    ImmutableArray<float> Values()
    {
        return
        [
            .. Enumerable
                .Range(0, Side * Side)
                .SelectMany(i => new[] { Scaled(i / Side - Window + 1), Scaled(i % Side - Window + 1) }),
        ];

        float Scaled(int difference) =>
            (float)(Math.Sign(difference) * Math.Log2(1 + 8.0 * Math.Abs(difference) / (Window - 1)) / 3);
    }
}

/// <summary>Zeros below and on the right, up to a multiple.</summary>
[Primitive("pad_to", "x")]
public sealed record PadTo([Bounds(1, 64)] int Multiple) : Op
{
    public override string Name => "pad_to";

    // Where nothing is to be added, it is its operand.
    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0] with
        {
            Height = inputs[0].Height.In(Multiple),
            Width = inputs[0].Width.In(Multiple),
        };
}

/// <summary>Cut below and on the right to the size of its second operand, whose content is not read: what <see cref="PadTo"/>
/// added.</summary>
[Primitive("crop_like", "x", "like")]
public sealed record CropLike : Op
{
    public override string Name => "crop_like";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Operand, ResultLayout.WithGaps, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) => operand == 0 ? shape.Tokens == 0 : shape.IsPlain;

    public override bool ReadsValues(int operand) => operand == 0;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var (x, like) = (inputs[0], inputs[1]);
        return Cuts(x.Height, like.Height) && Cuts(x.Width, like.Width)
            ? like.WithChannels(x.Channels)
            : errors.ResolutionsDiffer(0, 1);

        static bool Cuts(Extent from, Extent to) =>
            from.IsFixed ? to.IsFixed && to.Numerator <= from.Numerator : !to.IsFixed && from.In(1) == to;
    }
}

/// <summary>
/// The pixels of each block of factor x factor one behind the other, column by column, as channels, zeros beyond the border:
/// Swin's patch merging before its matrix (Liu et al. 2021). </summary>
[Primitive("merge_pixels", "x")]
public sealed record MergePixels([Bounds(2, 64)] int Factor = 2) : Op
{
    public override string Name => "merge_pixels";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        (long)inputs[0].Channels * Factor * Factor > 1 << 20
            ? errors.Invalid($"{(long)inputs[0].Channels * Factor * Factor} channels are too many")
            : new(inputs[0].Channels * Factor * Factor, inputs[0].Height.Over(Factor), inputs[0].Width.Over(Factor));
}

/// <summary>Each channel as often as said, one copy behind the other.</summary>
[Primitive("repeat_channels", "x")]
public sealed record RepeatChannels([Bounds(1, 65_536)] int Times) : Op
{
    public override string Name => "repeat_channels";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        (long)inputs[0].Channels * Times > 1 << 20
            ? errors.Invalid($"{(long)inputs[0].Channels * Times} channels are too many")
            : inputs[0].WithChannels(inputs[0].Channels * Times);
}
