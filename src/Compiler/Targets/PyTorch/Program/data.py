"""Samples as mtlc reads and varies them: pictures, classes (255: no label), metres (NaN: none)."""

from __future__ import annotations

import ast
import json
import math
import multiprocessing
import operator
import os
import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy as np
import torch
from draws import AugmentDraw, EpochOrder
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
UNLABELLED = 255


class DataError(Exception):
    """A sample that cannot be used; the message names the file."""


@dataclass
class Sample:
    """rgb [H, W, 3] uint8, classes [H, W] uint8 or None, depth [H, W] float32 metres or None.

    maps: what the network reads beside the picture, by name: [H, W, C] float32, NaN for no number.
    """

    rgb: np.ndarray
    classes: np.ndarray | None
    depth: np.ndarray | None
    maps: dict[str, np.ndarray] = field(default_factory=dict)


def read_image(path: Path) -> Image.Image:
    try:
        image = Image.open(path)
        image.load()
        return image
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{path}: {error}") from error


def read_rgb(path: Path) -> np.ndarray:
    return np.asarray(read_image(path).convert("RGB"))


def read_indices(
    path: Path, modes: tuple[str, ...], size: tuple[int, int]
) -> np.ndarray:
    """Stored numbers of a palette or gray picture, of the size of its sample."""
    image = read_image(path)
    if image.mode not in modes:
        raise DataError(
            f"{path}: a picture of mode {image.mode}, where {modes} was expected"
        )
    if (image.height, image.width) != size:
        raise DataError(
            f"{path}: {image.height}x{image.width} pixels, but its picture is {size}"
        )
    return np.asarray(image)


def classes_of(numbers: np.ndarray, table: np.ndarray, path: Path) -> np.ndarray:
    """Through a table of 256 entries; -1 where a number is no label of the data."""
    classes = table[numbers]
    if (classes < 0).any():
        raise DataError(
            f"{path}: the number {numbers[classes < 0][0]} is no label of this data"
        )
    return classes.astype(np.uint8)


class Source:
    """A data set: names and samples of the splits train, val and test."""

    maps: list[str] = []  # that the network reads beside the picture

    def names(self, split: str) -> list[str]:
        raise NotImplementedError

    def read(self, split: str, name: str) -> Sample:
        """Picture and labels."""
        raise NotImplementedError

    def read_map(
        self, name: str, split: str, sample: str, size: tuple[int, int]
    ) -> np.ndarray:
        """[H, W] or [H, W, C]; what is not finite is no number."""
        raise DataError(f"the data have no map '{name}'")

    def sample(self, split: str, name: str) -> Sample:
        """Picture, labels and maps."""
        sample = self.read(split, name)
        height, width = sample.rgb.shape[:2]
        for known in self.maps:
            values = self.read_map(known, split, name, (height, width))
            values = values.astype(np.float32).reshape(height, width, -1)
            values = np.where(np.isfinite(values), values, np.float32(np.nan))
            sample.maps[known] = values
        return sample


