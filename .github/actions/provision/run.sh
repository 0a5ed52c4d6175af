#!/usr/bin/env bash
# Runs one command of provision, which writes the summary and the outputs of this step itself. Keeps the
# summary for the step that writes the comment.
set -euo pipefail

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
arguments+=(--no-input)
[ -z "$STAGE" ] || arguments+=(--stage "$STAGE")
[ -z "$ACCOUNT" ] || arguments+=(--account "$ACCOUNT")

# A file that was downloaded as an artifact has lost its mode.
if [[ $PROGRAM = */* && ! -x $PROGRAM ]]; then
    chmod +x "$PROGRAM"
fi

summary=$(mktemp "${RUNNER_TEMP:-/tmp}/provision.XXXXXX")
echo "### provision $verb: killed before it ended" >"$summary"
echo "summary=$summary" >>"$GITHUB_OUTPUT"
before=$(wc -c <"$GITHUB_STEP_SUMMARY")

# The runner sends SIGINT, SIGTERM and SIGKILL to this process alone, so the first two are passed on. `$!` is
# the program as soon as it runs, a variable would be set too late.
# shellcheck disable=SC2317 # the traps call it
forward() {
    [ -n "${!:-}" ] || exit 130
    signaled=yes
    kill -s "$1" $! 2>/dev/null || true
}
trap 'forward INT' INT
trap 'forward TERM' TERM

# With job control, since bash starts other background processes with SIGINT ignored.
set -m
"$PROGRAM" "${arguments[@]}" &
set +m
while
    signaled=no
    status=0
    wait $! || status=$?
    # A signal ends `wait` before the program ends.
    [ "$signaled" = yes ]
do :; done

# A program that was killed has added nothing.
if [ "$(wc -c <"$GITHUB_STEP_SUMMARY")" -gt "$before" ]; then
    tail -c "+$((before + 1))" "$GITHUB_STEP_SUMMARY" >"$summary"
else
    cat "$summary" >>"$GITHUB_STEP_SUMMARY"
fi

# With `--exit-code`, 3 says that there are changes.
if [[ $verb = plan && $status = 3 ]]; then
    exit 0
fi
exit "$status"
