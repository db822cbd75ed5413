"""The report's losses and derived labels, from its listings (their slips mended as in its errata: rows into rows)."""
import torch
import torch.nn.functional as F

DEPTH_MEAN, DEPTH_DEVIATION = 27.0727, 29.1264


def cross_entropy(logits, labels):
    return F.cross_entropy(logits, labels, ignore_index=255)


def l2(prediction, label):
    losses = []
    for p, t in zip(prediction, label):
        valid = t == t
        if valid.any():
            losses.append((p[valid] - t[valid]).pow(2).mean())
    return sum(losses) / max(len(losses), 1)


def balanced_bce(probability, label):
    """label: 1, 0, or NaN. Unlabelled pixels weigh nothing and count in an image's mean."""
    losses = []
    for p, t in zip(probability, label):
        positive, negative = (t == 1).sum().to(p.dtype), (t == 0).sum().to(p.dtype)
        weight = torch.zeros_like(p)
        weight[t == 1] = negative / (positive + negative)
        weight[t == 0] = 1.1 * positive / (positive + negative)
        losses.append(F.binary_cross_entropy(p, torch.nan_to_num(t).to(p.dtype), weight=weight))
    return sum(losses) / len(losses)


def contour(classes, ignore=255):
    """[N, 1, H, W]: 1 where the class differs from the pixel above or to the left; NaN where a class it needs is missing."""
    rows, columns = classes[:, 1:, :] != classes[:, :-1, :], classes[:, :, 1:] != classes[:, :, :-1]
    edge = torch.zeros(classes.shape, dtype=torch.bool)
    edge[:, 1:, :] |= rows
    edge[:, :, 1:] |= columns
    missing = classes == ignore
    unknown = missing.clone()
    unknown[:, 1:, :] |= missing[:, :-1, :]
    unknown[:, :, 1:] |= missing[:, :, :-1]
    return edge.double().masked_fill(unknown, float("nan")).unsqueeze(1)


def normals(metres):
    """[N, 3, H, W] from [N, H, W], the report's compute_normals: pixels by metres, cross product of left and top neighbours."""
    n, height, width = metres.shape
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    points = torch.stack([x.expand(n, -1, -1), y.expand(n, -1, -1), metres], 3).to(metres.dtype)
    top, left, centre = points[:, :-1, 1:], points[:, 1:, :-1], points[:, 1:, 1:]
    inner = F.normalize(torch.cross(left - centre, top - centre, dim=3), dim=3).permute(0, 3, 1, 2)
    result = torch.zeros((n, 3, height, width), dtype=metres.dtype)
    result[:, :, 1:, 1:] = inner
    result[:, :, 0, :] = result[:, :, 1, :]
    result[:, :, :, 0] = result[:, :, :, 1]
    return result


def objective(name, predictions, classes, metres):
    """The `loss` statement of examples/NAME.mtl: a task's loss is the mean over its predictions."""
    kind = {"semseg": cross_entropy, "depth": l2, "contour": balanced_bce, "normals": l2}
    targets = {"semseg": lambda: classes, "depth": lambda: (metres.unsqueeze(1) - DEPTH_MEAN) / DEPTH_DEVIATION,
               "contour": lambda: contour(classes), "normals": lambda: normals(metres)}
    weights = {"contour": {"semseg": 0.36, "depth": 0.36, "contour": 0.28}, "normals": {"semseg": 0.36, "depth": 0.36, "normals": 0.28},
               "full": {"semseg": 0.34, "depth": 0.34, "contour": 0.16, "normals": 0.16},
               "excite": {"semseg": 1}}.get(name, {"semseg": 0.5, "depth": 0.5})
    total = 0
    for task, weight in weights.items():
        target = targets[task]()
        own = [p for key, p in predictions.items() if task_of(key) == task]
        total = total + weight * sum(kind[task](p, target) for p in own) / len(own)
    return total


def task_of(prediction):
    """'semseg_2' and 'head.semseg' predict semseg; a lone 'head' does too."""
    last = prediction.split(".")[-1].split("_")[0]
    return "semseg" if last == "head" else last
