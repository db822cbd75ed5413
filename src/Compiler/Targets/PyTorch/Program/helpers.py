"""What a `model.py` may need besides torch; only what a network uses is written."""

from __future__ import annotations

from typing import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def resize(x: Tensor, scale: int, mode: str = "bilinear") -> Tensor:
    """To `scale` times the resolution."""
    corners = None if mode == "nearest" else False
    size = (x.shape[2] * scale, x.shape[3] * scale)
    return F.interpolate(x, size=size, mode=mode, align_corners=corners)


def resize_like(x: Tensor, like: Tensor, mode: str = "bilinear") -> Tensor:
    """To the resolution of another map."""
    corners = None if mode == "nearest" else False
    return F.interpolate(x, size=like.shape[2:], mode=mode, align_corners=corners)


def resize_to(
    x: Tensor,
    like: Tensor,
    mode: str = "bilinear",
    align_corners: bool = False,
    antialias: bool = False,
    offset: float = 0.0,
) -> Tensor:
    """To the resolution of another map. `offset` is added to the size that the scale comes of."""
    size = like.shape[2:]
    if x.shape[2:] == size:
        return x
    scale = [(s + offset) / own for s, own in zip(size, x.shape[2:])]
    return F.interpolate(
        x,
        size=None if offset else size,
        scale_factor=scale if offset else None,
        mode=mode,
        align_corners=align_corners,
        antialias=antialias,
    )


def spread(*maps: Tensor) -> tuple[Tensor, ...]:
    """Maps that all pictures share are repeated for each picture of the others."""
    batch = max(m.shape[0] for m in maps)
    return tuple(m.expand(batch, -1, -1, -1) for m in maps)


def as_map(parameter: Tensor, rows: int, columns: int) -> Tensor:
    """[..., rows * columns, C] as a map that all pictures share, [1, C, rows, columns]."""
    return parameter.view(1, rows, columns, -1).permute(0, 3, 1, 2)


def normalize_heads(x: Tensor, heads: int, eps: float = 1e-12) -> Tensor:
    """Each head's channels of a pixel divided by their length."""
    return F.normalize(x.unflatten(1, (heads, -1)), dim=2, eps=eps).flatten(1, 2)


def with_tokens(x: Tensor, *tokens: Tensor) -> Tensor:
    """[N, C, 1, tokens + pixels]: the pixels of other maps before those of x."""
    batch = max(m.shape[0] for m in (x, *tokens))
    rows = [m.flatten(2).expand(batch, -1, -1) for m in (*tokens, x)]
    return torch.cat(rows, dim=2)[:, :, None]


def pixels(x: Tensor, size: tuple[int, int]) -> Tensor:
    """The map alone, [N, C, *size], of one that carries tokens."""
    return x[:, :, 0, x.shape[3] - size[0] * size[1] :].unflatten(2, tuple(size))


def channel_linear(x: Tensor, weight: Tensor) -> Tensor:
    """The channels of each pixel through a matrix [out, in]."""
    return F.conv2d(x, weight[:, :, None, None])


def lora(
    y: Tensor,
    x: Tensor,
    a: Tensor,
    b: Tensor,
    on: Sequence[tuple[int, int]] = ((0, 1),),
    of: int = 1,
    factor: float = 1.0,
) -> Tensor:
    """y + factor * B A x (LoRA, Hu et al. 2021), y being the outputs of a matrix for x.

    The outputs are `of` equal parts; each range (first, count) of them in `on` has an A and a B
    of its own, one behind the other in a and b.
    """
    part = y.shape[1] // of
    low = F.conv2d(x, a[:, :, None, None]).chunk(len(on), dim=1)
    rows = b.split([count * part for _, count in on])
    added = torch.zeros_like(y)
    for (first, count), low_, rows_ in zip(on, low, rows):
        outputs = slice(first * part, (first + count) * part)
        added[:, outputs] += F.conv2d(low_, rows_[:, :, None, None])
    return y + factor * added


