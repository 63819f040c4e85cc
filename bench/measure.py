"""Runs a command and measures it as a whole process: wall time, processor time, peak resident memory, bytes from the disk.

Usage: measure.py RESULT.json COMMAND...

Exits as the command does. It stays small itself, because a process starts its life with the peak of the one that
started it.
"""

import json
import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - start
bytes_of_maxrss = 1 if sys.platform == "darwin" else 1024
with open(sys.argv[1], "w") as result:
    json.dump(
        {
            "wallSeconds": wall,
            "userSeconds": usage.ru_utime,
            "systemSeconds": usage.ru_stime,
            "peakBytes": usage.ru_maxrss * bytes_of_maxrss,
            "diskBytes": usage.ru_inblock * 512,
        },
        result,
    )
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
