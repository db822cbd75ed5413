"""bench/gpu.sh run: everything that mtlc does on a GPU, beside PyTorch, within eight minutes. Each part survives the failure of the
others.

machine   the card, its driver, PyTorch
doctor    mtlc doctor: does the libtorch of PyTorch load, and does the device compute rightly
tests     the Runtime tests that take a device
contest   branched in mtlc, eager PyTorch, torch.compile and bf16 autocast, in alternation
runs      mtlc run of branched, distillation and full, beside mtlc plan
resume    kill -9 and resume
"""
import argparse
import glob
import json
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import parts  # noqa: E402
import table  # noqa: E402
from processes import Clock, OutOfTime  # noqa: E402
from watch import query  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
# In the order in which they run, with the seconds that each may take: what tells most comes first.
PARTS = [("machine", 30), ("doctor", 60), ("contest", 150), ("runs", 160), ("tests", 90), ("resume", 60)]


class Place:
    """Where everything is, and with what it runs."""

    def __init__(self, options):
        import torch

        self.app, self.examples = os.path.join(ROOT, "app"), os.path.join(ROOT, "examples")
        self.root, self.device, self.out = ROOT, options.device, os.path.abspath(options.out)
        self.gpu = self.device.startswith("cuda")
        self.logs = os.path.join(self.out, "logs")
        os.makedirs(self.logs, exist_ok=True)
        # Nine contestants lie on the card at once.
        memory = [float(row[0]) for row in query("memory.total")] if self.gpu else []
        self.batch = 2 if not memory or memory[0] < 22000 else 4 if memory[0] < 60000 else 8
        packages = os.path.dirname(os.path.dirname(torch.__file__))
        self.libtorchs = [os.path.join(packages, "torch", "lib")] + (
            [os.path.abspath(options.libtorch)] if options.libtorch else []
        )
        self.libtorch = self.libtorchs[0]
        # A PyTorch of pip finds CUDA's libraries in these packages by its own run path; one that was moved may not.
        self.cuda = glob.glob(os.path.join(packages, "nvidia", "*", "lib"))

    @property
    def environment(self):
        names = dict(
            os.environ,
            MTLC_LIBTORCH=self.libtorch,
            MTLC_TEST_DEVICE=self.device,
            BENCH_DEVICE=self.device,
            MTLC_CACHE=os.path.join(self.out, "cache"),
            NO_COLOR="1",
            DOTNET_CLI_TELEMETRY_OPTOUT="1",
        )
        names["LD_LIBRARY_PATH"] = ":".join(self.cuda + [p for p in [os.environ.get("LD_LIBRARY_PATH")] if p])
        if not names["LD_LIBRARY_PATH"]:
            del names["LD_LIBRARY_PATH"]
        return names

    def log(self, name):
        return os.path.join(self.logs, f"{name}.log")


def main():
    parser = argparse.ArgumentParser(prog="bench/gpu.sh run")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, or cpu to try all but the GPU")
    parser.add_argument("--out", default="gpu-result", help="the folder of results; default: gpu-result")
    parser.add_argument("--seconds", type=float, default=470, help="for all together; default: 470")
    parser.add_argument("--libtorch", help="another libtorch, tried where PyTorch's does not fit")
    parser.add_argument("--parts", default=",".join(name for name, _ in PARTS), help="some of them, with commas between")
    options = parser.parse_args()
    wanted = options.parts.split(",")
    for name in wanted:
        if name not in dict(PARTS):
            parser.error(f"there is no part {name}; there are {', '.join(dict(PARTS))}")
    clock, place = Clock(options.seconds), Place(options)
    result = {"device": options.device, "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "parts": {}}
    began = time.monotonic()
    for name, seconds in PARTS:
        if name not in wanted:
            continue
        print(f"== {name}", file=sys.stderr, flush=True)
        start = time.monotonic()
        try:
            # What a part does not use is the next one's.
            found = getattr(parts, name)(place, Clock(clock.part(seconds)))
        except OutOfTime as e:
            found = {"failure": str(e)}
        except Exception as e:  # whatever it is: the other parts go on
            traceback.print_exc()
            found = {"failure": f"{type(e).__name__}: {e}"}
        found["seconds"] = round(time.monotonic() - start, 1)
        result["parts"][name] = found
        result["seconds"] = round(time.monotonic() - began, 1)
        # After each part: what is there stays, even if this process is ended.
        with open(os.path.join(place.out, "result.json"), "w") as file:
            json.dump(result, file, indent=1)
        with open(os.path.join(place.out, "result.md"), "w") as file:
            file.write(table.of(result))
    print(table.of(result))
    print(f"{place.out}/result.json and result.md; {result['seconds']} s", file=sys.stderr)
    return 1 if any(table.failures(result)) else 0


sys.exit(main())
