#!/usr/bin/env python3
"""Runs a command on a terminal of 80 columns and prints what the terminal shows when the command has ended.

    .ci/terminal.py COMMAND [ANSWER]

COMMAND is for bash. ANSWER is typed at the question.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios

COLUMNS = 80
QUESTION = re.compile(rb"(\[y/N\]|Type its name to delete \w+:) $")
# What moves the cursor or clears: rows that are drawn again. Colors are off.
SEQUENCE = re.compile(r"\x1b\[(\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]+")


def run(command, answer):
    """The bytes that the command writes, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        os.execvp("bash", ["bash", "-c", command])
    # Nothing answers a second question.
    signal.alarm(120)
    written = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:  # the command has ended
            break
        if not read:
            break
        written += read
        if answer is not None and QUESTION.search(written):
            os.write(terminal, answer.encode() + b"\n")
            answer = None
    _, status = os.waitpid(child, 0)
    return written.decode(), os.waitstatus_to_exitcode(status)


def shown(written):
    """The lines of the terminal. One that is wider than it stays a line."""
    lines, row, column = [""], 0, 0
    for token in SEQUENCE.finditer(written):
        text = token[0]
        if text == "\n":
            row += 1
        elif text == "\r":
            column = 0
        elif token[2] == "A":
            row -= int(token[1] or 1)
        elif token[2] == "J":
            lines = lines[: row + 1]
            lines[row] = lines[row][:column]
        elif token[2]:
            sys.exit(f"{text!r} is not known here")
        else:
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
            column += len(text)
        while len(lines) <= row:
            lines.append("")
    return [line.rstrip() for line in lines]


if __name__ == "__main__":
    output, code = run(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    print("\n".join(shown(output)).rstrip("\n"))
    sys.exit(code)
