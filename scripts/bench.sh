#!/usr/bin/env bash
# The figures of the documentation, measured here: medians of interleaved runs, one table and bench-results.json.
# `npm run bench -- WORD…` runs only the benches whose name holds one of the words; `npm run bench -- --peers` datmo
# beside its peers (test/bench/peers/main.ts).
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d node_modules ] || npm ci --no-audit --no-fund >&2
node scripts/build.mjs
case " $* " in *" --peers "*) exec node --import tsx test/bench/peers/main.ts "$@" ;; esac
exec node --import tsx test/bench/run.ts "$@"
