#!/bin/sh
# Plays cargo, rustc and rustup for the tests, by the name it is called under. What it is to do is
# told by files beside it; what it was asked is told in `log`, and the environment in `environment`.
PATH=/usr/bin:/bin
here=$(dirname "$0")
case $(basename "$0") in
rustc)
    case "$*" in
    *sysroot*) echo "$here/sysroot" ;;
    *) printf 'rustc 1.95.0\ncommit-hash: c0ffee\nhost: x86_64-unknown-linux-gnu\n' ;;
    esac
    [ ! -e "$here/rustc-fails" ] || { echo "error: toolchain is not installed" >&2; exit 1; }
    ;;
rustup)
    echo "rustup $*" >>"$here/log"
    [ ! -e "$here/rustup-fails" ] || { echo "error: no network" >&2; exit 1; }
    mkdir -p "$here/sysroot/lib/rustlib/$3/lib"
    ;;
cargo)
    echo "cargo $*" >>"$here/log"
    env >"$here/environment"
    echo "   Compiling function v0.1.0" >&2
    [ ! -e "$here/cargo-fails" ] || { cat "$here/cargo-fails" >&2; exit 101; }
    [ ! -e "$here/meanwhile" ] || . "$here/meanwhile"
    echo '{"reason":"build-script-executed"}'
    [ -e "$here/no-program" ] ||
        echo '{"reason":"compiler-artifact","target":{"name":"bootstrap"},"executable":"'"$here/program"'"}'
    ;;
esac
