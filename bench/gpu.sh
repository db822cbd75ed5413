#!/bin/bash
# What mtlc does on a GPU, in one command, on a machine that has an NVIDIA driver and a Python with PyTorch, and neither .NET nor a network:
#   bench/gpu.sh pack [FILE]    here: one archive (bench/bin/gpu/mtlc-gpu.tar.xz), of at most 60 MB, with .NET in it and without libtorch
#   tar xf mtlc-gpu.tar.xz && mtlc-gpu/bench/gpu.sh run [--device cuda|cpu] [--out DIR] [--seconds N] [--libtorch DIR] [--parts A,B]      there
# run takes eight minutes at most (--seconds), and leaves DIR/result.json and DIR/result.md (gpu-result). --device cpu tries all but the GPU. Libtorch is that of PyTorch, by
# MTLC_LIBTORCH; --libtorch names another one for where PyTorch's does not fit. The interpreter is $PYTHON, or python3. Parts: see bench/gpu/run.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
most=60000000

pack() { # FILE
    local folder=$root/bench/bin/gpu stage=$root/bench/bin/gpu/mtlc-gpu
    local archive=${1:-$folder/mtlc-gpu.tar.xz}
    rm -rf "$stage" && mkdir -p "$stage"/{bench,tests/reference}
    # One folder: what the three programs share, .NET above all, lies in it once. Build outputs apart from the checkout's own.
    for project in src/Cli bench tests/Runtime.Tests; do
        dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained -p:Torch=none -p:IsPublishable=true -p:DebugType=none -p:PublishDocumentationFiles=false \
            --artifacts-path "$folder/build" -o "$stage/app" --nologo -v quiet >&2
    done
    # What only debuggers and the other ways to run tests need.
    (cd "$stage/app" && rm -rf libmscordaccore.so libmscordbi.so createdump CodeCoverage InstrumentationEngine Microsoft.CodeCoverage* Microsoft.VisualStudio.* ./*.pdb)
    cp -r "$root/examples" "$root/LICENSE" "$stage"
    cp -r "$root/bench/gpu.sh" "$root/bench/gpu" "$root/bench/reference.py" "$stage/bench"
    rm -rf "$stage/bench/gpu/__pycache__"
    cp "$root/tests/reference/parts.py" "$stage/tests/reference"
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
    [ -x "$home/app/mtlc" ] || { echo "there is no $home/app: run 'bench/gpu.sh pack' first, or run it from the archive" >&2; exit 2; }
    for python in "${PYTHON:-python3}" /usr/bin/python3; do
        "$python" -c 'import torch' 2>/dev/null && break || python=
    done
    [ -n "$python" ] || { echo "there is no PyTorch: name the interpreter that has it, PYTHON=/path/to/python3" >&2; exit 2; }
    exec "$python" "$home/bench/gpu/run.py" "$@"
}

case ${1:-} in
    pack) shift; pack "$@" ;;
    run) shift; run "$@" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
