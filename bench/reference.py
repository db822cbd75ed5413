"""The branched network in eager PyTorch: one step for each line read, its milliseconds and the process's peak memory answered.
python3 bench/reference.py train|evaluate BATCH HEIGHT WIDTH"""
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
        return [resize(head(context(features["layer4"]), features["layer1"])[1], x.shape[2:])
                for context, head in zip(self.contexts, self.heads)]


def main():
    mode, batch, height, width = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(int(os.environ.get("BENCH_THREADS", os.cpu_count())))
    torch.manual_seed(0)
    network = Branched()
    x, classes, depth = torch.randn(batch, 3, height, width), torch.randint(0, 19, (batch, height, width)), torch.randn(batch, 1, height, width)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-4)

    def train():
        optimizer.zero_grad(set_to_none=True)
        semseg, predicted = network(x)
        loss = 0.5 * F.cross_entropy(semseg, classes, ignore_index=255) + 0.5 * F.mse_loss(predicted, depth)
        loss.backward()
        optimizer.step()
        loss.item()

    def evaluate():
        with torch.inference_mode():
            network(x)

    network.train(mode == "train")
    step = train if mode == "train" else evaluate
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        step()
        milliseconds = (time.perf_counter() - start) * 1000
        peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print(f"{milliseconds:.3f} {peak / 1024:.1f}", flush=True)


main()