def lora_start(rows: int, channels: int) -> Tensor:
    """[rows, channels], uniform in +-1/sqrt(channels), as torch.nn.Linear starts."""
    return torch.empty(rows, channels).uniform_(-(channels**-0.5), channels**-0.5)


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Scaled dot-product attention (Vaswani et al. 2017): a query a pixel of q [N, C, H, W],
    a key a pixel of k [N, C, h, w] and v [N, D, h, w]; the result is [N, D, H, W]."""
    q_, k_, v_ = (
        m.flatten(2).unflatten(1, (heads, -1)).transpose(2, 3) for m in (q, k, v)
    )
    if hasattr(F, "scaled_dot_product_attention"):  # torch 2.0
        y = F.scaled_dot_product_attention(q_, k_, v_)
    else:
        scores = q_ @ k_.transpose(2, 3) / q_.shape[3] ** 0.5
        y = scores.softmax(dim=3) @ v_
    return y.transpose(2, 3).flatten(1, 2).unflatten(2, q.shape[2:])


def rotary(x: Tensor, heads: int, base: float, size: tuple[int, int]) -> Tensor:
    """Rotary positions along both axes (Su et al. 2021; Simeoni et al. 2025): pairs of a head's
    channels, half a head apart, are turned by angles that grow with the pixel's row, and for the
    second half of the pairs with its column. Tokens before the pixels stay as they are.
    """
    height, width = size
    first, second = x.flatten(2).unflatten(1, (heads, 2, -1)).unbind(2)
    pairs, count = first.shape[2], height * width
    numbers = dict(dtype=torch.float64, device=x.device)
    rows = 2 * (torch.arange(height, **numbers) + 0.5) / height - 1
    columns = 2 * (torch.arange(width, **numbers) + 0.5) / width - 1
    periods = base ** (2 * torch.arange(pairs // 2, **numbers) / pairs)
    places = torch.stack([rows.repeat_interleave(width), columns.repeat(height)])
    angles = (2 * torch.pi * places[:, None] / periods[:, None]).flatten(0, 1)
    angles = F.pad(angles, (first.shape[3] - count, 0))  # tokens are turned by 0
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    turned = [first * cosine - second * sine, second * cosine + first * sine]
    return torch.stack(turned, dim=2).flatten(1, 3).view_as(x)


def pad_to(x: Tensor, multiple: int) -> Tensor:
    """Zeros below and on the right, up to a multiple."""
    return F.pad(x, (0, -x.shape[3] % multiple, 0, -x.shape[2] % multiple))


def crop_like(x: Tensor, like: Tensor) -> Tensor:
    """Without what `pad_to` added."""
    return x[:, :, : like.shape[2], : like.shape[3]]


def merge_pixels(x: Tensor, factor: int) -> Tensor:
    """The pixels of each block, column by column, as channels (Liu et al. 2021)."""
    x = F.pad(x, (0, -x.shape[3] % factor, 0, -x.shape[2] % factor))
    blocks = x.unflatten(3, (-1, factor)).unflatten(2, (-1, factor))
    return blocks.permute(0, 5, 3, 1, 2, 4).flatten(1, 3)


def relative_index(window: int) -> Tensor:
    """[window**4]: of each pair of a window's pixels, the place of their difference in a table of
    (2 window - 1) x (2 window - 1)."""
    rows, columns = (
        torch.arange(window**2) // window,
        torch.arange(window**2) % window,
    )
    down = rows[:, None] - rows + window - 1
    across = columns[:, None] - columns + window - 1
    return (down * (2 * window - 1) + across).flatten()


def relative_coords(window: int) -> Tensor:
    """[1, 2 window - 1, 2 window - 1, 2]: differences of two pixels on a logarithmic scale
    (Liu et al. 2022)."""
    d = torch.arange(1 - window, window, dtype=torch.float64)
    d = d.sign() * (1 + 8 * d.abs() / (window - 1)).log2() / 3
    side = 2 * window - 1
    pairs = [d[:, None].expand(side, side), d.expand(side, side)]
    return torch.stack(pairs, dim=2)[None].float()


def relative_bias(table: Tensor, index: Tensor) -> Tensor:
    """[N, heads, side, side] of differences to [N, heads, pixels, pixels] of pairs."""
    count = round(len(index) ** 0.5)
    return table.flatten(2)[:, :, index].unflatten(2, (count, count))


def max_unpool(x: Tensor, pooled: Tensor, kernel: int) -> Tensor:
    """What max pooling took from `pooled` back to where it stood there (SegNet)."""
    _, places = F.max_pool2d(
        pooled.detach(), kernel, ceil_mode=True, return_indices=True
    )
    n, c, h, w = pooled.shape
    empty = x.new_zeros(n, c, h * w)
    return empty.scatter(2, places.flatten(2), x.flatten(2)).view(n, c, h, w)


@torch.no_grad()
def canny(image: Tensor, low: float, high: float) -> Tensor:
    """Canny's edges of the picture, as cv.Canny(rgb, low, high) finds them: [N, 1, H, W]."""
    mean = image.new_tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1) * 255
    deviation = image.new_tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 255
    rgb = (image.float() * deviation + mean).round().clamp(0, 255)
    p = F.pad(rgb, (1, 1, 1, 1), mode="replicate").long()
    down = p[:, :, :-2] + 2 * p[:, :, 1:-1] + p[:, :, 2:]
    along = p[:, :, :, :-2] + 2 * p[:, :, :, 1:-1] + p[:, :, :, 2:]
    dx, dy = down[:, :, :, 2:] - down[:, :, :, :-2], along[:, :, 2:] - along[:, :, :-2]
    size, channel = (dx.abs() + dy.abs()).max(dim=1, keepdim=True)
    dx, dy = dx.gather(1, channel), dy.gather(1, channel)
    around = F.pad(size, (1, 1, 1, 1))
    rows, columns = size.shape[2:]

    def beside(down: int, right: int) -> Tensor:
        return around[:, :, 1 + down : 1 + down + rows, 1 + right : 1 + right + columns]

    # Along the gradient, in four directions: tan(22.5 deg) in 15 fractional bits.
    ax, ay = dx.abs(), dy.abs() * 2**15
    flat = ay < ax * 13573
    steep = ay > ax * 13573 + ax * 2**16
    ridge = (size > beside(0, -1)) & (size >= beside(0, 1))
    wall = (size > beside(-1, 0)) & (size >= beside(1, 0))
    falls = (size > beside(-1, -1)) & (size > beside(1, 1))
    rises = (size > beside(-1, 1)) & (size > beside(1, -1))
    slanted = torch.where((dx < 0) != (dy < 0), rises, falls)
    thin = torch.where(flat, ridge, torch.where(steep, wall, slanted))
    weak = thin & (size > int(min(low, high)))
    strong = weak & (size > int(max(low, high)))
    while True:  # hysteresis: what continues an edge belongs to it
        grown = weak & (F.max_pool2d(strong.float(), 3, 1, 1) > 0)
        if torch.equal(grown, strong):
            return strong.to(image.dtype)
        strong = grown


