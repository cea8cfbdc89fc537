#!/usr/bin/env bash
# All tests of all languages, on a fresh clone too: installs, builds, runs. A part whose outside component is missing
# is skipped visibly and counted; with DATMO_TEST_REQUIRE=all that is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
[ -d node_modules ] && [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund >&2 || exit 1
node scripts/build.mjs || exit 1
exec node scripts/run-tests.mjs "$@"
