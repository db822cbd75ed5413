"""Random numbers as pure functions of (seed, epoch, index), bit for bit those of mtlc.

SplitMix64 (Steele, Lea and Flood 2014): there is no generator to save, so that a run that was
killed goes on exactly, and every process knows what every other one draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio


def scramble(counter: int) -> int:
    counter = ((counter ^ (counter >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    counter = ((counter ^ (counter >> 27)) * 0x94D049BB133111EB) & MASK
    return counter ^ (counter >> 31)


def mix(counter: int) -> int:
    return scramble((counter + STEP) & MASK)


class CounterRandom:
    """Draw number n of a key."""

    def __init__(self, seed: int, epoch: int, index: int) -> None:
        self.key = mix((mix((mix(seed + 0x617567) + epoch) & MASK) + index + 1) & MASK)
        self.counter = 0

    def bits(self) -> int:
        self.counter += 1
        return mix((self.key + STEP * self.counter) & MASK) >> 32

    def unit(self) -> float:
        """Uniform in [0, 1), in 24 bits."""
        return (self.bits() >> 8) / 16777216


class StepRandom:
    """Draws of the balancing schemes: a function of (seed, step)."""

    def __init__(self, seed: int, step: int) -> None:
        self.state = scramble(scramble(seed & MASK) ^ step)

    def next(self) -> int:
        self.state = (self.state + STEP) & MASK
        return scramble(self.state)

    def uniform(self) -> float:
        return ((self.next() >> 11) + 1) / (1 << 53)

    def normal(self) -> float:
        radius = math.sqrt(-2 * math.log(self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def shuffle(self, items: list[int]) -> None:
        for i in range(len(items) - 1, 0, -1):
            j = self.next() % (i + 1)
            items[i], items[j] = items[j], items[i]


class EpochOrder:
    """A permutation of the samples that depends on seed and epoch alone."""

    MOST_STORED = 1 << 16

    def __init__(self, seed: int, epoch: int, count: int) -> None:
        self.count = count
        random = CounterRandom(seed, epoch, -1)
        self.stored: list[int] = []
        if count <= self.MOST_STORED:
            self.stored = list(range(count))
            for i in range(count - 1, 0, -1):
                j = (random.bits() * (i + 1)) >> 32
                self.stored[i], self.stored[j] = self.stored[j], self.stored[i]
            return
        self.half = ((count - 1).bit_length() - 1 + 2) // 2
        self.keys = [random.bits() << 32 | random.bits() for _ in range(6)]

    def __getitem__(self, position: int) -> int:
        if self.stored:
            return self.stored[position]
        place = self.permuted(position)
        while place >= self.count:
            place = self.permuted(place)
        return place

    def permuted(self, place: int) -> int:
        mask = (1 << self.half) - 1
        left, right = place >> self.half, place & mask
        for key in self.keys:
            left, right = right, left ^ (mix((key + right) & MASK) & mask)
        return left << self.half | right


@dataclass(frozen=True)
class AugmentDraw:
    """The variations of one sample in one epoch; float32, as mtlc has them."""

    zoom: np.float32
    tilt: np.float32
    corners: list[np.float32]
    top: np.float32
    left: np.float32
    flip: bool
    brightness: np.float32
    contrast: np.float32
    saturation: np.float32

    @staticmethod
    def of(augment: dict[str, Any], seed: int, epoch: int, index: int) -> AugmentDraw:
        """All are drawn whether used or not."""
        random = CounterRandom(seed, epoch, index)

        def spread(largest: float) -> float:
            return largest * (2 * random.unit() - 1)

        low, high = augment["scale"]
        zoom = np.float32(low * math.pow(high / low, random.unit()))
        tilt = np.float32(spread(augment["tilt"]) * math.pi / 180)
        corners = [np.float32(spread(augment["wiggle"])) for _ in range(8)]
        top, left = np.float32(random.unit()), np.float32(random.unit())
        flip = random.unit() < 0.5 and augment["flip"]
        jitter = [np.float32(1 + spread(augment["jitter"])) for _ in range(3)]
        return AugmentDraw(zoom, tilt, corners, top, left, flip, *jitter)
