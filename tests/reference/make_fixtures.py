"""Writes tests/Runtime.Tests/reference/networks.json: what PyTorch computes for the report's networks, given weights, pictures and
labels by the rule of rule.py. Needs torch, torchvision, numpy and opencv; takes a few minutes. Computed in double precision,
with the deviation of PyTorch's own float32 printed beside it.

    python3 tests/reference/make_fixtures.py [NAME ...]
"""
import json
import pathlib
import re
import sys

import torch

import losses
import rule
from networks import NETWORKS, final

BATCH, HEIGHT, WIDTH = 2, 128, 192
SAMPLES, GRADIENTS = 12, 3
# Networks that list their encoder's state; the others name one that has the same.
ENCODERS = ("baseline", "resnet18", "excite")
TARGET = pathlib.Path(__file__).parents[1] / "Runtime.Tests" / "reference" / "networks.json"


def run(name, dtype):
    """(outputs in evaluation, outputs in training, loss, gradients, state after the training step)"""
    torch.manual_seed(0)
    net = NETWORKS[name]()
    state = net.state_dict()
    net.load_state_dict({key: torch.from_numpy(rule.parameter(final(key), value.shape)) for key, value in state.items()})
    net = net.to(dtype)
    x = torch.from_numpy(rule.normalise(rule.pictures(BATCH, HEIGHT, WIDTH))).to(dtype)
    classes = torch.from_numpy(rule.classes(BATCH, HEIGHT, WIDTH, 19))
    metres = torch.from_numpy(rule.metres(BATCH, HEIGHT, WIDTH)).to(dtype)
    net.eval()
    with torch.no_grad():
        evaluated = net(x)
    net.train()
    trained = net(x)
    loss = losses.objective(name, trained, classes, metres.to(dtype)).to(dtype)
    loss.backward()
    gradients = {final(key): p.grad for key, p in net.named_parameters()}
    return evaluated, trained, loss, gradients, {final(key): value for key, value in net.state_dict().items()}


def digits(value):
    return float(f"{float(value):.7g}")


def sample(key, tensor, count):
    flat = tensor.detach().reshape(-1)
    return {"max": digits(flat.abs().max()), "norm": digits(flat.norm()),
            "values": [digits(flat[i]) for i in rule.positions(key, flat.numel(), count)]}


def listed(key):
    """Of a ResNet's many alike blocks the first and last of each stage stand for all."""
    return not re.match(r"trunk\.layer\d\.[1-4]\.", key) or ".layer4.2." in key


def row(key, tensor):
    """[max, norm, values...]"""
    found = sample(key, tensor, GRADIENTS)
    return [found["max"], found["norm"], *found["values"]]


def deviation(exact, rounded):
    return max(((exact[key] - rounded[key].double()).abs().max() / exact[key].abs().max()).item() for key in exact)


def write(fixtures):
    lines = []
    for name, fixture in fixtures.items():
        fields = []
        for key, value in fixture.items():
            if isinstance(value, dict):
                inner = ",\n".join(f"      {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
                fields.append(f"    {json.dumps(key)}: {{\n{inner}\n    }}")
            else:
                fields.append(f"    {json.dumps(key)}: {json.dumps(value)}")
        lines.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n  }")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main(names):
    fixtures = json.loads(TARGET.read_text()) if names and TARGET.exists() else {}
    for name in names or NETWORKS:
        evaluated, trained, loss, gradients, state = run(name, torch.float64)
        evaluated32, trained32, loss32, gradients32, _ = run(name, torch.float32)
        fixtures[name] = {
            "trainable": sum(g.numel() for g in gradients.values()),
            "loss": digits(loss),
            "state": {key: list(value.shape) for key, value in state.items() if name in ENCODERS or not key.startswith("trunk.")},
            "encoder": name if name in ENCODERS else "baseline",
            "evaluation": {key: sample(key, value, SAMPLES) for key, value in evaluated.items()},
            "training": {key: sample(key, value, SAMPLES) for key, value in trained.items()},
            "gradients": {key: row(key, value) for key, value in gradients.items() if listed(key)},
            "statistics": {key: row(key, value) for key, value in state.items() if "running" in key and "layer" not in key},
        }
        print(f"{name}: {fixtures[name]['trainable']:,} parameters, loss {loss.item():.6f}; float32 is off by {(loss - loss32.double()).abs().item():.1e} "
              f"(loss), {deviation(evaluated, evaluated32):.1e} (evaluation), {deviation(trained, trained32):.1e} (training), "
              f"{deviation(gradients, gradients32):.1e} (gradients)", flush=True)
        write(fixtures)


if __name__ == "__main__":
    main(sys.argv[1:])
