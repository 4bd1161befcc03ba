"""Run a command and account for it: wall, CPU, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

SAMEHAND = Path(sys.executable).with_name("samehand")
TAIL = 600


@dataclass(frozen=True)
class Usage:
    """What a command took."""

    wall_s: float
    cpu_s: float
    """User and system time of it and of its children."""
    peak_gib: float
    """Largest resident memory of one of its processes."""
    exit_code: int
    said: str
    """End of its standard error."""


def run_child(words: list[str | Path], **environment: str) -> Usage:
    """Run a command with some variables added to the environment."""
    with tempfile.TemporaryFile() as said:
        since = perf_counter()
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said, env=os.environ | environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = perf_counter() - since
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")[-TAIL:]
    cpu_s = usage.ru_utime + usage.ru_stime
    return Usage(wall_s, cpu_s, usage.ru_maxrss / 2**20, child.returncode, text)


def run_samehand(*words: str | Path, **environment: str) -> Usage:
    """Run samehand on the command line.

    Raises:
        RuntimeError: It failed.
    """
    usage = run_child([SAMEHAND, *words], **environment)
    if usage.exit_code != 0:
        raise RuntimeError(f"samehand {' '.join(map(str, words))}: exit code {usage.exit_code}\n{usage.said}")
    return usage
