"""The branched network in PyTorch: as many steps as each line read says (one where it says none), their milliseconds each and the peak
memory answered.
python3 bench/reference.py train|evaluate BATCH HEIGHT WIDTH [eager|channels_last,bf16,compile]
BENCH_DEVICE=cuda: on the GPU, where the memory is that of the tensors. bf16 is autocast, compile is torch.compile."""
import contextlib
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../tests/reference"))
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
    network = Branched().to(device, memory_format=layout)
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
