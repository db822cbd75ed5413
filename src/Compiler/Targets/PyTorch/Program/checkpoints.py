"""Checkpoints that mtlc writes and reads, too: `checkpoints/step-00000120/` with

model.safetensors, optimizer.safetensors ("PARAMETER/SLOT"), state.json, and manifest.json with the
SHA-256 of each. A folder of that name is whole: it is written under another one, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

FORMAT = "mtlc-checkpoint/1"

TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
NAMES = {kind: name for name, kind in TYPES.items()}


def load_safetensors(path: Path | str) -> dict[str, Tensor]:
    """What `safetensors.torch.load_file` gives, with nothing but torch."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        if start == end:
            tensors[name] = torch.empty(entry["shape"], dtype=TYPES[entry["dtype"]])
            continue
        flat = torch.frombuffer(bytearray(data[start:end]), dtype=TYPES[entry["dtype"]])
        tensors[name] = flat.view(entry["shape"])
    return tensors


def save_safetensors(path: Path, tensors: dict[str, Tensor]) -> str:
    """Writes the file and gives its SHA-256."""
    header: dict[str, Any] = {"__metadata__": {"format": FORMAT}}
    offset = 0
    # Wide types first: then every tensor lies at a multiple of its element's size.
    tensors = dict(sorted(tensors.items(), key=lambda item: -item[1].element_size()))
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for part in (struct.pack("<Q", len(text)), text):
            file.write(part)
            digest.update(part)
        for tensor in tensors.values():
            here = tensor.detach().cpu().contiguous().reshape(-1)
            part = here.view(torch.uint8).numpy().tobytes() if here.numel() else b""
            file.write(part)
            digest.update(part)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def plain(content: Any) -> Any:
    """JSON has no words for numbers that are not finite; mtlc reads them as text."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return (
            "NaN" if math.isnan(content) else "Infinity" if content > 0 else "-Infinity"
        )
    return content


def save_json(path: Path, content: Any) -> str:
    data = json.dumps(plain(content), indent=2).encode()
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(data).hexdigest()


def folders(run: Path) -> list[Path]:
    """The checkpoints of a run, the oldest first."""
    found = (run / "checkpoints").glob("step-*")
    return sorted(found, key=lambda p: (len(p.name), p.name))


def save(
    run: Path,
    weights: dict[str, Tensor],
    optimizer: dict[str, Tensor],
    state: dict[str, Any],
    keep: int,
) -> Path:
    """Writes a checkpoint, then deletes those that are no longer kept."""
    folder = run / "checkpoints" / f"step-{state['step']:08d}"
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    digests = {
        "model.safetensors": save_safetensors(temporary / "model.safetensors", weights),
        "optimizer.safetensors": save_safetensors(
            temporary / "optimizer.safetensors", optimizer
        ),
        "state.json": save_json(temporary / "state.json", {**state, "format": FORMAT}),
    }
    save_json(temporary / "manifest.json", {"format": FORMAT, "sha256": digests})
    if folder.exists():
        old = folder.with_name(f".{folder.name}.replaced")
        folder.rename(old)
        temporary.rename(folder)
        shutil.rmtree(old)
    else:
        temporary.rename(folder)
    best = state["best"]["checkpoint"] if state["best"] else None
    for old in folders(run)[:-keep]:
        if old.name not in (best, folder.name):
            shutil.rmtree(old)
    return folder


class Damaged(Exception):
    """A checkpoint that is not whole, or not of this program."""


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any]]:
    """Weights, optimizer and state, once their digests are right."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        for name, digest in manifest["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                raise Damaged(f"{folder / name}: damaged: its SHA-256 is another")
        if manifest["format"] != FORMAT:
            raise Damaged(f"{folder}: the format is {manifest['format']}, not {FORMAT}")
        weights = load_safetensors(folder / "model.safetensors")
        optimizer = load_safetensors(folder / "optimizer.safetensors")
        state = json.loads((folder / "state.json").read_text())
    except (OSError, KeyError, ValueError) as error:
        raise Damaged(f"{folder}: damaged: {error}") from error
    for values in state["balancing"].values():
        values[:] = [float(v) for v in values]
    if state["best"]:
        state["best"]["score"] = float(state["best"]["score"])
    return weights, optimizer, state


def newest(
    run: Path,
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any]] | None:
    """What `load` gives of the newest checkpoint that is whole."""
    for folder in reversed(folders(run)):
        try:
            return load(folder)
        except Damaged as error:
            print(f"{error}; the checkpoint before it is tried")
    return None
