#!/usr/bin/env python3
"""Measures the function beside a stock Rust hello-world and the tutorial's function in Node.js.

    python3 function/bench/run.py                 builds all, measures, prints tables
    python3 function/bench/run.py --bars          and exits 1 where a bar is missed
    python3 function/bench/run.py --function target/lambda/function-x86_64.zip

Python's standard library, cargo with the musl target, gcc, openssl; valgrind for instruction counts
and node for its column (each left out with a note where it is missing). All contestants run in
turn, and times are lower quartiles, since other work only ever adds: trust ratios and
instructions, not milliseconds, and of ratios those of a quiet machine.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import contestants
import stage

WARM = 50  # rides that the instruction count of a warm one is averaged over

# What must hold, with the reasons in function/README.md: (row, contestant, most).
BARS = [
    ("init, M instructions", "function, no warm-up", 0.95),
    ("init / hello-world, time", "function, no warm-up", 0.47),
    ("first ride, M instructions", "function", 0.70),
    ("warm ride, M instructions", "function", 0.70),
    ("peak memory, MB", "function", 4.5),
    ("zip, MB", "function", 2.3),
]


def cold_start(contestant, table, event):
    if contestant.variables.get("WARM_UP") == "off":
        # Without the warm-up nothing is called yet: it starts as in Lambda, without the table's CA.
        variables = contestant.variables | {"EXTRA_CA": ""}
        alone = stage.Show([contestant.executable], table, event, variables)
        try:
            alone_init, alone_cpu = alone.ready(), alone.cpu()
        finally:
            alone.end()
    else:
        alone_init = alone_cpu = None
    show = stage.Show([contestant.executable], table, event, contestant.variables)
    try:
        init = show.ready()
        cpu = show.cpu()
        first, answer = show.ride(0)
        check(contestant, answer)
        return {
            "init, ms": (alone_init or init) * 1e3,
            "init, CPU ms": (alone_cpu or cpu) * 1e3,
            "first ride, ms": first * 1e3,
            "start to first answer, ms": (init + first) * 1e3,
            "peak memory, MB": show.peak_memory(),
        }
    finally:
        show.end()


def warm_rides(contestant, table, event, rides):
    show = stage.Show([contestant.executable], table, event, contestant.variables)
    try:
        show.ready()
        for number in range(rides // 5):  # the connection, and whatever a runtime has to learn
            show.ride(number)
        before = show.cpu()
        times = [show.ride(number)[0] for number in range(rides)]
        return {
            "warm ride, us": statistics.median(times) * 1e6,
            "warm ride, CPU us": (show.cpu() - before) / rides * 1e6,
            "peak memory, MB": show.peak_memory(),
        }
    finally:
        show.end()


def check(contestant, answer):
    if contestant.rides:
        missing = {"RideId", "Unicorn", "UnicornName", "Eta", "Rider"} - set(json.loads(answer["body"]))
        if missing:
            raise SystemExit(f"{contestant.name}: the answer lacks {missing}")


def counted(command):
    """Instructions of `command(prefix)`, a callable that runs it under a command prefix."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        command(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"])
        with open(out) as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M).group(1))


def instructions(contestant, table, event):
    def rides(count):
        def run(prefix):
            show = stage.Show([*prefix, contestant.executable], table, event, contestant.variables)
            try:
                show.ready()
                for number in range(count):
                    show.ride(number)
            finally:
                show.end()

        return counted(run)

    init, first, many = rides(0), rides(1), rides(1 + WARM)
    return {
        "init, M instructions": init / 1e6,
        "first ride, M instructions": (first - init) / 1e6,
        "warm ride, M instructions": (many - first) / WARM / 1e6,
    }


def search_cost(program, valgrind):
    rows = []
    for unicorns, times in ((3, 2_000_000), (1_000, 20_000)):
        def run(times, prefix=()):
            command = [*prefix, program, str(unicorns), str(times)]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        nanoseconds = min(float(run(times)) for _ in range(5))
        per_search = None
        if valgrind:
            few, many = (counted(lambda prefix, n=n: run(n, prefix)) for n in (64, 64 + 640))
            per_search = (many - few) / 640
        rows.append((unicorns, nanoseconds, per_search))
    return rows


