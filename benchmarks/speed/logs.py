"""Large logs, written once and kept in the work folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

GENERATOR = Path(__file__).parents[1] / "big_log.py"


def big_log(work: Path, n_events: int, n_accounts: int, n_hot: int = 0) -> Path:
    """Give a log of the generator; ``n_hot`` events on one target within an hour come on top of ``n_events``."""
    code = hashlib.sha256(GENERATOR.read_bytes()).hexdigest()[:8]
    file = work / f"log-{n_events}-{n_accounts}-{n_hot}-{code}.parquet"
    if not file.is_file():
        work.mkdir(parents=True, exist_ok=True)
        half_done = file.with_suffix(f".{os.getpid()}.tmp")
        sizes = ["--events", n_events + n_hot, "--accounts", n_accounts, "--hot", n_hot]
        subprocess.run([sys.executable, GENERATOR, half_done, *map(str, sizes)], check=True)
        half_done.rename(file)
    return file
