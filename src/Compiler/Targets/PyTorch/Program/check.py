"""Holds this program against numbers that mtlc wrote (numbers.safetensors): outputs, gradients,
ten training steps. Exit code 1 where one differs by more than rounding explains.

    python check.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import model
import torch
from checkpoints import load_safetensors
from data import Batch, inputs
from parallel import World
from session import Session, read_recipe
from torch import Tensor

HERE = Path(__file__).resolve().parent


def samples(tensor: Tensor, count: int) -> Tensor:
    """Some of a tensor's numbers, evenly spaced."""
    flat = tensor.detach().float().reshape(-1).cpu()
    return flat[torch.arange(count) * flat.numel() // count]


def worst(mine: Tensor, wanted: Tensor) -> float:
    """The largest error, relative to the largest number."""
    scale = wanted.abs().max().clamp(min=1e-12)
    return ((mine.cpu() - wanted).abs().max() / scale).item()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--device", help="cpu or cuda; default: cuda where there is one"
    )
    options = parser.parse_args()
    world = World()
    if options.device:
        world.device = torch.device(options.device)
    if world.device.type == "cuda":  # full float32, as a CPU computes
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    recipe = read_recipe(HERE)
    recipe["train"]["precision"] = "float32"
    numbers = load_safetensors(HERE / "numbers.safetensors")
    network = getattr(model, recipe["class"])().to(world.device)
    network.load_state_dict(load_safetensors(HERE / "weights.safetensors"), strict=True)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in set(recipe["trained"]))
    for (
        module
    ) in network.modules():  # generators of random numbers differ from build to build
        if isinstance(module, torch.nn.Dropout) or type(module).__name__ == "DropPath":
            module.p = 0.0
    keys = ["image", "classes", "depth", *(f"map/{name}" for name in recipe["maps"])]
    examples = {key: numbers[key].to(world.device) for key in keys}
    examples["classes"] = examples["classes"].long()
    batch, parts = int(numbers["batch"]), recipe["train"]["accumulate"]
    recipe["train"]["batch"] = batch

    def cut(start: int, count: int) -> Batch:
        chosen = [(start + i) % len(examples["image"]) for i in range(count)]
        return {key: value[chosen] for key, value in examples.items()}

    rows: list[tuple[str, float, float]] = []
    network.eval()
    with torch.no_grad():
        outputs = network(*(x[:2] for x in inputs(recipe, examples)))
    for name, output in outputs.items():
        rows.append((f"output {name}", worst(output, numbers[f"output/{name}"]), 1e-3))

    session = Session(network, recipe, world)
    steps = numbers["steps"]  # norm of the gradient, learning rate, objective, losses
    gradients = numbers["gradients"]
    mine_gradients: list[Tensor] = []

    def inspect(parameters: list[torch.nn.Parameter]) -> None:
        for p in parameters:
            gradient = torch.zeros_like(p) if p.grad is None else p.grad
            mine_gradients.append(samples(gradient, gradients.shape[1]))

    losses = []
    for step in range(len(steps)):
        first = step * batch * parts
        made = session.step(
            (cut(first + p * batch, batch) for p in range(parts)),
            step,
            len(steps),
            inspect if step == 0 else None,
        )
        losses.append(torch.tensor([made.loss, *made.terms]))

    # What is only rounding: mtlc made the same steps from weights that differ in the last digits.
    def bound(least: float, rounding: float) -> float:
        return max(least, 10 * rounding)

    # Each parameter's gradient relative to the largest of the parameter; those that are nothing but
    # rounding beside the others are left out.
    largest = gradients.abs().max()
    kept = [i for i, g in enumerate(gradients) if g.abs().max() > 1e-4 * largest]
    rounded = numbers["rounded/gradients"]
    error = max(worst(mine_gradients[i], gradients[i]) for i in kept)
    rounding = max(worst(rounded[i], gradients[i]) for i in kept)
    rows.append((f"gradients of {len(kept)} parameters", error, bound(1e-3, rounding)))
    rounding = 0.0  # it grows from step to step, though a step may happen to be near
    for step, (mine, other) in enumerate(zip(losses, numbers["rounded/steps"])):
        wanted = steps[step, 2:]
        scale = wanted.abs().clamp(min=1e-3)
        error = ((mine - wanted).abs() / scale).max().item()
        rounding = max(rounding, ((other[2:] - wanted).abs() / scale).max().item())
        least = 1e-4 if step == 0 else 1e-2
        rows.append((f"losses of step {step + 1}", error, bound(least, rounding)))
    weights = torch.stack([samples(p, gradients.shape[1]) for p in session.trained])
    after, before = numbers["after"], numbers["before"]
    moved = (after - before).abs().max().item()

    def apart(a: Tensor, b: Tensor) -> float:
        return (a - b).pow(2).mean().sqrt().item()

    way = max(apart(after, before), 1e-12)
    error, rounding = apart(weights, after), apart(numbers["rounded/after"], after)
    most = bound(0.1, rounding / way)
    rows.append((f"weights after {len(steps)} steps", error / way, most))

    width = max(len(name) for name, _, _ in rows)
    print(
        f"torch {torch.__version__} on {world.device}; largest change of a weight {moved:.2g}"
    )
    print(f"{'':{width}}      error      bound")
    for name, error, most in rows:
        print(
            f"{name:{width}}  {error:9.1e}  {most:9.1e}{'' if error <= most else '  TOO LARGE'}"
        )
    return 0 if all(error <= most for _, error, most in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
