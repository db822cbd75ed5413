"""Trains the network by the recipe of recipe.json, in one process or under torchrun.

    python train.py --data miniscapes:DIR
    torchrun --nproc_per_node 4 train.py --data miniscapes:DIR --sync-bn

A run of N processes is the run of N times the batch. It writes the run directory of mtlc:
`mtlc resume run` goes on from its checkpoints, and `--resume` from those of mtlc.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import shutil
import signal
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any, Callable

import checkpoints
import model
import torch
from data import (
    DataError,
    Places,
    TrainingData,
    WholePictures,
    end_readers,
    open_source,
    training_batches,
)
from metrics import evaluate
from parallel import World, shard, synchronise
from session import Outcome, Recipe, Session, read_recipe

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

HERE = Path(__file__).resolve().parent
STOPPED = 75  # "try again": a scheduler starts the run once more


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--out", type=Path, default=HERE / "run", help="the run directory"
    )
    parser.add_argument(
        "--data", help="KIND:DIR, where the recipe's own folder is not here"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the newest checkpoint"
    )
    parser.add_argument("--weights", type=Path, default=HERE / "weights.safetensors")
    parser.add_argument("--max-steps", type=int, help="stop after so many steps")
    parser.add_argument(
        "--workers", type=int, help="processes that read; default: cores, at most 8"
    )
    parser.add_argument(
        "--sync-bn", action="store_true", help="batch norm over all processes"
    )
    parser.add_argument(
        "--fsdp", action="store_true", help="shard weights (FSDP2, torch 2.6 on)"
    )
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile (torch 2.0 on)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=JSON", help="train.batch=8"
    )
    return parser.parse_args()


def settle(recipe: Recipe, options: argparse.Namespace) -> None:
    """Settings of the command line, over those of recipe.json."""
    for setting in options.set:
        path, _, value = setting.partition("=")
        at = recipe
        *folders, last = path.split(".")
        for folder in folders:
            at = at.get(folder, {})
        if last not in at:
            raise SystemExit(f"train.py: --set {setting}: recipe.json has no '{path}'")
        at[last] = json.loads(value)
    if options.data:
        kind, _, path = options.data.partition(":")
        own = recipe["data"]["source"]
        if kind == "manifest" and own["kind"] != kind:
            raise SystemExit(
                "train.py: --data manifest:DIR: recipe.json has no manifest"
            )
        # What a manifest says of its files stays, wherever these lie.
        known = own if kind == own["kind"] else {}
        if recipe["maps"] and not known:
            maps = ", ".join(recipe["maps"])
            print(
                f"train.py: {maps}: standardised by mean and deviation of the {own['kind']} data; "
                f"those of {kind} must have the same unit",
                file=sys.stderr,
            )
        recipe["data"]["source"] = {**known, "kind": kind, "path": path}


def peak_memory() -> int:
    """The largest resident set of this process, in bytes."""
    if resource is None:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Log:
    """steps.csv and metrics.csv of a run; what they say of later steps is cut off."""

    def __init__(
        self, path: Path, header: list[str], keeps: Callable[[int], bool]
    ) -> None:
        rows: list[list[str]] = []
        if path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                known, *rows = list(csv.reader(file)) or [header]
            if known != header:
                raise SystemExit(f"{path}: has other columns; choose another --out")
        with open(path, "w", newline="", encoding="utf-8") as file:
            kept = [row for row in rows if row and keeps(int(row[0]))]
            csv.writer(file, lineterminator="\n").writerows([header, *kept])
        self.file = open(path, "a", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file, lineterminator="\n")

    def add(self, row: list[Any]) -> None:
        cells = [
            "" if c is None or (isinstance(c, float) and math.isnan(c)) else c
            for c in row
        ]
        self.writer.writerow(cells)
        self.file.flush()


class Run:
    def __init__(
        self, recipe: Recipe, options: argparse.Namespace, world: World
    ) -> None:
        self.recipe, self.train, self.options, self.world = (
            recipe,
            recipe["train"],
            options,
            world,
        )
        source = open_source(recipe["data"]["source"], list(recipe["maps"]))
        self.data = TrainingData(source, recipe["data"], self.train["seed"])
        self.validation = WholePictures(source, recipe["data"], "val")
        samples = self.train["batch"] * self.train["accumulate"] * world.size
        if len(self.data) < samples:
            raise DataError(
                f"{len(self.data)} training samples do not fill one step of {samples}"
            )
        self.per_epoch = len(self.data) // samples
        self.last = self.per_epoch * self.train["epochs"]
        if options.max_steps is not None:
            self.last = min(self.last, options.max_steps)
        network: torch.nn.Module = getattr(model, recipe["class"])().to(world.device)
        if self.train["memory_format"] == "channels_last":
            network = network.to(memory_format=torch.channels_last)
        if options.sync_bn and world.size > 1:
            synchronise(network)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in set(recipe["trained"]))
        if options.fsdp:
            if recipe["objective"].get("scheme") in ("gradnorm", "pcgrad"):
                raise DataError(
                    "gradnorm and pcgrad need whole gradients: leave out --fsdp"
                )
            shard(network)
        self.session = Session(network, recipe, world)
        if options.compile:
            network.compile()
        self.step = self.skipped = self.skipped_in_a_row = 0
        self.evaluation_due = False
        self.best: dict[str, Any] | None = None
        self.saved: tuple[Any, ...] | None = None
        self.stopping = False
        self.started = time.monotonic()

    def begin(self) -> None:
        """From a checkpoint, or from the weights beside this file."""
        out: Path = self.options.out
        found = checkpoints.newest(out)
        if found is None:
            self.session.load_weights(
                checkpoints.load_safetensors(self.options.weights)
            )
        elif not self.options.resume:
            raise SystemExit(
                f"{out}: holds a run already; add --resume, or choose another --out"
            )
        else:
            weights, optimizer, state = found
            self.session.load(weights, optimizer, state["balancing"])
            self.step, self.skipped = state["step"], state["skipped"]
            self.skipped_in_a_row = state["skipped_in_a_row"]
            self.evaluation_due, self.best = state["evaluation_due"], state["best"]
        if self.world.is_first:
            if (
                not (out / "config.yaml").exists()
                and (HERE / "run").exists()
                and out != HERE / "run"
            ):
                shutil.copytree(
                    HERE / "run",
                    out,
                    ignore=shutil.ignore_patterns("checkpoints", "*.csv"),
                )
            out.mkdir(parents=True, exist_ok=True)
            (out / "result.json").unlink(missing_ok=True)
            losses = [f"loss/{name}" for name in self.recipe["losses"]]
            header = [
                "step",
                "epoch",
                "learning_rate",
                "loss",
                *losses,
                "gradient_norm",
                "skipped",
            ]
            self.steps = Log(out / "steps.csv", header, lambda step: step <= self.step)
            scored = (
                self.step - self.evaluation_due
            )  # an evaluation at a limit is none of the recipe's
            header = ["step", "epoch", "seconds", *self.recipe["metrics"]]
            self.scores = Log(
                out / "metrics.csv",
                header,
                lambda step: step <= scored and step % self.per_epoch == 0,
            )
        self.world.wait()

    def loop(self) -> int:
        if self.evaluation_due:
            self.evaluate()
            self.save()
        first, began = self.step, time.monotonic()
        if self.step < self.last:
            workers = self.options.workers
            if workers is None:
                workers = min(
                    8, max(1, (os.cpu_count() or 1) // max(1, self.world.size))
                )
            places = Places(
                len(self.data),
                self.train,
                self.world.rank,
                self.world.size,
                self.step,
                self.last,
            )
            batches = training_batches(self.data, places, workers)
            while self.step < self.last:
                parts = (
                    self.here(batch)
                    for batch in islice(batches, self.train["accumulate"])
                )
                self.note(self.session.step(parts, self.step, self.per_epoch))
                if self.diverged():
                    self.end("diverged", first, began)
                    return 1
                if self.step % self.per_epoch == 0:
                    self.session.end_epoch()
                    if self.is_scheduled():
                        self.evaluation_due = True
                        self.save()
                        if not self.is_stopping():
                            self.evaluate()
                    self.save()
                elif self.train["checkpoint"]["every"] and (
                    self.step % self.train["checkpoint"]["every"] == 0
                ):
                    self.save()
                if self.is_stopping() and (
                    self.step < self.last or self.evaluation_due
                ):
                    self.save()
                    self.end("stopped", first, began)
                    return STOPPED
        self.save()
        if not self.is_scheduled():
            self.evaluate(scheduled=False)
        whole = self.step == self.per_epoch * self.train["epochs"]
        self.end("completed" if whole else "step_limit", first, began)
        return 0

    def here(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {
            name: value.to(self.world.device, non_blocking=True)
            for name, value in batch.items()
        }

    def is_scheduled(self) -> bool:
        epoch, rest = divmod(self.step, self.per_epoch)
        every = self.train["evaluate"]["every"]
        return (
            self.step > 0
            and rest == 0
            and (epoch % every == 0 or epoch == self.train["epochs"])
        )

    def is_stopping(self) -> bool:
        """Whether any process was asked to stop: all learn of it at the same step."""
        return self.world.any(self.stopping)

    def note(self, made: Outcome) -> None:
        epoch = self.step // self.per_epoch + 1
        self.step += 1
        if (
            made.lowered is None
        ):  # an overflow that a lower scale may mend is no sign of divergence
            self.skipped_in_a_row = self.skipped_in_a_row + 1 if made.skipped else 0
        self.skipped += made.skipped
        if self.world.is_first:
            numbers = [made.rate, made.loss, *made.terms, made.norm]
            self.steps.add([self.step, epoch, *numbers, int(made.skipped)])
            losses = "  ".join(
                f"{n} {v:.4f}" for n, v in zip(self.recipe["losses"], made.terms)
            )
            print(
                f"step {self.step}/{self.last}  epoch {epoch}  loss {made.loss:.4f}  {losses}"
            )

    def diverged(self) -> bool:
        return (
            self.skipped_in_a_row > 10
            or (
                self.step % self.per_epoch == 0
                and self.skipped_in_a_row >= self.per_epoch
            )
            or (self.step == self.last and self.skipped_in_a_row >= self.step)
        )

    def evaluate(self, scheduled: bool = True) -> None:
        scores, merit = evaluate(
            self.session.model, self.recipe, self.validation, self.world
        )
        self.evaluation_due = False
        if scheduled and not math.isnan(merit):
            if (
                self.best is None
                or merit >= self.best["score"]
                or math.isnan(self.best["score"])
            ):
                name = f"step-{self.step:08d}"
                self.best = {"score": merit, "step": self.step, "checkpoint": name}
        if self.world.is_first:
            seconds = round(time.monotonic() - self.started, 3)
            row = [self.step, self.step // self.per_epoch, seconds]
            self.scores.add(
                [*row, *(scores.get(key) for key in self.recipe["metrics"])]
            )
            shown = "  ".join(
                f"{k} {v:.2f}" for k, v in scores.items() if k.count("/") < 2
            )
            print(f"validation after step {self.step}: {shown}")

    def save(self) -> None:
        position = (self.step, self.evaluation_due, json.dumps(self.best))
        if position == self.saved:
            return
        weights, optimizer = self.session.weights(), self.session.optimizer_state()
        state = {
            "program": self.recipe["model"],
            "seed": self.train["seed"],
            "step": self.step,
            "skipped": self.skipped,
            "skipped_in_a_row": self.skipped_in_a_row,
            "evaluation_due": self.evaluation_due,
            "best": self.best,
            "balancing": self.session.balancing_state(),
        }
        if self.world.is_first:
            keep = self.train["checkpoint"]["keep"]
            checkpoints.save(self.options.out, weights, optimizer, state, keep)
        self.saved = position
        self.world.wait()

    def end(self, outcome: str, first: int, began: float) -> None:
        if not self.world.is_first:
            return
        seconds = (time.monotonic() - began) / max(1, self.step - first)
        samples = self.train["batch"] * self.train["accumulate"] * self.world.size
        result = {
            "outcome": outcome,
            "steps": self.step,
            "skipped": self.skipped,
            "seconds": time.monotonic() - self.started,
            "step_seconds": seconds,
            "images_per_second": samples / seconds if seconds else 0.0,
            "parameters": sum(p.numel() for p in self.session.trained),
            "multiply_adds": self.recipe["multiply_adds"],
            "peak_memory": peak_memory(),
            "message": None,
            "peak_gpu_memory": None,
            "cpu_energy": None,
            "gpu_energy": None,
        }
        checkpoints.save_json(self.options.out / "result.json", result)
        print(f"{outcome} after {self.step} steps: {self.options.out}")


def main() -> int:
    options = arguments()
    recipe = read_recipe(HERE)
    settle(recipe, options)
    world = World()
    run: Run | None = None

    def stop(number: int, frame: Any) -> None:
        if run is not None:
            run.stopping = True

    try:
        run = Run(recipe, options, world)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        run.begin()
        return run.loop()
    except DataError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    finally:
        end_readers()
        world.close()


if __name__ == "__main__":
    sys.exit(main())