class MiniScapes(Source):
    """DIR/{train,val,test}/{rgb/N.jpg,semseg/N.png,depth/N.png}, N from 0 without a gap."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.root = Path(source["path"])
        self.table = np.full(256, -1)
        self.table[:19] = np.arange(19)
        self.table[UNLABELLED] = UNLABELLED
        # float32 throughout and in this order: even steps of inverse depth, 0 is none.
        one, far = np.float32(1), np.float32(1 / 300.0)
        code = np.arange(256, dtype=np.float32)
        with np.errstate(divide="ignore"):
            self.metres = one / (
                np.float32(1 / 4.0 - 1 / 300.0) * (code - one) / np.float32(254) + far
            )
        self.metres[0] = np.nan

    def names(self, split: str) -> list[str]:
        count = sum(f.stem.isdigit() for f in (self.root / split / "rgb").glob("*.jpg"))
        names = [str(i) for i in range(count)]
        for name in names:
            if not (self.root / split / "rgb" / f"{name}.jpg").exists():
                raise DataError(f"{self.root / split}/rgb/{name}.jpg: missing")
        return names

    def read(self, split: str, name: str) -> Sample:
        folder = self.root / split
        rgb = read_rgb(folder / "rgb" / f"{name}.jpg")
        labels, depths = (
            folder / "semseg" / f"{name}.png",
            folder / "depth" / f"{name}.png",
        )
        classes = depth = None
        if labels.exists():
            classes = classes_of(
                read_indices(labels, ("P", "L"), rgb.shape[:2]), self.table, labels
            )
        if depths.exists():
            depth = self.metres[read_indices(depths, ("L",), rgb.shape[:2])]
        return Sample(rgb, classes, depth)

    def read_map(
        self, name: str, split: str, sample: str, size: tuple[int, int]
    ) -> np.ndarray:
        """Inverse depth."""
        if name != "disparity":
            return super().read_map(name, split, sample, size)
        path = self.root / split / "depth" / f"{sample}.png"
        return np.float32(1) / self.metres[read_indices(path, ("L",), size)]


class Cityscapes(Source):
    """DIR/{leftImg8bit,gtFine,disparity,camera}/SPLIT/CITY/CITY_SEQ_FRAME_TYPE.png"""

    TRAIN_IDS = {
        **{
            7: 0,
            8: 1,
            11: 2,
            12: 3,
            13: 4,
            17: 5,
            19: 6,
            20: 7,
            21: 8,
            22: 9,
            23: 10,
            24: 11,
        },
        **{25: 12, 26: 13, 27: 14, 28: 15, 31: 16, 32: 17, 33: 18},
    }

    def __init__(self, source: dict[str, Any]) -> None:
        self.root = Path(source["path"] or os.environ.get("CITYSCAPES_DATASET", ""))
        self.table = np.full(256, -1)
        self.table[:34] = UNLABELLED
        self.table[UNLABELLED] = UNLABELLED
        for number, known in self.TRAIN_IDS.items():
            self.table[number] = known

    def names(self, split: str) -> list[str]:
        folder = self.root / "leftImg8bit" / split
        ending = "_leftImg8bit.png"
        if not folder.exists():
            return []
        cities = sorted(
            f.name for f in folder.iterdir() if f.is_dir() and f.name[0] != "."
        )
        return [
            f"{split}/{city}/{file[: -len(ending)]}"
            for city in cities
            for file in sorted(os.listdir(folder / city))
            if file.endswith(ending) and file[0] != "."
        ]

    def read(self, split: str, name: str) -> Sample:
        rgb = read_rgb(self.root / "leftImg8bit" / f"{name}_leftImg8bit.png")
        classes = depth = None
        if (self.root / "gtFine").exists() and split != "test":
            path = self.root / "gtFine" / f"{name}_gtFine_labelIds.png"
            classes = classes_of(
                read_indices(path, ("P", "L"), rgb.shape[:2]), self.table, path
            )
        if (self.root / "disparity").exists():
            path = self.root / "disparity" / f"{name}_disparity.png"
            camera = json.loads(
                (self.root / "camera" / f"{name}_camera.json").read_text("utf-8-sig")
            )
            scale = camera["extrinsic"]["baseline"] * camera["intrinsic"]["fx"]
            stored = read_indices(path, ("I", "I;16"), rgb.shape[:2]).astype(np.float32)
            with np.errstate(divide="ignore", invalid="ignore"):
                metres = np.float32(scale) / (
                    (stored - np.float32(1)) / np.float32(256)
                )
            depth = np.where(stored <= 1, np.float32(np.nan), metres)
        return Sample(rgb, classes, depth)

    def read_map(
        self, name: str, split: str, sample: str, size: tuple[int, int]
    ) -> np.ndarray:
        """Disparity in pixels."""
        if name != "disparity":
            return super().read_map(name, split, sample, size)
        path = self.root / "disparity" / f"{sample}_disparity.png"
        stored = read_indices(path, ("I", "I;16"), size).astype(np.float32)
        pixels = (stored - np.float32(1)) / np.float32(256)
        return np.where(stored == 0, np.float32(np.nan), pixels)


def decoded(
    expression: str, stored: np.ndarray, camera: dict[str, float]
) -> np.ndarray:
    """Arithmetic over the stored number v: parts without it in double precision, else in float32."""
    names: dict[str, Any] = {"v": stored.astype(np.float32), **camera}
    apply = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
    }

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.BinOp):
            return apply[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp):
            return 0.0 - value(node.operand)
        return names[node.id] if isinstance(node, ast.Name) else float(node.value)

    with np.errstate(all="ignore"):
        return value(ast.parse(expression.strip(), mode="eval").body)


def read_float_map(path: Path, kind: str, size: tuple[int, int]) -> np.ndarray:
    """A .npy or .pfm file of the size of its sample."""
    try:
        if kind == "npy":
            values = np.load(path)
        else:
            head = re.match(rb"Pf\s+(\d+)\s+(\d+)\s+(\S+)\s", path.read_bytes()[:200])
            width, height, scale = int(head[1]), int(head[2]), float(head[3])
            # The bottom row comes first; the sign of the scale is the byte order.
            order = "<f4" if scale < 0 else ">f4"
            values = np.frombuffer(path.read_bytes()[head.end() :], order)
            values = values.reshape(height, width)[::-1]
    except (OSError, TypeError, ValueError) as error:
        raise DataError(f"{path}: {error}") from error
    if values.shape != size:
        raise DataError(f"{path}: {values.shape} pixels, but its picture is {size}")
    return values.astype(np.float32)


def read_numbers(path: Path, kind: str, size: tuple[int, int]) -> np.ndarray:
    """What a file of one number a pixel stores, as float32."""
    if kind in ("npy", "pfm"):
        return read_float_map(path, kind, size)
    modes = ("L",) if kind == "u8" else ("I", "I;16")
    return read_indices(path, modes, size).astype(np.float32)


class Manifest(Source):
    """Any other data, as the manifest said that the recipe was written from."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.source, self.root = source, Path(source["path"])
        self.table = np.full(1 << 16, -1)
        if source["labels"]:
            for number, index in source["labels"]["classes"].items():
                self.table[int(number)] = index

    def names(self, split: str) -> list[str]:
        if split not in self.source["splits"]:
            return []
        path = self.root / self.source["splits"][split]
        try:
            lines = path.read_text("utf-8-sig").split("\n")
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: {error}") from error
        return [line.strip() for line in lines if line.strip()]

    def read(self, split: str, name: str) -> Sample:
        rgb = read_rgb(self.file(self.source["rgb"], name))
        size, classes, depth = rgb.shape[:2], None, None
        labels, metric = self.source["labels"], self.source["depth"]
        if labels:
            path = self.file(labels["path"], name)
            if path.exists() or not labels["optional"]:
                numbers = read_indices(path, ("P", "L", "I", "I;16"), size)
                classes = classes_of(numbers, self.table, path)
        if metric:
            path = self.file(metric["path"], name)
            if path.exists() or not metric["optional"]:
                depth = self.metres(metric, path, size, self.camera(name))
        return Sample(rgb, classes, depth)

    def read_map(
        self, name: str, split: str, sample: str, size: tuple[int, int]
    ) -> np.ndarray:
        """As the manifest decodes it; a picture's red, green and blue as they are."""
        entry = self.source["maps"].get(name)
        if entry is None:
            raise DataError(f"the manifest has no input '{name}'")
        path = self.file(entry["path"], sample)
        if entry["file"] == "rgb8":
            rgb = read_rgb(path)
            if rgb.shape[:2] != size:
                raise DataError(
                    f"{path}: {rgb.shape[:2]} pixels, but its picture is {size}"
                )
            return rgb
        stored = read_numbers(path, entry["file"], size)
        camera = self.camera(sample) if entry["needs_camera"] else {}
        values = decoded(entry["decode"], stored, camera)
        unknown = np.isin(stored, np.array(entry["invalid"], np.float32))
        return np.where(unknown, np.float32(np.nan), values)

    def file(self, template: str, name: str) -> Path:
        path = template.replace("{id}", name)
        if path.startswith("/") or ".." in path.split("/"):
            raise DataError(f"{path}: leads out of {self.root}")
        return self.root / path

    def camera(self, name: str) -> dict[str, float]:
        if not self.source["camera"]:
            return {}
        path = self.file(self.source["camera"], name)
        try:
            camera = json.loads(path.read_text("utf-8-sig"))
            baseline, fx = camera["extrinsic"]["baseline"], camera["intrinsic"]["fx"]
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{path}: {error}") from error
        return {"baseline": float(baseline), "fx": float(fx)}

    @staticmethod
    def metres(
        metric: dict[str, Any],
        path: Path,
        size: tuple[int, int],
        camera: dict[str, float],
    ) -> np.ndarray:
        stored = read_numbers(path, metric["file"], size)
        values = decoded(metric["decode"], stored, camera)
        values = values * np.float32(metric["to_metres"])
        near, far = metric["range"] or (0, np.inf)
        with np.errstate(invalid="ignore"):
            valid = (
                np.isfinite(values) & (values > 0) & (values >= near) & (values <= far)
            )
        valid &= ~np.isin(stored, np.array(metric["invalid"], np.float32))
        return np.where(valid, values, np.float32(np.nan)).astype(np.float32)