class Standardised(nn.Module):
    """A map [N, C, H, W] that is read beside the picture, by the mean and deviation of each
    channel over the training data; 0, the mean, where there is no number (NaN)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        mean, deviation = (v.view(1, -1, 1, 1) for v in (self.mean, self.deviation))
        return ((x - mean) / deviation).nan_to_num(nan=0.0)


class ChannelLinear(nn.Linear):
    """nn.Linear over the channels of each pixel of a map [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight[:, :, None, None], self.bias)


class LoraLinear(ChannelLinear):
    """A matrix over channels with low-rank ones beside it: see `lora`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        rank: int,
        factor: float = 1.0,
        on: Sequence[tuple[int, int]] = ((0, 1),),
        of: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, bias)
        self.on, self.of, self.factor = on, of, factor
        outputs = sum(count for _, count in on) * out_channels // of
        self.lora_a = nn.Parameter(lora_start(len(on) * rank, in_channels))
        self.lora_b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return lora(y, x, self.lora_a, self.lora_b, self.on, self.of, self.factor)


class LoraConv2d(nn.Conv2d):
    """A convolution of single pixels with low-rank matrices beside it: see `lora`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        rank: int,
        factor: float = 1.0,
        on: Sequence[tuple[int, int]] = ((0, 1),),
        of: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, 1, bias=bias)
        self.on, self.of, self.factor = on, of, factor
        outputs = sum(count for _, count in on) * out_channels // of
        self.lora_a = nn.Parameter(lora_start(len(on) * rank, in_channels))
        self.lora_b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return lora(y, x, self.lora_a, self.lora_b, self.on, self.of, self.factor)


