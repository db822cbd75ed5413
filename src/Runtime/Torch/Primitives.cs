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
    public static Tensor Run(Node node, Tensor[] x, Tensor[] p, PrimitiveContext context) =>
        node.Op switch
        {
            Image => context.Input.alias(),
            LearnedMap => p[0].alias(),
            Conv conv => Convolve(conv, x[0], p),
            Linear linear => Matrix(x[0], p),
            ConvTranspose conv => F.conv_transpose2d(
                x[0],
                p[0],
                p.Length > 1 ? p[1] : null,
                [conv.Stride, conv.Stride],
                [conv.Margin, conv.Margin],
                [conv.OutputMargin, conv.OutputMargin],
                groups: conv.Groups
            ),
            Attend attend => Attention(x[0], x[1], x[2], attend.Heads),
            PixelShuffle shuffle => F.pixel_shuffle(x[0], shuffle.Factor),
            MaxUnpool unpool => Unpool(unpool, x[0], x[1]),
            FusedConv conv => Fused(conv, x, p),
            InPlace overwriting => Overwrite(overwriting.Activation, x[0]),
            BatchNorm norm => Normalize(norm, x[0], p, context),
            GroupNorm norm => F.group_norm(x[0], norm.Groups, p[0], p[1], norm.Eps),
            LayerScale => x[0] * p[0],
            LayerNorm norm => OverChannels(x[0], last => F.layer_norm(last, [last.shape[3]], p[0], p[1], norm.Eps)),
            L2Normalize norm => F.normalize(x[0], 2, 1, norm.Eps),
            Relu => F.relu(x[0]),
            Relu6 => F.relu6(x[0]),
            Gelu => F.gelu(x[0]),
            Silu => x[0].silu(),
            HardSwish => x[0].hardswish(),
            HardSigmoid => F.hardsigmoid(x[0]),
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
            Resize resize => Sampled(x[0], x[0].shape[2] * resize.Scale, x[0].shape[3] * resize.Scale, resize.Mode),
            ResizeLike resize => Sampled(x[0], x[1].shape[2], x[1].shape[3], resize.Mode),
            ShiftedResize { Scale: 0 } shifted => ShiftedResizing.Run(
                shifted,
                x[0],
                x[1].shape[2],
                x[1].shape[3],
                p.FirstOrDefault()
            ),
            ShiftedResize shifted => ShiftedResizing.Run(
                shifted,
                x[0],
                x[0].shape[2] * shifted.Scale,
                x[0].shape[3] * shifted.Scale,
                p.FirstOrDefault()
            ),
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
        var padding = conv.Margin;
        return F.conv2d(
            x,
            p[0],
            p.Length > 1 ? p[1] : null,
            [conv.Stride, conv.Stride],
            [padding, padding],
            [conv.Dilation, conv.Dilation],
            conv.Groups
        );
    }

    static Tensor Matrix(Tensor x, Tensor[] p)
    {
        using var weight = p[0].view(p[0].shape[0], p[0].shape[1], 1, 1);
        return F.conv2d(x, weight, p.Length > 1 ? p[1] : null);
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
            Silu => y.silu_(),
            HardSwish => y.hardswish_(),
            var other => throw new NotSupportedException($"the runtime has no arm for {other.Name} over its operand"),
        };
    }

    static Tensor Normalize(BatchNorm norm, Tensor x, Tensor[] p, PrimitiveContext context)
    {
        var (weight, bias, mean, variance, batches) = (p[0], p[1], p[2], p[3], p[4]);
        if (context is { Training: true, Repeats: true })
        {
            // The batch's own statistics are all that counts: the running ones are updated on the side, here in a copy.
            using var otherMean = mean.clone();
            using var otherVariance = variance.clone();
            return F.batch_norm(x, otherMean, otherVariance, weight, bias, true, norm.Momentum, norm.Eps);
        }
        if (context.Training)
            batches.PlusInPlace(1);
        return F.batch_norm(x, mean, variance, weight, bias, context.Training, norm.Momentum, norm.Eps);
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

    // An even window that tiles the map rounds odd sizes up, as the graph's shapes do; on sizes that divide, it is PyTorch's
    // default.
    static Tensor Pool(MaxPool pool, Tensor x)
    {
        var padding = pool.Border.Resolve(pool.Kernel, 1);
        var tiles = pool.Kernel % 2 == 0 && pool.Kernel == pool.Step && padding == 0;
        return F.max_pool2d(x, [pool.Kernel, pool.Kernel], [pool.Step, pool.Step], [padding, padding], ceil_mode: tiles);
    }

    // libtorch's kernel wants the channels of a position side by side: [N, heads, positions, channels of a head].
    static Tensor Attention(Tensor q, Tensor k, Tensor v, int heads)
    {
        using var scope = NewDisposeScope();
        var y = F.scaled_dot_product_attention(Tokens(q), Tokens(k), Tokens(v));
        var (size, width) = (q.shape, v.shape[1]);
        return y.transpose(1, 2).reshape(size[0], size[2], size[3], width).permute(0, 3, 1, 2).MoveToOuterDisposeScope();

        Tensor Tokens(Tensor map)
        {
            var shape = map.shape;
            var tokens = map.permute(0, 2, 3, 1).reshape(shape[0], shape[2] * shape[3], heads, shape[1] / heads).transpose(1, 2);
            return tokens.stride(3) == 1 ? tokens : tokens.contiguous();
        }
    }

    // Where the largest values stood; the pooled ones themselves are not needed.
    static Tensor Unpool(MaxUnpool unpool, Tensor x, Tensor pooled)
    {
        using var scope = NewDisposeScope();
        var size = pooled.shape;
        var (_, places) = F.max_pool2d_with_indices(
            pooled.detach(),
            [unpool.Kernel, unpool.Kernel],
            [unpool.Kernel, unpool.Kernel],
            ceil_mode: true
        );
        var empty = zeros([size[0], size[1], size[2] * size[3]], x.dtype, x.device);
        return empty.scatter(2, places.flatten(2), x.flatten(2)).view(size).MoveToOuterDisposeScope();
    }

    static Tensor Sampled(Tensor x, long height, long width, Sampling mode)
    {
        var shape = x.shape;
        if (shape[2] == height && shape[3] == width)
            return x.alias();
        return F.interpolate(
            x,
            [height, width],
            mode: mode switch
            {
                Sampling.Nearest => InterpolationMode.Nearest,
                Sampling.Bicubic => InterpolationMode.Bicubic,
                _ => InterpolationMode.Bilinear,
            },
            align_corners: mode == Sampling.Nearest ? null : false
        );
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