SOURCES: dict[str, Callable[[dict[str, Any]], Source]] = {
    "miniscapes": MiniScapes,
    "cityscapes": Cityscapes,
    "manifest": Manifest,
}


def open_source(source: dict[str, Any], maps: list[str]) -> Source:
    """The data of the recipe, with the maps that the network reads beside the picture."""
    if source["kind"] == "synthetic":
        size = source["size"]
        again = (
            "and export the program again with --set 'data.source=miniscapes(\"data\")', for the\n"
            f"files have {', '.join(maps)} in another unit"
            if maps
            else "and name the folder: --data miniscapes:data"
        )
        raise DataError(
            "the recipe's scenes are rendered by mtlc; write them to disk first:\n"
            f"  mtlc data render --out data --layout miniscapes --scenes {source['scenes']} "
            f"--size {size} --seed {source['seed']}\n{again}"
        )
    if source["kind"] not in SOURCES:
        raise DataError(
            f"data of kind '{source['kind']}' are not read here: see README.md"
        )
    opened = SOURCES[source["kind"]](source)
    opened.maps = maps
    return opened


# One warp a sample, then photometric jitter.


def window(
    sample: Sample, top: int, left: int, height: int, width: int, flip: bool
) -> Sample:
    def cut(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        part = values[top : top + height, left : left + width]
        return part[:, ::-1] if flip else part

    return Sample(
        cut(sample.rgb).astype(np.float32),
        cut(sample.classes),
        cut(sample.depth),
        {name: cut(values) for name, values in sample.maps.items()},
    )


def homography(
    height: int, width: int, crop: tuple[int, int], draw: AugmentDraw
) -> np.ndarray:
    """From pixels of the crop to pixels of the picture (Heckbert 1989, 2.2.3): eight numbers."""
    h, w = float(np.float32(crop[0]) / draw.zoom), float(
        np.float32(crop[1]) / draw.zoom
    )
    center_x = w / 2 + float(draw.left) * (width - w)
    center_y = h / 2 + float(draw.top) * (height - h)
    sin, cos = math.sin(float(draw.tilt)), math.cos(float(draw.tilt))
    q = []
    for i, (sx, sy) in enumerate([(-1, -1), (1, -1), (1, 1), (-1, 1)]):
        x = w * (sx / 2 + float(draw.corners[2 * i]))
        y = h * (sy / 2 + float(draw.corners[2 * i + 1]))
        q.append((center_x + cos * x - sin * y, center_y + sin * x + cos * y))
    if draw.flip:
        q = [q[1], q[0], q[3], q[2]]
    dx1, dy1 = q[1][0] - q[2][0], q[1][1] - q[2][1]
    dx2, dy2 = q[3][0] - q[2][0], q[3][1] - q[2][1]
    sx = q[0][0] - q[1][0] + q[2][0] - q[3][0]
    sy = q[0][1] - q[1][1] + q[2][1] - q[3][1]
    determinant = dx1 * dy2 - dx2 * dy1
    g = (sx * dy2 - dx2 * sy) / determinant
    k = (dx1 * sy - sx * dy1) / determinant
    x, y = 1.0 / crop[1], 1.0 / crop[0]
    return np.array(
        [
            (q[1][0] - q[0][0] + g * q[1][0]) * x,
            (q[3][0] - q[0][0] + k * q[3][0]) * y,
            q[0][0],
            (q[1][1] - q[0][1] + g * q[1][1]) * x,
            (q[3][1] - q[0][1] + k * q[3][1]) * y,
            q[0][1],
            g * x,
            k * y,
        ]
    )


def warp(sample: Sample, m: np.ndarray, height: int, width: int) -> Sample:
    """Bilinear for the picture, the nearest pixel for labels and maps; outside: mean colour, no
    label, no number."""
    rows, columns = sample.rgb.shape[:2]
    y, x = np.mgrid[0:height, 0:width] + 0.5
    w = m[6] * x + m[7] * y + 1
    u, v = (m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w
    inside = (u >= 0) & (v >= 0) & (u < columns) & (v < rows)
    column, row = np.where(inside, u, 0).astype(int), np.where(inside, v, 0).astype(int)
    classes = depth = None
    if sample.classes is not None:
        classes = np.where(inside, sample.classes[row, column], np.uint8(UNLABELLED))
    if sample.depth is not None:
        depth = np.where(inside, sample.depth[row, column], np.float32(np.nan))
    maps = {
        name: np.where(inside[..., None], values[row, column], np.float32(np.nan))
        for name, values in sample.maps.items()
    }
    x32, y32 = (u - 0.5).astype(np.float32), (v - 0.5).astype(np.float32)
    left, top = np.floor(x32), np.floor(y32)
    fx, fy = (x32 - left)[..., None], (y32 - top)[..., None]
    left, top = np.where(inside, left, 0).astype(int), np.where(inside, top, 0).astype(
        int
    )
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    left, top = np.maximum(left, 0), np.maximum(top, 0)
    at = sample.rgb.astype(np.float32)
    upper = at[top, left] + fx * (at[top, right] - at[top, left])
    lower = at[bottom, left] + fx * (at[bottom, right] - at[bottom, left])
    rgb = np.where(
        inside[..., None], upper + fy * (lower - upper), MEAN * np.float32(255)
    )
    return Sample(rgb, classes, depth, maps)


def jitter(rgb: np.ndarray, draw: AugmentDraw) -> np.ndarray:
    """Brightness, contrast, saturation, each about its own grey, as torchvision defines them."""
    white = np.float32(255)

    def grey(rgb: np.ndarray) -> np.ndarray:
        red, green, blue = np.float32(0.299), np.float32(0.587), np.float32(0.114)
        return red * rgb[..., 0] + green * rgb[..., 1] + blue * rgb[..., 2]

    mean = np.float32(
        np.minimum(white, grey(rgb) * draw.brightness).astype(np.float64).mean()
    )
    rgb = np.clip(
        mean + draw.contrast * (np.minimum(white, rgb * draw.brightness) - mean),
        0,
        white,
    )
    own = grey(rgb)[..., None]
    return np.clip(own + draw.saturation * (rgb - own), 0, white)


def normalised(rgb: np.ndarray) -> np.ndarray:
    scale = np.float32(1) / (np.float32(255) * DEVIATION)
    return rgb * scale - MEAN / DEVIATION


def vary(sample: Sample, augment: dict[str, Any], draw: AugmentDraw) -> Sample:
    """A training crop."""
    height, width = augment["crop"]
    rows, columns = sample.rgb.shape[:2]
    is_still = draw.zoom == 1 and draw.tilt == 0 and all(c == 0 for c in draw.corners)
    if is_still and height <= rows and width <= columns:
        top = int(draw.top * np.float32(rows - height + 1))
        left = int(draw.left * np.float32(columns - width + 1))
        made = window(sample, top, left, height, width, draw.flip)
    else:
        made = warp(
            sample, homography(rows, columns, (height, width), draw), height, width
        )
    if augment["jitter"] > 0:
        made.rgb = jitter(made.rgb, draw)
    made.rgb = normalised(made.rgb)
    if augment["zoom_divides_depth"] and draw.zoom != 1 and made.depth is not None:
        made.depth = made.depth / draw.zoom
    return made


def whole(sample: Sample) -> Sample:
    height, width = sample.rgb.shape[:2]
    made = window(sample, 0, 0, height, width, flip=False)
    made.rgb = normalised(made.rgb)
    return made


Batch = dict[str, Tensor]


def tensors(sample: Sample) -> Batch:
    """image [3, H, W] normalised, classes [H, W] int64, depth [1, H, W] metres, map/NAME [C, H, W]."""
    height, width = sample.rgb.shape[:2]
    classes = (
        sample.classes
        if sample.classes is not None
        else np.full((height, width), UNLABELLED)
    )
    nothing = np.full((height, width), np.nan, np.float32)
    depth = sample.depth if sample.depth is not None else nothing
    channels_first = {
        "image": sample.rgb,
        **{f"map/{name}": values for name, values in sample.maps.items()},
    }
    return {
        "classes": torch.from_numpy(classes.astype(np.int64)),
        "depth": torch.from_numpy(np.ascontiguousarray(depth))[None],
        **{
            name: torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))
            for name, values in channels_first.items()
        },
    }