class LayerNorm2d(nn.LayerNorm):
    """nn.LayerNorm over the channels of each pixel of a map [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class DropPath(nn.Module):
    """Leaves out whole samples while training (Huang et al. 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = x.new_empty(x.shape[0], 1, 1, 1).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)


class WindowAttention(nn.Module):
    """Attention within windows of window x window pixels, with a bias for each pair (Liu et al. 2021).

    A shift moves the windows down and right, cyclically; pixels that came around the border see each
    other alone. Along an axis that one window fills nothing is shifted.
    """

    def __init__(
        self, heads: int, window: int, shift: int = 0, scale: float | None = None
    ) -> None:
        super().__init__()
        self.heads, self.window, self.shift, self.scale = heads, window, shift, scale

    def forward(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
        height, width = q.shape[2:]
        down, across = (0 if self.window >= s else self.shift for s in (height, width))
        if down or across:
            q, k, v = (m.roll((-down, -across), (2, 3)) for m in (q, k, v))
        scale = self.scale or (q.shape[1] // self.heads) ** -0.5
        scores = self.apart(q * scale) @ self.apart(k).transpose(3, 4) + bias[:, None]
        if down or across:
            scores = scores + self.mask(height, width, down, across, scores)
        y = scores.softmax(dim=4).to(v.dtype) @ self.apart(v)
        # [N, rows, columns, heads, window, window, C / heads] to [N, C, H, W]
        y = y.unflatten(3, (self.window, self.window))
        y = y.unflatten(1, (-1, width // self.window))
        y = y.permute(0, 3, 6, 1, 4, 2, 5).flatten(5).flatten(3, 4).flatten(1, 2)
        return y.roll((down, across), (2, 3)) if down or across else y

    def apart(self, x: Tensor) -> Tensor:
        """[N, windows, heads, pixels of a window, channels of a head]"""
        x = x.unflatten(3, (-1, self.window)).unflatten(2, (-1, self.window))
        x = x.unflatten(1, (self.heads, -1)).permute(0, 3, 5, 1, 4, 6, 2)
        return x.flatten(4, 5).flatten(1, 2)

    def mask(
        self, height: int, width: int, down: int, across: int, like: Tensor
    ) -> Tensor:
        """[windows, 1, pixels, pixels]: -100 for pairs that are no neighbours."""

        def parts(size: int, shift: int) -> Tensor:
            at = torch.arange(size, device=like.device)
            inside = (at >= size - self.window).long()
            return inside + (at >= size - shift).long() if shift else inside

        part = 3 * parts(height, down)[:, None] + parts(width, across)
        part = part.unflatten(1, (-1, self.window)).unflatten(0, (-1, self.window))
        part = part.transpose(1, 2).flatten(2).flatten(0, 1)
        differs = part[:, None, :, None] != part[:, None, None, :]
        return torch.zeros_like(differs, dtype=like.dtype).masked_fill(differs, -100.0)


class Parts(nn.Module):
    """Modules, parameters and buffers under their names, which are called one by one."""

    def __init__(self, **parts: nn.Module | Tensor) -> None:
        super().__init__()
        for name, part in parts.items():
            if isinstance(part, (nn.Module, nn.Parameter)):
                setattr(self, name, part)
            else:
                self.register_buffer(name, part)
