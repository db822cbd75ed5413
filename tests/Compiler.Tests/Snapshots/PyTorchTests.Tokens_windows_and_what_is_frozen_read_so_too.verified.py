"""The network `seeing_net` of seeing_net.mtl, as `mtlc export --to pytorch` wrote it.

The names of its weights are those of mtlc: `weights.safetensors` and checkpoints of either
fit. Shapes are given for pictures of H x W pixels; sides are multiples of 4.
A map that carries tokens is one row: the tokens, then the pixels row by row.
H/4^7 is H/4 padded to a multiple of 7.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


class ChannelLinear(nn.Linear):
    """nn.Linear over the channels of each pixel of a map [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight[:, :, None, None], self.bias)


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


class SwinMlp(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            ChannelLinear(32, 128), nn.GELU(), nn.Identity(), ChannelLinear(128, 32)
        )


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
        self.bias = nn.Parameter(torch.zeros(96))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weight = channel_linear(x, self.weight)
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
        self.proj = ChannelLinear(32, 32)
        self.heads = 2

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        q_1, qkv_0, qkv_2 = self.qkv(x)
        # [N, 32, 1, 1 + H/4 * W/4]
        seen = attend(
            rotary(qkv_0, 2, 100, y.shape[2:]),
            rotary(q_1, 2, 100, y.shape[2:]),
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

    def forward(self, blocks_0: Tensor, placed: Tensor) -> Tensor:
        # [N, 32, 1, 1 + H/4 * W/4]
        ls1 = self.ls1(self.attn(self.norm1(blocks_0), placed))
        seen = blocks_0 + ls1  # [N, 32, 1, 1 + H/4 * W/4]
        ls2 = self.ls2(self.mlp(self.norm2(seen)))  # [N, 32, 1, 1 + H/4 * W/4]
        return seen + ls2


class DinoBlock2(nn.Module):
    """The component `dino_block` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = LayerNorm2d(32, eps=1e-06)
        self.attn = DinoAttention()
        self.ls1 = DinoScale()
        self.norm2 = LayerNorm2d(32, eps=1e-06)
        self.mlp = VitMlp()
        self.ls2 = DinoScale()
        self.drop_path = DropPath(0.1)
        self.drop_path_2 = DropPath(0.1)

    def forward(self, blocks_1_0: Tensor, placed: Tensor) -> Tensor:
        # [N, 32, 1, 1 + H/4 * W/4]
        ls1 = self.ls1(self.attn(self.norm1(blocks_1_0), placed))
        seen = blocks_1_0 + self.drop_path_2(ls1)  # [N, 32, 1, 1 + H/4 * W/4]
        ls2 = self.ls2(self.mlp(self.norm2(seen)))  # [N, 32, 1, 1 + H/4 * W/4]
        return seen + self.drop_path(ls2)


class SwinV2Attention(nn.Module):
    """The component `swin_v2_attention` of trunk."""

    def __init__(self, shift: int = 0) -> None:
        super().__init__()
        self.qkv = KeylessLinear()
        self.logit_scale = nn.Parameter(torch.full((2, 1, 1), 2.302585093))
        self.register_buffer("relative_coords_table", relative_coords(7))
        self.cpb_mlp = nn.Sequential(
            ChannelLinear(2, 512), nn.ReLU(), ChannelLinear(512, 2, bias=False)
        )
        self.register_buffer("relative_position_index", relative_index(7))
        self.proj = ChannelLinear(32, 32)
        self.window_attend = WindowAttention(2, 7, shift=shift, scale=1)

    def forward(self, x: Tensor) -> Tensor:
        # [N, 32, H/4^7, W/4^7], [N, 32, H/4^7, W/4^7], [N, 32, H/4^7, W/4^7]
        q_1, qkv_0, qkv_2 = self.qkv(pad_to(x, 7))
        affine = -self.logit_scale.view(1, -1, 1, 1) + 4.605170186  # [1, 2, 1, 1]
        exp = torch.exp(-F.relu(affine) + 4.605170186)  # [1, 2, 1, 1]
        # [N, 32, H/4^7, W/4^7]
        multiply = normalize_heads(qkv_0, 2) * exp.repeat_interleave(16, dim=1)
        # [1, 2, 13, 13]
        cpb_mlp = self.cpb_mlp(self.relative_coords_table.permute(0, 3, 1, 2))
        # [1, 2, 49, 49]
        relative_position_index = relative_bias(
            16 * torch.sigmoid(cpb_mlp), self.relative_position_index
        )
        # [N, 32, H/4^7, W/4^7]
        seen = self.window_attend(
            multiply, normalize_heads(q_1, 2), qkv_2, relative_position_index
        )
        return crop_like(self.proj(seen), x)


class SwinV2Block(nn.Module):
    """The component `swin_v2_block` of trunk."""

    def __init__(self, shift: int = 0) -> None:
        super().__init__()
        self.attn = SwinV2Attention(shift=shift)
        self.norm1 = LayerNorm2d(32)
        self.mlp = SwinMlp()
        self.norm2 = LayerNorm2d(32)

    def forward(self, x: Tensor) -> Tensor:
        seen = x + self.norm1(self.attn(x))  # [N, 32, H/4, W/4]
        return seen + self.norm2(self.mlp(seen))


class Seeing(nn.Module):
    """The component `seeing` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = ConvBnRelu(3, 32, stride=4)
        self.places = nn.Parameter(torch.zeros(1, 50, 32))
        self.token = nn.Parameter(torch.zeros(1, 1, 32))
        self.blocks = nn.ModuleList(
            [nn.Identity(), nn.ModuleList([DinoBlock(), DinoBlock2()])]
        )
        self.add_module("0", SwinV2Block())
        self.add_module("1", SwinV2Block(shift=3))

    def forward(self, image: Tensor) -> Tensor:
        narrow = self.narrow(image)  # [N, 32, H/4, W/4]
        places = as_map(self.places, 1, 50)  # [1, 32, 1, 1 + 7 * 7]
        # [1, 32, H/4, W/4]
        resized = resize_to(
            pixels(places, (7, 7)), narrow, mode="bicubic", antialias=True, offset=0.1
        )
        placed = narrow + resized  # [N, 32, H/4, W/4]
        add = self.token.view(1, -1, 1, 1) + places[:, :, :, :1]  # [1, 32, 1, 1]
        # [N, 32, 1, 1 + H/4 * W/4]
        blocks_1_0 = self.blocks[1][0](with_tokens(placed, add), placed)
        # [N, 32, H/4, W/4]
        seen = pixels(self.blocks[1][1](blocks_1_0, placed), placed.shape[2:])
        return self.get_submodule("1")(self.get_submodule("0")(seen))


class PlainDecoder(nn.Module):
    """The component `plain_decoder` of head."""

    def __init__(self) -> None:
        super().__init__()
        self.refined = nn.Sequential(ConvBnRelu(32, 256), ConvBnRelu(256, 256))
        self.predict = nn.Conv2d(256, 1, 3, padding=1)

    def forward(self, trunk_1: Tensor, image: Tensor) -> Tensor:
        return resize_like(self.predict(self.refined(trunk_1)), image)


class SeeingNet(nn.Module):
    """Pictures [N, 3, H, W], normalised, to every prediction, by name.

    head: depth in metres
    """

    # The prediction of each task that is scored.
    final = {"depth": "head"}

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Seeing()
        self.head = PlainDecoder()

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        trunk = self.trunk(image)  # [N, 32, H/4, W/4]
        head = self.head(trunk, image)  # [N, 1, H, W]
        return {"head": head}

    def train(self, mode: bool = True) -> nn.Module:
        """What is frozen computes as in evaluation, and takes no gradient."""
        super().train(mode)
        for name in ("trunk.narrow",):
            self.get_submodule(name).requires_grad_(False).eval()
        return self
