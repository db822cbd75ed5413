"""What a `model.py` may need besides torch; only what a network uses is written."""

from __future__ import annotations

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


class ChannelLinear(nn.Linear):
    """nn.Linear over the channels of each pixel of a map [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight[:, :, None, None], self.bias)


class LoraLinear(nn.Module):
    """A matrix over the channels of each pixel of a map [N, C, H, W], and low-rank ones
    beside it (LoRA, Hu et al. 2021): W x + b + factor * B A x. Each range of outputs
    (first, count) has an A and a B of its own, one behind the other."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        rank: int,
        factor: float = 1,
        on: list[tuple[int, int]] | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        whole = nn.Linear(in_channels, out_channels, bias)
        self.weight, self.bias = whole.weight, whole.bias
        self.on, self.factor = on or [(0, out_channels)], factor
        outputs = sum(count for _, count in self.on)
        self.lora_a = nn.Parameter(torch.empty(len(self.on) * rank, in_channels))
        self.lora_b = nn.Parameter(torch.zeros(outputs, rank))
        nn.init.kaiming_uniform_(self.lora_a, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        y = F.conv2d(x, self.weight[:, :, None, None], self.bias)
        low = F.conv2d(x, self.lora_a[:, :, None, None])
        added = torch.zeros_like(y)
        rows = self.lora_b.split([count for _, count in self.on])
        for (first, count), a, b in zip(self.on, low.chunk(len(self.on), dim=1), rows):
            added[:, first : first + count] += F.conv2d(a, b[:, :, None, None])
        return y + self.factor * added


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


class Parts(nn.Module):
    """Modules and parameters under their names, which are called one by one."""

    def __init__(self, **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
