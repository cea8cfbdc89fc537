#!/usr/bin/env bash
# The main job on real data, from a fresh clone: installs, builds, and records, compares and proves two trainings.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
bold() { if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi; }
# Printed as it can be typed: words with spaces in quotes.
say() {
  local line="" word
  for word in "$@"; do case $word in *[!A-Za-z0-9_./:=@%+,-]*) line+=" '$word'" ;; *) line+=" $word" ;; esac; done
  bold "\$$line"
  "$@"
}
need() { command -v "$1" >/dev/null 2>&1 || { echo "The demo needs $1: $2" >&2; exit 1; }; }
need node "install Node.js 20 or newer from https://nodejs.org"
need python3 "install Python 3.9 or newer from https://www.python.org"

if [ ! -d node_modules ]; then echo "Installing…" >&2; npm ci --no-audit --no-fund --loglevel=error >&2; fi
echo "Building…" >&2
node scripts/build.mjs

work=$(mktemp -d "${TMPDIR:-/tmp}/datmo-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp examples/iris/iris.csv examples/iris/train.py "$work"
cd "$work"
datmo() { node "$root/dist/datmo.js" "$@"; }
export PYTHONPATH="$root/clients/python/src${PYTHONPATH:+:$PYTHONPATH}"
id() { node -e 'let t="";process.stdin.on("data",c=>t+=c).on("end",()=>console.log(JSON.parse(t).items[+process.argv[1]].id.slice(0,8)))' "$1"; }

say datmo init --name iris --description "Which flower is it?" --force
say datmo run --tag baseline python3 train.py
say datmo run --tag bold -c lr=0.5 -c epochs=20 python3 train.py
say datmo run ls
first=$(datmo run ls --json | id 1)
second=$(datmo run ls --json | id 0)
say datmo run diff "$first" "$second"
say datmo run metrics "$second" test_accuracy --plot
say datmo snapshot create -m "two trainings compared" -l best
say datmo snapshot ls
say datmo rerun "$first" --verify

bold "That was the main job: two trainings recorded, compared, saved, and the first one repeated and proved equal."
cat <<'TEXT'
Try next, in a project of your own:
  datmo init                             create a project in this folder
  datmo run python train.py              record a run of any command
  datmo ls --sort -metrics.accuracy      the best runs first
  datmo snapshot checkout ID             go back to any state; unsaved work is never lost
  datmo doctor                           what datmo found on this machine
TEXT