def inputs(recipe: dict[str, Any], batch: Batch) -> list[Tensor]:
    """What the network is called with: the picture, and the maps that it reads beside it."""
    return [batch["image"], *(batch[f"map/{name}"] for name in recipe["maps"])]


class TrainingData(Dataset):
    """Sample `position` of an epoch, varied: a function of (seed, epoch, position) alone."""

    def __init__(self, source: Source, data: dict[str, Any], seed: int) -> None:
        self.source, self.seed = source, seed
        self.augment = {**data["augment"], "crop": crop_of(data["augment"]["crop"])}
        self.skips = data["corrupt"] == "skip"
        self.samples = source.names("train")
        self.order: tuple[int, EpochOrder] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, place: tuple[int, int]) -> Batch:
        epoch, position = place
        if self.order is None or self.order[0] != epoch:
            self.order = (epoch, EpochOrder(self.seed, epoch, len(self)))
        for tried in range(len(self)):
            index = self.order[1][(position + tried) % len(self)]
            try:
                sample = self.source.sample("train", self.samples[index])
            except DataError:
                if not self.skips or tried + 1 == len(self):
                    raise
                continue
            draw = AugmentDraw.of(self.augment, self.seed, epoch, index)
            return tensors(vary(sample, self.augment, draw))
        raise DataError("no training sample can be read")