def measure(players, table, event, options, valgrind):
    seen = {player.name: {} for player in players}

    def note(player, numbers):
        for row, value in numbers.items():
            seen[player.name].setdefault(row, []).append(value)

    for player in players:  # into the page cache, unmeasured
        cold_start(player, table, event)
    table.puts_so_far()
    for turn in range(options.starts):
        for player in players if turn % 2 == 0 else players[::-1]:
            note(player, cold_start(player, table, event))
    expected = options.starts * sum(player.rides for player in players)
    if (puts := table.puts_so_far()) != expected:
        raise SystemExit(f"{puts} rides were stored, not {expected}")
    for turn in range(4):
        for player in players if turn % 2 == 0 else players[::-1]:
            note(player, warm_rides(player, table, event, options.rides // 4))
    if valgrind:
        for player in players:
            if player.native:
                note(player, instructions(player, table, event))
    result = {}
    for player in players:
        numbers = {row: quiet(values) for row, values in seen[player.name].items()}
        numbers["peak memory, MB"] = max(seen[player.name]["peak memory, MB"])
        if player.zip_bytes:
            numbers["zip, MB"] = player.zip_bytes / 1e6
        result[player.name] = numbers
    return result


def quiet(values):
    """The lower quartile: other work on a machine only ever adds time."""
    return statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]


def with_ratios(result):
    """Adds every contestant's time to the function's, row by row."""
    hello = result["hello-world"]
    for numbers in result.values():
        numbers["init / hello-world, time"] = numbers["init, ms"] / hello["init, ms"]
        numbers["init / hello-world, CPU"] = numbers["init, CPU ms"] / hello["init, CPU ms"]
    ours = result["function"]["start to first answer, ms"]
    for numbers in result.values():
        numbers["start to first answer / function"] = numbers["start to first answer, ms"] / ours


def show(result):
    names = list(result)
    rows = list(dict.fromkeys(row for numbers in result.values() for row in numbers))
    print("\n| | " + " | ".join(names) + " |")
    print("|---|" + "---:|" * len(names))
    for row in rows:
        cells = (f"{result[name][row]:.3g}" if row in result[name] else "" for name in names)
        print(f"| {row} | " + " | ".join(cells) + " |")


def bars_held(result):
    print("\n| bar | most | measured | |")
    print("|---|---:|---:|---|")
    held = True
    for row, name, most in BARS:
        measured = result[name].get(row)
        good = measured is not None and measured <= most
        held &= good
        cell = "not measured" if measured is None else f"{measured:.3g}"
        print(f"| {name}: {row} | {most} | {cell} | {'held' if good else 'MISSED'} |")
    return held


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--function", metavar="ZIP", help="measure this one, do not build")
    parser.add_argument("--starts", type=int, default=30, help="cold starts of each")
    parser.add_argument("--rides", type=int, default=2000, help="warm rides of each")
    parser.add_argument("--no-node", action="store_true")
    parser.add_argument("--bars", action="store_true", help="exit 1 where a bar is missed")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers here")
    options = parser.parse_args()

    valgrind = bool(shutil.which("valgrind"))
    if not valgrind:
        print("no valgrind here: no instruction counts")
    players = contestants.function(options.function)
    players.append(contestants.hello())
    if not options.no_node and (node := contestants.node()):
        players.append(node)
    searches = search_cost(contestants.nearest(), valgrind)

    with open(os.path.join(contestants.HERE, "event.json")) as file:
        event = json.dumps(json.load(file), separators=(",", ":")).encode()
    table = stage.Table()
    try:
        result = measure(players, table, event, options, valgrind)
    finally:
        table.close()
    with_ratios(result)
    show(result)
    print("\n| nearest of | ns | instructions |\n|---:|---:|---:|")
    for unicorns, nanoseconds, count in searches:
        print(f"| {unicorns} | {nanoseconds:.0f} | {'' if count is None else round(count)} |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)
    held = bars_held(result)
    return 1 if options.bars and not held else 0


if __name__ == "__main__":
    sys.exit(main())
