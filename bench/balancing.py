"""Peak memory of training, resuming and evaluating with each scheme that balances losses, beside what `mtlc plan` says.

    python3 bench/balancing.py MTLC [SCHEME...]

MTLC is a folder with mtlc.dll. The network has a ResNet-50, four tasks and 121 MiB of trained parameters. Memory is the highest resident size of the process
(/usr/bin/time).
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = """
model four {
  task semseg: segmentation { classes: 19 }
  task depth: depth
  task contour: contour of semseg
  task normals: normals of depth
  encoder trunk: resnet50 { dilate: [false, false, true] }
  aspp context: trunk -> 128 { rates: [2, 4, 8] }
  decoder semseg_first: context + skip trunk/4 -> semseg { width: 64 }
  decoder geometry: context + skip trunk/4 -> depth, normals { width: 64 }
  decoder edges: context + skip trunk/4 -> contour { width: 64 }
  attention shown: geometry
  decoder semseg_last: semseg_first + shown -> semseg { width: 64 }
  loss: LOSS
}
"""
LOSSES = "cross_entropy(semseg), l2(depth), balanced_bce(contour), l1(normals)"
SCHEMES = ["none", "uncertainty", "dwa", "geometric", "random", "gradnorm", "pcgrad"]
SETS = [
    "--set", "data.augment.crop=96", "--set", "train.batch=2", "--set", "data.source=synthetic{scenes:8,size:96x192}", "--set", "train.checkpoint.every=2",
]


def main():
    mtlc = ["dotnet", os.path.join(os.path.abspath(sys.argv[1]), "mtlc.dll")]

    def peak(*arguments):
        ended = subprocess.run(["/usr/bin/time", "-f", "@@%M", *mtlc, *arguments], capture_output=True, text=True, check=True)
        return int(re.search(r"@@(\d+)", ended.stderr).group(1)) / 1024

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        print("| scheme | batches a step | run | planned | resumed | evaluated | planned |\n| --- | --- | --- | --- | --- | --- | --- |")
        for scheme in sys.argv[2:] or SCHEMES:
            loss = LOSSES.replace(", ", " + ") if scheme == "none" else f"{scheme}({LOSSES})"
            with open("four.mtl", "w") as file:
                file.write(PROGRAM.replace("LOSS", loss))
            for batches in [1, 2] if scheme in ("none", "gradnorm", "pcgrad") else [1]:
                sets = [*SETS, "--set", f"train.accumulate={batches}"]
                planned = subprocess.run([*mtlc, "plan", "four.mtl", "--no-calibration", "--format", "json", *sets], capture_output=True, text=True, check=True)
                plan = json.loads(planned.stdout)
                shutil.rmtree("r", ignore_errors=True)
                run, resumed = peak("run", "four.mtl", "--out", "r", "--max-steps", "4", *sets), peak("resume", "r", "--max-steps", "6")
                evaluated = peak("eval", "r")
                print(f"| {scheme} | {batches} | {run:.0f} | {plan['run_peak_bytes'] / 2**20:.0f} | {resumed:.0f} | {evaluated:.0f} |"
                      f" {plan['evaluation_peak_bytes'] / 2**20:.0f} |", flush=True)


main()
