"""The parts of bench/gpu.sh run. Each takes the place and a clock of its own, and returns what result.json says of it;
"failure" is one line of what went wrong."""
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import time

import processes
from processes import OutOfTime, Worker
from watch import Rows, Watch, query


def machine(place, clock):
    import torch

    found = {
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "pytorch": torch.__version__,
        "pytorch_cuda": torch.version.cuda,
        "libtorch": place.libtorch,
        "cards": [
            dict(zip(("name", "driver", "memory_mib", "compute"), row))
            for row in query("name,driver_version,memory.total,compute_cap")
        ],
    }
    if place.gpu and not torch.cuda.is_available():
        found["failure"] = "PyTorch finds no GPU here"
    return found


def some(failed, of, what):
    return f"{len(failed)} of {len(of)} {what} failed: {failed[0]}" + ("; ..." if len(failed) > 1 else "")


def mtlc(place, *arguments):
    return [os.path.join(place.app, "mtlc"), *arguments]


def doctor(place, clock):
    """Also chooses the libtorch: the first that loads."""
    tried = {}
    for number, libtorch in enumerate(place.libtorchs):
        place.libtorch = libtorch
        done = processes.run(
            mtlc(place, "doctor", "--format", "json"), clock.part(45), place.log(f"doctor-{number}"), env=place.environment
        )
        try:
            report = json.loads(done.output)
        except ValueError:
            tried[libtorch] = done.failure or "no report"
            continue
        if not report["libtorch"].get("version"):
            tried[libtorch] = report["libtorch"].get("loaded_note", "not loaded")
            continue
        tests = report["self_tests"]
        own = [t for t in tests if t["device"].startswith("cuda" if place.gpu else "cpu")]
        wrong = [
            f"{a['kind']}, {a['name']}: {a['of_bound']:.2g} of the bound" for t in tests for a in t["answers"] if not a["passed"]
        ]
        found = {
            "libtorch": libtorch,
            "version": report["libtorch"]["version"],
            "not_usable": tried,
            "notices": [n for n in done.errors.splitlines() if n.startswith("note: ")],
            "self_tests": [
                {"device": t["device"], "passed": t["passed"], "answers": len(t["answers"]), "seconds": t["seconds"]}
                for t in tests
            ],
            "wrong": wrong,
        }
        if not own:
            found["failure"] = "libtorch finds no GPU here"
        elif wrong:
            found["failure"] = f"{len(wrong)} answers are wrong: {wrong[0]}"
        return found
    return {"failure": "; ".join(f"{path}: {why}" for path, why in tried.items()), "not_usable": tried}


def tests(place, clock):
    """The runner writes a line of JSON for each test, so that what was done before the time was over counts."""
    done = processes.run(
        [
            os.path.join(place.app, "Mtlc.Runtime.Tests"),
            "-trait",
            "device=any",
            "-reporter",
            "json",
            "-noColor",
            "-noLogo",
            "-parallel",
            "none",
        ],
        clock.part(300),
        place.log("tests"),
        cwd=place.app,
        env=place.environment,
    )
    messages = []
    for line in done.output.splitlines():
        try:
            messages.append(json.loads(line))
        except ValueError:
            pass
    by_kind = {kind: [m for m in messages if m.get("$type") == f"test-{kind}"] for kind in ("passed", "failed", "skipped")}
    names = {m.get("TestUniqueID"): m.get("TestDisplayName") for m in messages if m.get("$type") == "test-starting"}
    found = {kind: len(of_kind) for kind, of_kind in by_kind.items()}
    found["failed_tests"] = [
        {"test": names.get(m.get("TestUniqueID")), "message": " ".join(m.get("Messages") or [])[:300]} for m in by_kind["failed"]
    ]
    found["complete"] = not done.timed_out
    if by_kind["failed"]:
        found["failure"] = f"{found['failed']} tests failed"
    elif done.timed_out:
        found["failure"] = f"not done after {done.seconds:.0f} s; {found['passed']} passed"
    elif done.code != 0 or not by_kind["passed"]:
        found["failure"] = done.failure or "no test ran"
    return found


