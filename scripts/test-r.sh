#!/usr/bin/env bash
# The R package as a user gets it: built (with its vignette), installed, tested against the built engine, and checked.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/datmo-r.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/lib"
export DATMO_ENGINE=${DATMO_ENGINE:-$root/dist/engine.js} R_LIBS="$work/lib${R_LIBS:+:$R_LIBS}" LC_ALL=C.UTF-8
# What R CMD check asks the network for, it is not asked.
export _R_CHECK_CRAN_INCOMING_=FALSE _R_CHECK_SYSTEM_CLOCK_=FALSE _R_CHECK_FORCE_SUGGESTS_=FALSE
# Where no service tells the time zone, R asks for it aloud, and that would pass for a note of ours.
export TZ=${TZ:-UTC}
cd "$work"
R CMD build "$root/clients/r" >build.log 2>&1 || { cat build.log; exit 1; }
R CMD INSTALL --no-test-load --library=lib datmo_*.tar.gz >install.log 2>&1 || { cat install.log; exit 1; }
cp -r "$root/clients/r/tests/testthat" tests
Rscript --vanilla -e 'library(datmo)' -e 'testthat::test_dir("tests", package = "datmo", load_package = "installed", reporter = c("summary", "check"), stop_on_failure = FALSE)'
# The tests have just run; the manual needs LaTeX.
R CMD check --as-cran --no-manual --no-tests datmo_*.tar.gz >check.log 2>&1 || { cat check.log; echo "R CMD check: FAIL"; exit 1; }
grep -E "^Status:" check.log
# Whether there is a program that validates HTML is no matter of the package.
if grep -E "(NOTE|WARNING)$" check.log | grep -v "checking HTML version of manual"; then cat check.log; echo "R CMD check: FAIL"; exit 1; fi
echo "R CMD check: ok"
