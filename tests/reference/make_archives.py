"""Writes small weights files with PyTorch itself, in the format since 1.6 and the one before, for the tests of the reader.

    python3 tests/reference/make_archives.py
"""
import argparse
import collections
import pathlib
import unittest.mock

import numpy
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
        return self.layer1(torch.relu(self.bn1(self.conv1(x))))  # the classifier is there to be left


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


class Settings:
    """A class that no other program has."""

    def __init__(self):
        self.out = pathlib.Path("runs")


class AttributeDict(dict):
    """A dictionary of a class of its own, as configuration libraries have it."""


def beside(optimizer):
    """What checkpoints hold beside weights."""
    return {
        "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=1e-3, out=pathlib.Path("runs")), "best": numpy.float64(0.3),
        "curve": numpy.arange(5), "set": {1, 2}, "frozen": frozenset([1]), "rng": torch.get_rng_state(), "none": None, "complex": 1 + 2j,
        "bytes": b"abc", "big": 1 << 100, "default": collections.defaultdict(list, {"a": [1]}), "counted": collections.Counter("aab"),
        "size": torch.Size([1, 2]), "device": torch.device("cpu"), "dtype": torch.float32, (1, 2): 3, None: 1, 1.5: 2, True: 3,
        "settings": Settings(), "class": Settings,
    }


def views(state):
    """The same numbers as expanded, strided, channels-last and shared tensors."""
    result = collections.OrderedDict((k, torch.stack([v, v], -1)[..., 0]) for k, v in state.items())
    result["conv1.weight"] = state["conv1.weight"].to(memory_format=torch.channels_last)
    result["layer1.0.weight"] = state["layer1.0.weight"].double()
    result["bn1.num_batches_tracked"] = torch.tensor([0]).expand(3)[1]
    shared = torch.cat([state["bn1.weight"], state["bn1.bias"]])
    result["bn1.weight"], result["bn1.bias"] = shared[:4], shared[4:]
    result["expanded"] = torch.tensor([1.5, 2.5])[:, None].expand(2, 3)
    return result


def forms(net):
    """One network in the forms in which other people's programs save it."""
    state = net.state_dict()
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    net.load_state_dict({k: torch.from_numpy(rule.parameter(k, v.shape)) for k, v in state.items()})
    shifted = {k: v + 1 for k, v in state.items()}
    files = {
        "everything": {"epoch": 3, "net": state, "net_ema": shifted, **beside(optimizer)},
        "views": views(state),
        "module": {"network": nn.DataParallel(net)},
        "attributes": AttributeDict(weird=AttributeDict(state)),
        "prefixed": collections.OrderedDict([("encoder." + k, v) for k, v in state.items()] + [("decoder.conv1.weight", torch.zeros(2))]),
        "rivals": {"student": state, "teacher": shifted},
        "exotic": {**state, "sparse": torch.eye(2).to_sparse(), "complex": torch.zeros(1, dtype=torch.complex64),
                   "quantized": torch.quantize_per_tensor(torch.zeros(3), 0.1, 0, torch.quint8), "meta": torch.empty(2, device="meta"),
                   "conv1.weight": state["conv1.weight"].to_sparse()},
        "numpy": {k: v.numpy() for k, v in state.items()},
    }
    for name, value in files.items():
        torch.save(value, TARGET / f"form-{name}.pth")
    # Before 1.6 the text of a network's class was saved with it, and the path of that text.
    with unittest.mock.patch("torch.serialization.get_source_lines_and_file", lambda _: (["class TinyEncoder: ..."], 1, "tiny.py")):
        for name in ("everything", "module"):
            torch.save(files[name], TARGET / f"form-{name}-legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in (1, 4, 5):
        torch.save(files["everything"], TARGET / f"form-everything-{protocol}.pth", pickle_protocol=protocol)
    torch.save(state, TARGET / "form-protocol-5-legacy.pth", pickle_protocol=5, _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(net), TARGET / "form-script.pth")


def main():
    net = TinyEncoder()
    net.load_state_dict({k: torch.from_numpy(rule.parameter(k, v.shape)) for k, v in net.state_dict().items()})
    for name, value in {"tiny": net.state_dict(), "tensors": tensors(), "checkpoint": {"epoch": 3, "state_dict": net.state_dict()}}.items():
        torch.save(value, TARGET / f"{name}.pth")
        torch.save(value, TARGET / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
    forms(net)
    for name in ("resnet18", "resnet34", "resnet50"):
        state = getattr(torchvision.models, name)().state_dict()
        lines = [" ".join([key, *map(str, value.shape)]) + "\n" for key, value in state.items()]
        (TARGET / f"{name}.names.txt").write_text("".join(lines))
    net.eval()
    x = torch.from_numpy(rule.normalise(rule.pictures(1, 8, 8)))
    print("features of tiny:", [round(v, 7) for v in net(x).flatten().tolist()])


if __name__ == "__main__":
    main()
