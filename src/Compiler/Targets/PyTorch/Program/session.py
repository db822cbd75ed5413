"""What a step changes: weights, optimizer, balancing scheme; and how a step is made."""

from __future__ import annotations

import json
import math
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable

import torch
from balancing import Position, balancer
from data import Batch, inputs
from losses import LOSSES, Task, target
from parallel import World, full
from torch import Tensor, nn

Recipe = dict[str, Any]

PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}


def read_recipe(folder: Path) -> Recipe:
    return json.loads((folder / "recipe.json").read_text(encoding="utf-8"))


def learning_rate(train: dict[str, Any], step: int, per_epoch: int) -> float:
    """A function of the step alone: nothing of a schedule is saved."""
    schedule, epochs = train["schedule"], train["epochs"]

    def epoch(per: str) -> float:
        return float(step // per_epoch) if per == "epoch" else step / per_epoch

    kind = schedule["kind"]
    if kind == "poly":
        done = min(1.0, epoch(schedule["per"]) / epochs)
        factor = max(1e-6, (1 - done) ** schedule["power"])
    elif kind == "step":
        factor = schedule["gamma"] ** math.floor(epoch("epoch") / schedule["every"])
    elif kind == "cosine":
        done = min(1.0, epoch(schedule["per"]) / epochs)
        low = schedule["minimum"]
        factor = low + (1 - low) * (1 + math.cos(math.pi * done)) / 2
    else:
        factor = 1.0
    if schedule["warmup"] > 0:
        factor *= min(1.0, (step + 1) / (schedule["warmup"] * per_epoch))
    return train["optimizer"]["lr"] * factor


Group = dict[str, Any]


def groups(recipe: Recipe, named: dict[str, nn.Parameter]) -> list[Group]:
    """The trained parameters, in groups of one learning rate and one weight decay.

    `factor` is what a group multiplies the learning rate of the moment by.
    """
    decay = recipe["train"]["optimizer"]["weight_decay"]
    alike = {"rate": 1.0, "weight_decay": None, "parameters": recipe["trained"]}
    return [
        {
            "params": [named[name] for name in group["parameters"]],
            "weight_decay": decay
            if group["weight_decay"] is None
            else group["weight_decay"],
            "factor": group["rate"],
        }
        for group in recipe.get("groups", [alike])
    ]


def optimizer_of(
    settings: dict[str, Any], groups: list[Group]
) -> torch.optim.Optimizer:
    rate = settings["lr"]
    if settings["kind"] == "sgd":
        momentum, nesterov = settings["momentum"], settings["nesterov"]
        return torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=nesterov)
    kind = torch.optim.Adam if settings["kind"] == "adam" else torch.optim.AdamW
    betas = (settings["beta1"], settings["beta2"])
    return kind(groups, lr=rate, betas=betas, eps=settings["eps"])


def slots(settings: dict[str, Any]) -> list[str]:
    if settings["kind"] == "sgd":
        return ["momentum_buffer"] if settings["momentum"] > 0 else []
    return ["exp_avg", "exp_avg_sq", "step"]


def sgd_starts(
    optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]
) -> None:
    """With a buffer of zeros the first step is the one of SGD, and there is always one to save."""
    for parameter in parameters:
        optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)


def adam_starts(
    optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]
) -> None:
    for parameter in parameters:
        optimizer.state[parameter].update(
            step=torch.zeros((), dtype=torch.float32),
            exp_avg=torch.zeros_like(parameter),
            exp_avg_sq=torch.zeros_like(parameter),
        )


@dataclass
class Outcome:
    """A step in plain numbers: the objective, each loss before its weight, the norm of the gradient."""

    loss: float
    terms: list[float]
    norm: float
    rate: float
    skipped: bool
    lowered: float | None = None  # the loss scale, where its overflow lowered it


