"""SegFormer's, HRNet's and DINO's encoders in plain PyTorch, from their papers (Xie et al. 2021; Wang et al. 2020; Oquab et al. 2023, Darcet et al. 2024,
Siméoni et al. 2025), under the names of the authors' state dicts. `maps(x)` gives {divisor: map}."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Patches(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.proj = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.norm = nn.LayerNorm(outputs, eps=1e-5)

    def forward(self, x):
        x = self.proj(x)
        return self.norm(x.flatten(2).transpose(1, 2)), x.shape[2], x.shape[3]


class Attention(nn.Module):
    def __init__(self, width, heads, reduce):
        super().__init__()
        self.heads, self.reduce = heads, reduce
        self.q, self.kv, self.proj = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        if reduce > 1:
            self.sr, self.norm = nn.Conv2d(width, width, reduce, reduce), nn.LayerNorm(width, eps=1e-5)

    def forward(self, x, h, w):
        n, positions, width = x.shape
        d = width // self.heads
        q = self.q(x).view(n, positions, self.heads, d).transpose(1, 2)
        if self.reduce > 1:
            x = self.norm(self.sr(x.transpose(1, 2).reshape(n, width, h, w)).flatten(2).transpose(1, 2))
        k, v = self.kv(x).view(n, -1, 2, self.heads, d).permute(2, 0, 3, 1, 4)
        y = ((q @ k.transpose(2, 3)) / d**0.5).softmax(3) @ v
        return self.proj(y.transpose(1, 2).reshape(n, positions, width))


class Depthwise(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 3, 1, 1, groups=width)

    def forward(self, x, h, w):
        return self.dwconv(x.transpose(1, 2).reshape(x.shape[0], x.shape[2], h, w)).flatten(2).transpose(1, 2)


class MixFfn(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.dwconv, self.fc2 = nn.Linear(width, 4 * width), Depthwise(4 * width), nn.Linear(4 * width, width)

    def forward(self, x, h, w):
        return self.fc2(F.gelu(self.dwconv(self.fc1(x), h, w)))


class MitBlock(nn.Module):
    def __init__(self, width, heads, reduce):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, eps=1e-6), Attention(width, heads, reduce)
        self.norm2, self.mlp = nn.LayerNorm(width, eps=1e-6), MixFfn(width)

    def forward(self, x, h, w):
        x = x + self.attn(self.norm1(x), h, w)
        return x + self.mlp(self.norm2(x), h, w)


class Mit(nn.Module):
    def __init__(self, widths, depths):
        super().__init__()
        inputs = 3
        for i, (width, depth, heads, reduce) in enumerate(zip(widths, depths, (1, 2, 5, 8), (8, 4, 2, 1)), 1):
            setattr(self, f"patch_embed{i}", Patches(inputs, width, 7 if i == 1 else 3, 4 if i == 1 else 2))
            setattr(self, f"block{i}", nn.ModuleList(MitBlock(width, heads, reduce) for _ in range(depth)))
            setattr(self, f"norm{i}", nn.LayerNorm(width, eps=1e-6))
            inputs = width

    def maps(self, x):
        found = {}
        for i in range(1, 5):
            tokens, h, w = getattr(self, f"patch_embed{i}")(x)
            for block in getattr(self, f"block{i}"):
                tokens = block(tokens, h, w)
            x = found[2 ** (i + 1)] = getattr(self, f"norm{i}")(tokens).transpose(1, 2).reshape(x.shape[0], -1, h, w)
        return found


def conv_bn(inputs, outputs, kernel, stride=1, relu=False):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), *[nn.ReLU()][: int(relu)])


class Basic(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x):
        return F.relu(x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class Bottleneck(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, 64, 1, bias=False), nn.BatchNorm2d(64)
        self.conv2, self.bn2 = nn.Conv2d(64, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)
        self.conv3, self.bn3 = nn.Conv2d(64, 256, 1, bias=False), nn.BatchNorm2d(256)
        if inputs != 256:
            self.downsample = conv_bn(inputs, 256, 1)

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (self.downsample(x) if hasattr(self, "downsample") else x))


class Module(nn.Module):
    """Four blocks a branch, then every branch gets the sum of all, brought to its resolution and width."""

    def __init__(self, widths):
        super().__init__()
        n = len(widths)
        self.branches = nn.ModuleList(nn.Sequential(*(Basic(w) for _ in range(4))) for w in widths)
        self.fuse_layers = nn.ModuleList(nn.ModuleList(self.term(widths, i, j) for j in range(n)) for i in range(n))

    @staticmethod
    def term(widths, i, j):
        if j == i:
            return nn.Identity()
        if j > i:
            return conv_bn(widths[j], widths[i], 1)
        down = [conv_bn(widths[j], widths[j], 3, 2, relu=True) for _ in range(i - j - 1)]
        return nn.Sequential(*down, conv_bn(widths[j], widths[i], 3, 2))

    def forward(self, maps):
        maps = [branch(x) for branch, x in zip(self.branches, maps)]
        fused = []
        for i, row in enumerate(self.fuse_layers):
            terms = [term(x) for term, x in zip(row, maps)]
            fused.append(F.relu(sum(F.interpolate(t, size=maps[i].shape[2:], mode="bilinear", align_corners=False) if j > i else t for j, t in enumerate(terms))))
        return fused


class HrNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64)
        self.conv2, self.bn2 = nn.Conv2d(64, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(Bottleneck(64), *(Bottleneck(256) for _ in range(3)))
        before = [256]
        for i, modules in ((1, 1), (2, 4), (3, 3)):
            widths = [width * 2**k for k in range(i + 1)]
            kept = [conv_bn(b, w, 3, relu=True) if b != w else nn.Identity() for b, w in zip(before, widths)]
            setattr(self, f"transition{i}", nn.ModuleList([*kept, nn.Sequential(conv_bn(before[-1], widths[-1], 3, 2, relu=True))]))
            setattr(self, f"stage{i + 1}", nn.Sequential(*(Module(widths) for _ in range(modules))))
            before = widths

    def maps(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        maps = [self.layer1(F.relu(self.bn2(self.conv2(x))))]
        for i in (1, 2, 3):
            transition = getattr(self, f"transition{i}")
            maps = getattr(self, f"stage{i + 1}")([t(m) for t, m in zip(transition, [*maps, maps[-1]])])
        return {4 * 2**i: m for i, m in enumerate(maps)}


def mit(variant):
    depths = {"b0": (2, 2, 2, 2), "b2": (3, 4, 6, 3), "b5": (3, 6, 40, 3)}[variant]
    return Mit((32, 64, 160, 256) if variant == "b0" else (64, 128, 320, 512), depths)


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.gamma


class DinoAttention(nn.Module):
    """`turn` turns queries and keys [n, heads, positions, d] by their positions; keys then have no bias."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, turn):
        n, positions, width = x.shape
        bias = self.qkv.bias
        if turn is not None:
            bias = bias * torch.cat([torch.ones(width), torch.zeros(width), torch.ones(width)]).to(bias)
        q, k, v = F.linear(x, self.qkv.weight, bias).view(n, positions, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if turn is not None:
            q, k = turn(q), turn(k)
        y = ((q @ k.transpose(2, 3)) / q.shape[3] ** 0.5).softmax(3) @ v
        return self.proj(y.transpose(1, 2).reshape(n, positions, width))


class Perceptron(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class DinoBlock(nn.Module):
    def __init__(self, width, heads, eps):
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(width, eps=eps), DinoAttention(width, heads), Scale(width)
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(width, eps=eps), Perceptron(width), Scale(width)

    def forward(self, x, turn):
        x = x + self.ls1(self.attn(self.norm1(x), turn))
        return x + self.ls2(self.mlp(self.norm2(x)))


class DinoPatches(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.proj = nn.Conv2d(3, width, size, size)

    def forward(self, x):
        return self.proj(x)


class Dino(nn.Module):
    """Version 2 has learned positions, version 3 rotary ones."""

    def __init__(self, version, width, depth, heads, registers):
        super().__init__()
        self.version, self.size, self.heads = version, {2: 14, 3: 16}[version], heads
        eps = {2: 1e-6, 3: 1e-5}[version]
        self.cls_token, self.mask_token = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, width))
        if version == 2:
            self.pos_embed = nn.Parameter(torch.zeros(1, 1 + 37 * 37, width))
        self.patch_embed = DinoPatches(width, self.size)
        self.registers = "register_tokens" if version == 2 else "storage_tokens"
        if registers:
            setattr(self, self.registers, nn.Parameter(torch.zeros(1, registers, width)))
        self.blocks = nn.ModuleList(DinoBlock(width, heads, eps) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=eps)

    def maps(self, x):
        grid = self.patch_embed(x)
        n, width, h, w = grid.shape
        first = self.cls_token
        if self.version == 2:
            table = self.pos_embed[:, 1:].transpose(1, 2).reshape(1, width, 37, 37)
            grid = grid + F.interpolate(table, size=(h, w), mode="bicubic", align_corners=False)
            first = first + self.pos_embed[:, :1]
        kept = [first, getattr(self, self.registers)] if hasattr(self, self.registers) else [first]
        tokens = torch.cat([*(k.expand(n, -1, -1) for k in kept), grid.flatten(2).transpose(1, 2)], 1)
        turn = self.rotation(h, w, width // self.heads, tokens.shape[1] - h * w) if self.version == 3 else None
        for block in self.blocks:
            tokens = block(tokens, turn)
        return {self.size: self.norm(tokens)[:, -h * w :].transpose(1, 2).reshape(n, width, h, w)}

    @staticmethod
    def rotation(h, w, d, still):
        """Coordinates from -1 to 1, periods 100^(0 ... 1), row angles before column angles, in both halves of the channels."""
        periods = 100 ** (2 * torch.arange(d // 4, dtype=torch.float64) / (d // 2))
        rows, columns = ((torch.arange(s, dtype=torch.float64) + 0.5) / s * 2 - 1 for s in (h, w))
        places = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), -1).view(h * w, 2, 1)
        angles = (2 * math.pi * places / periods).flatten(1).repeat(1, 2)

        def turn(x):
            pixels = x[:, :, still:]
            a, b = pixels.chunk(2, -1)
            turned = pixels * angles.cos().to(x) + torch.cat([-b, a], -1) * angles.sin().to(x)
            return torch.cat([x[:, :, :still], turned], 2)

        return turn


def dino(name):
    """dinov2_vits14, dinov2_vitb14_reg, dinov3_vits16 ..."""
    width, depth, heads = {"s": (384, 12, 6), "b": (768, 12, 12), "l": (1024, 24, 16)}[name[10]]
    version = int(name[5])
    return Dino(version, width, depth, heads, 4 if version == 3 or name.endswith("_reg") else 0)
