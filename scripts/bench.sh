#!/usr/bin/env bash
# The figures of the documentation, measured here: medians of interleaved runs, one table and bench-results.json.
# `npm run bench -- WORD…` runs only the benches whose name holds one of the words.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d node_modules ] || npm ci --no-audit --no-fund >&2
node scripts/build.mjs
exec node --import tsx test/bench/run.ts "$@"
