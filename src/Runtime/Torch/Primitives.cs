using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch.Edges;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.Torch;

/// <summary>What a primitive may know besides its operands.</summary>
/// <param name="Input">The pictures [N, 3, H, W].</param>
/// <param name="Repeats">Whether the values were computed before: running statistics have seen them.</param>
sealed record PrimitiveContext(Tensor Input, bool Training, RandomStream Randomness, bool Repeats = false);

/// <summary>One arm per primitive. The result is always a new tensor object, though it may share its operand's memory.</summary>
static class Primitives
{
    public static Tensor Run(Node node, Tensor[] x, Tensor[] p, PrimitiveContext context) => node.Op switch
    {
        Image => context.Input.alias(),
        LearnedMap => p[0].alias(),
        Conv conv => Convolve(conv, x[0], p),
        FusedConv conv => Fused(conv, x, p),
        InPlace overwriting => Overwrite(overwriting.Activation, x[0]),
        BatchNorm => Normalize(x[0], p, context),
        LayerNorm norm => OverChannels(x[0], last => F.layer_norm(last, [last.shape[3]], p[0], p[1], norm.Eps)),
        L2Normalize norm => F.normalize(x[0], 2, 1, norm.Eps),
        Relu => F.relu(x[0]),
        Relu6 => F.relu6(x[0]),
        Gelu => F.gelu(x[0]),
        Sigmoid => x[0].sigmoid(),
        Tanh => x[0].tanh(),
        Softmax => F.softmax(x[0], 1),
        Exp => x[0].exp(),
        Log => x[0].log(),
        Cast cast => x[0].to(Types.Of(cast.To)),
        Affine affine => Transform(x[0], affine),
        Dropout drop => Drop(x[0], drop.Rate, x[0].shape, node.Name, context),
        DropPath drop => Drop(x[0], drop.Rate, [x[0].shape[0], 1, 1, 1], node.Name, context),
        MaxPool pool => Pool(pool, x[0]),
        GlobalAvgPool => x[0].mean([2, 3], keepdim: true),
        AdaptiveAvgPool pool => F.adaptive_avg_pool2d(x[0], [pool.Size, pool.Size]),
        Resize resize => Bilinear(x[0], x[0].shape[2] * resize.Scale, x[0].shape[3] * resize.Scale),
        ResizeLike => Bilinear(x[0], x[1].shape[2], x[1].shape[3]),
        ShiftedResize { Scale: 0 } shifted => ShiftedResizing.Run(shifted, x[0], x[1].shape[2], x[1].shape[3], p.FirstOrDefault()),
        ShiftedResize shifted =>
            ShiftedResizing.Run(shifted, x[0], x[0].shape[2] * shifted.Scale, x[0].shape[3] * shifted.Scale, p.FirstOrDefault()),
        Concat => cat(x, 1),
        Sum => AddAll(x),
        Add => x[0].Plus(x[1]),
        Subtract => x[0] - x[1],
        Multiply => x[0] * x[1],
        Canny canny => CannyEdges.Of(x[0], canny.Low, canny.High),
        Slice slice => x[0].narrow(1, slice.Start, slice.Count),
        var other => throw new NotSupportedException($"{node.Name}: the runtime has no arm for {other.Name}"),
    };

    static Tensor Convolve(Conv conv, Tensor x, Tensor[] p)
    {
        var padding = conv.Padding.Resolve(conv.Kernel, conv.Dilation);
        return F.conv2d(x, p[0], p.Length > 1 ? p[1] : null, [conv.Stride, conv.Stride], [padding, padding], [conv.Dilation, conv.Dilation], conv.Groups);
    }

    // A plain weight: a packed one never comes here.
    static Tensor Fused(FusedConv conv, Tensor[] x, Tensor[] p)
    {
        var y = Convolve(conv.Conv, x[0], p);
        if (conv.Residual)
            y.PlusInPlace(x[1]);
        return conv.Relu ? y.relu_() : y;
    }

    // The same memory under a new tensor object.
    static Tensor Overwrite(Op activation, Tensor x)
    {
        var y = x.alias();
        return activation switch
        {
            Relu => y.relu_(),
            Relu6 => y.clamp_(Held(0), Held(6)),
            Sigmoid => y.sigmoid_(),
            Tanh => y.tanh_(),
            Exp => y.exp_(),
            Log => y.log_(),
            var other => throw new NotSupportedException($"the runtime has no arm for {other.Name} over its operand"),
        };
    }

    static Tensor Normalize(Tensor x, Tensor[] p, PrimitiveContext context)
    {
        var (weight, bias, mean, variance, batches) = (p[0], p[1], p[2], p[3], p[4]);
        if (context is { Training: true, Repeats: true })
        {
            // The batch's own statistics are all that counts: the running ones are updated on the side, here in a copy.
            using var otherMean = mean.clone();
            using var otherVariance = variance.clone();
            return F.batch_norm(x, otherMean, otherVariance, weight, bias, true, BatchNorm.Momentum, BatchNorm.Epsilon);
        }
        if (context.Training)
            batches.PlusInPlace(1);
        return F.batch_norm(x, mean, variance, weight, bias, context.Training, BatchNorm.Momentum, BatchNorm.Epsilon);
    }

    // Layer norm wants the normalised dimension last: NCHW -> NHWC -> NCHW, as ConvNeXt's channels-first norm computes it.
    static Tensor OverChannels(Tensor x, Func<Tensor, Tensor> apply)
    {
        using var last = x.permute(0, 2, 3, 1);
        using var result = apply(last);
        return result.permute(0, 3, 1, 2);
    }

    static Tensor Transform(Tensor x, Affine affine)
    {
        if (affine.Offset == 0)
            return x * Held(affine.Multiplier);
        if (affine.Multiplier == 1)
            return x.Plus(affine.Offset);
        using var scaled = x * Held(affine.Multiplier);
        return scaled.Plus(affine.Offset);
    }

    static Tensor Drop(Tensor x, double rate, long[] maskShape, string layer, PrimitiveContext context)
    {
        if (!context.Training || rate == 0)
            return x.alias();
        using var generator = context.Randomness.For(layer, x.device);
        using var mask = empty(maskShape, x.dtype, x.device).bernoulli_(1 - rate, generator).div_(Held(1 - rate));
        return x * mask;
    }

    // An even window that tiles the map rounds odd sizes up, as the graph's shapes do; on sizes that divide, it is PyTorch's default.
    static Tensor Pool(MaxPool pool, Tensor x)
    {
        var padding = pool.Border.Resolve(pool.Kernel, 1);
        var tiles = pool.Kernel % 2 == 0 && pool.Kernel == pool.Step && padding == 0;
        return F.max_pool2d(x, [pool.Kernel, pool.Kernel], [pool.Step, pool.Step], [padding, padding], ceil_mode: tiles);
    }

    static Tensor Bilinear(Tensor x, long height, long width)
    {
        var shape = x.shape;
        if (shape[2] == height && shape[3] == width)
            return x.alias();
        return F.interpolate(x, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    static Tensor AddAll(Tensor[] x)
    {
        if (x.Length == 1)
            return x[0].alias();
        var total = x[0].Plus(x[1]);
        foreach (var next in x.Skip(2))
            total.PlusInPlace(next); // a sum needs nothing of itself for its gradient
        return total;
    }
}
