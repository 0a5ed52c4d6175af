#!/usr/bin/env bash
# For a push to main: sets the output `plan-digest` to the digest of the plan that was shown on the merged
# pull request, if that plan was for exactly the content that main has now. Otherwise it stays empty, and
# `up` deploys by its own plan.
set -euo pipefail

stage=${STAGE:-default}
nothing() {
    echo "::notice title=provision::Deploying without the digest of a reviewed plan: $1."
    exit 0
}

tree=$(git rev-parse 'HEAD^{tree}')
number=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" |
    jq -r --arg sha "$GITHUB_SHA" '
        [.[] | select(.merged_at != null and .merge_commit_sha == $sha)][0].number // empty
    ') || nothing "the pull request of this commit could not be read"
[ -n "$number" ] || nothing "this commit is not the merge of a pull request"

planned=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" |
    jq -r --arg marker "<!-- provision stage=$stage -->" '
        .[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .body
    ' | sed -nE 's|^<!-- plan=([A-Za-z0-9+/=:._-]+) tree=([0-9a-f]+) -->\r?$|\1 \2|p' |
    head -n 1) || nothing "the comments of pull request $number could not be read"
[ -n "$planned" ] || nothing "pull request $number shows no plan for the stage $stage"
[ "${planned#* }" = "$tree" ] || nothing "main has changed since the plan on pull request $number"

echo "The plan on pull request $number was for this content: ${planned% *}"
echo "plan-digest=${planned% *}" >>"$GITHUB_OUTPUT"
