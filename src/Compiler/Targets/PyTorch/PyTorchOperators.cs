using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using static Mtlc.Compiler.Targets.PyTorch.Python;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>What an operation is in PyTorch.</summary>
/// <param name="Part">What it keeps: weights, or the module of an activation.</param>
/// <param name="Write">What it computes, given the kept part (where <see cref="Keeps"/>) and its operands.</param>
/// <param name="Keeps">Whether it is an attribute, even outside of a chain.</param>
sealed record Operator(Part? Part, Func<string, ImmutableArray<Python>, Python> Write, bool Keeps)
{
    /// <summary>Whether it can be an element of an nn.Sequential.</summary>
    public bool IsModule => Part is Part.Leaf;
}

/// <summary>One arm per primitive.</summary>
static class PyTorchOperators
{
    /// <returns>null where nothing is known of it.</returns>
    public static Operator? Of(Node node) => IsUsual(node) ? Known(node) : null;

    // Maps that carry tokens or were padded, values that all pictures share, derived weights, and what operations can do besides
    // have no words here yet.
    static bool IsUsual(Node node) =>
        node.Shape.IsPlain
        && node.Inputs.All(i => i.Shape.IsPlain)
        && node.Parameters.All(p => p.Derivation is null)
        && node.Op switch
        {
            LearnedMap map => map is { Height: 1, Width: 1, Stored: Stored.Map },
            Linear linear => !linear.Bare,
            Adapted adapted => adapted.Whole is Linear { Bare: false },
            Attend attend => attend.Scale == 0 && node.Inputs.All(i => i.IsBatched),
            Concat => node.Inputs.All(i => i.IsBatched),
            L2Normalize norm => norm.Groups == 1,
            ResizeLike resize => resize == new ResizeLike(resize.Mode),
            _ => true,
        };

    static Operator? Known(Node node) =>
        node.Op switch
        {
            Conv conv => Module(Convolution(conv, node.Inputs[0].Shape.Channels)),
            Linear linear => Module(
                new Part.Leaf(
                    "ChannelLinear",
                    [Channels(node.Inputs[0].Shape.Channels), Channels(linear.Out)],
                    linear.Bias ? [] : ["bias=False"]
                )
            ),
            Adapted { Whole: Linear whole } adapted => Module(
                new Part.Leaf(
                    "LoraLinear",
                    [
                        Channels(node.Inputs[0].Shape.Channels),
                        Channels(whole.Out),
                        new(Role.Value, "rank", adapted.Rank),
                        new(Role.Value, "factor", adapted.Factor, 1),
                    ],
                    [
                        .. adapted.On is [var all] && all.Count == whole.Out
                            ? []
                            : (string[])[$"on=[{string.Join(", ", adapted.On.Select(r => $"({r.Start}, {r.Count})"))}]"],
                        .. whole.Bias ? [] : (string[])["bias=False"],
                    ]
                )
            ),
            ConvTranspose conv => Module(
                new Part.Leaf(
                    "nn.ConvTranspose2d",
                    [
                        Channels(node.Inputs[0].Shape.Channels),
                        Channels(conv.Out),
                        new(Role.Kernel, null, conv.Kernel),
                        new(Role.Stride, "stride", conv.Stride, 1),
                        new(Role.Padding, "padding", conv.Margin, 0),
                        new(Role.Padding, "output_padding", conv.OutputMargin, 0),
                        new(Role.Value, "groups", conv.Groups, 1),
                    ],
                    conv.Bias ? [] : ["bias=False"]
                )
            ),
            BatchNorm norm => Module(
                new Part.Leaf(
                    "nn.BatchNorm2d",
                    [
                        Channels(node.Shape.Channels),
                        new(Role.Value, "eps", norm.Eps, BatchNorm.UsualEps),
                        new(Role.Value, "momentum", norm.Momentum, BatchNorm.UsualMomentum),
                    ],
                    []
                )
            ),
            GroupNorm norm => Module(
                new Part.Leaf(
                    "nn.GroupNorm",
                    [new(Role.Value, null, norm.Groups), Channels(node.Shape.Channels), new(Role.Value, "eps", norm.Eps, 1e-5)],
                    []
                )
            ),
            LayerNorm norm => Module(
                new Part.Leaf("LayerNorm2d", [Channels(node.Shape.Channels), new(Role.Value, "eps", norm.Eps, 1e-5)], [])
            ),
            LayerScale scale => new(
                new Part.Weight("torch.full", [Channels(node.Shape.Channels), new(Role.Value, null, scale.Init)], "({0}, 1, 1)"),
                (part, x) => $"{Factor(x[0])} * {part}",
                true
            ),
            LearnedMap map => new(
                new Part.Weight("torch.zeros", [Channels(map.Channels)], "(1, {0}, 1, 1)"),
                (part, _) => part,
                true
            ),
            Dropout drop => Module(new Part.Leaf("nn.Dropout", [new(Role.Rate, null, drop.Rate)], [])),
            DropPath drop => Module(new Part.Leaf("DropPath", [new(Role.Rate, null, drop.Rate)], [])),
            Attend attend => new(
                new Part.Field(new(Role.Heads, null, attend.Heads)),
                (part, x) => Call("attend", x[0], x[1], x[2], part),
                true
            ),
            PixelShuffle shuffle => Of("F.pixel_shuffle", "nn.PixelShuffle", $"{shuffle.Factor}"),
            MaxPool pool => Pool(pool),
            GlobalAvgPool => Of("F.adaptive_avg_pool2d", "nn.AdaptiveAvgPool2d", "1"),
            AdaptiveAvgPool pool => Of("F.adaptive_avg_pool2d", "nn.AdaptiveAvgPool2d", $"{pool.Size}"),
            Relu => Of("F.relu", "nn.ReLU"),
            Relu6 => Of("F.relu6", "nn.ReLU6"),
            Gelu => Of("F.gelu", "nn.GELU"),
            Silu => Of("F.silu", "nn.SiLU"),
            HardSwish => Of("F.hardswish", "nn.Hardswish"),
            HardSigmoid => Of("F.hardsigmoid", "nn.Hardsigmoid"),
            Sigmoid => Of("torch.sigmoid", "nn.Sigmoid"),
            Ops.Tanh => Of("torch.tanh", "nn.Tanh"),
            Softmax => Of("F.softmax", "nn.Softmax", "dim=1"),
            Exp => Function(x => Call("torch.exp", x[0])),
            Log => Function(x => Call("torch.log", x[0])),
            Affine affine => Function(x => Transform(affine, x[0])),
            L2Normalize norm => Function(x =>
                norm.Eps == 1e-12
                    ? Call("F.normalize", x[0], "dim=1")
                    : Call("F.normalize", x[0], "dim=1", $"eps={Number.Text(norm.Eps)}")
            ),
            MaxUnpool unpool => Function(x => Call("max_unpool", x[0], x[1], $"{unpool.Kernel}")),
            Resize resize => Function(x => Call("resize", [x[0], $"{resize.Scale}", .. Mode(resize.Mode)])),
            ResizeLike resize => Function(x => Call("resize_like", [x[0], x[1], .. Mode(resize.Mode)])),
            Concat => Function(x => x.Length == 1 ? x[0] : Call("torch.cat", new Bracketed("[", x, "]"), "dim=1")),
            Sum => Function(x => x.Length == 1 ? x[0] : new Joined(x, "+")),
            Add => Function(x => new Joined(x, "+")),
            Subtract => Function(x => $"{Term(x[0])} - {Factor(x[1])}"),
            Multiply => Function(x => $"{Factor(x[0])} * {Factor(x[1])}"),
            Slice slice => Cut(slice, node.Inputs[0].Shape.Channels),
            Canny canny => Function(x => Call("canny", x[0], Number.Text(canny.Low), Number.Text(canny.High))),
            _ => null,
        };

