"""Writes small weights files with PyTorch itself, in the format since 1.6 and the one before, for the tests of the reader.

    python3 tests/reference/make_archives.py
"""
import collections
import pathlib

import torch
import torch.nn as nn
import torchvision

import rule

TARGET = pathlib.Path(__file__).parents[1] / "Runtime.Tests" / "reference"


class TinyEncoder(nn.Module):
    """What a torchvision classifier looks like, in small: examples in tests declare the same encoder in the language."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(nn.Conv2d(4, 8, 3, 2, 1), nn.ReLU(), nn.BatchNorm2d(8))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        return self.layer1(torch.relu(self.bn1(self.conv1(x))))


def tensors():
    """Every element type, and views that are neither whole nor contiguous."""
    result = collections.OrderedDict()
    result["plain"] = torch.arange(12.0).reshape(2, 2, 1, 3)
    result["transposed"] = torch.arange(6.0).reshape(2, 3).t()
    result["window"] = torch.arange(10.0)[3:7]
    result["parameter"] = nn.Parameter(torch.tensor([1.0, -2.0]))
    result["half"] = torch.tensor([1.5, -2.0], dtype=torch.float16)
    result["bfloat16"] = torch.tensor([1.5, -3.0], dtype=torch.bfloat16)
    result["double"] = torch.tensor([0.1], dtype=torch.float64)
    result["long"] = torch.tensor(-7)
    result["int"] = torch.tensor([1 << 20, -5], dtype=torch.int32)
    result["short"] = torch.tensor([-300], dtype=torch.int16)
    result["char"] = torch.tensor([-3], dtype=torch.int8)
    result["byte"] = torch.tensor([200], dtype=torch.uint8)
    result["bool"] = torch.tensor([True, False])
    result["empty"] = torch.zeros(0, 3)
    return result


def main():
    net = TinyEncoder()
    net.load_state_dict({k: torch.from_numpy(rule.parameter(k, v.shape)) for k, v in net.state_dict().items()})
    for name, value in {"tiny": net.state_dict(), "tensors": tensors(), "checkpoint": {"epoch": 3, "state_dict": net.state_dict()}}.items():
        torch.save(value, TARGET / f"{name}.pth")
        torch.save(value, TARGET / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
    for name in ("resnet18", "resnet34", "resnet50"):
        state = getattr(torchvision.models, name)().state_dict()
        lines = [" ".join([key, *map(str, value.shape)]) + "\n" for key, value in state.items()]
        (TARGET / f"{name}.names.txt").write_text("".join(lines))
    net.eval()
    x = torch.from_numpy(rule.normalise(rule.pictures(1, 8, 8)))
    print("features of tiny:", [round(v, 7) for v in net(x).flatten().tolist()])


if __name__ == "__main__":
    main()
