using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch.Edges;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.Torch;

/// <summary>What a primitive may know besides its operands.</summary>
/// <param name="Input">The pictures, and behind them the maps that the graph reads: [N, 3 + channels, H, W].</param>
/// <param name="Repeats">Whether the values were computed before: running statistics have seen them.</param>
sealed record PrimitiveContext(Tensor Input, bool Training, RandomStream Randomness, bool Repeats = false);

/// <summary>One arm per primitive. The result is always a new tensor object, though it may share its operand's memory.</summary>
static class Primitives
{
    public static Tensor Run(Node node, Tensor[] x, Tensor[] p, PrimitiveContext context) =>
        node.Op switch
        {
            Image => Pictures(context.Input),
            MapInput map => Standardised(map, context.Input, p[0], p[1]),
            LearnedMap learned => Learned(learned, p[0]),
            RelativeCoords => p[0].permute(0, 3, 1, 2),
            Conv conv => Convolve(conv, x[0], p),
            Linear => Matrix(x[0], p),
            Adapted adapted => LowRank.AddTo(
                adapted.Whole is Conv whole ? Convolve(whole, x[0], p[..^2]) : Matrix(x[0], p[..^2]),
                adapted,
                x[0],
                p[^2],
                p[^1]
            ),
            ConvTranspose conv => F.conv_transpose2d(
                x[0],
                p[0],
                p.Length > 1 ? p[1] : null,
                [conv.Stride, conv.Stride],
                [conv.Margin, conv.Margin],
                [conv.OutputMargin, conv.OutputMargin],
                groups: conv.Groups
            ),
            Attend attend => Attention(attend, x[0], x[1], x[2]),
            WindowAttend attend => WindowAttention.Run(attend, x[0], x[1], x[2], x[3]),
            RelativeBias => WindowAttention.Bias(x[0], p[0]),
            PadTo pad => WindowAttention.Pad(x[0], pad.Multiple),
            CropLike => x[0].narrow(2, 0, x[1].shape[2]).narrow(3, 0, x[1].shape[3]),
            MergePixels merge => Merged(x[0], merge.Factor),
            RepeatChannels repeat => x[0].repeat_interleave(repeat.Times, 1),
            Rotary rotary => RotaryPositions.Turn(rotary, x[0], SizeOf(node, context)),
            WithTokens => TokenRows.Join(x),
            Pixels => TokenRows.Pixels(x[0], node.Inputs.Length > 0 ? node.Inputs[0].Shape.Tokens : 0, SizeOf(node, context)),
            TokensOf tokens => x[0].narrow(3, tokens.Start, node.Shape.Width.Numerator),
            PixelShuffle shuffle => F.pixel_shuffle(x[0], shuffle.Factor),
            MaxUnpool unpool => Unpool(unpool, x[0], x[1]),
            FusedConv conv => Fused(conv, x, p),
            InPlace overwriting => Overwrite(overwriting.Activation, x[0]),
            BatchNorm norm => Normalize(norm, x[0], p, context),
            GroupNorm norm => F.group_norm(x[0], norm.Groups, p[0], p[1], norm.Eps),
            LayerScale => x[0] * p[0],
            LayerNorm norm => OverChannels(x[0], last => F.layer_norm(last, [last.shape[3]], p[0], p[1], norm.Eps)),
            L2Normalize { Groups: 1 } norm => F.normalize(x[0], 2, 1, norm.Eps),
            L2Normalize norm => Grouped(x[0], norm.Groups, groups => F.normalize(groups, 2, 2, norm.Eps)),
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
            ResizeLike resize => Sampled(x[0], x[1].shape[2], x[1].shape[3], resize.Mode, resize),
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
            Concat => cat(SpreadOver(x), 1),
            Sum => AddAll(x),
            Add => x[0].Plus(x[1]),
            Subtract => x[0] - x[1],
            Multiply => x[0] * x[1],
            Canny canny => CannyEdges.Of(x[0], canny.Low, canny.High),
            Slice slice => x[0].narrow(1, slice.Start, slice.Count),
            var other => throw new NotSupportedException($"{node.Name}: the runtime has no arm for {other.Name}"),
        };

    // Kernels want rows behind each other.
    static Tensor Pictures(Tensor input) =>
        input.shape[1] == Model.PictureChannels ? input.alias()
        : input.is_contiguous() ? input.narrow(1, 0, Model.PictureChannels).contiguous()
        : ChannelsLast.Of(input.narrow(1, 0, Model.PictureChannels));

