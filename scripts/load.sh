#!/usr/bin/env bash
# One project that grows to 100,000 runs and 100 million points, measured on the way: the table of docs/limits.md,
# and load-results.json. `npm run load -- --to 10000` stops earlier; `--in FOLDER` says where there are 4 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d node_modules ] || npm ci --no-audit --no-fund >&2
node scripts/build.mjs
exec node --import tsx test/load/run.ts "$@"
