"""Runs that leads rest on, kept whole where somebody is to review them: the evidence as it was when they were told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from samehand.errors import SamehandError
from samehand.online.leads import Lead
from samehand.run import Run
from samehand.run_folder import replacing, write_run


def run_of(state: Path, lead: Lead) -> Path:
    """Name the folder with the run of the look at which a lead was told; it is there if that look was kept."""
    return state / "runs" / f"look-{lead.look:06d}-{datetime.fromisoformat(lead.time):%Y%m%dT%H%M%S%f}"


def keep_run(state: Path, run: Run, lead: Lead) -> None:
    """Write the run of a look, before its leads are told; one that is there was written before a kill, and stays.

    Raises:
        SamehandError: The disk cannot be written.
    """
    folder = run_of(state, lead)
    if folder.exists():
        return
    try:
        with replacing(folder) as fresh:
            write_run(fresh, run.info, run.tables)
    except OSError as error:
        raise SamehandError(
            f"cannot be written: {error.strerror}", where=str(folder), hint="make room on the disk"
        ) from error
