"""The building blocks of the report, written from its text in plain PyTorch. Attribute names follow the language's rule for
state-dict names: the path of box and `let` names, numbers where calls are piped, listed or looped."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def resize(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def conv_bn_relu(inputs, outputs, kernel=1, dilation=1):
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class BasicBlock(nn.Module):
    """conv1 3x3 with the stride and dilation 1, conv2 3x3 with the dilation (torchvision's refuses dilation)."""

    def __init__(self, inputs, width, stride, dilation):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        if stride != 1 or inputs != width:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    """ResNet-18 and -34; `dilate` trades the stride of layer2, layer3, layer4 for dilation. Returns the features by name."""

    def __init__(self, depths, dilate=(False, False, False)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs, dilation = 64, 1
        for i, width in enumerate((64, 128, 256, 512)):
            stride = 1 if i == 0 else 2
            if i > 0 and dilate[i - 1]:
                stride, dilation = 1, dilation * 2
            blocks = []
            for b in range(depths[i]):
                blocks.append(BasicBlock(inputs, width, stride if b == 0 else 1, dilation))
                inputs = width
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))

    def forward(self, x):
        features = {"stem": F.relu(self.bn1(self.conv1(x)))}
        x = F.max_pool2d(features["stem"], 3, 2, 1)
        for name in ("layer1", "layer2", "layer3", "layer4"):
            x = features[name] = getattr(self, name)(x)
        return features


def resnet18(dilate=(False, False, False)):
    return ResNet((2, 2, 2, 2), dilate)


def resnet34(dilate=(False, False, False)):
    return ResNet((3, 4, 6, 3), dilate)


class ResNet50(nn.Module):
    """torchvision's own, without its classifier."""

    def __init__(self, dilate):
        super().__init__()
        import torchvision
        net = torchvision.models.resnet50(weights=None, replace_stride_with_dilation=list(dilate))
        for name in ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4"):
            setattr(self, name, getattr(net, name))

    forward = ResNet.forward


class ASPP(nn.Module):
    def __init__(self, inputs, outputs=256, rates=(3, 6, 9)):
        super().__init__()
        self.point = conv_bn_relu(inputs, outputs)
        self.atrous = nn.ModuleList(conv_bn_relu(inputs, outputs, 3, r) for r in rates)
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv_bn_relu(inputs, outputs))
        self.project = conv_bn_relu((2 + len(rates)) * outputs, outputs)

    def forward(self, x):
        branches = [self.point(x)] + [a(x) for a in self.atrous] + [resize(self.pooled(x), x.shape[2:])]
        return self.project(torch.cat(branches, 1))


class PPM(nn.Module):
    """Pyramid pooling (Zhao et al. 2017)."""

    def __init__(self, inputs, outputs=256, bins=(1, 2, 3, 6)):
        super().__init__()
        self.pooled = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(b), conv_bn_relu(inputs, outputs // len(bins))) for b in bins)
        self.project = conv_bn_relu(inputs + outputs // len(bins) * len(bins), outputs, 3)

    def forward(self, x):
        return self.project(torch.cat([x] + [resize(p(x), x.shape[2:]) for p in self.pooled], 1))


class SqueezeExcite(nn.Module):
    """Squeeze and excitation (Hu et al. 2018)."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // reduction, 1)
        self.excite = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))


class SelfAttention(nn.Module):
    def __init__(self, channels=256):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.gate = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x):
        return self.value(x) * torch.sigmoid(self.gate(x))


class SkipStage(nn.Module):
    def __init__(self, inputs, skip, convs=2, width=256, skip_width=48):
        super().__init__()
        self.lateral = nn.Conv2d(skip, skip_width, 1)
        joined = inputs + skip_width
        self.refined = nn.Sequential(*(conv_bn_relu(joined if i == 0 else width, width, 3) for i in range(convs)))
        self.channels = width if convs else joined

    def forward(self, x, skip):
        return self.refined(torch.cat([resize(x, skip.shape[2:]), self.lateral(skip)], 1))


class SkipDecoder(nn.Module):
    """DeepLabV3+ (Chen et al. 2018) with one skip; U-Net with several, coarse to fine. Returns (features, prediction)."""

    def __init__(self, inputs, skips, outputs, convs=2, width=(256,), skip_width=(48,)):
        super().__init__()
        self.merged = nn.ModuleList()
        for i, skip in enumerate(skips):
            self.merged.append(SkipStage(inputs, skip, convs, width[i], skip_width[i]))
            inputs = self.merged[-1].channels
        self.predict = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, x, *skips):
        for stage, skip in zip(self.merged, skips):
            x = stage(x, skip)
        return x, self.predict(x)


class PlainDecoder(nn.Module):
    """The report's DecoderNoSkipConnection. Returns (features, prediction)."""

    def __init__(self, inputs, outputs, convs=2, width=256, kernel=3):
        super().__init__()
        self.refined = nn.Sequential(*(conv_bn_relu(inputs if i == 0 else width, width, 3) for i in range(convs)))
        self.predict = nn.Conv2d(width if convs else inputs, outputs, kernel, padding=kernel // 2)

    def forward(self, x):
        x = self.refined(x)
        return x, self.predict(x)
