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
    /// <summary>What else it keeps, in place of the "weight" at the end of its own name.</summary>
    public ImmutableArray<(string Name, Part Part)> Beside { get; init; } = [];

    /// <summary>Whether it can be an element of an nn.Sequential.</summary>
    public bool IsModule => Part is Part.Leaf;
}

/// <summary>One arm per primitive.</summary>
static class PyTorchOperators
{
    /// <returns>null where nothing is known of it.</returns>
    public static Operator? Of(Node node) => node.Parameters.All(p => p.Derivation is null) ? Known(node) : null;

    /// <summary>The operands, and behind them the map whose size it needs where its own do not tell.</summary>
    public static ImmutableArray<Node> Reads(Node node) =>
        node.Op is Ops.Pixels or Rotary && SizeOf(node.Inputs[0]) is { } map ? node.Inputs.Add(map) : node.Inputs;

    // Of one that carries tokens the map that they were added to, unless its size is known.
    static Node? SizeOf(Node node)
    {
        if (node.Shape.Tokens == 0 || node.Shape is { Height.IsFixed: true, Width.IsFixed: true })
            return null;
        while (node.Shape.Tokens > 0)
            node = node.Op is WithTokens ? node.Inputs[0] : node.Inputs.First(i => i.Shape.SameResolution(node.Shape));
        return node;
    }

    // What is made of parameters alone has a batch of 1.
    static bool IsShared(Node node) => node.IsBatched && node.Inputs.Any(i => !i.IsBatched);

    static Operator? Known(Node node) =>
        node.Op switch
        {
            Conv conv => Module(Convolution(conv, node.Inputs[0].Shape.Channels)),
            Linear { Bare: true } linear => new(
                new Part.Weight("torch.zeros", [Channels(linear.Out), Channels(node.Inputs[0].Shape.Channels)], "{0}, {1}"),
                (part, x) => Call("channel_linear", x[0], part),
                true
            ),
            Linear linear => Module(
                new Part.Leaf(
                    "ChannelLinear",
                    [Channels(node.Inputs[0].Shape.Channels), Channels(linear.Out)],
                    linear.Bias ? [] : ["bias=False"]
                )
            ),
            GivenMap.Standardised => Module(new Part.Leaf("Standardised", [Channels(node.Shape.Channels)], [])),
            Adapted { Whole: Linear { Bare: true } } adapted => LowRank.Beside(adapted, node),
            Adapted { Whole: Linear whole } adapted => Module(LowRank.Module("LoraLinear", adapted, node, whole.Bias)),
            Adapted { Whole: Conv whole } adapted => Module(LowRank.Module("LoraConv2d", adapted, node, whole.Bias)),
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
                new Part.Weight("torch.full", [Channels(node.Shape.Channels), new(Role.Value, null, scale.Init)], "{0}, 1, 1"),
                (part, x) => $"{Factor(x[0])} * {part}",
                true
            ),
            LearnedMap map => Learned(map),
            RelativeBias => new(
                new Part.Buffer("relative_index", [new(Role.Count, null, RelativeBias.Window(node.Inputs[0].Shape))]),
                (part, x) => Call("relative_bias", x[0], part),
                true
            ),
            RelativeCoords coords => new(
                new Part.Buffer("relative_coords", [new(Role.Count, null, coords.Window)]),
                (part, _) => $"{part}.permute(0, 3, 1, 2)",
                true
            ),
            Dropout drop => Module(new Part.Leaf("nn.Dropout", [new(Role.Rate, null, drop.Rate)], [])),
            DropPath drop => Module(new Part.Leaf("DropPath", [new(Role.Rate, null, drop.Rate)], [])),
            Attend attend => new(
                new Part.Field(new(Role.Heads, null, attend.Heads)),
                (part, x) => Attention(attend, node, part, x),
                true
            ),
            WindowAttend attend => Module(
                new Part.Leaf(
                    "WindowAttention",
                    [
                        new(Role.Heads, null, attend.Heads),
                        new(Role.Count, null, attend.Window),
                        new(Role.Count, "shift", attend.Shift, 0),
                    ],
                    attend.Scale == 0 ? [] : [$"scale={Number.Text(attend.Scale)}"]
                )
            ),
            PadTo pad => Function(x => Call("pad_to", x[0], $"{pad.Multiple}")),
            CropLike => Function(x => Call("crop_like", x[0], x[1])),
            MergePixels merge => Function(x => Call("merge_pixels", x[0], $"{merge.Factor}")),
            RepeatChannels repeat => Function(x => $"{Factor(x[0])}.repeat_interleave({repeat.Times}, dim=1)"),
            Rotary rotary => Function(x =>
                Call("rotary", x[0], $"{rotary.Heads}", Number.Text(rotary.Base), Size(node, node.Inputs[0].Shape, x))
            ),
            WithTokens => Function(x => Call("with_tokens", x)),
            Ops.Pixels when node.Inputs[0].Shape.Tokens == 0 => Function(x => x[0]),
            Ops.Pixels => Function(x => Call("pixels", x[0], Size(node, node.Shape, x))),
            TokensOf tokens => Function(x =>
                $"{Factor(x[0])}[:, :, :, "
                + $"{(tokens.Start == 0 ? "" : $"{tokens.Start}")}:{tokens.Start + node.Shape.Width.Numerator}]"
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
            L2Normalize { Groups: > 1 } norm => Function(x => Call("normalize_heads", [x[0], $"{norm.Groups}", .. Eps(norm)])),
            L2Normalize norm => Function(x => Call("F.normalize", [x[0], "dim=1", .. Eps(norm)])),
            MaxUnpool unpool => Function(x => Call("max_unpool", x[0], x[1], $"{unpool.Kernel}")),
            Resize resize => Function(x => Call("resize", [x[0], $"{resize.Scale}", .. Mode(resize.Mode)])),
            ResizeLike resize when resize == new ResizeLike(resize.Mode) => Function(x =>
                Call("resize_like", [x[0], x[1], .. Mode(resize.Mode)])
            ),
            ResizeLike resize => Function(x => Call("resize_to", [x[0], x[1], .. How(resize)])),
            Concat => Function(x =>
                x.Length == 1 ? x[0]
                : IsShared(node) ? Call("torch.cat", Call("spread", x), "dim=1")
                : Call("torch.cat", new Bracketed("[", x, "]"), "dim=1")
            ),
            Sum => Function(x => x.Length == 1 ? x[0] : new Joined(x, "+")),
            Add => Function(x => new Joined(x, "+")),
            Subtract => Function(x => $"{Term(x[0])} - {Factor(x[1])}"),
            Multiply => Function(x => $"{Factor(x[0])} * {Factor(x[1])}"),
            Slice slice => Cut(slice, node.Inputs[0].Shape.Channels),
            Canny canny => Function(x => Call("canny", x[0], Number.Text(canny.Low), Number.Text(canny.High))),
            _ => null,
        };

