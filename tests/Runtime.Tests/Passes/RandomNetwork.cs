using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Tests.Torch;

namespace Mtlc.Tests.Passes;

/// <summary>Small networks full of what passes look for, as a function of a list of random numbers.</summary>
sealed class RandomNetwork
{
    readonly Graphs graphs = new();
    readonly List<Node> values = [];
    readonly int[] draws;
    int at,
        made;

    RandomNetwork(int[] draws)
    {
        this.draws = draws;
        values.Add(graphs.Image);
    }

    public static Graph Build(int[] draws)
    {
        var network = new RandomNetwork(draws);
        network.values.Add(network.Unit(network.Unit(network.graphs.Image, 8, 3, 2), 8, 3, 2));
        while (network.at < draws.Length)
            network.Grow();
        return network.Finish();
    }

    int Draw(int below) => at < draws.Length ? draws[at++] % below : 0;

    Node Pick() => values[^(1 + Draw(Math.Min(5, values.Count)))];

    Node Add(Op op, params Node[] inputs) => graphs.Add(Name(), op, inputs);

    // conv -> batch norm -> relu, each of the latter two perhaps.
    Node Unit(Node x, int channels, int kernel, int stride = 1, int dilation = 1)
    {
        var kind = Draw(6);
        var groups = kind == 5 && x.Shape.Channels % 2 == 0 ? 2 : 1;
        var y = Add(new Conv(channels, kernel, stride, dilation, groups, Bias: kind % 2 == 0), x);
        if (kind > 0)
            y = Add(new BatchNorm(), y);
        if (kind == 4)
            values.Add(y); // somebody else reads what a pass would like to fold or fuse
        return kind > 1 ? Add(new Relu(), y) : y;
    }

    void Grow()
    {
        var x = Pick();
        var channels = 4 + 2 * Draw(5);
        values.Add(
            Draw(17) switch
            {
                0 => Unit(x, channels, 1),
                1 => Unit(x, channels, 3, dilation: 1 + Draw(3)),
                2 when x.Shape.Height.Denominator < 8 => Unit(x, channels, 3, stride: 2),
                3 => Unit(Add(new Dropout(0.3), x), channels, 3),
                4 => Residual(x),
                5 => Pyramid(x, channels),
                6 => Upsampled(x, channels),
                7 => Unit(Add(new ResizeLike(), Unit(x, channels, 1), values[^1]), channels, Draw(2) == 0 ? 1 : 3),
                9 => Perceptron(x),
                10 => Add(
                    Draw(2) == 0 ? new Silu() : new HardSwish(),
                    Add(new Conv(x.Shape.Channels, 3, Groups: x.Shape.Channels), x)
                ),
                11 when x.Shape.Height.Denominator > 1 => Brought(Add(new ConvTranspose(channels, 2 + Draw(3)), x)),
                12 when x.Shape.Height.Denominator > 1 => Brought(Add(new PixelShuffle(2), Unit(x, 8, 1))),
                13 => Unit(
                    Add(new ResizeLike(Draw(2) == 0 ? Sampling.Nearest : Sampling.Bicubic), Unit(x, channels, 1), values[^1]),
                    channels,
                    Draw(2) == 0 ? 1 : 3
                ),
                14 => Siamese(x, channels),
                15 => Transformer(x),
                16 => Windowed(x),
                8 => Add(new Multiply(), x, Add(new Sigmoid(), Unit(x, x.Shape.Channels, 1))),
                _ => Twins(x, channels),
            }
        );
    }

    Node Residual(Node x)
    {
        var inner = Unit(x, x.Shape.Channels, 3);
        var last = Add(new BatchNorm(), Add(new Conv(x.Shape.Channels, 3, Bias: false), inner));
        return Add(new Relu(), Draw(2) == 0 ? Add(new Add(), last, x) : Add(new Add(), x, last));
    }

    Node Perceptron(Node x)
    {
        var wide = Add(Draw(2) == 0 ? new Gelu() : new HardSigmoid(), Add(new Linear(2 * x.Shape.Channels), x));
        return Add(
            new Add(),
            x,
            Add(new DropPath(0.2), Add(new LayerScale(0.5), Add(new Linear(x.Shape.Channels, Bias: false), wide)))
        );
    }