class Places(Sampler):
    """Of each part of each step, the samples of one process: (epoch, position).

    A step of `accumulate` parts takes batch * world * accumulate samples in the order of the
    epoch; of a part of batch * world, each process has the batch at its rank.
    """

    def __init__(
        self,
        samples: int,
        train: dict[str, Any],
        rank: int,
        world: int,
        first: int,
        last: int,
    ) -> None:
        self.batch, self.parts = train["batch"], train["accumulate"]
        self.rank, self.world = rank, world
        self.first, self.last = first, last
        self.per_epoch = samples // (self.batch * self.world * self.parts)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for step in range(self.first, self.last):
            epoch, within = divmod(step, self.per_epoch)
            for part in range(self.parts):
                start = (
                    (within * self.parts + part) * self.world + self.rank
                ) * self.batch
                yield [(epoch, start + i) for i in range(self.batch)]

    def __len__(self) -> int:
        return (self.last - self.first) * self.parts


def deaf(worker: int) -> None:
    """A scheduler sends SIGTERM to every process: readers leave it to the one that trains."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def end_readers() -> None:
    """Readers that an error left behind, before Python waits for them: it asks by SIGTERM."""
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch raises where one dies
    for reader in multiprocessing.active_children():
        reader.kill()


def training_batches(
    data: TrainingData, places: Places, workers: int
) -> Iterator[Batch]:
    return iter(
        DataLoader(data, batch_sampler=places, num_workers=workers, worker_init_fn=deaf)
    )


class WholePictures(Dataset):
    """Every pixel of a split's pictures; None where a sample cannot be read and may be skipped."""

    def __init__(self, source: Source, data: dict[str, Any], split: str) -> None:
        self.source, self.split = source, split
        self.skips = data["corrupt"] == "skip"
        self.samples = source.names(split)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Batch | None:
        try:
            return tensors(whole(self.source.sample(self.split, self.samples[index])))
        except DataError:
            if self.skips:
                return None
            raise


def crop_of(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if match is None:
        raise DataError(f"'{text}' is no size HxW")
    return int(match[1]), int(match[2])
