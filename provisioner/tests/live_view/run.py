"""Looks at the live view in a real terminal (tmux) and draws the picture of it in the docs.

    run.py PROVISION FUNCTION_ZIP PICTURE

At 40, 80 and 200 columns, with AWS's delays: what is waited for is shown as a whole, a change of the width leaves no
trails, and ctrl-c leaves a clean screen and exit code 130.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import picture

# The role is there at once and cannot be used for some seconds.
SEED = "5"
WAIT = "until Lambda can use the role, usually 5 to 10 s"


class Terminal:
    """A tmux server of its own with one window, in which `up` runs."""

    def __init__(self, provision, zip_file, columns, rows=24):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.folder.name, "tmux")
        command = (
            "trap : INT; clear; provision up --local --faults aws --faults-seed " + SEED + ' --artifact "$ZIP"'
            "; echo exit $?; read -r _"
        )
        environment = {
            "PATH": os.path.dirname(provision) + ":" + os.environ["PATH"],
            "HOME": self.folder.name,
            "LANG": "C.UTF-8",
            "ZIP": zip_file,
        }
        size = ["-x", str(columns), "-y", str(rows)]
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", os.devnull, "new-session", "-d", *size, "sh", "-c", command],
            check=True,
            cwd=self.folder.name,
            env=environment,
        )

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def resize(self, columns):
        self.tmux("resize-window", "-x", str(columns), "-y", "24")

    def screen(self, colors=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def wait_for(self, is_there, seconds=60):
        """The first screen for which this holds."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if is_there(screen):
                return screen
            assert time.monotonic() < end, "it never came:\n" + screen
            time.sleep(0.05)

    def close(self):
        self.tmux("kill-server")
        self.folder.cleanup()


def words(screen):
    """The text without the breaks that a width makes."""
    return " ".join(screen.split())


def is_waiting(screen):
    return WAIT in words(screen)


def has_ended(screen):
    return "exit " in screen


def no_trails(screen):
    rows = [line for line in screen.splitlines() if line.startswith("  create function")]
    assert len(rows) <= 1 and words(screen).count(WAIT) <= 1, "a trail is left:\n" + screen


def check(provision, zip_file, columns, others):
    terminal = Terminal(provision, zip_file, columns)
    terminal.wait_for(is_waiting)
    for width in others:
        terminal.resize(width)
        # Two ticks of the times.
        time.sleep(0.3)
        screen = terminal.screen()
        assert is_waiting(screen), "the wait is cut:\n" + screen
        no_trails(screen)
    terminal.tmux("send-keys", "C-c")
    screen = terminal.wait_for(has_ended)
    assert "exit 130" in screen, screen
    assert not is_waiting(screen), "a row is left:\n" + screen
    terminal.close()
    print(f"{columns} columns, then {', '.join(map(str, others))}: waits are whole, no trails, ctrl-c is clean")


def draw(provision, zip_file, path):
    terminal = Terminal(provision, zip_file, 80, rows=50)
    seconds_later = time.monotonic() + 4
    terminal.wait_for(lambda screen: is_waiting(screen) and time.monotonic() > seconds_later)
    during = terminal.screen(colors=True)
    terminal.wait_for(has_ended)
    after = terminal.screen(colors=True)
    terminal.close()
    during = from_line(during, "5 to create", "")
    after = from_line(after, "done create", "table  ")
    with open(path, "w", encoding="utf-8") as file:
        file.write(picture.svg([during, after], 80))
    print("drawn: " + path)


def from_line(screen, first, end):
    """The lines from the one with `first` in it until before the one that begins with `end`."""
    lines = screen.rstrip().splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    start = next(number for number, line in enumerate(plain) if first in line)
    ends = (number for number, line in enumerate(plain) if end and number > start and line.startswith(end))
    return lines[start : next(ends, len(lines))]


def main():
    provision, zip_file, path = map(os.path.abspath, sys.argv[1:])
    for columns, others in [(40, [100, 30]), (80, [45, 160]), (200, [60, 90])]:
        check(provision, zip_file, columns, others)
    draw(provision, zip_file, path)


if __name__ == "__main__":
    main()
