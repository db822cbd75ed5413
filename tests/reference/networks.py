"""The report's networks. Each returns {prediction's name: full-size map after its activation}; names as the language gives them:
the decoder's, or decoder.task where one decoder predicts several tasks."""
import cv2
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from parts import ASPP, PPM, PlainDecoder, ResNet50, SelfAttention, SkipDecoder, SqueezeExcite, conv_bn_relu, resize, resnet18, resnet34

LAST = (False, False, True)
ACTIVATION = {"semseg": lambda x: x, "depth": lambda x: x, "contour": torch.sigmoid, "normals": torch.tanh}
CHANNELS = {"semseg": 19, "depth": 1, "contour": 1, "normals": 3}


class Baseline(nn.Module):
    def __init__(self, dilate=(False, False, False), encoder=resnet34):
        super().__init__()
        self.trunk = encoder(dilate)
        self.context = conv_bn_relu(512, 256)
        self.head = PlainDecoder(256, 20, convs=0, kernel=1)

    def forward(self, x):
        features = self.context(self.trunk(x)["layer4"])
        _, logits = self.head(resize(features, (x.shape[2] // 4, x.shape[3] // 4)))
        return both("head", resize(logits, x.shape[2:]))


def both(name, logits):
    return {f"{name}.semseg": logits[:, :19], f"{name}.depth": logits[:, 19:]}


class Joint(nn.Module):
    def __init__(self, convs=2):
        super().__init__()
        self.trunk = resnet34(LAST)
        self.context = ASPP(512)
        self.head = SkipDecoder(256, [64], 20, convs)

    def forward(self, x):
        features = self.trunk(x)
        _, logits = self.head(self.context(features["layer4"]), features["layer1"])
        return both("head", resize(logits, x.shape[2:]))


class Branched(nn.Module):
    """Section 2: a context and a decoder per task."""

    def __init__(self):
        super().__init__()
        self.trunk = resnet34(LAST)
        for task in ("semseg", "depth"):
            setattr(self, f"{task}_context", ASPP(512))
            setattr(self, f"{task}_head", SkipDecoder(256, [64], CHANNELS[task]))

    def forward(self, x):
        features, predictions = self.trunk(x), {}
        for task in ("semseg", "depth"):
            context = getattr(self, f"{task}_context")(features["layer4"])
            _, logits = getattr(self, f"{task}_head")(context, features["layer1"])
            predictions[f"{task}_head"] = resize(logits, x.shape[2:])
        return predictions


class Distillation(nn.Module):
    """Figures 15, 16 and 18: every task has an ASPP, a first decoder and an attention; semseg and depth a second decoder each,
    which reads the sum of its own features and the other tasks' attended ones."""

    def __init__(self, *auxiliary):
        super().__init__()
        self.tasks = ("semseg", "depth") + auxiliary
        self.trunk = resnet34(LAST)
        for task in self.tasks:
            setattr(self, f"{task}_context", ASPP(512))
            setattr(self, f"{task}_1", SkipDecoder(256, [64], CHANNELS[task]))
            setattr(self, f"from_{task}", SelfAttention())
        self.semseg_2, self.depth_2 = PlainDecoder(256, 19), PlainDecoder(256, 1)

    def refine(self, task, prediction, x):
        return prediction

    def forward(self, x):
        features = self.trunk(x)
        predictions, first = {}, {}
        for task in self.tasks:
            context = getattr(self, f"{task}_context")(features["layer4"])
            first[task], logits = getattr(self, f"{task}_1")(context, features["layer1"])
            predictions[f"{task}_1"] = ACTIVATION[task](resize(logits, x.shape[2:]))
        attended = {task: getattr(self, f"from_{task}")(first[task]) for task in self.tasks}
        for task in ("semseg", "depth"):
            total = first[task]
            for other in self.tasks:
                if other != task:
                    total = total + attended[other]
            _, logits = getattr(self, f"{task}_2")(total)
            predictions[f"{task}_2"] = self.refine(task, resize(logits, x.shape[2:]), x)
        return predictions


class Canny(Distillation):
    def __init__(self):
        super().__init__()
        self.final_convolution_semseg = nn.Conv2d(20, 19, 5, padding=2)
        self.final_convolution_depth = nn.Conv2d(2, 1, 5, padding=2)

    def refine(self, task, prediction, x):
        return getattr(self, f"final_convolution_{task}")(torch.cat([prediction, edges(x)], 1))


def edges(x):
    """OpenCV's Canny of the picture in 0..255, 0 or 1."""
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    picture = ((x.float().permute(0, 2, 3, 1) * deviation + mean) * 255).round().clamp(0, 255).numpy().astype(np.uint8)
    maps = [torch.from_numpy(cv2.Canny(np.ascontiguousarray(p), 100, 200)) / 255 for p in picture]
    return torch.stack(maps).unsqueeze(1).to(x.dtype)


class Pyramid(nn.Module):
    """Several skips, merged from coarse to fine, behind pyramid pooling; a decoder per task."""

    def __init__(self):
        super().__init__()
        self.trunk = resnet34()
        self.context = PPM(512)
        for task in ("semseg", "depth"):
            setattr(self, f"{task}_head", SkipDecoder(256, [256, 128, 64, 64], CHANNELS[task], 1, (256, 128, 64, 64), (128, 64, 48, 32)))

    def forward(self, x):
        f = self.trunk(x)
        skips = f["layer3"], f["layer2"], f["layer1"], f["stem"]
        context = self.context(f["layer4"])
        return {f"{task}_head": resize(getattr(self, f"{task}_head")(context, *skips)[1], x.shape[2:]) for task in ("semseg", "depth")}


class Excite(nn.Module):
    """ResNet-50 at output stride 8, pyramid pooling, squeeze and excitation: the library's other parts."""

    def __init__(self):
        super().__init__()
        self.trunk = ResNet50((False, True, True))
        self.context = PPM(2048)
        self.gated = SqueezeExcite(256)
        self.head = PlainDecoder(256, 19, convs=1, width=64)

    def forward(self, x):
        _, logits = self.head(self.gated(self.context(self.trunk(x)["layer4"])))
        return {"head": resize(logits, x.shape[2:])}


def final(name):
    """The state-dict name in the language, where an attribute above cannot have it."""
    for task in ("semseg", "depth"):
        name = name.replace(f"final_convolution_{task}.", f"{task}.refine.")
    return name


NETWORKS = {
    "baseline": Baseline,
    "dilated": lambda: Baseline(LAST),
    "joint-1conv": lambda: Joint(0),
    "joint": Joint,
    "branched": Branched,
    "distillation": Distillation,
    "contour": lambda: Distillation("contour"),
    "normals": lambda: Distillation("normals"),
    "full": lambda: Distillation("contour", "normals"),
    "canny": Canny,
    "pyramid": Pyramid,
    "resnet18": lambda: Baseline(encoder=resnet18),
    "excite": Excite,
}