class Session:
    def __init__(self, model: nn.Module, recipe: Recipe, world: World) -> None:
        self.model, self.recipe, self.train, self.world = (
            model,
            recipe,
            recipe["train"],
            world,
        )
        self.tasks: dict[str, Task] = {t["name"]: t for t in recipe["tasks"]}
        named = dict(model.named_parameters())
        self.names: list[str] = recipe["trained"]
        self.trained = [named[name] for name in self.names]
        settings = self.train["optimizer"]
        self.optimizer = optimizer_of(settings, groups(recipe, named))
        self.scheme = balancer(recipe["objective"], self.train["seed"], world)
        self.balancing: torch.optim.Optimizer | None = None
        if (
            self.scheme.parameters
        ):  # decaying a scheme's own weights would be a prior on them
            own = {"params": self.scheme.parameters, "weight_decay": 0.0, "factor": 1.0}
            self.balancing = optimizer_of(settings, [own])
        starts = sgd_starts if settings["kind"] == "sgd" else adam_starts
        if slots(settings):
            starts(self.optimizer, self.trained)
            if self.balancing is not None:
                starts(self.balancing, self.scheme.parameters)
        self.precision = PRECISIONS.get(self.train["precision"])
        self.scale, self.good_steps = (
            65536.0 if self.train["precision"] == "fp16" else 1.0
        ), 0

    # A step

    def step(
        self,
        parts: Iterable[Batch],
        step: int,
        per_epoch: int,
        inspect: Callable[[list[nn.Parameter]], None] | None = None,
    ) -> Outcome:
        """`inspect` sees the parameters with their gradients, before these are clipped."""
        self.model.train()
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        before = self.scheme.state()
        self.clear()
        count, total, has_summed = self.train["accumulate"], 0.0, False
        terms: list[float] = []
        for part, batch in enumerate(parts):
            # Dropout draws by step, part and process; a run that goes on draws the same.
            torch.manual_seed(
                ((self.train["seed"] * 1_000_003 + step) * 4099 + part) * 65_537
                + self.world.rank
            )
            value, values, has_summed = self.backward(
                batch, Position(step, part, count, self.scale)
            )
            total += value / count
            terms = [
                a + b / count for a, b in zip(terms or [0.0] * len(values), values)
            ]
        gradients = [p.grad for p in self.trained if p.grad is not None]
        if not has_summed:
            self.world.sum_gradients(
                g for g in gradients if not hasattr(g, "full_tensor")
            )
        self.world.sum_gradients(p.grad for p in self.scheme.parameters)
        factor = 1 / (count * self.scale)
        if factor != 1:
            for gradient in [*gradients, *(p.grad for p in self.scheme.parameters)]:
                gradient.mul_(factor)
        norm = full(torch.stack([full(g.norm()) for g in gradients]).norm()).item()
        if inspect is not None:
            inspect(self.trained)
        rate = learning_rate(self.train, step, per_epoch)
        skipped = not (math.isfinite(total) and math.isfinite(norm))
        lowered = self.update_scale(skipped) if math.isfinite(total) else None
        if skipped:  # nothing of a bad step stays
            with torch.no_grad():
                for name, buffer in self.model.named_buffers():
                    buffer.copy_(buffers[name])
            self.scheme.load(before)
        else:
            clip = self.train["clip_norm"]
            if clip > 0 and clip / (norm + 1e-6) < 1:
                for gradient in gradients:
                    gradient.mul_(clip / (norm + 1e-6))
            for optimizer in (self.optimizer, self.balancing):
                if optimizer is not None:
                    for group in optimizer.param_groups:
                        group["lr"] = rate * group["factor"]
                    optimizer.step()
        self.clear()
        return Outcome(total, terms, norm, rate, skipped, lowered)

    def clear(self) -> None:
        for parameter in [*self.trained, *self.scheme.parameters]:
            parameter.grad = None

    def backward(self, batch: Batch, at: Position) -> tuple[float, list[float], bool]:
        given = inputs(self.recipe, batch)
        if self.train["memory_format"] == "channels_last":
            given = [x.to(memory_format=torch.channels_last) for x in given]
        low = (
            nullcontext()
            if self.precision is None
            else torch.autocast(self.world.device.type, dtype=self.precision)
        )
        with low:
            outputs = self.model(*given)
        outputs = {name: output.float() for name, output in outputs.items()}
        losses, terms = self.losses(outputs, batch)
        # The numbers of the whole batch, which the schemes read, in one sum.
        numbers = self.world.sum_(
            torch.stack([*(l.detach() for l in losses), *terms])
        ).tolist()
        values, terms_ = numbers[: len(losses)], numbers[len(losses) :]
        made = self.scheme.backward(losses, values, self.trained, at)
        return made.total, terms_, made.has_summed

    def losses(
        self, outputs: dict[str, Tensor], batch: Batch
    ) -> tuple[list[Tensor], list[Tensor]]:
        """This process's share of each part of the objective, and of each loss before any weight.

        Sums over processes are the losses of the whole batch: what a loss is divided by (labelled
        pixels, images with a label) is counted over all of them. Every prediction takes part in
        every step, with a gradient of zero where its task has no label here.
        """
        targets: dict[str, Tensor] = {}
        terms: list[Tensor] = []

        def share(objective: dict[str, Any]) -> Tensor:
            if objective["kind"] == "term":
                terms.append(term(objective))
                return terms[-1]
            if objective["kind"] == "scaled":
                return share(objective["of"]) * objective["weight"]
            parts = [share(part) for part in objective["parts"]]
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            return total

        def term(objective: dict[str, Any]) -> Tensor:
            task = self.tasks[objective["task"]]
            if task["name"] not in targets:
                targets[task["name"]] = target(self.tasks, task, batch)
            shares = []
            for name in objective["outputs"]:
                loss = LOSSES[objective["loss"]]
                total, count = loss(
                    outputs[name], targets[task["name"]], task.get("ignore", -1)
                )
                shares.append(total / self.world.sum_(count.float()).clamp(min=1))
            return (
                shares[0]
                if len(shares) == 1
                else sum(shares[1:], shares[0]) / len(shares)
            )

        objective = self.recipe["objective"]
        parts = objective["parts"] if objective["kind"] == "balanced" else [objective]
        found = [share(part) for part in parts]
        return found, [t.detach() for t in terms]

    def update_scale(self, overflowed: bool) -> float | None:
        """Dynamic loss scaling, by the numbers of GradScaler."""
        if self.train["precision"] != "fp16":
            return None
        if not overflowed:
            self.good_steps += 1
            if self.good_steps == 2000:
                self.scale, self.good_steps = 2 * self.scale, 0
            return None
        fell = self.scale > 1
        self.scale, self.good_steps = max(1.0, self.scale / 2), 0
        return self.scale if fell else None

    def end_epoch(self) -> None:
        self.scheme.end_epoch()

    # What is saved

    def weights(self) -> dict[str, Tensor]:
        return {name: full(value) for name, value in self.model.state_dict().items()}

    def optimizer_state(self) -> dict[str, Tensor]:
        """ "PARAMETER/SLOT", as mtlc names it."""
        found = {}
        for name, parameter, optimizer in self.slotted():
            for slot in slots(self.train["optimizer"]):
                value = full(optimizer.state[parameter][slot])
                found[f"{name}/{slot}"] = value.float() if slot == "step" else value
        return found

    def balancing_state(self) -> dict[str, list[float]]:
        state = self.scheme.state()
        if self.train["precision"] == "fp16":
            state["loss_scale"] = [self.scale, float(self.good_steps)]
        return state

    def load(
        self,
        weights: dict[str, Tensor],
        optimizer: dict[str, Tensor],
        balancing: dict[str, list[float]],
    ) -> None:
        self.load_weights(weights)
        for name, parameter, own in self.slotted():
            for slot in slots(self.train["optimizer"]):
                saved = optimizer[f"{name}/{slot}"]
                place(own.state[parameter], slot, saved)
        self.scheme.load(balancing)
        if "loss_scale" in balancing:
            self.scale, self.good_steps = balancing["loss_scale"][0], int(
                balancing["loss_scale"][1]
            )

    @torch.no_grad()
    def load_weights(self, weights: dict[str, Tensor]) -> None:
        own = self.model.state_dict()
        if set(own) != set(weights):
            different = sorted(set(own) ^ set(weights))
            raise ValueError(
                f"the weights are of another network: {', '.join(different[:5])}"
            )
        for name, value in own.items():
            spread(value, weights[name])

    def slotted(self) -> Iterable[tuple[str, nn.Parameter, torch.optim.Optimizer]]:
        for name, parameter in zip(self.names, self.trained):
            yield name, parameter, self.optimizer
        if self.balancing is not None:
            for i, parameter in enumerate(self.scheme.parameters):
                yield f"balancing:{i}", parameter, self.balancing


@torch.no_grad()
def place(state: dict[str, Any], slot: str, saved: Tensor) -> None:
    spread(state[slot], saved)


@torch.no_grad()
def spread(into: Tensor, whole: Tensor) -> None:
    """Copies, into the part that this process has where a tensor is sharded."""
    if hasattr(into, "full_tensor"):
        from torch.distributed.tensor import distribute_tensor

        into.copy_(
            distribute_tensor(whole.to(into.device), into.device_mesh, into.placements)
        )
    else:
        into.copy_(whole)