# Contestants, and the one that each is held against.
CONTEST = {
    "mtlc": (["mtlc"], None),
    "mtlc channels last": (["mtlc,memory_format=channels_last"], "mtlc"),
    "mtlc bf16": (["mtlc,precision=bf16"], "mtlc"),
    "mtlc bf16 channels last": (["mtlc,precision=bf16,memory_format=channels_last"], "mtlc bf16"),
    "PyTorch eager": ("eager", "mtlc"),
    "PyTorch torch.compile": ("compile", "mtlc"),
    "PyTorch bf16 autocast": ("bf16", "mtlc bf16"),
    "PyTorch bf16 channels last": ("bf16,channels_last", "mtlc bf16 channels last"),
    "PyTorch bf16 torch.compile": ("bf16,compile", "mtlc bf16"),
}


def contest(place, clock):
    import sys

    (height, width), batch = (256, 512) if place.gpu else (64, 128), place.batch
    size = [str(n) for n in (batch, height, width)]
    workers = []
    try:
        for name, (kind, _) in CONTEST.items():
            command = (
                [os.path.join(place.app, "Mtlc.Bench"), "worker", *kind, "train", *size]
                if isinstance(kind, list)
                else [sys.executable, os.path.join(place.root, "bench", "reference.py"), "train", *size, kind]
            )
            workers.append(
                Worker(name, command, place.log("contest-" + name.replace(" ", "-")), cwd=place.root, env=place.environment)
            )
        for worker in workers:
            # What is slow to start, torch.compile above all, has until 45 seconds are left.
            worker.wait(max(1, clock.left - 45))
        alive = [w for w in workers if not w.failure]
        # A turn takes about half a second on a GPU, and is one step on a CPU.
        steps, rounds = 1, 0
        for warmup in range(2):
            for worker in [w for w in alive if not w.failure]:
                took = worker.step(steps, max(1, clock.left), counts=False)
                if warmup and took and place.gpu:
                    steps = max(steps, min(20, int(300 / took)))
        took = 0
        # No round is begun that could not be ended: a contestant that is cut short is none that failed.
        while rounds < 12 and clock.left > took:
            alive = [w for w in alive if not w.failure]
            if not alive:
                break
            began = time.monotonic()
            # Another order each round: none always follows the same one.
            turn = rounds % len(alive)
            for worker in alive[turn:] + alive[:turn]:
                worker.step(steps, max(1, clock.left), counts=True)
            rounds += 1
            took = time.monotonic() - began
    finally:
        for worker in workers:
            worker.close()
    by_name = {w.name: w for w in workers}
    rows = []
    for name, (_, against) in CONTEST.items():
        worker, other = by_name[name], by_name.get(against)
        row = {"contestant": name, "against": against, "failure": worker.failure}
        if worker.times:
            median = statistics.median(worker.times)
            row.update(ms_a_step=round(median, 2), images_a_second=round(batch * 1000 / median, 1), rounds=len(worker.times))
            if place.gpu and name.startswith("PyTorch"):
                row["reserved_mib"] = worker.peak
            if other and other.times:
                row["ratio"] = round(statistics.median(o / t for o, t in zip(other.times, worker.times)), 3)
        rows.append(row)
    found = {"batch": batch, "height": height, "width": width, "steps_a_turn": steps, "rounds": rounds, "contestants": rows}
    failed = [f"{r['contestant']}: {r['failure']}" for r in rows if r["failure"]]
    if failed:
        found["failure"] = some(failed, rows, "contestants")
    return found


