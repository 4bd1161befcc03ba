"""Large logs, written once and kept in the work folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1]
GENERATOR = FOLDER / "big_log.py"
WITH_COLUMNS = FOLDER / "all_columns.py"


def big_log(work: Path, n_events: int, n_accounts: int, n_hot: int = 0) -> Path:
    """Give a log of the generator; ``n_hot`` events on one target within an hour come on top of ``n_events``."""
    file = work / f"log-{n_events}-{n_accounts}-{n_hot}-{_code(GENERATOR)}.parquet"
    sizes = ("--events", n_events + n_hot, "--accounts", n_accounts, "--hot", n_hot)
    return _written(file, lambda path: (GENERATOR, path, *sizes))


def all_columns(work: Path, plain: Path) -> Path:
    """Give the same log with every column that samehand reads."""
    file = work / f"all-{plain.stem}-{_code(WITH_COLUMNS)}.parquet"
    return _written(file, lambda path: (WITH_COLUMNS, plain, path))


def _code(script: Path) -> str:
    return hashlib.sha256(script.read_bytes()).hexdigest()[:8]


def _written(file: Path, command: Callable[[Path], Sequence[object]]) -> Path:
    """Write a file by a command, unless it is there; a half-written one never has its name."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        half_done = file.with_suffix(f".{os.getpid()}.tmp")
        subprocess.run([sys.executable, *map(str, command(half_done))], check=True)
        half_done.rename(file)
    return file
