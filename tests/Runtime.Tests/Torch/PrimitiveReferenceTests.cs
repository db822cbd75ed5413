using System.Text.Json;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Compiler.Targets.PyTorch;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch;

/// <summary>Every primitive's value, gradients and buffers against PyTorch (Reference/primitives.py).</summary>
public class PrimitiveReferenceTests
{
    static readonly Dictionary<string, Op> Ops = new()
    {
        ["conv_1x1"] = new Conv(3),
        ["conv_3x3_no_bias"] = new Conv(3, Kernel: 3, Bias: false),
        ["conv_stride_2"] = new Conv(3, Kernel: 3, Stride: 2),
        ["conv_dilation_2"] = new Conv(3, Kernel: 3, Dilation: 2, Bias: false),
        ["conv_groups"] = new Conv(6, Kernel: 3, Groups: 2),
        ["conv_depthwise_7x7"] = new Conv(4, Kernel: 7, Groups: 4),
        ["conv_padding_0"] = new Conv(2, Kernel: 3, Padding: new(0), Bias: false),
        ["batch_norm_training"] = new BatchNorm(),
        ["batch_norm_evaluation"] = new BatchNorm(),
        ["layer_norm"] = new LayerNorm(),
        ["l2_normalize"] = new L2Normalize(),
        ["relu"] = new Relu(),
        ["relu6"] = new Relu6(),
        ["gelu"] = new Gelu(),
        ["sigmoid"] = new Sigmoid(),
        ["tanh"] = new Tanh(),
        ["softmax"] = new Softmax(),
        ["exp"] = new Exp(),
        ["log"] = new Log(),
        ["affine"] = new Affine(2.5, -0.75),
        ["negate"] = new Affine(-1, 0),
        ["shift"] = new Affine(1, 3),
        ["max_pool_2"] = new MaxPool(2),
        ["max_pool_2_odd"] = new MaxPool(2),
        ["max_pool_3_stride_2"] = new MaxPool(3, 2),
        ["global_avg_pool"] = new GlobalAvgPool(),
        ["adaptive_avg_pool_3"] = new AdaptiveAvgPool(3),
        ["resize_2"] = new Resize(2),
        ["resize_like_up"] = new ResizeLike(),
        ["resize_like_down"] = new ResizeLike(),
        ["resize_like_point"] = new ResizeLike(),
        ["concat"] = new Concat(),
        ["sum"] = new Sum(),
        ["add"] = new Add(),
        ["subtract"] = new Subtract(),
        ["multiply"] = new Multiply(),
        ["slice"] = new Slice(1, 2),
        ["parameter"] = new LearnedMap(3),
        ["silu"] = new Silu(),
        ["hard_swish"] = new HardSwish(),
        ["hard_sigmoid"] = new HardSigmoid(),
        ["batch_norm_eps_momentum_training"] = new BatchNorm(Eps: 1e-3, Momentum: 0.01),
        ["batch_norm_eps_momentum_evaluation"] = new BatchNorm(Eps: 1e-3, Momentum: 0.01),
        ["group_norm"] = new GroupNorm(2),
        ["layer_scale"] = new LayerScale(),
        ["linear"] = new Linear(3),
        ["linear_no_bias"] = new Linear(3, Bias: false),
        ["conv_patches"] = new Conv(3, Kernel: 2, Stride: 2),
        ["conv_even_stride_2"] = new Conv(3, Kernel: 4, Stride: 2),
        ["conv_transpose_2"] = new ConvTranspose(3),
        ["conv_transpose_3"] = new ConvTranspose(3, Kernel: 3),
        ["conv_transpose_groups"] = new ConvTranspose(6, Kernel: 4, Groups: 2, Bias: false),
        ["pixel_shuffle"] = new PixelShuffle(2),
        ["max_unpool"] = new MaxUnpool(),
        ["attend"] = new Attend(),
        ["attend_heads"] = new Attend(2),
        ["resize_nearest"] = new Resize(2, Sampling.Nearest),
        ["resize_bicubic"] = new Resize(2, Sampling.Bicubic),
        ["resize_like_bicubic"] = new ResizeLike(Sampling.Bicubic),
        ["resize_like_nearest"] = new ResizeLike(Sampling.Nearest),
        ["with_tokens"] = new WithTokens(),
        ["pixels"] = new Pixels(),
        ["tokens"] = new TokensOf(1, 1),
        ["attend_scale"] = new Attend(2, 2),
        ["window_attend"] = new WindowAttend(2, 2),
        ["window_attend_shifted"] = new WindowAttend(2, 2, 1),
        ["window_attend_filled"] = new WindowAttend(2, 4, 2, 1.5),
        ["relative_bias"] = new RelativeBias(),
        ["relative_coords"] = new RelativeCoords(2),
        ["pad_to"] = new PadTo(4),
        ["crop_like"] = new CropLike(),
        ["merge_pixels"] = new MergePixels(),
        ["merge_pixels_odd"] = new MergePixels(),
        ["repeat_channels"] = new RepeatChannels(3),
        ["l2_normalize_groups"] = new L2Normalize(Groups: 2),
        ["rotary"] = new Rotary(2),
        ["parameter_tokens"] = new LearnedMap(3, Height: 2, Width: 3, Tokens: 1, Stored: Stored.Tokens),
        ["parameter_rows"] = new LearnedMap(3, Height: 2, Width: 3, Stored: Stored.Rows),
        ["parameter_vector"] = new LearnedMap(3, Stored: Stored.Vector),
        ["parameter_column"] = new LearnedMap(3, Stored: Stored.Column),
        ["linear_lora"] = new Adapted(new Linear(6), 2, 1.5, [new(0, 2), new(4, 2)]),
        ["conv_lora"] = new Adapted(new Conv(6), 2, 1.5, [new(0, 2), new(4, 2)]),
        ["linear_bare"] = new Linear(3, Bare: true),
        ["resize_like_corners"] = new ResizeLike(Sampling.Bicubic, AlignCorners: true),
        ["resize_like_antialias"] = new ResizeLike(Sampling.Bicubic, Antialias: true),
        ["resize_like_offset"] = new ResizeLike(Sampling.Bicubic, Offset: 0.1),
    };