    static Tensor Standardised(MapInput map, Tensor input, Tensor mean, Tensor deviation)
    {
        using var numbers = input.narrow(1, map.Start, map.Channels);
        using var standard = (numbers - mean.view(1, -1, 1, 1)).div_(deviation.view(1, -1, 1, 1));
        return standard.nan_to_num(nan: 0);
    }

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
    static Tensor Attention(Attend op, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var (size, width, heads) = (q.shape, v.shape[1], op.Heads);
        var batch = Math.Max(size[0], k.shape[0]);
        // The kernel divides by the root of the channels of a head.
        var asked = op.Scale == 0 ? q : q * Held(op.Scale * Math.Sqrt(size[1] / (double)heads));
        var y = F.scaled_dot_product_attention(Tokens(asked), Tokens(k), Tokens(v));
        return y.transpose(1, 2).reshape(batch, size[2], size[3], width).permute(0, 3, 1, 2).MoveToOuterDisposeScope();

        Tensor Tokens(Tensor map)
        {
            var shape = map.shape;
            var tokens = map.permute(0, 2, 3, 1).reshape(shape[0], shape[2] * shape[3], heads, shape[1] / heads).transpose(1, 2);
            if (shape[0] != batch)
                tokens = tokens.expand(batch, -1, -1, -1);
            return tokens.stride(3) == 1 ? tokens : tokens.contiguous();
        }
    }

    // Rows and columns of a node's pixels.
    static (long Height, long Width) SizeOf(Node node, PrimitiveContext context) =>
        (node.Shape.Height.Resolve((int)context.Input.shape[2]), node.Shape.Width.Resolve((int)context.Input.shape[3]));

    static Tensor Learned(LearnedMap map, Tensor p)
    {
        if (map.Stored == Stored.Map)
            return p.alias();
        if (map.Stored is Stored.Column or Stored.Vector)
            return p.view(1, map.Channels, 1, 1);
        using var rows = p.view(1, -1, map.Channels);
        using var channels = rows.transpose(1, 2);
        return map.Tokens > 0 ? channels.unsqueeze(2) : channels.view(1, map.Channels, map.Height, map.Width);
    }

    static Tensor Grouped(Tensor x, long groups, Func<Tensor, Tensor> apply)
    {
        using var apart = x.unflatten(1, groups, -1);
        using var result = apply(apart);
        return result.flatten(1, 2);
    }

    // Blocks to channels, column by column; channels last, as what follows wants them.
    static Tensor Merged(Tensor x, long factor)
    {
        using var scope = NewDisposeScope();
        var (whole, channels) = (WindowAttention.Pad(x, factor), x.shape[1]);
        var (rows, columns) = (whole.shape[2] / factor, whole.shape[3] / factor);
        return whole
            .permute(0, 2, 3, 1)
            .reshape(x.shape[0], rows, factor, columns, factor, channels)
            .permute(0, 1, 3, 4, 2, 5)
            .reshape(x.shape[0], rows, columns, factor * factor * channels)
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
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

    static Tensor Sampled(Tensor x, long height, long width, Sampling mode, ResizeLike? how = null)
    {
        var shape = x.shape;
        if (shape[2] == height && shape[3] == width)
            return x.alias();
        var offset = how?.Offset ?? 0;
        return F.interpolate(
            x,
            offset > 0 ? null : [height, width],
            offset > 0 ? [(height + offset) / shape[2], (width + offset) / shape[3]] : null,
            mode: mode switch
            {
                Sampling.Nearest => InterpolationMode.Nearest,
                Sampling.Bicubic => InterpolationMode.Bicubic,
                _ => InterpolationMode.Bilinear,
            },
            align_corners: mode == Sampling.Nearest ? null : how?.AlignCorners ?? false,
            antialias: how?.Antialias ?? false
        );
    }

    // What is made of parameters alone has a batch of 1.
    static Tensor[] SpreadOver(Tensor[] x)
    {
        var batch = x.Max(t => t.shape[0]);
        return Array.ConvertAll(x, t => t.shape[0] == batch ? t : t.expand(batch, -1, -1, -1));
    }

    static Tensor AddAll(Tensor[] x)
    {
        if (x.Length == 1)
            return x[0].alias();
        var total = x[0].Plus(x[1]);
        foreach (var next in x.Skip(2))
        {
            // A sum needs nothing of itself for its gradient. What is made of parameters alone has a batch of 1.
            if (next.shape[0] <= total.shape[0])
            {
                total.PlusInPlace(next);
                continue;
            }
            using var before = total;
            total = before.Plus(next);
        }
        return total;
    }
}
