# Of the scripts that make a page of what commands print: ci-transcript and first-session. They set `page`.
# shellcheck shell=bash
# shellcheck disable=SC2154 # `page` is set by who sources this
# shellcheck disable=SC2016 # backticks are Markdown's

if [ -z "${PROVISION:-}" ]; then
    cargo build --quiet --locked
    PROVISION=${CARGO_TARGET_DIR:-target}/debug/provision
fi
PROVISION=$(realpath "$PROVISION")

root=$PWD
work=$(mktemp -d /tmp/XXXXXX)
transcript=$work/transcript.md
: >"$transcript"
text() { printf '%s\n' "$@" >>"$transcript"; }
fail() {
    cat "$transcript" >&2
    echo "FAILED: $*" >&2
    exit 1
}

git_in() { git -C "$1" -c user.name=Ada -c user.email=ada@example.com -c commit.gpgsign=false "${@:2}"; }
# copy_workspace FOLDER: a clone on the branch main, with what is not committed here yet.
copy_workspace() {
    git clone --quiet --no-hardlinks "$root" "$1"
    # A CI job may be at a commit without a branch.
    git_in "$1" checkout --quiet -B main
    git -C "$root" diff --binary HEAD | (cd "$1" && git apply --index --allow-empty)
    git -C "$1" diff --cached --quiet || git_in "$1" commit --quiet -m "work in progress"
}
# The page without what differs from run to run. Changes that run at once end in any order.
comparable() {
    sed -E \
        -e 's/[0-9]+(\.[0-9]+)? ?(s|ms|min|MB)\b/[amount]/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/[time]/g' \
        -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[id]/g' \
        -e 's/\b[0-9a-f]{16,}(-[0-9a-f]{16,})?\b/[digest]/g' \
        -e 's/\b[A-Za-z0-9_-]{21}[AQgw]\b/[ride]/g' \
        -e 's/\bline [0-9]+\b/line [number]/g' \
        -e 's/process [0-9]+/process [pid]/' \
        -e 's/\b123456789012\b/[account]/g' \
        -e 's/\b[0-9a-f]{12}(-dirty)?\b/[commit]/g' \
        -e 's/just now   |\[amount\] ago +/[age] /g' \
        -e 's/"durationMs":[0-9.]+/"durationMs":[amount]/' \
        -e 's/^index [0-9a-f]+\.\.[0-9a-f]+/index/' \
        -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:[port]/g' "$1" |
        awk '
            function flush() { if (n) { print block | "sort"; close("sort") } n = 0; block = "" }
            /^done / { block = block (n++ ? "\n" : "") $0; next }
            { flush(); print; fflush() }
            END { flush() }'
}

# keep_or_check [--check]: the transcript becomes the page, or is compared with it.
keep_or_check() {
    cd "$root" || exit
    if [ "${1:-}" = --check ]; then
        comparable "$page" >"$work/expected"
        comparable "$transcript" >"$work/found"
        diff -u "$work/expected" "$work/found" || {
            echo "$page differs: run $0 and look at the change" >&2
            exit 1
        }
    else
        cp "$transcript" "$page"
    fi
}
