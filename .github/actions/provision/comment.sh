#!/usr/bin/env bash
# Writes the summary to one comment on the pull request: the first run creates it, later runs update it. A
# hidden first line tells it from other comments, one for each stage.
set -euo pipefail

# The token of a pull request from a fork may not write: its summary has to do.
number=$(jq -r '
    select(.pull_request.head.repo.full_name == .repository.full_name) | .pull_request.number // empty
' "$GITHUB_EVENT_PATH")
if [ -z "$number" ]; then
    echo "No comment: this is no pull request of a branch of this repository."
    exit 0
fi

# What merged-plan.sh reads: which plan was shown, and for which content.
planned=
if [ -n "$PLAN_DIGEST" ]; then
    planned="<!-- plan=$PLAN_DIGEST tree=$(git rev-parse 'HEAD^{tree}') -->"
fi

marker="<!-- provision stage=${STAGE:-default} -->"
comments=repos/$GITHUB_REPOSITORY/issues
# GitHub refuses a comment of more than 65,536 characters; a summary is shorter.
body=$(printf '%s\n%s\n%s' "$marker" "$planned" "$(cat "$SUMMARY")")

write() {
    local id
    id=$(gh api --paginate "$comments/$number/comments?per_page=100" |
        jq -r --arg marker "$marker" '
            .[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .id
        ' | head -n 1) || return
    if [ -n "$id" ]; then
        set -- --method PATCH "$comments/comments/$id"
    else
        set -- --method POST "$comments/$number/comments"
    fi
    jq -n --arg body "$body" '{$body}' | gh api "$@" --input - --silent
}
# The run itself is done: a comment that can't be written is no reason to fail it.
write || echo "::warning title=provision::The comment on pull request $number could not be written. Does the job have \`pull-requests: write\`?"
