"""How losses are weighed: fixed weights, and the schemes of the language (docs/balancing.md).

`backward` takes the share of each loss that this process has, which is differentiable, and the
whole loss as a number; it leaves gradients that `World.sum_gradients` adds up, or has added them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from draws import StepRandom
from parallel import World
from torch import Tensor, nn

State = dict[str, list[float]]


@dataclass
class Position:
    """Which part of which step, and what every gradient is multiplied by (fp16)."""

    step: int
    part: int
    parts: int
    scale: float = 1.0


@dataclass
class Balanced:
    total: float
    weights: list[float] = field(default_factory=list)
    has_summed: bool = False


class Fixed:
    """The weights that the file wrote, and no others."""

    def __init__(self, objective: dict[str, Any], seed: int, world: World) -> None:
        self.count = (
            len(objective.get("parts", [None]))
            if objective["kind"] == "balanced"
            else 1
        )
        self.settings: dict[str, float] = objective.get("settings", {})
        self.objective, self.seed, self.world = objective, seed, world
        self.parameters: list[nn.Parameter] = []

    def weighted(
        self,
        losses: list[Tensor],
        values: list[float],
        weights: list[float],
        at: Position,
    ) -> Balanced:
        total = sum(
            loss * weight if weight != 1 else loss
            for loss, weight in zip(losses, weights)
        )
        (total * at.scale if at.scale != 1 else total).backward()
        return Balanced(sum(v * w for v, w in zip(values, weights)), weights)

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        return self.weighted(losses, values, [1.0] * len(losses), at)

    def end_epoch(self) -> None:
        pass

    def state(self) -> State:
        return {}

    def load(self, state: State) -> None:
        pass


class Uncertainty(Fixed):
    """exp(-s) loss + s / 2 with a learnt s for each (Kendall, Gal and Cipolla 2018)."""

    def __init__(self, objective: dict[str, Any], seed: int, world: World) -> None:
        super().__init__(objective, seed, world)
        self.scales = [
            0.5 if part["is_regression"] else 1.0 for part in objective["parts"]
        ]
        self.parameters = [
            nn.Parameter(torch.zeros(1, device=world.device))
            for _ in objective["parts"]
        ]

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        total, value, weights = losses[0].new_zeros(()), 0.0, []
        for loss, number, scale, parameter in zip(
            losses, values, self.scales, self.parameters
        ):
            s = parameter.squeeze()
            weight = scale * math.exp(-s.item())
            weights.append(weight)
            if (
                number == 0
            ):  # without labels, s / 2 alone would drive the variance to zero
                total = total + loss + s * 0
            else:
                total = total + scale * (-s).exp() * loss + s / (2 * self.world.size)
                value += weight * number + s.item() / 2
        (total * at.scale).backward()
        return Balanced(value, weights)

    def state(self) -> State:
        return {"uncertainty.log_variance": [p.item() for p in self.parameters]}

    def load(self, state: State) -> None:
        for parameter, value in zip(self.parameters, state["uncertainty.log_variance"]):
            parameter.data.fill_(value)


class DynamicWeightAverage(Fixed):
    """More for a loss that falls slowly (Liu, Johns and Davison 2019)."""

    def __init__(self, objective: dict[str, Any], seed: int, world: World) -> None:
        super().__init__(objective, seed, world)
        self.sums, self.steps = [0.0] * self.count, [0.0] * self.count
        self.last, self.before_last = [math.nan] * self.count, [math.nan] * self.count

    def weights(self) -> list[float]:
        if any(math.isnan(v) for v in self.last + self.before_last):
            return [1.0] * self.count
        temperature = self.settings["temperature"]
        exponents = [
            (1 if before == 0 else now / before) / temperature
            for now, before in zip(self.last, self.before_last)
        ]
        most = max(exponents)
        shift = 0 if most < 600 else most
        exponentials = [math.exp(e - shift) for e in exponents]
        return [self.count * e / sum(exponentials) for e in exponentials]

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        made = self.weighted(losses, values, self.weights(), at)
        for i, value in enumerate(values):
            if value != 0:
                self.sums[i] += value
                self.steps[i] += 1
        return made

    def end_epoch(self) -> None:
        means = [
            before if steps == 0 else total / steps
            for before, total, steps in zip(self.last, self.sums, self.steps)
        ]
        self.before_last, self.last = self.last, means
        self.sums, self.steps = [0.0] * self.count, [0.0] * self.count

    def state(self) -> State:
        return {
            "dwa.sums": list(self.sums),
            "dwa.steps": list(self.steps),
            "dwa.last": list(self.last),
            "dwa.before_last": list(self.before_last),
        }

    def load(self, state: State) -> None:
        self.sums, self.steps = list(state["dwa.sums"]), list(state["dwa.steps"])
        self.last, self.before_last = list(state["dwa.last"]), list(
            state["dwa.before_last"]
        )


class Geometric(Fixed):
    """The geometric mean of the losses (Chennupati et al. 2019): each weighs total / (K loss)."""

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        counted = [v for v in values if v != 0]
        if any(v < 0 or math.isnan(v) for v in counted):
            return self.weighted(losses, values, [math.nan] * len(values), at)
        total = (
            math.exp(sum(math.log(v) for v in counted) / len(counted))
            if counted
            else 0.0
        )
        weights = [0.0 if v == 0 else total / (len(counted) * v) for v in values]
        made = self.weighted(losses, values, weights, at)
        return Balanced(total, made.weights)


class Random(Fixed):
    """In every step the softmax of standard normals (Lin et al. 2021)."""

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        draws = StepRandom(self.seed, at.step)
        exponentials = [math.exp(draws.normal()) for _ in losses]
        weights = [e / sum(exponentials) for e in exponentials]
        return self.weighted(losses, values, weights, at)


class GradNorm(Fixed):
    """Evens out the gradients on the last shared layer (Chen et al. 2018)."""

    SMALLEST = 1e-3

    def __init__(self, objective: dict[str, Any], seed: int, world: World) -> None:
        super().__init__(objective, seed, world)
        self.shares, self.initial = [1.0] * self.count, [0.0] * self.count
        self.layer: nn.Parameter | None = None
        self.sums: list[Tensor] = []
        self.loss_sums: list[float] = []

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        if self.layer is None:
            self.layer = self.last_shared(losses, network)
        gradients = [
            torch.autograd.grad(loss * at.scale, [self.layer], retain_graph=True)[0]
            for loss in losses
        ]
        first = at.part == 0
        self.sums = (
            gradients if first else [a + b for a, b in zip(self.sums, gradients)]
        )
        self.loss_sums = (
            list(values) if first else [a + b for a, b in zip(self.loss_sums, values)]
        )
        made = self.weighted(losses, values, list(self.shares), at)
        if at.part == at.parts - 1:
            self.world.sum_gradients(self.sums)
            norms = [g.double().norm().item() / at.parts / at.scale for g in self.sums]
            self.move([v / at.parts for v in self.loss_sums], norms)
            self.sums = []
        return made

    @staticmethod
    def last_shared(losses: list[Tensor], network: list[nn.Parameter]) -> nn.Parameter:
        for parameter in reversed([p for p in network if p.dim() > 1]):
            found = [
                torch.autograd.grad(
                    loss, [parameter], retain_graph=True, allow_unused=True
                )[0]
                for loss in losses
            ]
            if all(g is not None for g in found):
                return parameter
        raise RuntimeError(
            "gradnorm needs a layer that every loss reaches, and there is none"
        )

    def move(self, losses: list[float], norms: list[float]) -> None:
        if not all(math.isfinite(v) for v in losses + norms):
            return
        self.initial = [loss if i == 0 else i for i, loss in zip(self.initial, losses)]
        labelled = [i for i, loss in enumerate(losses) if loss > 0]
        if len(labelled) < 2:
            return
        weights = self.shares
        mean_norm = sum(weights[i] * norms[i] for i in labelled) / len(labelled)
        mean_ratio = sum(losses[i] / self.initial[i] for i in labelled) / len(labelled)
        if mean_norm == 0:
            return
        for i in labelled:
            ratio = losses[i] / self.initial[i] / mean_ratio
            off = weights[i] * norms[i] - mean_norm * ratio ** self.settings["alpha"]
            sign = (off > 0) - (off < 0)
            weights[i] = max(
                self.SMALLEST, weights[i] - self.settings["rate"] * sign * norms[i]
            )
        total = sum(weights)
        weights[:] = [w * len(weights) / total for w in weights]
        if min(weights) < self.SMALLEST / 2:
            small = sum(w < self.SMALLEST for w in weights)
            others = sum(w for w in weights if w >= self.SMALLEST)
            rest = len(weights) - small * self.SMALLEST
            weights[:] = [
                self.SMALLEST if w < self.SMALLEST else w / others * rest
                for w in weights
            ]

    def state(self) -> State:
        return {
            "gradnorm.weights": list(self.shares),
            "gradnorm.initial": list(self.initial),
        }

    def load(self, state: State) -> None:
        self.shares, self.initial = list(state["gradnorm.weights"]), list(
            state["gradnorm.initial"]
        )


class PcGrad(Fixed):
    """Gradients that point against each other give up that component (Yu et al. 2020)."""

    def __init__(self, objective: dict[str, Any], seed: int, world: World) -> None:
        super().__init__(objective, seed, world)
        self.sums: list[list[Tensor | None]] = []

    def backward(
        self,
        losses: list[Tensor],
        values: list[float],
        network: list[nn.Parameter],
        at: Position,
    ) -> Balanced:
        own: list[list[Tensor | None]] = []
        for i, loss in enumerate(losses):
            keeps = i < len(losses) - 1
            found = torch.autograd.grad(
                loss * at.scale, network, retain_graph=keeps, allow_unused=True
            )
            own.append(list(found))
        if at.part > 0:
            own = [
                [
                    b if a is None else a if b is None else a + b
                    for a, b in zip(before, now)
                ]
                for before, now in zip(self.sums, own)
            ]
        self.sums = own
        made = Balanced(sum(values), [1.0] * len(values), has_summed=True)
        if at.part == at.parts - 1:
            for gradients in own:
                self.world.sum_gradients(gradients)
            self.combine(own, network, at.step)
            self.sums = []
        return made

    @torch.no_grad()
    def combine(
        self, own: list[list[Tensor | None]], network: list[nn.Parameter], step: int
    ) -> None:
        places = range(len(network))
        shared = [p for p in places if sum(g[p] is not None for g in own) > 1]

        def dot(a: list[Tensor | None], b: list[Tensor | None]) -> float:
            pairs = [(a[p], b[p]) for p in shared]
            dots = [
                x.flatten().dot(y.flatten())
                for x, y in pairs
                if x is not None and y is not None
            ]
            return torch.stack(dots).double().sum().item() if dots else 0.0

        draws = StepRandom(self.seed, step)
        squares = [dot(g, g) for g in own]
        total: list[Tensor | None] = [None] * len(network)
        for i, gradients in enumerate(own):
            projected = list(gradients)
            others = [j for j in range(len(own)) if j != i]
            draws.shuffle(others)
            for j in others:
                along = dot(projected, own[j])
                if along >= 0 or squares[j] == 0:
                    continue
                for p in shared:
                    other, mine = own[j][p], projected[p]
                    if other is not None:
                        part = other * (along / squares[j])
                        projected[p] = -part if mine is None else mine - part
            total = [
                b if a is None else a if b is None else a + b
                for a, b in zip(total, projected)
            ]
        for parameter, gradient in zip(network, total):
            if gradient is not None:
                parameter.grad = gradient.clone()


SCHEMES = {
    "uncertainty": Uncertainty,
    "dwa": DynamicWeightAverage,
    "geometric": Geometric,
    "random": Random,
    "gradnorm": GradNorm,
    "pcgrad": PcGrad,
}


def balancer(objective: dict[str, Any], seed: int, world: World) -> Fixed:
    kind = SCHEMES[objective["scheme"]] if objective["kind"] == "balanced" else Fixed
    return kind(objective, seed, world)
