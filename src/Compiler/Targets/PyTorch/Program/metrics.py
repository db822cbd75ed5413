"""Scores of whole pictures, as `mtlc eval` computes them. Everything that is counted is a sum, and
sums of several processes are added before anything is divided."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from data import Batch, WholePictures, inputs
from losses import Task, label, prediction
from parallel import World, pad
from torch import Tensor, nn

Scores = dict[str, float]


def divide(a: float, b: float) -> float:
    return a / b if b else math.nan


class Segmentation:
    """Intersection over union from one confusion matrix over the split."""

    def __init__(
        self, task: Task, evaluate: dict[str, Any], device: torch.device
    ) -> None:
        self.names, self.ignore = task["class_names"], task["ignore"]
        self.counts_absent = evaluate["absent"] == "zero"
        self.sums = torch.zeros(
            len(self.names) ** 2, dtype=torch.float64, device=device
        )

    def add(self, predicted: Tensor, labels: Tensor) -> None:
        count = len(self.names)
        known = labels != self.ignore
        bins = labels[known] * count + predicted.argmax(1)[known]
        self.sums += torch.bincount(bins, minlength=count**2).double()

    def results(self) -> Scores | None:
        count = len(self.names)
        matrix = self.sums.view(count, count).cpu()
        if matrix.sum() == 0:
            return None
        hit = matrix.diag().tolist()
        union = (matrix.sum(0) + matrix.sum(1)).tolist()
        ious = [divide(100 * h, u - h) for h, u in zip(hit, union)]
        present = [v for v in ious if not math.isnan(v)]
        divisor = count if self.counts_absent else len(present)
        return {
            "mean_iou": divide(sum(present), divisor),
            "pixel_accuracy": 100 * sum(hit) / matrix.sum().item(),
            "absent_classes": float(count - len(present)),
            **{f"iou/{name}": iou for name, iou in zip(self.names, ious)},
        }


class Depth:
    """Measures of Eigen et al. (2014): over each image's labelled pixels, then over images."""

    NAMES = (
        "si_log_rmse",
        "log_rmse",
        "rmse",
        "mae",
        "rel",
        "delta1",
        "delta2",
        "delta3",
    )
    EDGES = (5, 10, 15, 20, 30, 40, 60, 80)

    def __init__(
        self, task: Task, evaluate: dict[str, Any], device: torch.device
    ) -> None:
        bands = len(self.EDGES) + 1
        size = len(self.NAMES) + 1 + 3 * bands
        self.sums = torch.zeros(size, dtype=torch.float64, device=device)

    def add(self, predicted: Tensor, metres: Tensor) -> None:
        for p, l in zip(predicted.double(), metres.double()):
            known = ~l.isnan()
            if not known.any():
                continue
            p, l = p[known], l[known]
            log, error = p.log() - l.log(), (p - l).abs()
            ratio = log.abs().exp()
            square = (log**2).mean()
            rows = [
                100 * (square - log.mean() ** 2).clamp(min=0).sqrt(),
                square.sqrt(),
                (error**2).mean().sqrt(),
                error.mean(),
                (error / l).mean(),
                *(100 * (ratio < 1.25**k).double().mean() for k in (1, 2, 3)),
                torch.ones_like(square),
            ]
            edges = torch.tensor(self.EDGES, dtype=torch.float64, device=l.device)
            band = torch.bucketize(l, edges, right=True)
            bands = len(self.EDGES) + 1
            sums = [
                torch.bincount(band, w, bands)
                for w in (error, error / l, torch.ones_like(l))
            ]
            self.sums += torch.cat([torch.stack(rows), *sums])

    def results(self) -> Scores | None:
        sums, measures = self.sums.tolist(), len(self.NAMES)
        images = sums[measures]
        if images == 0:
            return None
        bands = len(self.EDGES) + 1
        rest = sums[measures + 1 :]
        absolute, relative, pixels = (
            rest[:bands],
            rest[bands : 2 * bands],
            rest[2 * bands :],
        )
        names = [f"{a}-{b}m" for a, b in zip((0, *self.EDGES), self.EDGES)] + [
            f"{self.EDGES[-1]}m+"
        ]
        return {
            **{name: total / images for name, total in zip(self.NAMES, sums)},
            **{f"mae/{n}": divide(a, p) for n, a, p in zip(names, absolute, pixels)},
            **{f"rel/{n}": divide(r, p) for n, r, p in zip(names, relative, pixels)},
            **{f"pixels/{n}": p for n, p in zip(names, pixels)},
        }


