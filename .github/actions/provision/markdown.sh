#!/usr/bin/env bash
# Prints the results of a command as Markdown: `markdown.sh RESULTS LIMIT`, where RESULTS is the folder that
# run.sh left and LIMIT the number of bytes for the part that can be long.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=$1
if [ -s "$results/document.json" ] && jq -e . "$results/document.json" >/dev/null 2>&1; then
    input=("$results/document.json")
else
    input=(--null-input)
fi
touch "$results/messages.txt"
jq -r -f "$here/summary.jq" --argjson limit "$2" --argjson run "$(cat "$results/run.json")" \
    --rawfile messages "$results/messages.txt" "${input[@]}"
