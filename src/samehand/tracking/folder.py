"""A tracking on disk: one folder, written beside and then renamed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Final

import msgspec
import pyarrow.parquet as pq

from samehand.placing import check_folder, replaced_folder
from samehand.run_folder import Source
from samehand.tracking.tables import TrackTables

FORMAT: Final = 1
"""Raised when a table changes so that an older samehand cannot read it."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """One run that was tracked."""

    run: int
    """Number in the tables, from 1 in order of the logs' time."""
    name: str
    """Folder of the run; of a run in memory, its first source."""
    created_at: datetime
    samehand: str
    """Version that made the run."""
    sources: tuple[Source, ...]
    first_time: datetime
    """Of the log."""
    last_time: datetime
    n_accounts: int
    """Of the log."""
    n_events: int
    n_candidates: int
    n_reported: int
    n_tracked: int
    """Fleets that were followed."""
    estimated: bool
    """Whether the run estimated a rate of false accusation."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the tracks depend on."""

    all: bool
    """Candidates that are not reported were followed, too."""
    link_bits: float
    """Evidence that a link needs, the choice paid for."""
    clear_bits: float
    """Evidence from which on a sort of traces says something."""
    least_sorts: int
    """Sorts of traces that must say something where accounts do not carry a link."""
    rival_bits: float
    """By so much no other fleet may come near where accounts do not carry a link."""
    re_armed_share: float
    """Share of the smaller fleet's accounts in both below which a link that traces carry is a re-arming."""
    most_bits: dict[str, float]
    """Most that a sort of traces says."""
    bits_a_doubling: float
    """Most that a sort says for each doubling of the candidates that it is compared with."""


@dataclass(frozen=True, kw_only=True)
class TrackInfo:
    """What track.json holds."""

    format: int
    samehand: str
    """Version."""
    created_at: datetime
    settings: Settings
    runs: tuple[Tracked, ...]
    """In order of time."""
    n_tracks: int
    n_links: int
    versions: dict[str, str]

    @property
    def overlaps(self) -> tuple[tuple[int, int], ...]:
        """Numbers of the runs whose logs overlap in time, two by two."""
        return tuple(
            (one.run, other.run)
            for one, other in combinations(self.runs, 2)
            if other.first_time <= one.last_time and one.first_time <= other.last_time
        )


def check_track_target(folder: Path) -> None:
    """Refuse a folder that cannot be written, or holds something other than a tracking.

    Raises:
        OptionError: It is a file, or a folder with other things in it, or in a place where no folder can be.
    """
    check_folder(folder, _is_tracking, "a folder of tracks")


def write_tracking(folder: Path, info: TrackInfo, tables: TrackTables, page: bytes) -> None:
    """Write all files, whole or not at all; an earlier tracking there is replaced.

    Raises:
        OptionError: ``folder`` may not be replaced.
    """
    check_track_target(folder)
    with replaced_folder(folder) as fresh:
        pq.write_table(tables.tracks, fresh / "tracks.parquet", compression="zstd")
        pq.write_table(tables.links, fresh / "links.parquet", compression="zstd")
        (fresh / "track.json").write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")
        (fresh / "track.html").write_bytes(page)


def _is_tracking(folder: Path) -> bool:
    try:
        found = msgspec.json.decode((folder / "track.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return False
    return isinstance(found, dict) and {"samehand", "format", "runs"} <= found.keys()
