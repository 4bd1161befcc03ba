"""Writes a simulated log and its answer keys as Parquet files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from samehand.errors import OptionError

if TYPE_CHECKING:
    from samehand.simulation.platform import Simulation


def write_simulation(simulation: Simulation, folder: Path) -> None:
    """Write events.parquet, truth.parquet and crowds.parquet into ``folder``, which is made if it is missing.

    Each file is written beside its place and then renamed, all only once they are complete. With bans there is
    banned.parquet as well; without, that of an earlier log is removed.

    Raises:
        OptionError: ``folder`` cannot be a folder, or cannot be written to.
    """
    tables = {"events": simulation.events, "truth": simulation.truth, "crowds": simulation.crowds}
    if simulation.banned is not None:
        tables["banned"] = simulation.banned
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".simulate.", dir=folder) as beside:
            for name, table in tables.items():
                pq.write_table(table, Path(beside) / f"{name}.parquet", compression="zstd")
            for name in tables:
                os.replace(Path(beside) / f"{name}.parquet", folder / f"{name}.parquet")
        if simulation.banned is None:
            (folder / "banned.parquet").unlink(missing_ok=True)
    except OSError as error:
        raise OptionError(
            f"cannot write here: {error.strerror or error}", where=str(folder), hint="another --out"
        ) from error
