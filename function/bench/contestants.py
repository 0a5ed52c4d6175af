"""Who takes part, and how each is built."""

import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "bench")
MUSL = "x86_64-unknown-linux-musl"

# As function/README.md has it and `provision build` does it.
LAMBDA = {
    "CC_x86_64_unknown_linux_musl": "gcc",
    "RUSTFLAGS": "-C relocation-model=static",
}


@dataclass
class Contestant:
    name: str
    executable: str
    zip_bytes: int | None = None
    rides: bool = True  # whether it stores its rides; a hello-world does nothing
    native: bool = True  # whether valgrind can count it
    variables: dict = field(default_factory=dict)


def copied(executable, name):
    """Both programs as files written in the same way: how a file lies in the page cache is worth
    a tenth of a start."""
    folder = os.path.join(TARGET, "stage", name)
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, "bootstrap")
    with open(executable, "rb") as source, open(copy + ".new", "wb") as target:
        target.write(source.read())
    os.chmod(copy + ".new", 0o755)
    os.replace(copy + ".new", copy)
    return copy


def cargo(*arguments, **variables):
    print("building:", "cargo", *arguments, flush=True)
    environment = {**os.environ, **variables, "CARGO_TARGET_DIR": TARGET}
    subprocess.run(["cargo", *arguments], cwd=ROOT, env=environment, check=True)


def function(given):
    """The project's own: as built here, or as given (a zip or an executable)."""
    if given is None:
        cargo("build", "--quiet", "--locked", "-p", "function", "--bin", "bootstrap",
              "--profile", "lambda", "--target", MUSL, **LAMBDA)
        given = os.path.join(TARGET, MUSL, "lambda", "bootstrap")
    os.makedirs(TARGET, exist_ok=True)
    packed = os.path.join(TARGET, "function.zip")
    if zipfile.is_zipfile(given):
        packed = given
        with zipfile.ZipFile(given) as archive:
            given = archive.extract("bootstrap", os.path.join(TARGET, "unpacked"))
    else:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(given, "bootstrap")
    size = os.path.getsize(packed)
    executable = copied(given, "function")
    return [
        Contestant("function", executable, size),
        Contestant("function, no warm-up", executable, size, variables={"WARM_UP": "off"}),
    ]


def hello():
    manifest = "function/bench/hello/Cargo.toml"
    cargo("build", "--quiet", "--locked", "--release", "--manifest-path", manifest)
    executable = copied(os.path.join(TARGET, "release", "bootstrap"), "hello")
    return Contestant("hello-world", executable, rides=False)


def node():
    """None, with a note, where there is no Node."""
    folder = os.path.join(HERE, "node")
    if not (shutil.which("node") and shutil.which("npm")):
        print("no node or npm here: left out")
        return None
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        print("installing: npm ci", flush=True)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return Contestant("Node.js", os.path.join(folder, "bootstrap"), native=False)


def nearest():
    """A program that repeats the search for the nearest unicorn."""
    cargo("build", "--quiet", "--locked", "-p", "function", "--example", "nearest", "--release",
          CARGO_PROFILE_RELEASE_OPT_LEVEL="3")
    return os.path.join(TARGET, "release", "examples", "nearest")
