"""The network `seeing_net` of seeing_net.mtl, as `mtlc export --to pytorch` wrote it.

The names of its weights are those of mtlc: `weights.safetensors` and checkpoints of either
fit. Shapes are given for pictures of H x W pixels; sides are multiples of 4.
"""

from __future__ import annotations

from typing import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def resize_like(x: Tensor, like: Tensor, mode: str = "bilinear") -> Tensor:
    """To the resolution of another map."""
    corners = None if mode == "nearest" else False
    return F.interpolate(x, size=like.shape[2:], mode=mode, align_corners=corners)


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


class ConvBnRelu(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels, out_channels, 3, stride=stride, padding=1, bias=False
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )


class KeylessLinear(nn.Module):
    """The component `keyless_linear` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(96, 32))
        self.lora_a = nn.Parameter(lora_start(12, 32))
        self.lora_b = nn.Parameter(torch.zeros(96, 4))
        self.bias = nn.Parameter(torch.zeros(96))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # [N, 96, H/4, W/4]
        weight = lora(
            channel_linear(x, self.weight),
            x,
            self.lora_a,
            self.lora_b,
            on=[(0, 1), (1, 1), (2, 1)],
            of=3,
            factor=2,
        )
        bias = self.bias.view(1, -1, 1, 1)  # [1, 96, 1, 1]
        return (
            weight.chunk(3, dim=1)[1],
            weight.chunk(3, dim=1)[0] + bias.chunk(3, dim=1)[0],
            weight.chunk(3, dim=1)[2] + bias.chunk(3, dim=1)[2],
        )


class DinoAttention(nn.Module):
    """The component `dino_attention` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = KeylessLinear()
        self.proj = LoraLinear(32, 32, rank=4, factor=2)
        self.heads = 2

    def forward(self, x: Tensor) -> Tensor:
        # [N, 32, H/4, W/4], [N, 32, H/4, W/4], [N, 32, H/4, W/4]
        q_1, qkv_0, qkv_2 = self.qkv(x)
        # [N, 32, H/4, W/4]
        seen = attend(
            rotary(qkv_0, 2, 100, qkv_0.shape[2:]),
            rotary(q_1, 2, 100, q_1.shape[2:]),
            qkv_2,
            self.heads,
        )
        return self.proj(seen)


class DinoScale(nn.Module):
    """The component `dino_scale` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((32,), 1e-05))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma.view(1, -1, 1, 1)


class VitMlp(nn.Module):
    """The component `vit_mlp` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = ChannelLinear(32, 128)
        self.fc2 = ChannelLinear(128, 32)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class DinoBlock(nn.Module):
    """The component `dino_block` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = LayerNorm2d(32, eps=1e-06)
        self.attn = DinoAttention()
        self.ls1 = DinoScale()
        self.norm2 = LayerNorm2d(32, eps=1e-06)
        self.mlp = VitMlp()
        self.ls2 = DinoScale()

    def forward(self, x: Tensor) -> Tensor:
        ls1 = self.ls1(self.attn(self.norm1(x)))  # [N, 32, H/4, W/4]
        seen = x + ls1  # [N, 32, H/4, W/4]
        ls2 = self.ls2(self.mlp(self.norm2(seen)))  # [N, 32, H/4, W/4]
        return seen + ls2


class VitAttention(nn.Module):
    """The component `vit_attention` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.zeros(96, 32))
        self.in_proj_lora_a = nn.Parameter(lora_start(12, 32))
        self.in_proj_lora_b = nn.Parameter(torch.zeros(96, 4))
        self.in_proj_bias = nn.Parameter(torch.zeros(96))
        self.out_proj = LoraLinear(32, 32, rank=4, factor=2)
        self.heads = 2

    def forward(self, x: Tensor) -> Tensor:
        # [N, 96, H/4, W/4]
        in_proj_weight = lora(
            channel_linear(x, self.in_proj_weight),
            x,
            self.in_proj_lora_a,
            self.in_proj_lora_b,
            on=[(0, 1), (1, 1), (2, 1)],
            of=3,
            factor=2,
        )
        q = in_proj_weight + self.in_proj_bias.view(1, -1, 1, 1)  # [N, 96, H/4, W/4]
        # [N, 32, H/4, W/4]
        attended = attend(
            q.chunk(3, dim=1)[0], q.chunk(3, dim=1)[1], q.chunk(3, dim=1)[2], self.heads
        )
        return self.out_proj(attended)


class Seeing(nn.Module):
    """The component `seeing` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = ConvBnRelu(4, 32, stride=4)
        self.q = LoraConv2d(32, 32, rank=4, factor=2)
        self.k = LoraConv2d(32, 32, rank=4, factor=2)
        self.v = LoraConv2d(32, 32, rank=4, factor=2, bias=False)
        self.blocks = nn.Sequential(DinoBlock(), DinoBlock())
        self.ln_1 = LayerNorm2d(32, eps=1e-06)
        self.self_attention = VitAttention()
        self.ln_2 = LayerNorm2d(32, eps=1e-06)
        self.mlp = nn.Sequential(
            ChannelLinear(32, 128), nn.GELU(), nn.Identity(), ChannelLinear(128, 32)
        )
        self.heads = 2

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.narrow(x)  # [N, 32, H/4, W/4]
        # [N, 32, H/4, W/4]
        attended = attend(self.q(narrow), self.k(narrow), self.v(narrow), self.heads)
        blocks = self.blocks(attended)  # [N, 32, H/4, W/4]
        seen = blocks + self.self_attention(self.ln_1(blocks))  # [N, 32, H/4, W/4]
        return seen + self.mlp(self.ln_2(seen))


class PlainDecoder(nn.Module):
    """The component `plain_decoder` of head."""

    def __init__(self) -> None:
        super().__init__()
        self.refined = nn.Sequential(ConvBnRelu(32, 256), ConvBnRelu(256, 256))
        self.predict = nn.Conv2d(256, 1, 3, padding=1)

    def forward(self, trunk: Tensor, image: Tensor) -> Tensor:
        return resize_like(self.predict(self.refined(trunk)), image)


class SeeingNet(nn.Module):
    """Pictures [N, 3, H, W], normalised, to every prediction, by name.

    disparity: [N, 1, H, W], as the data have it, NaN where there is no number
    resize: [N, 3, H, W], as the data have it, NaN where there is no number

    head: depth in metres
    """

    # The prediction of each task that is scored.
    final = {"depth": "head"}

    def __init__(self) -> None:
        super().__init__()
        self.disparity = Standardised(1)
        self.resize = Standardised(3)
        self.trunk = Seeing()
        self.head = PlainDecoder()

    def forward(
        self, image: Tensor, disparity: Tensor, resized: Tensor
    ) -> dict[str, Tensor]:
        # [N, 4, H, W]
        both = torch.cat([self.disparity(disparity), self.resize(resized)], dim=1)
        trunk = self.trunk(both)  # [N, 32, H/4, W/4]
        head = self.head(trunk, image)  # [N, 1, H, W]
        return {"head": head}

    def train(self, mode: bool = True) -> nn.Module:
        """What is frozen computes as in evaluation, and takes no gradient."""
        super().train(mode)
        self.trunk.requires_grad_(False).eval()
        for name, parameter in self.trunk.named_parameters():
            parameter.requires_grad_(name.endswith(("lora_a", "lora_b")))
        return self
