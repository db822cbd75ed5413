#!/bin/bash
# What mtlc does on a GPU, on a machine that has an NVIDIA driver and a Python with PyTorch, and neither .NET nor a network:
#   bench/gpu.sh pack [FILE]    here: one archive (bench/bin/gpu/mtlc-gpu.tar.xz), of at most 60 MB, with .NET and without libtorch
#   tar xf mtlc-gpu.tar.xz && mtlc-gpu/bench/gpu.sh run [--device cuda|cpu] [--out DIR] [--seconds N] [--libtorch DIR] [--parts A,B]
#   bench/gpu.sh check          here: packs, unpacks elsewhere, and runs all but the GPU from there, without .NET; ten minutes
# run takes eight minutes at most (--seconds), and leaves DIR/result.json and DIR/result.md (gpu-result). --device cpu tries all but
# the GPU. Libtorch is that of PyTorch, by MTLC_LIBTORCH; --libtorch names another one for where PyTorch's does not fit (check takes
# that of NuGet's folder). The interpreter is $PYTHON, or python3. The parts are told in bench/gpu/run.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
most=60000000

pack() { # FILE
    local folder=$root/bench/bin/gpu stage=$root/bench/bin/gpu/mtlc-gpu
    local archive=${1:-$folder/mtlc-gpu.tar.xz}
    rm -rf "$stage" && mkdir -p "$stage"/{bench,tests/reference}
    # One folder: what the three programs share, .NET above all, lies in it once. Build outputs apart from the checkout's own.
    for project in src/Cli bench tests/Runtime.Tests; do
        dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained -p:Torch=none -p:IsPublishable=true \
            -p:DebugType=none -p:PublishDocumentationFiles=false --artifacts-path "$folder/build" -o "$stage/app" --nologo -v quiet >&2
    done
    # What only debuggers and the other ways to run tests need.
    (cd "$stage/app" && rm -rf libmscordaccore.so libmscordbi.so createdump CodeCoverage InstrumentationEngine \
        Microsoft.CodeCoverage* Microsoft.VisualStudio.* ./*.pdb)
    cp -r "$root/examples" "$root/LICENSE" "$stage"
    cp -r "$root/bench/gpu.sh" "$root/bench/gpu" "$root/bench/reference.py" "$stage/bench"
    rm -rf "$stage/bench/gpu/__pycache__"
    cp "$root/tests/reference/"{parts,backbones}.py "$stage/tests/reference"
    mkdir -p "$(dirname "$archive")"
    tar -C "$folder" -c mtlc-gpu | xz -6 -T0 >"$archive.part"
    mv "$archive.part" "$archive"
    local size
    size=$(stat -c %s "$archive")
    echo "$archive: $size bytes"
    [ "$size" -le $most ] || { echo "more than $most bytes" >&2; exit 1; }
}

run() {
    local home=$root
    [ -d "$home/app" ] || home=$root/bench/bin/gpu/mtlc-gpu
    [ -x "$home/app/mtlc" ] ||
        { echo "there is no $home/app: run 'bench/gpu.sh pack' first, or run it from the archive" >&2; exit 2; }
    for python in "${PYTHON:-python3}" /usr/bin/python3; do
        "$python" -c 'import torch' 2>/dev/null && break || python=
    done
    [ -n "$python" ] || { echo "there is no PyTorch: name the interpreter that has it, PYTHON=/path/to/python3" >&2; exit 2; }
    exec "$python" "$home/bench/gpu/run.py" "$@"
}

check() {
    pack
    local place libtorch
    place=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$place'" EXIT
    libtorch=$(ls -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/libtorch-cpu-linux-x64/*/runtimes/linux-x64/native | tail -1)
    tar -C "$place" -xf "$root/bench/bin/gpu/mtlc-gpu.tar.xz"
    (cd "$place" && env -i PATH=/usr/bin:/bin HOME="$place" PYTHON="${PYTHON:-python3}" \
        mtlc-gpu/bench/gpu.sh run --device cpu --libtorch "$libtorch") || true
    # What a machine is too slow for is left out, and this PyTorch may lack torch.compile; nothing else may fail.
    /usr/bin/env python3 - "$place/gpu-result/result.json" <<'END'
import json, sys
parts = json.load(open(sys.argv[1]))["parts"]
wrong = [f"{name}: {parts[name]['failure']}" for name in ("machine", "doctor", "resume") if parts[name].get("failure")]
if parts["tests"].get("failed", 1) or not parts["tests"]["passed"]:
    wrong.append(f"tests: {parts['tests'].get('failure')}")
contest, runs = parts["contest"].get("contestants", []), parts["runs"].get("rows", [])
wrong += [f"contest: {r['contestant']}: {r['failure']}" for r in contest if r["failure"] and "torch.compile" not in r["contestant"]]
wrong += [f"runs: {r['network']}: {r['failure']}" for r in runs if (r.get("failure") or "").startswith("exit code")]
wrong += [f"{name}: none was timed" for name, rows in (("contest", contest), ("runs", runs)) if not any(r.get("ms_a_step") for r in rows)]
print("\n".join(wrong) or "all well", file=sys.stderr)
sys.exit(bool(wrong))
END
}

case ${1:-} in
    pack) shift; pack "$@" ;;
    run) shift; run "$@" ;;
    check) check ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
