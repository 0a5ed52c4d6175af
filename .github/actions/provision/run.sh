#!/usr/bin/env bash
# Runs one command of provision. Leaves its JSON document and its messages in a folder for the steps that
# show them, and sets the outputs of the action.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

read -ra arguments <<<"$COMMAND"
verb=${arguments[0]:-}
case $verb in
plan) arguments+=(--exit-code) ;;
up | down) arguments+=(--yes) ;;
rollback | status) ;;
*)
    echo "::error title=provision::The input \`command\` is \"$verb\"; it must begin with plan, up, down, rollback or status."
    exit 2
    ;;
esac
if [ -n "$ARTIFACT" ] && [[ $verb = plan || $verb = up ]]; then
    arguments+=(--artifact "$ARTIFACT")
fi
if [ -n "$PLAN_DIGEST" ] && [ "$verb" = up ]; then
    arguments+=(--plan-digest "$PLAN_DIGEST")
fi
common=(--no-input --output json)
[ -z "$STAGE" ] || common+=(--stage "$STAGE")
[ -z "$ACCOUNT" ] || common+=(--account "$ACCOUNT")

# A file that was downloaded as an artifact has lost its mode.
if [[ $PROGRAM = */* && ! -x $PROGRAM ]]; then
    chmod +x "$PROGRAM"
fi

results=$(mktemp -d "${RUNNER_TEMP:-/tmp}/provision.XXXXXX")
echo "results=$results" >>"$GITHUB_OUTPUT"
jq -n --arg verb "$verb" --arg stage "${STAGE:-default}" '{$verb, $stage}' >"$results/run.json"

mkfifo "$results/messages"
tee "$results/messages.txt" <"$results/messages" >&2 &
tee=$!

# The runner sends SIGINT, SIGTERM and SIGKILL to this process alone, so the first two are passed on. `$!` is
# the program as soon as it runs, a variable would be set too late.
# shellcheck disable=SC2317 # the traps call it
forward() {
    [ $! != "$tee" ] || exit 130
    signaled=yes
    kill -s "$1" $! 2>/dev/null || true
}
trap 'forward INT' INT
trap 'forward TERM' TERM

live_before=
if [[ $verb = up || $verb = down ]]; then
    # Only shown, so a failure is left to the command itself.
    live_before=$("$PROGRAM" status "${common[@]}" 2>/dev/null |
        jq -r '.resources[] | select(.kind == "release") | .details.version // empty') || true
fi

# With job control, since bash starts other background processes with SIGINT ignored.
set -m
"$PROGRAM" "${arguments[@]}" "${common[@]}" >"$results/document.json" 2>"$results/messages" &
set +m
while
    signaled=no
    status=0
    wait $! || status=$?
    # A signal ends `wait` before the program ends.
    [ "$signaled" = yes ]
do :; done
wait "$tee" || true

jq --argjson status "$status" '. + {$status}' "$results/run.json" >"$results/run.json.new"
mv "$results/run.json.new" "$results/run.json"
# There is no document if the command line was wrong or the run was killed.
if [ -s "$results/document.json" ] && jq -e . "$results/document.json" >/dev/null 2>&1; then
    delimiter=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    jq -r --arg delimiter "end-$delimiter" --arg live_before "$live_before" \
        -f "$here/outputs.jq" "$results/document.json" >>"$GITHUB_OUTPUT"
fi

# With `--exit-code`, 3 says that there are changes.
if [[ $verb = plan && $status = 3 ]]; then
    exit 0
fi
exit "$status"
