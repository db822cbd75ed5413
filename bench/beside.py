"""What waiting threads cost: trainings alone and beside a process that never sleeps, with several settings of libgomp, in turns.

    python3 bench/beside.py ROUNDS MTLC VARIANT...

MTLC is a folder with mtlc.dll. A variant is a word, or settings of the environment with commas between
(OMP_WAIT_POLICY=passive,OMP_NUM_THREADS=2); "-" sets nothing. For each workload and variant it prints the median seconds over the
rounds, and the median over rounds of the ratio to the first variant. The machine must be quiet.
PREFIX="chrt -r 10" stands before every command.
ONLY="small*,sweep --jobs 2" picks workloads.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SMALL = """
component encoder(x) {
  let c1 = conv_bn_relu(x, 8, kernel: 3, stride: 2)
  let layer1 = conv_bn_relu(c1, 16, kernel: 3, stride: 2)
  let layer2 = conv_bn_relu(layer1, 24, kernel: 3, stride: 2) |> dropout(0.1)
  return layer2
}
model small {
  task semseg: segmentation { classes: 19 }
  task depth: depth
  encoder trunk: encoder
  decoder head: trunk + skip trunk/4 -> semseg, depth { convs: 1, width: 16, skip_width: 8 }
  loss: 0.5 * cross_entropy(semseg) + 0.5 * l2(depth)
}
data { source: synthetic { scenes: 32, size: 64x128, seed: 1 }, augment: { crop: 64, scale: 1..2, tilt: 5, jitter: 0.2 } }
train { batch: 2, epochs: 100 }
sweep seeds { train.seed: range(2) }
"""
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "examples")
# name: arguments before --out, busy processes beside (-1: one in the same session, as from one's own shell)
WORK = {
    "small": (["run", "small.mtl", "--max-steps", "150"], 0),
    "small beside a busy process": (["run", "small.mtl", "--max-steps", "150"], 1),
    "small beside a busy process of its session": (["run", "small.mtl", "--max-steps", "150"], -1),
    "branched": (["run", os.path.join(EXAMPLES, "branched.mtl"), "--max-steps", "8"], 0),
    "branched beside a busy process": (["run", os.path.join(EXAMPLES, "branched.mtl"), "--max-steps", "8"], 1),
    "loaders: heavy warping of large scenes": (
        ["run", "small.mtl", "--max-steps", "60", "--set", "data.source=synthetic{scenes:16,size:256x512}", "--set", "data.augment.crop=128", "--set", "train.batch=8"], 0),
    "sweep --jobs 2": (["sweep", "small.mtl", "--jobs", "2", "--max-steps", "150"], 0),
}


def once(mtlc, variant, work):
    arguments, busy = WORK[work]
    environment = {**os.environ, **dict(s.split("=", 1) for s in variant.split(",") if "=" in s)}
    out = os.path.join(os.getcwd(), "out")
    shutil.rmtree(out, ignore_errors=True)
    prefix = os.environ.get("PREFIX", "").split()
    # A session of its own, as another user's work has: Linux shares the cores between sessions first.
    loop = [*prefix, "sh", "-c", "while :; do :; done"]
    others = [subprocess.Popen(loop, start_new_session=busy > 0) for _ in range(abs(busy))]
    try:
        began = time.perf_counter()
        command = [*prefix, "dotnet", os.path.join(mtlc, "mtlc.dll"), *arguments, "--device", "cpu", "--out", out]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        wall = time.perf_counter() - began
    finally:
        for other in others:
            other.kill()
            other.wait()
    if arguments[0] == "sweep":
        return wall
    result = json.load(open(os.path.join(out, "result.json")))
    return result["step_seconds"] * result["steps"]


def main():
    rounds, mtlc, variants = int(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    only = os.environ.get("ONLY", "").split(",")
    chosen = [w for w in WORK if only == [""] or any(w == o or (o.endswith("*") and w.startswith(o[:-1])) for o in only)]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("small.mtl", "w") as file:
            file.write(SMALL)
        times = {(w, v): [] for w in chosen for v in variants}
        for index in range(rounds):
            turn = variants[index % len(variants):] + variants[:index % len(variants)]
            for work in chosen:
                for variant in turn:
                    times[work, variant].append(once(mtlc, variant, work))
                    print(f"{work}, {variant}: {times[work, variant][-1]:.2f} s", file=sys.stderr, flush=True)
        print("| work | " + " | ".join(variants) + " |\n| --- |" + " --- |" * len(variants))
        for work in chosen:
            cells = []
            for variant in variants:
                ratios = [a / b for a, b in zip(times[work, variant], times[work, variants[0]])]
                cells.append(f"{statistics.median(times[work, variant]):.2f} s, {statistics.median(ratios):.2f}")
            print(f"| {work} | " + " | ".join(cells) + " |", flush=True)


main()
