"""Whole runs of ``samehand detect``: wall, CPU, peak memory, and which stage took how much of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from speed.child import run_samehand


def measure_detect(log: Path, work: Path, n_surrogates: int, *options: str) -> dict[str, Any]:
    """Run detection once on a log whose kernels are compiled."""
    warm_up(work)
    out = work / "run"
    shutil.rmtree(out, ignore_errors=True)
    usage = run_samehand("detect", log, "--out", out, "--surrogates", str(n_surrogates), "--quiet", *options)
    info = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return asdict(usage) | {
        "n_events": pq.read_metadata(log).num_rows,
        "n_surrogates": n_surrogates,
        "n_candidates": info["n_candidates"],
        "n_reported": info["n_reported"],
        "stages_s": info["timings_s"],
        "bounded": [f"{one['what']}: {one['count']:,}" for one in info["bounded"]],
    }


def warm_up(work: Path) -> None:
    """Have the kernels compiled, if they are not."""
    run_samehand("detect", tiny_log(work), "--out", work / "tiny", "--surrogates", "1", "--quiet")


def tiny_log(work: Path) -> Path:
    """Give a small simulated log with fleets."""
    folder = work / "simulated"
    if not (folder / "events.parquet").is_file():
        run_samehand("simulate", "--out", folder, "--accounts", "1000", "--days", "4", "--quiet")
    return folder / "events.parquet"
