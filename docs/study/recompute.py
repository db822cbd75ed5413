"""Recomputes the study's tables from the runs' raw metrics, without mtlc.

python3 docs/study/recompute.py collect runs/study > docs/study/runs.csv   the last row of each run's metrics.csv, and result.json
python3 docs/study/recompute.py check docs/study                           every score in tables.md against runs.csv
"""
import csv
import json
import math
import re
import statistics
import sys
from pathlib import Path

METRICS = ["semseg/mean_iou", "depth/si_log_rmse"]
COSTS = ["parameters", "multiply_adds", "steps", "seconds", "step_seconds", "images_per_second", "peak_memory"]
ROWS = {"without dilation": "baseline", "with dilation": "dilated", "without": "dilated", "with ASPP and skip": "joint", "with contours": "contour"}


def collect(folder):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["run", "network", "seed", *METRICS, *COSTS])
    for point in csv.DictReader(open(folder / "plan.csv")):
        last = list(csv.DictReader(open(folder / point["folder"] / "metrics.csv")))[-1]
        result = json.load(open(folder / point["folder"] / "result.json"))
        writer.writerow([point["folder"], point["model"], point["train.seed"], *(last[m] for m in METRICS), *(result[c] for c in COSTS)])


def scores(runs, network):
    own = [r for r in runs if r["network"] == network]
    iou, depth = ([float(r[m]) for r in own] for m in METRICS)
    # The course's score: points above 50 % IoU and below 50 of SI-logRMSE.
    both = [max(i - 50, 0) + max(50 - d, 0) for i, d in zip(iou, depth)]
    return {"semseg mean IoU %": iou, "depth SI-logRMSE": depth, "multitask": both}


def check(folder):
    runs = list(csv.DictReader(open(folder / "runs.csv")))
    checked = 0

    def equal(text, value, what):
        nonlocal checked
        digits = len(text.split(".")[1]) if "." in text else 0
        assert abs(float(text.replace("−", "-").replace("+", "").replace(",", "")) - value) <= 0.5001 * 10 ** -digits, f"{what}: {text} in tables.md, {value} from runs.csv"
        checked += 1

    for section in re.split(r"^## ", (folder / "tables.md").read_text(), flags=re.M)[1:]:
        lines = [[c.strip().replace("**", "") for c in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
        heads, rows = [h.rstrip(" ↑↓") for h in lines[0]], lines[2:]
        if "multitask" not in heads:
            continue
        tables = [scores(runs, ROWS.get(row[0], row[0])) for row in rows]
        for row, own in zip(rows, tables):
            for head, cell in zip(heads[1:], row[1:]):
                what = f"{section.split()[0]}, {row[0]}, {head}"
                if head == "Δm":
                    if cell:
                        change = [sign * (statistics.mean(own[m]) / statistics.mean(tables[0][m]) - 1) * 100 for m, sign in (("semseg mean IoU %", 1), ("depth SI-logRMSE", -1))]
                        equal(cell.split()[0], statistics.mean(change), what)
                    continue
                mean, deviation, difference = re.match(r"([\d.]+) ± ([\d.]+) \(3\)(?: \((.*)\))?$", cell).groups()
                equal(mean, statistics.mean(own[head]), what)
                equal(deviation, statistics.stdev(own[head]), what)
                if difference:
                    gap = statistics.mean(own[head]) - statistics.mean(tables[0][head])
                    pooled = math.sqrt(statistics.mean(statistics.variance(t[head]) for t in tables))
                    noise = pooled * math.sqrt(1 / 3 + 1 / 3)
                    words = re.match(r"(\S+), noise ([\d.]+)(.*)$", difference).groups()
                    equal(words[0], gap, what)
                    equal(words[1], noise, what)
                    assert ("not distinguishable" in words[2]) == (abs(gap) <= 2 * noise), what
    print(f"{checked} numbers in tables.md are those of runs.csv")


{"collect": collect, "check": check}[sys.argv[1]](Path(sys.argv[2]))
