"""Weights, pictures and labels as functions of a name and an index: the same numbers in any language, without a file.

    u(name, i) = (splitmix64(fnv1a64(name) + i) >> 40) / 2^24        in [0, 1), exact in float32
    r(name, i) = 2 u(name, i) - 1                                    in [-1, 1)

Everything below is computed in double precision and rounded to float32 once, so that a port is exact by construction.
"""
import numpy as np

MASK = (1 << 64) - 1


def fnv1a64(name):
    value = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def uniform(name, indices):
    """u(name, i) as float64."""
    if np.isscalar(indices):
        indices = np.arange(indices)
    z = np.asarray(indices).astype(np.uint64) + np.uint64(fnv1a64(name))
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2.0**24


def parameter(name, shape):
    """A parameter's or buffer's value, by the last word of its state-dict name and its rank."""
    shape = tuple(shape)
    kind = name.rsplit(".", 1)[-1]
    if kind == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    count = int(np.prod(shape, dtype=np.int64))
    r = 2 * uniform(name, count) - 1
    # Matrices of encoders are scaled as convolutions are; those of the classifiers in the archives are not.
    if len(shape) == 4 or (len(shape) == 2 and name.startswith("trunk.")):
        value = r * np.sqrt(3.0 / np.prod(shape[1:]))
    elif kind == "weight":
        value = 1 + 0.2 * r
    elif kind == "running_var":
        value = 1 + 0.5 * r
    else:
        value = 0.1 * r
    return value.astype(np.float32).reshape(shape)


def pictures(batch, height, width, cell=8):
    """uint8 [batch, height, width, 3]: coloured cells with noise; image n has 1/(n + 1) of the contrast."""
    n, y, x, c = np.meshgrid(np.arange(batch), np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    cells = ((n * (height // cell) + y // cell) * (width // cell) + x // cell) * 3 + c
    pixels = ((n * height + y) * width + x) * 3 + c
    coarse = np.floor(224 * uniform("image.cells", cells) / (n + 1))
    fine = np.floor(24 * uniform("image.pixels", pixels))
    return (coarse + fine).astype(np.uint8)


def normalise(pictures):
    """float32 [batch, 3, height, width]: (v / 255 - mean) / deviation with ImageNet's statistics."""
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return ((pictures / 255.0 - mean) / deviation).astype(np.float32).transpose(0, 3, 1, 2).copy()


def classes(batch, height, width, count, ignore=255, cell=8):
    """int64 [batch, height, width]: one class a cell, one cell in count + 1 unlabelled."""
    n, y, x = np.meshgrid(np.arange(batch), np.arange(height), np.arange(width), indexing="ij")
    cells = (n * (height // cell) + y // cell) * (width // cell) + x // cell
    value = np.floor((count + 1) * uniform("classes.cells", cells)).astype(np.int64)
    return np.where(value == count, ignore, value)


def metres(batch, height, width, cell=8):
    """float32 [batch, height, width]: 4 to 66 metres, NaN for one pixel in sixteen."""
    n, y, x = np.meshgrid(np.arange(batch), np.arange(height), np.arange(width), indexing="ij")
    cells = (n * (height // cell) + y // cell) * (width // cell) + x // cell
    pixels = (n * height + y) * width + x
    value = 4 + 60 * uniform("metres.cells", cells) + 2 * uniform("metres.pixels", pixels)
    return np.where(uniform("metres.valid", pixels) < 1 / 16, np.nan, value).astype(np.float32)


def positions(name, size, count):
    """Where a tensor of this many elements is sampled."""
    return [int(np.floor(u * size)) for u in uniform("positions." + name, count)]