    // Learned positions, a token, attention: what is made of parameters alone has a batch of 1.
    Node Transformer(Node x)
    {
        var table = Add(new LearnedMap(8, MapInit.Normal, 5, 5, Tokens: 1, Stored: Stored.Tokens));
        var grid = Add(new ResizeLike(Sampling.Bicubic, AlignCorners: Draw(2) == 0), Add(new Pixels(), table), x);
        var placed = Add(new Add(), Add(new Conv(8), x), grid);
        var carried = Add(new WithTokens(), placed, Add(new TokensOf(), table));
        var whole = new Linear(24);
        Op projection = Draw(2) == 0 ? whole : new Adapted(whole, 2, 0.5, [new(0, 8), new(16, 8)]);
        var joined = Add(projection, Add(new LayerNorm(), carried));
        Node Part(int i) => Add(new Slice(8 * i, 8), joined);
        var seen = Add(new Attend(2), Draw(2) == 0 ? Part(0) : Add(new Rotary(2), Part(0)), Part(1), Part(2));
        return Add(new Pixels(), Add(new Add(), carried, Add(new Linear(8), seen)));
    }

    // Shifted windows that do not divide the map.
    Node Windowed(Node x)
    {
        var whole = new Conv(24, Bias: false);
        Op projection = Draw(2) == 0 ? whole : new Adapted(whole, 3, 2, [new(0, 8), new(8, 8), new(16, 8)]);
        var joined = Add(projection, Add(new PadTo(3), Add(new Conv(8), x)));
        Node Part(int i) => Add(new Slice(8 * i, 8), joined);
        var bias = Add(new RelativeBias(), Add(new LearnedMap(2, MapInit.Normal, 5, 5, Stored: Stored.Rows)));
        var seen = Add(new WindowAttend(2, 3, Draw(2)), Part(0), Part(1), Part(2), bias);
        return Add(new CropLike(), Add(new Linear(8), seen), x);
    }

    // Upsampling by a number leaves odd sizes one pixel larger than the graph says.
    Node Brought(Node x) => Add(new ResizeLike(), x, graphs.Image);

    // One set of weights on two maps, behind what moves before a resizing, is folded, stacked and merged.
    Node Siamese(Node x, int channels)
    {
        var other = Add(new ResizeLike(), Add(new Conv(x.Shape.Channels), values[1]), x);
        var kernel = Draw(2) == 0 ? 1 : 3;
        var first = Add(new Conv(channels, kernel), x);
        var norm = Add(new BatchNorm(), first);
        var second = graphs.Again(Name(), first, other);
        var matrix = Add(new Linear(4), x);
        return Add(
            new Concat(),
            norm,
            graphs.Again(Name(), norm, second),
            matrix,
            graphs.Again(Name(), matrix, other),
            Add(new Conv(4), x)
        );
    }

    string Name() => FormattableString.Invariant($"n{made++}");

    Node Pyramid(Node x, int channels)
    {
        var pooled = Add(new ResizeLike(), Unit(Add(new GlobalAvgPool(), x), 6, 1), x);
        var branches = new List<Node> { Unit(x, 4, 1), Unit(x, 4, 3, dilation: 2), pooled };
        if (Draw(2) == 0)
            branches.Reverse();
        return Unit(Add(new Concat(), [.. branches]), channels, Draw(3) == 0 ? 3 : 1);
    }

    // A coarse map beside a skip connection, as decoders merge them.
    Node Upsampled(Node skip, int channels)
    {
        var coarse = values.FirstOrDefault(v => v.Shape.Height.Denominator >= 4 * skip.Shape.Height.Denominator) ?? values[^1];
        var wide = Unit(coarse, 24, 1);
        var resized = Add(new ResizeLike(), wide, skip);
        var joined = Draw(3) switch
        {
            0 => resized,
            1 => Add(new Concat(), resized, Unit(skip, 4, 1)),
            _ => Add(new Concat(), Unit(skip, 4, 1), resized, skip),
        };
        return Unit(joined, channels, Draw(3) == 0 ? 1 : 3, dilation: 1 + Draw(2));
    }

    // Convolutions and activations of the same map.
    Node Twins(Node x, int channels) =>
        Add(
            new Concat(),
            Add(new Relu(), x),
            Add(new Relu(), x),
            Unit(x, channels, 1),
            Unit(x, channels, 1),
            Unit(x, 4, 3),
            Unit(x, 6, 3)
        );

    Graph Finish()
    {
        for (var i = 0; i < 2; i++)
        {
            var name = FormattableString.Invariant($"head{i}");
            var prediction = graphs.Add($"{name}.predict", new Conv(3), values[^(1 + i)]);
            graphs.Predict(name, name, graphs.Add($"{name}.full", new ResizeLike(), prediction, graphs.Image));
        }
        return graphs.Build();
    }
}
