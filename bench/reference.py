"""A network in PyTorch: as many steps as each line read says (one where it says none), their milliseconds each and the peak
memory answered.
python3 bench/reference.py train|evaluate BATCH HEIGHT WIDTH [eager|channels_last,bf16,compile]
BENCH_NETWORK=branched|segformer-b0|convnext-tiny: the network; branched where nothing is said, and the only one that is trained.
BENCH_DEVICE=cuda: on the GPU, where the memory is that of the tensors. bf16 is autocast, compile is torch.compile."""
import contextlib
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../tests/reference"))
from backbones import mit  # noqa: E402
from parts import ASPP, SkipDecoder, resize, resnet34  # noqa: E402


class Branched(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = resnet34((False, False, True))
        self.contexts = nn.ModuleList(ASPP(512) for _ in range(2))
        self.heads = nn.ModuleList(SkipDecoder(256, [64], channels) for channels in (19, 1))

    def forward(self, x):
        features = self.trunk(x)
        return [
            resize(head(context(features["layer4"]), features["layer1"])[1], x.shape[2:])
            for context, head in zip(self.contexts, self.heads)
        ]


class SegFormerHead(nn.Module):
    """All-MLP decoder of Xie et al. 2021, its linear layers as 1x1 convolutions."""

    def __init__(self, widths, width=256):
        super().__init__()
        self.linear = nn.ModuleList(nn.Conv2d(w, width, 1) for w in widths)
        self.fuse = nn.Sequential(nn.Conv2d(len(widths) * width, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.classify = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(width, 19, 1))

    def forward(self, maps):
        size = maps[0].shape[2:]
        return self.classify(self.fuse(torch.cat([resize(linear(m), size) for linear, m in zip(self.linear, maps)], 1)))


class SegFormer(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = mit("b0")
        self.head = SegFormerHead((32, 64, 160, 256))

    def forward(self, x):
        return resize(self.head(list(self.trunk.maps(x).values())), x.shape[2:])


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        from torchvision.models import convnext_tiny

        self.trunk = convnext_tiny().features
        self.head = SegFormerHead((96, 192, 384, 768))

    def forward(self, x):
        maps, y = [], x
        for i, layer in enumerate(self.trunk):
            y = layer(y)
            if i % 2:
                maps.append(y)
        return resize(self.head(maps), x.shape[2:])


NETWORKS = {"branched": Branched, "segformer-b0": SegFormer, "convnext-tiny": ConvNeXt}


def peak(device):
    """MiB."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / 2**20
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024


def main():
    mode, batch, height, width = sys.argv[1], *map(int, sys.argv[2:5])
    kind = set(sys.argv[5].split(",")) if len(sys.argv) > 5 else {"eager"}
    device = torch.device(os.environ.get("BENCH_DEVICE", "cpu"))
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", os.cpu_count())))
    torch.manual_seed(0)
    layout = torch.channels_last if "channels_last" in kind else torch.contiguous_format
    network = NETWORKS[os.environ.get("BENCH_NETWORK", "branched")]().to(device, memory_format=layout)
    x = torch.randn(batch, 3, height, width, device=device).contiguous(memory_format=layout)
    classes = torch.randint(0, 19, (batch, height, width), device=device)
    depth = torch.randn(batch, 1, height, width, device=device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-4)
    forward = torch.compile(network) if "compile" in kind else network
    autocast = (lambda: torch.autocast(device.type, dtype=torch.bfloat16)) if "bf16" in kind else contextlib.nullcontext

    def train():
        optimizer.zero_grad(set_to_none=True)
        with autocast():
            semseg, predicted = forward(x)
        loss = 0.5 * F.cross_entropy(semseg.float(), classes, ignore_index=255) + 0.5 * F.mse_loss(predicted.float(), depth)
        loss.backward()
        optimizer.step()
        loss.item()

    def evaluate():
        with torch.inference_mode(), autocast():
            forward(x)

    network.train(mode == "train")
    step = train if mode == "train" else evaluate
    if "compile" in kind:
        step()  # compiles, which takes a minute and is no step
    print("ready", flush=True)
    for line in sys.stdin:
        steps = int(line) if line.strip().isdigit() else 1
        start = time.perf_counter()
        for _ in range(steps):
            step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        milliseconds = (time.perf_counter() - start) * 1000 / steps
        print(f"{milliseconds:.3f} {peak(device):.1f}", flush=True)


if __name__ == "__main__":
    main()
