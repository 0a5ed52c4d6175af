"""Runs a command and writes what it cost: `measure.py RESULT COMMAND…`. Memory is that of its largest process."""

import json
import os
import subprocess
import sys
import time

started = time.monotonic()
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
seconds = time.monotonic() - started
# In kilobytes, on macOS in bytes.
unit = 1 if sys.platform == "darwin" else 1024
with open(sys.argv[1], "w") as result:
    json.dump({
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "memory_bytes": usage.ru_maxrss * unit,
    }, result)
sys.exit(os.waitstatus_to_exitcode(status))
