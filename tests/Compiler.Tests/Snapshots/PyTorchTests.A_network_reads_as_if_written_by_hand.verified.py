"""The network `distillation` of distillation.mtl, as `mtlc export --to pytorch` wrote it.

The names of its weights are those of mtlc: `weights.safetensors` and checkpoints of either
fit. Shapes are given for pictures of H x W pixels; sides are multiples of 16.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def resize_like(x: Tensor, like: Tensor, mode: str = "bilinear") -> Tensor:
    """To the resolution of another map."""
    corners = None if mode == "nearest" else False
    return F.interpolate(x, size=like.shape[2:], mode=mode, align_corners=corners)


class ConvBnRelu(nn.Sequential):
    def __init__(
        self, in_channels: int, kernel_size: int = 1, dilation: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                256,
                kernel_size,
                padding=dilation * (kernel_size - 1) // 2,
                dilation=dilation,
                bias=False,
            ),
            nn.BatchNorm2d(256),
            nn.ReLU(),
        )


class BasicBlock(nn.Module):
    """The component `basic_block` of trunk."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(
            channels, channels, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        relu = F.relu(self.bn1(self.conv1(x)))
        add = self.bn2(self.conv2(relu)) + x
        return F.relu(add)


class BasicBlock2(nn.Module):
    """The component `basic_block` of trunk."""

    def __init__(self, in_channels: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, 2 * in_channels, 3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(2 * in_channels)
        self.conv2 = nn.Conv2d(
            2 * in_channels,
            2 * in_channels,
            3,
            padding=dilation,
            dilation=dilation,
            bias=False,
        )
        self.bn2 = nn.BatchNorm2d(2 * in_channels)
        self.downsample = nn.Sequential(
            nn.Conv2d(in_channels, 2 * in_channels, 1, stride=stride, bias=False),
            nn.BatchNorm2d(2 * in_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        relu = F.relu(self.bn1(self.conv1(x)))
        add = self.bn2(self.conv2(relu)) + self.downsample(x)
        return F.relu(add)


class Resnet34(nn.Module):
    """The component `resnet34` of trunk."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(*(BasicBlock(64) for _ in range(3)))
        self.layer2 = nn.Sequential(
            BasicBlock2(64, stride=2), *(BasicBlock(128) for _ in range(3))
        )
        self.layer3 = nn.Sequential(
            BasicBlock2(128, stride=2), *(BasicBlock(256) for _ in range(5))
        )
        self.layer4 = nn.Sequential(
            BasicBlock2(256, dilation=2),
            BasicBlock(512, dilation=2),
            BasicBlock(512, dilation=2),
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        stem = F.relu(self.bn1(self.conv1(image)))  # [N, 64, H/2, W/2]
        # [N, 64, H/4, W/4]
        layer1 = self.layer1(F.max_pool2d(stem, 3, stride=2, padding=1))
        return layer1, self.layer4(self.layer3(self.layer2(layer1)))


class Aspp(nn.Module):
    """The component `aspp` of semseg_context, depth_context."""

    def __init__(self) -> None:
        super().__init__()
        self.point = ConvBnRelu(512)
        self.atrous = nn.ModuleList(
            [
                ConvBnRelu(512, kernel_size=3, dilation=3),
                ConvBnRelu(512, kernel_size=3, dilation=6),
                ConvBnRelu(512, kernel_size=3, dilation=9),
            ]
        )
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), ConvBnRelu(512))
        self.project = ConvBnRelu(1280)

    def forward(self, x: Tensor) -> Tensor:
        # [N, 1280, H/16, W/16]
        project = torch.cat(
            [
                self.point(x),
                self.atrous[0](x),
                self.atrous[1](x),
                self.atrous[2](x),
                resize_like(self.pooled(x), x),
            ],
            dim=1,
        )
        return self.project(project)


class SkipStage(nn.Module):
    """The component `skip_stage` of semseg_1, depth_1."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(64, 48, 1)
        self.refined = nn.Sequential(
            ConvBnRelu(304, kernel_size=3), ConvBnRelu(256, kernel_size=3)
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        # [N, 304, H/4, W/4]
        joined = torch.cat([resize_like(x, y), self.lateral(y)], dim=1)
        return self.refined(joined)


class DeeplabDecoder(nn.Module):
    """The component `deeplab_decoder` of semseg_1, depth_1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.merged = nn.ModuleList([SkipStage()])
        self.predict = nn.Conv2d(256, width, 3, padding=1)

    def forward(self, x: Tensor, y: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        merged_0 = self.merged[0](x, y)  # [N, 256, H/4, W/4]
        return merged_0, resize_like(self.predict(merged_0), image)


class SelfAttention(nn.Module):
    """The component `self_attention` of from_semseg, from_depth."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.gate = nn.Conv2d(256, 256, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.value(x) * torch.sigmoid(self.gate(x))


class PlainDecoder(nn.Module):
    """The component `plain_decoder` of semseg_2, depth_2."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.refined = nn.Sequential(
            ConvBnRelu(256, kernel_size=3), ConvBnRelu(256, kernel_size=3)
        )
        self.predict = nn.Conv2d(256, out_channels, 3, padding=1)

    def forward(self, x: Tensor, image: Tensor) -> Tensor:
        return resize_like(self.predict(self.refined(x)), image)


class Distillation(nn.Module):
    """Pictures [N, 3, H, W], normalised, to every prediction, by name.

    semseg_1: segmentation, 19 classes, deep supervision
    depth_1: depth in metres, deep supervision
    semseg_2: segmentation, 19 classes
    depth_2: depth in metres
    """

    # The prediction of each task that is scored.
    final = {"semseg": "semseg_2", "depth": "depth_2"}

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Resnet34()
        self.semseg_context = Aspp()
        self.depth_context = Aspp()
        self.semseg_1 = DeeplabDecoder(19)
        self.depth_1 = DeeplabDecoder(1)
        self.from_semseg = SelfAttention()
        self.from_depth = SelfAttention()
        self.semseg_2 = PlainDecoder(19)
        self.depth_2 = PlainDecoder(1)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        # [N, 64, H/4, W/4], [N, 512, H/16, W/16]
        layer1_2, layer4_2 = self.trunk(image)
        semseg_context = self.semseg_context(layer4_2)  # [N, 256, H/16, W/16]
        depth_context = self.depth_context(layer4_2)  # [N, 256, H/16, W/16]
        # [N, 256, H/4, W/4], [N, 19, H, W]
        refined_1_2, full = self.semseg_1(semseg_context, layer1_2, image)
        # [N, 256, H/4, W/4], [N, 1, H, W]
        refined_1_2_2, full_2 = self.depth_1(depth_context, layer1_2, image)
        from_semseg = self.from_semseg(refined_1_2)  # [N, 256, H/4, W/4]
        from_depth = self.from_depth(refined_1_2_2)  # [N, 256, H/4, W/4]
        semseg_2 = self.semseg_2(refined_1_2 + from_depth, image)  # [N, 19, H, W]
        depth_2 = self.depth_2(refined_1_2_2 + from_semseg, image)  # [N, 1, H, W]
        return {
            "semseg_1": full,
            "depth_1": full_2,
            "semseg_2": semseg_2,
            "depth_2": depth_2,
        }
