"""Writes canny.bin: pictures, thresholds and the edges that OpenCV 4.6 finds in them. Needs python3-opencv and python3-numpy.

    python3 canny.py canny.bin 24

Each case: int32 height, width; float64 low, high; height * width * 3 bytes of RGB; height * width bytes of edges, 0 or 1.
"""
import sys

import cv2
import numpy as np

rng = np.random.RandomState(1)
SIZES = [(1, 1), (1, 7), (5, 1), (16, 24), (24, 40), (33, 29)]
THRESHOLDS = [(100, 200), (50, 150), (20.5, 60.7), (200, 100), (0, 0), (400, 800)]


def shapes(h, w):
    image = np.full((h, w, 3), rng.randint(0, 256, 3), np.uint8)
    for _ in range(12):
        colour = tuple(int(v) for v in rng.randint(0, 256, 3))
        p, q = [(int(rng.randint(w)), int(rng.randint(h))) for _ in range(2)]
        kind = rng.randint(3)
        if kind == 0:
            cv2.rectangle(image, p, q, colour, -1)
        elif kind == 1:
            cv2.circle(image, p, int(rng.randint(2, max(3, w // 3))), colour, -1)
        else:
            cv2.line(image, p, q, colour, int(rng.randint(1, 4)))
    return cv2.GaussianBlur(image, (5, 5), 1.2) if rng.rand() < 0.5 else image


def noise(h, w, smooth):
    image = rng.randint(0, 256, (h, w, 3)).astype(np.uint8)
    return cv2.GaussianBlur(image, (7, 7), 2) if smooth else image


with open(sys.argv[1], "wb") as out:
    for i in range(int(sys.argv[2])):
        h, w = SIZES[i % 6] if i < 24 else (int(rng.randint(1, 200)), int(rng.randint(1, 300)))
        image = noise(h, w, i % 4 == 1) if i % 5 == 0 else shapes(h, w)
        low, high = THRESHOLDS[(i + i // 6) % 6]
        np.array([h, w], np.int32).tofile(out)
        np.array([low, high], np.float64).tofile(out)
        image.tofile(out)
        (cv2.Canny(image, low, high) // 255).tofile(out)