    // What an operation must know of its operand besides the numbers.
    static Node NodeOf(string name, Op op)
    {
        var carried = name switch
        {
            "pixels" or "tokens" => new LearnedMap(4, Height: 3, Width: 5, Tokens: 2, Stored: Stored.Tokens),
            "rotary" => new LearnedMap(16, Height: 2, Width: 3, Tokens: 2, Stored: Stored.Tokens),
            _ => null,
        };
        return carried is null
            ? new("n", op, [], [], TensorShape.Input(1), "n", null)
            : new Graphs().Add("n", op, new Graphs().Add("x", carried));
    }

    static readonly Lazy<Dictionary<string, Case>> Cases = new(() =>
        JsonSerializer.Deserialize<Dictionary<string, Case>>(
            File.ReadAllText(Beside("primitives.json")),
            JsonSerializerOptions.Web
        )!
    );

    public static TheoryData<string> Names => [.. Ops.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("device", "any")]
    public void Equals_PyTorch(string name)
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        var expected = Cases.Value[name];
        var x = expected.X.Select(a => a.ToTensor().requires_grad_()).ToArray();
        var p = expected.P.Select(a => a.ToTensor()).ToArray();
        foreach (var parameter in p.Take(expected.Dp.Length))
            parameter.requires_grad_();
        var node = NodeOf(name, Ops[name]);
        using var none = zeros([1, 3, 1, 1], device: TestDevice.Current);

        var y = Primitives.Run(
            node,
            x,
            p,
            new PrimitiveContext(none, name.EndsWith("training", StringComparison.Ordinal), default)
        );

        expected.Y.AssertEqual(y, name);
        if (y.requires_grad)
            (y * arange(Held(0), Held(y.numel()), Held(1), ScalarType.Float32, TestDevice.Current).cos().view(y.shape))
                .sum()
                .backward();
        foreach (var (i, gradient) in expected.Dx.Index())
            gradient.AssertEqual(x[i].grad ?? zeros_like(x[i]), $"{name}: gradient of operand {i}");
        foreach (var (i, gradient) in expected.Dp.Index())
            gradient.AssertEqual(p[i].grad ?? zeros_like(p[i]), $"{name}: gradient of parameter {i}");
        foreach (var (i, after) in expected.After.Index())
            after.AssertEqual(p[expected.Dp.Length + i], $"{name}: buffer {i} afterwards");
    }

    /// <summary>Passes let others write where an operation says that its result is its own.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_an_operation_says_of_its_memory_is_so(string name)
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var (op, data) = (Ops[name], Cases.Value[name]);
        Tensor[] x = [.. data.X.Select(a => a.ToTensor())],
            p = [.. data.P.Select(a => a.ToTensor())];
        Tensor[] before = [.. x.Concat(p).Select(t => t.clone())];
        using var none = zeros([1, 3, 1, 1]);
        var context = new PrimitiveContext(none, false, default);
        Tensor Run(Op run) => Primitives.Run(NodeOf(name, run), x, p, context);

        var result = Run(op);
        var wanted = result.clone();
        result.zero_().add_(Held(1234), Held(1));

        var isSame = x.Concat(p).Zip(before, (now, then) => now.equal(then).all().item<bool>()).All(same => same);
        if (op.Traits.Memory == ResultMemory.Own || op.Traits.Memory == ResultMemory.OwnOfSeveral && x.Length > 1)
            Assert.True(isSame, "the result lies in an operand");
        if (op.Traits.Memory == ResultMemory.Operand)
            Assert.False(isSame, "the result is a copy");
        if (op.Traits.CanOverwrite)
        {
            var over = Run(new InPlace(op));
            Assert.True(over.equal(wanted).all().item<bool>() && x[0].equal(wanted).all().item<bool>());
        }
    }

    [Fact]
    public void Every_primitive_of_the_language_has_a_case()
    {
        var elsewhere = new[] { typeof(Dropout), typeof(DropPath), typeof(Canny), typeof(MapInput) };
        // What no program can write: passes make these, and Passes/ proves them equal to what they replace; MixedPrecisionTests
        // have the casts.
        var madeByPasses = new[] { typeof(FusedConv), typeof(InPlace), typeof(ShiftedResize), typeof(Cast) };
        var all = typeof(Conv)
            .Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && t != typeof(Image))
            .Where(t => t.Namespace != typeof(PyTorchModel).Namespace); // written as source, and never computed here
        Assert.Empty(all.Except(Ops.Values.Select(o => o.GetType())).Except(elsewhere).Except(madeByPasses).Select(t => t.Name));
    }

    static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, "Torch", "Reference", file);

    sealed record Case(Values[] X, Values[] P, Values Y, Values[] Dx, Values[] Dp, Values[] After);

    sealed record Values(long[] Shape, float[] Data)
    {
        public Tensor ToTensor() => tensor(Data).reshape(Shape).to(TestDevice.Current);

        public void AssertEqual(Tensor actual, string what)
        {
            Assert.Equal(Shape, actual.shape);
            foreach (var (wanted, got) in Data.Zip(actual.detach().cpu().contiguous().data<float>().ToArray()))
                Assert.True(
                    Math.Abs(wanted - got) <= 2e-5 * Math.Max(1, Math.Abs(wanted)),
                    $"{what}: expected {wanted}, got {got}"
                );
        }
    }
}
