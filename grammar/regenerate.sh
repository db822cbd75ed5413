#!/usr/bin/env bash
# Writes grammar/Generated anew from Mtl.g4. Needs dotnet, a Java runtime (11 or newer) and, the first time, npm:
# the npm package antlr4ng-cli ships the one ANTLR 4.13.1 tool that a package registry serves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

package=antlr4ng-cli version=2.0.0
jar=.antlr/antlr.jar

java=$(command -v java) || { echo "regenerate.sh: no java found; install one (Debian: default-jre-headless)" >&2; exit 1; }
if [[ ! -f $jar ]]; then
  command -v npm >/dev/null || { echo "regenerate.sh: no npm found; it is needed once, to fetch ANTLR" >&2; exit 1; }
  mkdir -p .antlr
  (cd .antlr && npm pack --silent --ignore-scripts "$package@$version" >/dev/null)
  tar -xzf ".antlr/$package-$version.tgz" -C .antlr --strip-components=1
  mv .antlr/antlr4-*-complete.jar "$jar"
fi

dotnet build ../src/Dsl -t:WriteParser -p:RegenerateParser=true -p:AntlrvsixJavaExec="$java" --nologo -v:quiet -clp:ErrorsOnly --tl:off
