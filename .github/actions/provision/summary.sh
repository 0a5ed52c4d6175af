#!/usr/bin/env bash
# Adds what the command did to the summary of the run.
#
# GitHub drops a step's summary of more than 1 MiB as a whole, so it is cut before. LIMIT, in bytes, is for
# the test.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/markdown.sh" "$RESULTS" "${LIMIT:-1000000}" >>"$GITHUB_STEP_SUMMARY"
