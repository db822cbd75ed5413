#!/bin/bash
# Measures mtlc against eager PyTorch, a hand-written TorchSharp module and the machine itself: bench/run.sh [ROUNDS]
# or one part of it alone:
#   bench/run.sh contest ROUNDS|networks ROUNDS|start|editor|roof|profile|data|scaling|index|alternatives|save ROUNDS
# or the grid behind `mtlc plan` (half an hour):
#   bench/run.sh memory [train|evaluate|variants]
# PyTorch is the distribution's (apt-get install python3-torch), or that of the interpreter in $PYTHON.
set -e
cd "$(dirname "$0")/.."
for python in "${PYTHON:-python3}" /usr/bin/python3; do
    "$python" -c 'import torch' 2>/dev/null && break || python=
done
[ -n "$python" ] || { echo "PyTorch is missing: apt-get install python3-torch" >&2; exit 1; }
dotnet build -c Release src/Cli -v quiet >&2
dotnet build -c Release bench -v quiet >&2
PYTHON="$python" exec bench/bin/Release/net10.0/Mtlc.Bench "$@"
