#!/usr/bin/env bash
# Everything that is checked without running the product: generated files, types, format, lint, import map, sizes.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d node_modules ] || npm ci --no-audit --no-fund >&2
fail=0
step() { # name, command…
  local name=$1; shift
  local log; log=$(mktemp)
  if "$@" >"$log" 2>&1; then echo "ok    $name"; else echo "FAIL  $name"; cat "$log"; fail=1; fi
  rm -f "$log"
}
step "generated files are fresh" node --import tsx protocol/generator/generate.ts --check
step "the command line's reference is fresh" node --import tsx scripts/generate-cli-docs.mjs --check
step "types" npx tsc -p .
step "format and lint" npx biome check --error-on-warnings .
step "import map" node scripts/check-imports.mjs
step "sizes" node scripts/check-sizes.mjs
exit $fail
