"""Where the analysis of a stream stands, on disk: two generations, so that a damaged one costs only time."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Final

import msgspec

from samehand.online.forming import Forming
from samehand.online.leads import Lead
from samehand.placing import write_whole

_KEPT: Final = 2


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """All that the analysis needs to go on from a tick, but for the tables of what forms."""

    generation: int
    n_rows: int
    """Rows of the journal that were taken in."""
    tick_end_us: int | None
    """End of the tick that comes next; None: nothing came yet."""
    last_look_us: int | None
    n_in_window: int = 0
    """Events that it looked at."""
    n_rows_at_look: int = 0
    """Rows that had come by then."""
    n_looks: int
    """Looks over the life of the stream: each has spent its share of the budget."""
    n_fleets: int
    n_told: int
    leads: list[Lead]
    tables_crc32: int = 0


def save(folder: Path, checkpoint: Checkpoint, forming: Forming) -> None:
    """Write a checkpoint; the one before it stays, those before that go.

    Raises:
        OSError: The disk cannot be written; the checkpoints that are there stay good.
    """
    folder.mkdir(exist_ok=True)
    tables = folder / f"{checkpoint.generation:010d}.npz"
    beside = tables.with_suffix(".tmp")
    forming.save(beside)
    os.replace(beside, tables)
    checked = msgspec.structs.replace(checkpoint, tables_crc32=_crc32(tables))
    content = msgspec.json.encode(checked)
    write_whole(tables.with_suffix(".json"), b"%08x\n%s" % (zlib.crc32(content), content))
    _sync(folder)
    for old in sorted(folder.glob("*.json"))[:-_KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".npz").unlink(missing_ok=True)


def load(folder: Path, forming: Forming) -> tuple[Checkpoint | None, list[str]]:
    """Read the latest good checkpoint, and its tables into ``forming``.

    Returns:
        The checkpoint, None where there is none; and what was damaged, a sentence each.
    """
    warnings = []
    for file in sorted(folder.glob("*.json"), reverse=True):
        try:
            checksum, _, content = file.read_bytes().partition(b"\n")
            if int(checksum, 16) != zlib.crc32(content):
                raise ValueError("its checksum is wrong")
            checkpoint = msgspec.json.decode(content, type=Checkpoint)
            tables = file.with_suffix(".npz")
            if _crc32(tables) != checkpoint.tables_crc32:
                raise ValueError(f"the checksum of {tables.name} is wrong")
            forming.load(tables)
        except (OSError, ValueError, KeyError, IndexError, msgspec.DecodeError) as error:
            warnings.append(f"{file} is damaged ({error}); going on from an earlier point")
            continue
        return checkpoint, warnings
    return None, warnings


def _crc32(file: Path) -> int:
    checksum = 0
    with open(file, "rb") as stream:
        while block := stream.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
