#!/usr/bin/env bash
# What a change of editors/ must pass: the tree-sitter grammar on every program, a session in Neovim, the extension's types, bundles and tests. What this machine lacks is left out, and said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if printf '#include <tree_sitter/api.h>\nint main(void) { return ts_parser_new() == 0; }\n' | cc -x c - -o /dev/null -ltree-sitter 2>/dev/null; then
  tree-sitter-mtl/test/check.sh
else
  echo "tree-sitter-mtl left out: needs cc and libtree-sitter"
fi

built=../src/Cli/bin/Release/net10.0/mtlc.dll
if [[ -z ${MTLC:-} && -f $built ]]; then export MTLC="dotnet $(realpath "$built")"; fi
if command -v nvim >/dev/null && [[ -n ${MTLC:-} ]]; then
  nvim --headless -u NONE -S neovim/session.lua
else
  echo "neovim left out: needs nvim and a built mtlc"
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then echo "vscode left out: needs node and npm"; exit 0; fi
cd vscode
if [[ ! -d node_modules ]]; then
  if ! npm ping >/dev/null 2>&1; then echo "vscode left out: its packages are not here, and the registry does not answer"; exit 0; fi
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
    { rm -rf node_modules; echo "vscode left out: the registry does not have its packages"; exit 0; }
fi
npm test --silent