# What is run, what tells most first.
RUNS = [
    ("branched", []),
    ("branched", ["train.precision=bf16"]),
    ("full", []),
    ("full", ["train.precision=bf16"]),
    ("distillation", []),
    ("branched", ["train.memory_format=channels_last"]),
    ("branched", ["train.precision=bf16", "train.memory_format=channels_last"]),
    ("branched", ["train.precision=fp16"]),
    ("branched", ["trunk.recompute=true"]),
    ("branched", ["train.accumulate=2"]),
    ("distillation", ["train.precision=bf16"]),
    ("full", ["train.precision=bf16", "train.memory_format=channels_last"]),
    ("full", ["train.precision=fp16"]),
    ("full", ["trunk.recompute=true"]),
    ("distillation", ["train.precision=fp16"]),
    ("distillation", ["train.memory_format=channels_last"]),
    ("full", ["train.memory_format=channels_last"]),
    ("full", ["train.accumulate=2"]),
]


def settings(place, batch):
    size, scenes = ("256x512", 64) if place.gpu else ("64x128", 16)
    return [
        f"data.source.size={size}",
        f"data.augment.crop={size}",
        f"data.source.scenes={scenes}",
        f"train.batch={batch}",
        "train.epochs=1000",
        "train.evaluate.samples=0",
        "train.evaluate.every=1000",
        "train.checkpoint.every=100000",
    ]


def sets(words):
    return [word for setting in words for word in ("--set", setting)]


def runs(place, clock):
    batch, steps = place.batch, 80 if place.gpu else 4
    rows = []
    watch = Watch(place.device)
    try:
        time.sleep(1 if place.gpu else 0)
        _, idle = watch.between(0, time.monotonic())
        for number, (network, own) in enumerate(RUNS):
            rows.append(row := {"network": network, "settings": own})
            try:
                row.update(
                    one_run(place, clock, watch, idle, f"run-{number:02}", network, settings(place, batch) + own, batch, steps)
                )
            except OutOfTime as e:
                row["failure"] = str(e)
    finally:
        watch.close()
    found = {
        "batch": batch,
        "steps": steps,
        "size": "256x512" if place.gpu else "64x128",
        "memory_in_use_before_mib": idle,
        "rows": rows,
    }
    failed = [
        f"{r['network']} {' '.join(r['settings'])}: {r['failure']}"
        for r in rows
        if r.get("failure") and not r["failure"].startswith("left out")
    ]
    left_out = sum((r.get("failure") or "").startswith("left out") for r in rows)
    if failed:
        found["failure"] = some(failed, rows, "runs")
    if left_out:
        found["left_out"] = left_out
    return found


def one_run(place, clock, watch, idle, name, network, chosen, batch, steps):
    file, out = os.path.join(place.examples, f"{network}.mtl"), os.path.join(place.out, "runs", name)
    shutil.rmtree(out, ignore_errors=True)
    # A run's time is that of several: one that takes longer ends as failed, and the next is tried.
    limit = clock.part(45, at_least=10)
    rows = Rows(os.path.join(out, "steps.csv"))
    try:
        done = processes.run(
            mtlc(place, "run", file, "--device", place.device, "--out", out, "--max-steps", str(steps), *sets(chosen)),
            limit,
            place.log(name),
            env=place.environment,
        )
    finally:
        rows.stop()
    found = {"failure": done.failure, "seconds": round(done.seconds, 1), "steps_done": len(rows.times)}
    if steady := rows.steady():
        begin, finish, step = steady
        accumulated = next((int(c.rpartition("=")[2]) for c in chosen if c.startswith("train.accumulate=")), 1)
        busy, memory = watch.between(begin, finish)
        found.update(
            ms_a_step=round(step * 1000, 2),
            images_a_second=round(batch * accumulated / step, 1),
            gpu_busy=busy and round(busy, 3),
            gpu_memory_mib=memory and memory - (idle or 0),
        )
    try:
        with open(os.path.join(out, "result.json")) as file_:
            result = json.load(file_)
        found.update(outcome=result["outcome"], skipped=result["skipped"], host_memory_mib=round(result["peak_memory"] / 2**20))
    except (OSError, ValueError, KeyError):
        pass
    plan = processes.run(
        mtlc(place, "plan", file, "--device", place.device, "--no-calibration", "--format", "json", *sets(chosen)),
        20,
        place.log(name + "-plan"),
        env=place.environment,
    )
    try:
        found["planned_mib"] = round(json.loads(plan.output)["training_peak_bytes"] / 2**20)
    except (ValueError, KeyError):
        found["planned_mib"] = None
    return found


