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

# Rounding grows from step to step, and mtlc says how far: it made the same steps from weights that
# differ in their last digits. Steps in which it makes so much are shown and not judged, for what
# keeps to such a bound may be wrong.
MOST_OF_LOSSES = 0.1
MOST_OF_WEIGHTS = 0.25


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

    rows: list[tuple[str, float, float | None]] = []
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

    def weights() -> Tensor:
        return torch.stack([samples(p, gradients.shape[1]) for p in session.trained])

    losses, rates, mine_weights = [], [], [weights()]
    for step in range(len(steps)):
        first = step * batch * parts
        made = session.step(
            (cut(first + p * batch, batch) for p in range(parts)),
            step,
            len(steps),
            inspect if step == 0 else None,
        )
        losses.append(torch.tensor([made.loss, *made.terms]))
        rates.append(made.rate)
        mine_weights.append(weights())

    # Each parameter's gradient relative to the largest of the parameter; those that are nothing but
    # rounding beside the others are left out.
    largest = gradients.abs().max()
    kept = [i for i, g in enumerate(gradients) if g.abs().max() > 1e-4 * largest]
    rounded = numbers["rounded/gradients"]
    error = max(worst(mine_gradients[i], gradients[i]) for i in kept)
    rounding = max(worst(rounded[i], gradients[i]) for i in kept)
    most = max(1e-3, min(10 * rounding, MOST_OF_LOSSES))
    rows.append((f"gradients of {len(kept)} parameters", error, most))
    rows.append(("learning rates", worst(torch.tensor(rates), steps[:, 1]), 1e-6))
    rounding = 0.0  # though a step may happen to be near
    for step, (mine, other) in enumerate(zip(losses, numbers["rounded/steps"])):
        wanted = steps[step, 2:]
        scale = wanted.abs().clamp(min=1e-3)
        error = ((mine - wanted).abs() / scale).max().item()
        rounding = max(rounding, ((other[2:] - wanted).abs() / scale).max().item())
        most = max(1e-4 if step == 0 else 1e-2, 10 * rounding)
        judged = step == 0 or most <= MOST_OF_LOSSES
        rows.append((f"losses of step {step + 1}", error, most if judged else None))

    # The error of the weights beside the way that they went, both squared and averaged.
    def apart(a: Tensor, b: Tensor) -> float:
        return (a - b).pow(2).mean().sqrt().item()

    start, *wanted_weights = numbers["weights"]
    rounding = 0.0
    for step, (mine, wanted, other) in enumerate(
        zip(mine_weights[1:], wanted_weights, numbers["rounded/weights"][1:])
    ):
        way = max(apart(wanted, start), 1e-12)
        rounding = max(rounding, apart(other, wanted) / way)
        most = max(0.02, 4 * rounding)
        judged = step == 0 or most <= MOST_OF_WEIGHTS
        error = apart(mine, wanted) / way
        rows.append((f"weights after step {step + 1}", error, most if judged else None))

    width = max(len(name) for name, _, _ in rows)
    print(f"torch {torch.__version__} on {world.device}")
    print(f"{'':{width}}      error      bound")
    wrong = 0
    for name, error, most in rows:
        if most is None:
            print(f"{name:{width}}  {error:9.1e}  as rounding makes")
        elif error <= most:  # NaN is not
            print(f"{name:{width}}  {error:9.1e}  {most:9.1e}")
        else:
            print(f"{name:{width}}  {error:9.1e}  {most:9.1e}  TOO LARGE")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
