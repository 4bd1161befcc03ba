"""Start-up: help on the command line, and the first run on a machine, which compiles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from speed.child import run_samehand
from speed.whole import tiny_log

ANNOUNCEMENT = "compiling"


def measure_start(work: Path, runs: int = 10) -> dict[str, Any]:
    """Time ``--help``, and the first and second detection with an empty cache of compiled kernels."""
    help_s = [run_samehand("--help").wall_s for _ in range(runs)]
    log = tiny_log(work)
    with tempfile.TemporaryDirectory(dir=work) as cache:
        words = ("detect", log, "--out", work / "tiny", "--surrogates", "1")
        first = run_samehand(*words, NUMBA_CACHE_DIR=cache)
        second = run_samehand(*words, NUMBA_CACHE_DIR=cache)
    return {
        "help_s": help_s,
        "help_median_s": median(help_s),
        "first_s": first.wall_s,
        "second_s": second.wall_s,
        "announced": ANNOUNCEMENT in first.said,
        "announced_again": ANNOUNCEMENT in second.said,
    }