# Steps and checkpoints that take milliseconds.
SMALL = """
data { source: synthetic { scenes: 8, size: 32x64 }, augment: { crop: 32 }, workers: 1 }
train { optimizer: adam { lr: 1e-3 }, batch: 2, epochs: 1000, evaluate: { samples: 0, every: 1000 }, checkpoint: { every: 5 } }
component tiny(x) {
  let layer1 = conv_bn_relu(x, 4, kernel: 3, stride: 4)
  return conv_bn_relu(layer1, 8, kernel: 3, stride: 2)
}
model small {
  task semseg: segmentation { classes: 19, ignore: 255 }
  task depth: depth
  encoder trunk: tiny
  decoder head: trunk -> semseg, depth { at: 8, convs: 0, kernel: 1 }
  loss: uncertainty(cross_entropy(semseg), l2(depth))
}
"""


def resume(place, clock):
    """One run undisturbed, one ended by kill -9 behind its second checkpoint and resumed; on a CPU the two are equal to the last digit,
    on a GPU sums may be made in another order."""
    program, steps = os.path.join(place.out, "small.mtl"), 100
    with open(program, "w") as file:
        file.write(SMALL)
    out = {name: os.path.join(place.out, "runs", name) for name in ("whole", "killed")}
    for folder in out.values():
        shutil.rmtree(folder, ignore_errors=True)

    def command(name):
        return mtlc(place, "run", program, "--device", place.device, "--out", out[name], "--max-steps", str(steps), "--resume")

    # What is left after it is for two more starts.
    whole = processes.run(command("whole"), clock.left * 0.4, place.log("resume-whole"), env=place.environment)
    if whole.failure:
        return {"failure": whole.failure}
    checkpoints = os.path.join(out["killed"], "checkpoints")
    with open(place.log("resume-killed"), "w") as log:
        process = processes.start(command("killed"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=place.environment)
        while (
            process.poll() is None
            and clock.left > 15
            and not (os.path.isdir(checkpoints) and sum(n.startswith("step-") for n in os.listdir(checkpoints)) >= 2)
        ):
            time.sleep(0.01)
        killed = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    at = newest(out["killed"])
    resumed = processes.run(command("killed"), clock.part(60), place.log("resume-resumed"), env=place.environment)
    found = {
        "killed": killed,
        "newest_checkpoint_when_killed": at,
        "failure": resumed.failure and f"resuming: {resumed.failure}",
        "steps": newest(out["killed"]),
    }
    if resumed.failure is None:
        one, other = losses(out["whole"]), losses(out["killed"])
        found["steps_equal"] = len(one) == len(other)
        found["equal_to_the_last_digit"] = one == other
        found["largest_difference_of_a_loss"] = max((abs(a - b) / max(abs(a), 1e-9) for a, b in zip(one, other)), default=None)
        if not killed:
            found["failure"] = "the run ended before it was killed"
        elif not found["steps_equal"]:
            found["failure"] = f"{len(other)} steps instead of {len(one)}"
    return found


def newest(run):
    folder = os.path.join(run, "checkpoints")
    names = sorted(n for n in os.listdir(folder) if n.startswith("step-")) if os.path.isdir(folder) else []
    return int(names[-1].partition("-")[2]) if names else None


def losses(run):
    with open(os.path.join(run, "steps.csv")) as file:
        header, *rows = [line.rstrip("\n").split(",") for line in file]
    return [float(row[header.index("loss")]) for row in rows]
