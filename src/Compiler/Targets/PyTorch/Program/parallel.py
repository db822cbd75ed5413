"""Several processes under `torchrun`, or one without it: sums over all of them.

Nothing is wrapped: gradients are added up after the backward pass, in the order of the parameters,
so that every balancing scheme works as in one process. Whatever labels a process has, it takes part
in the same sums in the same order, and none waits for another in vain.
"""

from __future__ import annotations

import os
from typing import Any, Iterable

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

BUCKET = 1 << 23  # numbers that are added up at once


class World:
    """The processes of a run."""

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        local = int(os.environ.get("LOCAL_RANK", "0"))
        self.device = (
            torch.device("cuda", local)
            if torch.cuda.is_available()
            else torch.device("cpu")
        )
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def sum_(self, tensor: Tensor) -> Tensor:
        """In place, over all processes."""
        if self.size > 1:
            dist.all_reduce(tensor)
        return tensor

    def any(self, flag: bool) -> bool:
        if self.size == 1:
            return flag
        return self.sum_(torch.tensor(float(flag), device=self.device)).item() > 0

    def sum_gradients(self, gradients: Iterable[Tensor | None]) -> None:
        """In place, many at once."""
        if self.size == 1:
            return
        bucket: list[Tensor] = []
        for gradient in [*gradients, None]:
            if gradient is not None:
                bucket.append(gradient)
            if bucket and (gradient is None or sum(g.numel() for g in bucket) > BUCKET):
                flat = self.sum_(torch.cat([g.reshape(-1) for g in bucket]))
                for mine, added in zip(bucket, flat.split([g.numel() for g in bucket])):
                    mine.copy_(added.view_as(mine))
                bucket = []

    def broadcast_(self, tensors: Iterable[Tensor]) -> None:
        """What the first process has."""
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    def wait(self) -> None:
        if self.size > 1:
            dist.barrier()

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


class SumOverProcesses(torch.autograd.Function):
    """A sum whose gradient is the sum of gradients: on CPUs too, with any backend."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone().contiguous()
        dist.all_reduce(total)
        return total


class SyncBatchNorm(nn.BatchNorm2d):
    """nn.BatchNorm2d with the statistics of the whole batch, over all processes."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        whole = x.float()
        count = torch.tensor(float(x.numel() // x.shape[1]), device=x.device)
        dist.all_reduce(count)
        # In two passes: the mean first, so that no large squares cancel.
        mean = SumOverProcesses.apply(whole.sum((0, 2, 3))) / count
        centred = whole - mean[:, None, None]
        variance = SumOverProcesses.apply((centred**2).sum((0, 2, 3))) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)


def synchronise(model: nn.Module) -> None:
    """Lets every batch norm see the batches of all processes; names and weights stay."""
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SyncBatchNorm


def shard(model: nn.Module) -> None:
    """FSDP2 (torch 2.6 on): each process keeps a part of weights, gradients and optimizer."""
    try:
        from torch.distributed.fsdp import fully_shard
    except ImportError as error:
        raise SystemExit("train.py: --fsdp needs torch 2.6 or newer") from error
    for child in model.children():
        if any(True for _ in child.parameters()):
            fully_shard(child)
    fully_shard(model)
    for module in model.modules():
        if hasattr(module, "set_gradient_divide_factor"):
            module.set_gradient_divide_factor(
                1.0
            )  # losses are divided by the whole batch already


def full(tensor: Tensor) -> Tensor:
    """All of a tensor of which this process may have a part."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def pad(image: Tensor, stride: int) -> Tensor:
    """The last row and column repeated, up to sides that the network divides."""
    below, right = -image.shape[2] % stride, -image.shape[3] % stride
    return (
        F.pad(image, (0, right, 0, below), mode="replicate")
        if below or right
        else image
    )