class Contour:
    """Precision, recall and F of edges, up to a tolerance of some pixels."""

    def __init__(
        self, task: Task, evaluate: dict[str, Any], device: torch.device
    ) -> None:
        self.reach = evaluate["contour_tolerance"]
        self.sums = torch.zeros(5, dtype=torch.float64, device=device)

    def add(self, chance: Tensor, labels: Tensor) -> None:
        known = ~labels.isnan()
        edge, guess = labels == 1, (chance >= 0.5) & known
        counts = [
            self.dilate(edge) & guess,
            guess,
            self.dilate(guess) & edge,
            edge,
            known,
        ]
        self.sums += torch.stack([c.sum() for c in counts]).double()

    def dilate(self, mask: Tensor) -> Tensor:
        return F.max_pool2d(mask.float(), 2 * self.reach + 1, 1, self.reach) > 0

    def results(self) -> Scores | None:
        right, predicted, found, labelled, compared = self.sums.tolist()
        if compared == 0:
            return None
        precision, recall = divide(100 * right, predicted), divide(
            100 * found, labelled
        )
        f = 2 * precision * recall / (precision + recall) if right and found else 0.0
        f = math.nan if predicted == 0 and labelled == 0 else f
        return {"f": f, "precision": precision, "recall": recall}


class Normals:
    """Angles over all labelled pixels (Fouhey et al. 2013)."""

    BOUNDS = (11.25, 22.5, 30)

    def __init__(
        self, task: Task, evaluate: dict[str, Any], device: torch.device
    ) -> None:
        self.sums = torch.zeros(5, dtype=torch.float64, device=device)

    def add(self, predicted: Tensor, labels: Tensor) -> None:
        p, l = predicted.double(), labels.double()
        length = ((p**2).sum(1) * (l**2).sum(1)).sqrt().clamp(min=1e-300)
        angle = ((p * l).sum(1) / length).clamp(-1, 1).acos().rad2deg()
        angle = angle[~l.sum(1).isnan()]
        counts = [angle.sum(), *((angle < b).sum() for b in self.BOUNDS)]
        self.sums += torch.stack(
            [*(c.double() for c in counts), angle.new_tensor(angle.numel())]
        )

    def results(self) -> Scores | None:
        degrees, *below, pixels = self.sums.tolist()
        if pixels == 0:
            return None
        shares = {f"below_{b:g}": 100 * n / pixels for b, n in zip(self.BOUNDS, below)}
        return {"mean_angle": degrees / pixels, **shares}


KINDS = {
    "segmentation": Segmentation,
    "depth": Depth,
    "contour": Contour,
    "normals": Normals,
}

# Measures of which less is better.
LOWER = ("si_log_rmse", "mean_angle")


@torch.no_grad()
def evaluate(
    model: nn.Module, recipe: dict[str, Any], pictures: WholePictures, world: World
) -> tuple[Scores, float]:
    """Every score of the split, and what the best checkpoint is judged by: higher is better."""
    tasks = {t["name"]: t for t in recipe["tasks"]}
    settings = recipe["train"]["evaluate"]
    scored = {
        name: KINDS[task["kind"]](task, settings, world.device)
        for name, task in tasks.items()
        if not task["auxiliary"]
    }
    model.eval()
    # Every process runs as many pictures, for a sharded model meets in each; those beyond are not counted.
    rounds = -(-len(pictures) // world.size)
    for i in range(rounds):
        index = i * world.size + world.rank
        sample = pictures[min(index, len(pictures) - 1)]
        if sample is None:
            sample, index = empty(recipe), len(pictures)
        batch: Batch = {
            name: value[None].to(world.device) for name, value in sample.items()
        }
        height, width = batch["image"].shape[2:]
        outputs = model(*(pad(x, recipe["stride"]) for x in inputs(recipe, batch)))
        if index >= len(pictures):
            continue
        for name, scores in scored.items():
            output = outputs[tasks[name]["output"]][:, :, :height, :width].float()
            scores.add(
                prediction(tasks[name], output), label(tasks, tasks[name], batch)
            )
    results: Scores = {}
    heads: dict[str, float] = {}
    for name, scores in scored.items():
        world.sum_(scores.sums)
        found = scores.results()
        if found is None:
            continue
        headline = next(iter(found))
        heads[name] = found[headline] * (-1 if headline in LOWER else 1)
        results.update({f"{name}/{key}": value for key, value in found.items()})
    of_kind = {
        k: [n for n in scored if tasks[n]["kind"] == k]
        for k in ("segmentation", "depth")
    }
    if of_kind["segmentation"] and of_kind["depth"]:
        first, second = of_kind["segmentation"][0], of_kind["depth"][0]
        if first in heads and second in heads:
            score = max(heads[first] - 50, 0) + max(50 + heads[second], 0)
            return {"multitask": score, **results}, score
    return results, next(iter(heads.values()), math.nan)


def empty(recipe: dict[str, Any]) -> Batch:
    side = recipe["stride"]
    return {
        "image": torch.zeros(3, side, side),
        "classes": torch.full((side, side), 255),
        "depth": torch.full((1, side, side), math.nan),
        **{
            f"map/{name}": torch.full((channels, side, side), math.nan)
            for name, channels in recipe["maps"].items()
        },
    }
