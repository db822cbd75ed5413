"""Reference values of every primitive, computed by PyTorch: python3 primitives.py > primitives.json

Each case holds operands x, parameters p, the result y, and the gradients of sum(y * cos(0, 1, 2, ...)) for the operands (dx) and the
trainable parameters (dp, in order).
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(0)
cases = {}


def pack(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{v:.7g}") for v in tensor.detach().double().flatten().tolist()]}


def case(name, function, x, p=(), trainable=None):
    x = [t.clone().requires_grad_() for t in x]
    p = [t.clone() for t in p]
    trainable = len(p) if trainable is None else trainable
    for t in p[:trainable]:
        t.requires_grad_()
    before = [t.detach().clone() for t in p]
    y = function(x, p)
    if y.requires_grad:
        (y * torch.arange(y.numel(), dtype=torch.float32).cos().view_as(y)).sum().backward()
    zero = lambda t: t.grad if t.grad is not None else torch.zeros_like(t)
    cases[name] = {"x": [pack(t) for t in x], "p": [pack(t) for t in before], "y": pack(y), "dx": [pack(zero(t)) for t in x],
                   "dp": [pack(zero(t)) for t in p[:trainable]], "after": [pack(t) for t in p[trainable:]]}


r = torch.randn
a = r(2, 4, 3, 5)
case("conv_1x1", lambda x, p: F.conv2d(x[0], p[0], p[1]), [a], [r(3, 4, 1, 1), r(3)])
case("conv_3x3_no_bias", lambda x, p: F.conv2d(x[0], p[0], padding=1), [a], [r(3, 4, 3, 3)])
case("conv_stride_2", lambda x, p: F.conv2d(x[0], p[0], p[1], stride=2, padding=1), [a], [r(3, 4, 3, 3), r(3)])
case("conv_dilation_2", lambda x, p: F.conv2d(x[0], p[0], padding=2, dilation=2), [a], [r(3, 4, 3, 3)])
case("conv_groups", lambda x, p: F.conv2d(x[0], p[0], p[1], padding=1, groups=2), [a], [r(6, 2, 3, 3), r(6)])
case("conv_depthwise_7x7", lambda x, p: F.conv2d(x[0], p[0], p[1], padding=3, groups=4), [a], [r(4, 1, 7, 7), r(4)])
case("conv_padding_0", lambda x, p: F.conv2d(x[0], p[0]), [r(1, 2, 4, 4)], [r(2, 2, 3, 3)])
norm = [torch.rand(4) + 0.5, r(4), r(4), torch.rand(4) + 0.5, torch.tensor(7.0)]


def batch_norm(training):
    def run(x, p):
        y = F.batch_norm(x[0], p[2], p[3], p[0], p[1], training, 0.1, 1e-5)
        if training:
            p[4] += 1
        return y
    return run


case("batch_norm_training", batch_norm(True), [a], norm, 2)
case("batch_norm_evaluation", batch_norm(False), [a], norm, 2)


def channels_first_layer_norm(x, p):
    mean = x[0].mean(1, keepdim=True)
    variance = (x[0] - mean).pow(2).mean(1, keepdim=True)
    return p[0][:, None, None] * ((x[0] - mean) / torch.sqrt(variance + 1e-6)) + p[1][:, None, None]


case("layer_norm", channels_first_layer_norm, [a], [r(4), r(4)])
case("l2_normalize", lambda x, p: F.normalize(x[0], dim=1), [a])
case("relu", lambda x, p: F.relu(x[0]), [a])
case("relu6", lambda x, p: F.relu6(x[0]), [a * 8])
case("gelu", lambda x, p: F.gelu(x[0]), [a])
case("sigmoid", lambda x, p: torch.sigmoid(x[0]), [a])
case("tanh", lambda x, p: torch.tanh(x[0]), [a])
case("softmax", lambda x, p: F.softmax(x[0], 1), [a])
case("exp", lambda x, p: torch.exp(x[0]), [a])
case("log", lambda x, p: torch.log(x[0]), [a.abs() + 0.1])
case("affine", lambda x, p: x[0] * 2.5 - 0.75, [a])
case("negate", lambda x, p: -x[0], [a])
case("shift", lambda x, p: x[0] + 3, [a])
case("max_pool_2", lambda x, p: F.max_pool2d(x[0], 2), [r(2, 3, 4, 6)])
case("max_pool_2_odd", lambda x, p: F.max_pool2d(x[0], 2, ceil_mode=True), [a])
case("max_pool_3_stride_2", lambda x, p: F.max_pool2d(x[0], 3, 2, 1), [a])
case("global_avg_pool", lambda x, p: F.adaptive_avg_pool2d(x[0], 1), [a])
case("adaptive_avg_pool_3", lambda x, p: F.adaptive_avg_pool2d(x[0], 3), [a])
case("resize_2", lambda x, p: F.interpolate(x[0], scale_factor=2, mode="bilinear", align_corners=False), [a])
case("resize_like_up", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bilinear", align_corners=False), [a, r(2, 1, 7, 9)])
case("resize_like_down", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bilinear", align_corners=False), [a, r(2, 1, 2, 3)])
case("resize_like_point", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bilinear", align_corners=False),
     [r(2, 4, 1, 1), r(2, 1, 2, 3)])
case("concat", lambda x, p: torch.cat(x, 1), [a, r(2, 1, 3, 5), r(2, 2, 3, 5)])
case("sum", lambda x, p: x[0] + x[1] + x[2], [a, r(2, 4, 3, 5), r(2, 4, 3, 5)])
case("add", lambda x, p: x[0] + x[1], [a, r(2, 4, 1, 1)])
case("subtract", lambda x, p: x[0] - x[1], [a, r(2, 4, 3, 5)])
case("multiply", lambda x, p: x[0] * x[1], [a, r(2, 1, 3, 5)])
case("slice", lambda x, p: x[0][:, 1:3], [a])
case("parameter", lambda x, p: p[0], [], [r(1, 3, 1, 1)])
# Appended in the order in which they came, so that the numbers above stay what they are.
case("silu", lambda x, p: F.silu(x[0]), [a])
case("hard_swish", lambda x, p: F.hardswish(x[0]), [a * 4])
case("hard_sigmoid", lambda x, p: F.hardsigmoid(x[0]), [a * 4])
norm_003 = [torch.rand(4) + 0.5, r(4), r(4), torch.rand(4) + 0.5, torch.tensor(7.0)]


def batch_norm_003(training):
    def run(x, p):
        y = F.batch_norm(x[0], p[2], p[3], p[0], p[1], training, 0.01, 1e-3)
        if training:
            p[4] += 1
        return y
    return run


case("batch_norm_eps_momentum_training", batch_norm_003(True), [a], norm_003, 2)
case("batch_norm_eps_momentum_evaluation", batch_norm_003(False), [a], norm_003, 2)
case("group_norm", lambda x, p: F.group_norm(x[0], 2, p[0], p[1], 1e-5), [a], [r(4), r(4)])
case("layer_scale", lambda x, p: x[0] * p[0], [a], [r(4, 1, 1)])
case("linear", lambda x, p: F.linear(x[0].permute(0, 2, 3, 1), p[0], p[1]).permute(0, 3, 1, 2), [a], [r(3, 4), r(3)])
case("linear_no_bias", lambda x, p: F.linear(x[0].permute(0, 2, 3, 1), p[0]).permute(0, 3, 1, 2), [a], [r(3, 4)])
case("conv_patches", lambda x, p: F.conv2d(x[0], p[0], p[1], stride=2), [r(1, 2, 4, 6)], [r(3, 2, 2, 2), r(3)])
case("conv_even_stride_2", lambda x, p: F.conv2d(x[0], p[0], p[1], stride=2, padding=1), [r(1, 2, 4, 6)], [r(3, 2, 4, 4), r(3)])
case("conv_transpose_2", lambda x, p: F.conv_transpose2d(x[0], p[0], p[1], stride=2), [a], [r(4, 3, 2, 2), r(3)])
case("conv_transpose_3", lambda x, p: F.conv_transpose2d(x[0], p[0], p[1], stride=2, padding=1, output_padding=1), [a], [r(4, 3, 3, 3), r(3)])
case("conv_transpose_groups", lambda x, p: F.conv_transpose2d(x[0], p[0], stride=2, padding=1, groups=2), [a], [r(4, 3, 4, 4)])
case("pixel_shuffle", lambda x, p: F.pixel_shuffle(x[0], 2), [r(2, 8, 3, 5)])


def max_unpool(x, p):
    _, places = F.max_pool2d(x[1].detach(), 2, return_indices=True)
    return F.max_unpool2d(x[0], places, 2)


case("max_unpool", max_unpool, [r(2, 3, 2, 3), r(2, 3, 4, 6)])
case("resize_nearest", lambda x, p: F.interpolate(x[0], scale_factor=2, mode="nearest"), [a])
case("resize_bicubic", lambda x, p: F.interpolate(x[0], scale_factor=2, mode="bicubic", align_corners=False), [a])
case("resize_like_bicubic", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bicubic", align_corners=False), [a, r(2, 1, 7, 9)])
case("resize_like_nearest", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="nearest"), [a, r(2, 1, 7, 4)])


def attend(heads):
    def run(x, p):
        q, k, v = (t.flatten(2).unflatten(1, (heads, -1)).transpose(2, 3) for t in x)
        y = ((q @ k.transpose(2, 3)) / q.shape[3] ** 0.5).softmax(3) @ v
        return y.transpose(2, 3).flatten(1, 2).unflatten(2, x[0].shape[2:])
    return run


case("attend", attend(1), [r(2, 4, 3, 5), r(2, 4, 3, 5), r(2, 4, 3, 5)])
case("attend_heads", attend(2), [r(2, 4, 3, 5), r(2, 4, 2, 3), r(2, 6, 2, 3)])


def with_tokens(x, p):
    rows = [x[1].flatten(2), x[2].flatten(2).expand(2, -1, -1), x[0].flatten(2)]
    return torch.cat(rows, 2).unsqueeze(2)


case("with_tokens", with_tokens, [a, r(2, 4, 1, 2), r(1, 4, 1, 1)])
row = r(2, 4, 1, 17)
case("pixels", lambda x, p: x[0][:, :, 0, 2:].unflatten(2, (3, 5)), [row])
case("tokens", lambda x, p: x[0][:, :, :, 1:2], [row])
case("attend_scale", lambda x, p: attend(2)([x[0] * 2.0 * 2**0.5, x[1], x[2]], p), [r(2, 4, 3, 5), r(2, 4, 2, 3), r(2, 4, 2, 3)])


def window_attend(window, shift, scale=None):
    """Pixel by pixel: who shares its shifted window, without what came around the border."""
    def run(x, p):
        q, k, v, bias = x
        n, c, h, w = q.shape
        heads = bias.shape[1]
        def place(at, size):
            moved = (at - (0 if window >= size else shift)) % size
            return moved // window, moved % window, 0 if window >= size or at >= shift else 1
        groups, inside = {}, {}
        for y in range(h):
            for z in range(w):
                (gy, py, ay), (gz, pz, az) = place(y, h), place(z, w)
                groups.setdefault((gy, gz, ay, az), []).append((y, z))
                inside[y, z] = py * window + pz
        out = torch.zeros(n, v.shape[1], h, w)
        for group in groups.values():
            take = lambda t: torch.stack([t[:, :, y, z] for y, z in group], 2).unflatten(1, (heads, -1))
            qs, ks, vs = take(q), take(k), take(v)
            index = torch.tensor([inside[g] for g in group])
            scores = qs.transpose(2, 3) @ ks * (scale or (c // heads) ** -0.5) + bias[:, :, index][:, :, :, index]
            seen = vs @ scores.softmax(3).transpose(2, 3)
            for i, (y, z) in enumerate(group):
                out[:, :, y, z] = seen[..., i].flatten(1)
        return out
    return run


maps = [r(2, 4, 4, 6) for _ in range(3)]
case("window_attend", window_attend(2, 0), [*maps, r(1, 2, 4, 4)])
case("window_attend_shifted", window_attend(2, 1), [*maps, r(1, 2, 4, 4)])
case("window_attend_filled", window_attend(4, 2, 1.5), [*(r(1, 4, 4, 8) for _ in range(2)), r(1, 6, 4, 8), r(1, 2, 16, 16)])
pairs = torch.tensor([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4.0])
case("relative_bias", lambda x, p: x[0].flatten(2)[:, :, p[0].long()].unflatten(2, (4, 4)), [r(1, 2, 3, 3)], [pairs], 0)
case("relative_coords", lambda x, p: p[0].permute(0, 3, 1, 2), [], [r(1, 3, 3, 2)], 0)
case("pad_to", lambda x, p: F.pad(x[0], (0, 3, 0, 1)), [a])
case("crop_like", lambda x, p: x[0][:, :, :3, :4], [r(2, 4, 4, 6), r(2, 1, 3, 4)])


def merge_pixels(x, p):
    y = F.pad(x[0], (0, x[0].shape[3] % 2, 0, x[0].shape[2] % 2))
    return torch.cat([y[:, :, 0::2, 0::2], y[:, :, 1::2, 0::2], y[:, :, 0::2, 1::2], y[:, :, 1::2, 1::2]], 1)


case("merge_pixels", merge_pixels, [r(2, 3, 4, 6)])
case("merge_pixels_odd", merge_pixels, [a])
case("repeat_channels", lambda x, p: x[0].repeat_interleave(3, 1), [a])
case("l2_normalize_groups", lambda x, p: F.normalize(x[0].unflatten(1, (2, 2)), dim=2).flatten(1, 2), [a])


def rotary(x, p):
    """Two tokens, then 2 x 3 pixels; two heads of eight channels: pairs (0, 4), (1, 5) by the row, (2, 6), (3, 7) by the column."""
    y = x[0].clone()
    for pixel in range(6):
        row, column = 2 * (pixel // 3 + 0.5) / 2 - 1, 2 * (pixel % 3 + 0.5) / 3 - 1
        for head in (0, 8):
            for pair in range(4):
                angle = torch.tensor(2 * torch.pi * (row if pair < 2 else column) / 100 ** (2 * (pair % 2) / 4))
                one, two = x[0][:, head + pair, 0, 2 + pixel], x[0][:, head + pair + 4, 0, 2 + pixel]
                y[:, head + pair, 0, 2 + pixel] = one * angle.cos() - two * angle.sin()
                y[:, head + pair + 4, 0, 2 + pixel] = two * angle.cos() + one * angle.sin()
    return y


case("rotary", rotary, [r(2, 16, 1, 8)])
case("parameter_tokens", lambda x, p: p[0].transpose(1, 2).unsqueeze(2), [], [r(1, 7, 3)])
case("parameter_rows", lambda x, p: p[0].t().reshape(1, 3, 2, 3), [], [r(6, 3)])
case("parameter_vector", lambda x, p: p[0].view(1, 3, 1, 1), [], [r(3)])
case("parameter_column", lambda x, p: p[0].view(1, 3, 1, 1), [], [r(3, 1, 1)])
case("linear_bare", lambda x, p: F.linear(x[0].permute(0, 2, 3, 1), p[0]).permute(0, 3, 1, 2), [a], [r(3, 4)])
case("resize_like_corners", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bicubic", align_corners=True), [a, r(2, 1, 7, 9)])
case("resize_like_antialias", lambda x, p: F.interpolate(x[0], size=x[1].shape[2:], mode="bicubic", align_corners=False, antialias=True),
     [r(2, 2, 7, 9), r(2, 1, 3, 4)])
case("resize_like_offset", lambda x, p: F.interpolate(x[0], scale_factor=(7.1 / 3, 9.1 / 5), mode="bicubic", align_corners=False), [a, r(2, 1, 7, 9)])


# LoRA: beside a matrix to six outputs, B A of rank 2 for outputs 0 and 1 and another for 4 and 5, times 1.5.
def lora(x, p):
    w, b, low, high = p
    delta = torch.cat([high[:2] @ low[:2], torch.zeros(2, 4), high[2:] @ low[2:]])
    return F.linear(x[0].permute(0, 2, 3, 1), w.view(6, 4) + 1.5 * delta, b).permute(0, 3, 1, 2)


case("linear_lora", lora, [a], [r(6, 4), r(6), r(4, 4), r(4, 2)])
case("conv_lora", lora, [a], [r(6, 4, 1, 1), r(6), r(4, 4), r(4, 2)])

print(json.dumps(cases, separators=(",", ":")))
