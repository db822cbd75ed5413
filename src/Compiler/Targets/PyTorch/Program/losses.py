"""Targets and losses. A loss is a sum and what it is divided by, apart: several processes add up
both before they divide, so that their gradients are those of the whole batch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from data import UNLABELLED, Batch
from torch import Tensor

Task = dict[str, Any]


def classes(task: Task, batch: Batch) -> Tensor:
    """[N, H, W]"""
    if task["ignore"] == UNLABELLED:
        return batch["classes"]
    return batch["classes"].masked_fill(batch["classes"] == UNLABELLED, task["ignore"])


def contours(labels: Tensor, ignore: int) -> Tensor:
    """[N, 1, H, W]: 1 where a class differs from the one above or left; NaN beside no label."""
    edge = torch.zeros_like(labels, dtype=torch.bool)
    none = labels == ignore
    unknown = none.clone()
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    unknown[:, 1:] |= none[:, :-1]
    edge[:, :, 1:] |= labels[:, :, 1:] != labels[:, :, :-1]
    unknown[:, :, 1:] |= none[:, :, :-1]
    return edge.float().masked_fill(unknown, float("nan"))[:, None]


def normals(depth: Tensor) -> Tensor:
    """[N, 3, H, W] unit vectors of points (column, row, depth); NaN where a depth is missing."""
    n, _, h, w = depth.shape
    if h < 2 or w < 2:
        return depth.new_full((n, 3, h, w), float("nan"))
    here = depth[:, :, 1:, 1:]
    a, b = depth[:, :, 1:, :-1] - here, depth[:, :, :-1, 1:] - here
    inverse = (a**2 + b**2 + 1).rsqrt()
    inner = torch.cat([a * inverse, b * inverse, inverse], dim=1)
    return torch.cat([inner[:, :, :, :1], inner], dim=3)[:, :, [0, *range(h - 1)]]


def standardise(task: Task, metres: Tensor) -> Tensor:
    unit = task["unit"]
    value = (
        metres.log()
        if unit == "log"
        else metres.reciprocal()
        if unit == "inverse"
        else metres
    )
    return (value - task["mean"]) / task["deviation"]


def to_metres(task: Task, standardised: Tensor) -> Tensor:
    """Clamped to the range of the data."""
    low, high = task["minimum"], task["maximum"]
    value = standardised * task["deviation"] + task["mean"]
    if task["unit"] == "log":
        value = value.clamp(
            torch.tensor(low).log().item(), torch.tensor(high).log().item()
        ).exp()
    elif task["unit"] == "inverse":
        value = value.clamp(1 / high, 1 / low).reciprocal()
    return value.clamp(low, high)


def label(tasks: dict[str, Task], task: Task, batch: Batch) -> Tensor:
    """What metrics compare with."""
    if task["kind"] == "segmentation":
        return classes(task, batch)
    if task["kind"] == "contour":
        origin = tasks[task["of"]]
        return contours(classes(origin, batch), origin["ignore"])
    return normals(batch["depth"]) if task["kind"] == "normals" else batch["depth"]


def target(tasks: dict[str, Task], task: Task, batch: Batch) -> Tensor:
    """What losses compare with."""
    if task["kind"] == "depth":
        return standardise(task, batch["depth"])
    return label(tasks, task, batch)


def prediction(task: Task, output: Tensor) -> Tensor:
    """A prediction as metrics see it."""
    return to_metres(task, output) if task["kind"] == "depth" else output


# Each gives the sum of its errors, whose gradient is zero where nothing is labelled, and the count
# that it is divided by.


def cross_entropy(logits: Tensor, labels: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    """Softmax cross-entropy over labelled pixels."""
    total = F.cross_entropy(logits, labels, ignore_index=ignore, reduction="sum")
    return total, (labels != ignore).sum()


def regression(error: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """The mean over each image's labelled values, then over the images that have any."""
    count = valid.flatten(1).sum(1)
    per_image = error.flatten(1).sum(1) / count.clamp(min=1)
    return per_image.sum(), (count > 0).sum()


def l1(predicted: Tensor, wanted: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    missing = wanted.isnan()
    return regression((predicted - wanted).masked_fill(missing, 0).abs(), ~missing)


def l2(predicted: Tensor, wanted: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    missing = wanted.isnan()
    return regression((predicted - wanted).masked_fill(missing, 0) ** 2, ~missing)


def balanced_bce(chance: Tensor, wanted: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    """In each image positives weigh negatives / labelled, negatives 1.1 positives / labelled."""
    positive, negative = wanted == 1, wanted == 0
    positives = positive.flatten(1).sum(1).to(chance.dtype)
    negatives = negative.flatten(1).sum(1).to(chance.dtype)
    labelled = positives + negatives
    if chance.isnan().any():  # the loss is no number, and training deals with it
        return chance.sum(), (labelled > 0).sum()
    scale = 1 / (labelled.clamp(min=1) * chance[0].numel())
    of_positives = (negatives * scale).view(-1, 1, 1, 1)
    of_negatives = (1.1 * positives * scale).view(-1, 1, 1, 1)
    weight = positive * of_positives + negative * of_negatives
    total = F.binary_cross_entropy(
        chance, positive.to(chance.dtype), weight, reduction="sum"
    )
    return total, (labelled > 0).sum()


LOSSES = {
    "cross_entropy": cross_entropy,
    "l1": l1,
    "l2": l2,
    "balanced_bce": balanced_bce,
}