    public static Number Channels(double count) => new(Role.Channels, null, count);

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

    static Operator Learned(LearnedMap map)
    {
        var positions = map.Tokens + map.Height * map.Width;
        var (rows, columns) = map.Tokens > 0 ? (1, positions) : (map.Height, map.Width);
        var dimensions = map.Stored switch
        {
            Stored.Tokens => $"1, {positions}, {{0}}",
            Stored.Rows => $"{positions}, {{0}}",
            Stored.Column => "{0}, 1, 1",
            Stored.Vector => "{0}",
            _ => $"1, {{0}}, {rows}, {columns}",
        };
        var weight = map.Init switch
        {
            MapInit.Constant => new Part.Weight(
                "torch.full",
                [Channels(map.Channels), new(Role.Value, null, map.Value)],
                dimensions
            ),
            MapInit.Ones => new Part.Weight("torch.ones", [Channels(map.Channels)], dimensions),
            _ => new Part.Weight("torch.zeros", [Channels(map.Channels)], dimensions),
        };
        return new(
            weight,
            (part, _) =>
                map.Stored == Stored.Map ? (Python)part
                : (rows, columns) == (1, 1) ? (Python)$"{part}.view(1, -1, 1, 1)"
                : Call("as_map", part, $"{rows}", $"{columns}"),
            true
        );
    }

    static Bracketed Attention(Attend attend, Node node, string heads, ImmutableArray<Python> x)
    {
        // `attend` divides by the root of the channels of a head.
        if (attend.Scale != 0)
        {
            var factor = attend.Scale * Math.Sqrt(node.Inputs[0].Shape.Channels / (double)attend.Heads);
            x = x.SetItem(0, $"{Number.Text(factor)} * {Factor(x[0])}");
        }
        ImmutableArray<Python> operands = IsShared(node) ? [$"*{Call("spread", x).Flat}"] : x;
        return new Bracketed("attend(", operands.Add(heads), ")");
    }

    // Rows and columns of the pixels of an operand that carries tokens.
    static Python Size(Node node, TensorShape shape, ImmutableArray<Python> x) =>
        x.Length > node.Inputs.Length ? $"{Factor(x[^1])}.shape[2:]"
        : shape.Tokens == 0 && node.Op is Rotary ? $"{Factor(x[0])}.shape[2:]"
        : $"({shape.Height}, {shape.Width})";

    static IEnumerable<Python> How(ResizeLike resize)
    {
        foreach (var mode in Mode(resize.Mode))
            yield return mode;
        if (resize.AlignCorners)
            yield return "align_corners=True";
        if (resize.Antialias)
            yield return "antialias=True";
        if (resize.Offset != 0)
            yield return $"offset={Number.Text(resize.Offset)}";
    }

    static ImmutableArray<Python> Eps(L2Normalize norm) => norm.Eps == 1e-12 ? [] : [$"eps={Number.Text(norm.Eps)}"];

    static ImmutableArray<Python> Mode(Sampling mode) =>
        mode == Sampling.Bilinear ? [] : [$"mode=\"{mode.ToString().ToLowerInvariant()}\""];

    static string Term(Python x) => x.Flat;

    // In brackets where an operator stands outside of all others.
    static string Factor(Python x) => x is Joined || (x is Text text && HasOperator(text.Content)) ? $"({x.Flat})" : x.Flat;

    static bool HasOperator(string text)
    {
        var depth = 0;
        foreach (var c in text)
        {
            depth +=
                c is '(' or '[' ? 1
                : c is ')' or ']' ? -1
                : 0;
            if (c == ' ' && depth == 0)
                return true;
        }
        return false;
    }
}
