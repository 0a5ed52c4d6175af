#!/usr/bin/env bash
# Gets `provision` for this checkout into FOLDER: from the release of its version, if that was built from the same
# source and by this repository, or else by building it. Sets the output `program`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
folder=$(realpath -m "${FOLDER:-${RUNNER_TEMP:-/tmp}/provision-program}")
mkdir -p "$folder"
program=$folder/provision

case $(uname -s)-$(uname -m) in
Linux-x86_64) target=x86_64-unknown-linux-musl ;;
Linux-aarch64) target=aarch64-unknown-linux-musl ;;
Darwin-arm64) target=aarch64-apple-darwin ;;
Darwin-x86_64) target=x86_64-apple-darwin ;;
*) target= ;;
esac
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)

# Says why it returns a failure; then the program is built.
download() {
    local source files name=provision-$version-$target
    [ -n "$target" ] || { echo "there is no release for $(uname -sm)"; return 1; }
    source=$(.ci/source-fingerprint 2>&1) || { echo "$source"; return 1; }
    files=$(mktemp -d)
    gh release download "v$version" --repo "$GITHUB_REPOSITORY" --dir "$files" \
        --pattern SOURCE --pattern SHA256SUMS --pattern "$name.tar.gz" 2>/dev/null ||
        { echo "there is no release $version"; return 1; }
    [ -f "$files/$name.tar.gz" ] || { echo "the release $version has no $name.tar.gz"; return 1; }
    [ "$(cat "$files/SOURCE")" = "$source" ] ||
        { echo "the release $version was built from another source"; return 1; }
    # SHA256SUMS shows a broken download; the attestation, that a workflow of this repository built the file.
    (cd "$files" && grep -F "  $name.tar.gz" SHA256SUMS | sha256sum --check --status) ||
        { echo "the download of $name.tar.gz is damaged"; return 1; }
    gh attestation verify "$files/$name.tar.gz" --repo "$GITHUB_REPOSITORY" >/dev/null 2>&1 ||
        { echo "$name.tar.gz has no valid attestation"; return 1; }
    tar -xzf "$files/$name.tar.gz" -C "$files"
    mv "$files/$name/provision" "$program"
    rm -rf "$files"
}

if why=$(download); then
    echo "provision $version is the release for $target."
else
    echo "Building provision: $why."
    cargo build --release --locked --package provisioner
    cp "${CARGO_TARGET_DIR:-target}/release/provision" "$program"
fi
echo "program=$program" >>"${GITHUB_OUTPUT:-/dev/null}"