    static Number Channels(double count) => new(Role.Channels, null, count);

    static Operator Module(Part.Leaf leaf) => new(leaf, (part, x) => new Bracketed(part + "(", x, ")"), true);

    static Operator Function(Func<ImmutableArray<Python>, Python> write) => new(null, (_, x) => write(x), false);

    static Operator Of(string function, string module, params string[] words) =>
        new(
            new Part.Leaf(module, [], [.. words]),
            (_, x) => new Bracketed(function + "(", [.. x, .. words.Select(w => (Python)w)], ")"),
            false
        );

    static Part.Leaf Convolution(Conv conv, int channels)
    {
        var keepsSize = conv.Margin * 2 == conv.Dilation * (conv.Kernel - 1);
        var isDepthwise = conv.Groups > 1 && conv.Groups == channels;
        return new(
            "nn.Conv2d",
            [
                Channels(channels),
                Channels(conv.Out),
                new(Role.Kernel, null, conv.Kernel),
                new(Role.Stride, "stride", conv.Stride, 1),
                new(Role.Padding, "padding", conv.Margin, 0),
                new(Role.Dilation, "dilation", conv.Dilation, 1),
                isDepthwise ? new(Role.Channels, "groups", conv.Groups) : new(Role.Value, "groups", conv.Groups, 1),
            ],
            conv.Bias ? [] : ["bias=False"],
            keepsSize
        );
    }

    // An even window that tiles the map rounds odd sizes up.
    static Operator Pool(MaxPool pool)
    {
        var padding = pool.Border.Resolve(pool.Kernel, 1);
        var tiles = pool.Kernel % 2 == 0 && pool.Kernel == pool.Step && padding == 0;
        List<string> words = [$"{pool.Kernel}"];
        if (pool.Step != pool.Kernel)
            words.Add($"stride={pool.Step}");
        if (padding != 0)
            words.Add($"padding={padding}");
        if (tiles)
            words.Add("ceil_mode=True");
        return Of("F.max_pool2d", "nn.MaxPool2d", [.. words]);
    }

    // One of so many equal parts, or any channels.
    static Operator Cut(Slice slice, int channels) =>
        channels % slice.Count == 0 && slice.Start % slice.Count == 0
            ? Function(x => $"{Factor(x[0])}.chunk({channels / slice.Count}, dim=1)[{slice.Start / slice.Count}]")
            : Function(x => $"{Factor(x[0])}[:, {slice.Start}:{slice.Start + slice.Count}]");

    static Python Transform(Affine affine, Python x)
    {
        var scaled =
            affine.Multiplier == 1 ? Term(x)
            : affine.Multiplier == -1 ? $"-{Factor(x)}"
            : $"{Number.Text(affine.Multiplier)} * {Factor(x)}";
        return affine.Offset == 0 ? scaled
            : affine.Offset < 0 ? $"{scaled} - {Number.Text(-affine.Offset)}"
            : $"{scaled} + {Number.Text(affine.Offset)}";
    }

    static ImmutableArray<Python> Mode(Sampling mode) =>
        mode == Sampling.Bilinear ? [] : [$"mode=\"{mode.ToString().ToLowerInvariant()}\""];

    static string Term(Python x) => x.Flat;

    // In brackets where an operator stands outside of all others.
    static string Factor(Python x) =>
        x is Joined || (x is Text text && text.Content.Contains(' ', StringComparison.Ordinal)) ? $"({x.Flat})" : x.Flat;
}
