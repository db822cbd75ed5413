#!/usr/bin/env bash
# Every program of the repository is read, and every query is right. Needs a C compiler and libtree-sitter (Debian: libtree-sitter-dev; Homebrew: tree-sitter).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cc -O1 -Isrc -o "$scratch/check" test/check.c src/parser.c -ltree-sitter
mapfile -t programs < <(find ../../examples ../../src/Compiler/Std ../../src/Cli/Templates ../../tests/cases/syntax -name '*.mtl' | sort)
"$scratch/check" queries/*.scm -- "${programs[@]}"
