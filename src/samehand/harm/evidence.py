"""What lies beside a run and says something of intent: fleets that came back, as `samehand track` found them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand import columns
from samehand.errors import InputError
from samehand.run_folder import RunInfo
from samehand.tracking.folder import FORMAT, Tracked, TrackInfo

_HINT = "a folder that `samehand track RUN RUN --out DIR` wrote"


def re_armed_links(folder: Path, info: RunInfo) -> tuple[int, pa.Table]:
    """Read the links that lead from earlier fleets to fleets of this run, carried by traces and hardly by accounts.

    Returns:
        The number of the run in the tracks, and the rows of the table of links.

    Raises:
        InputError: There are no tracks, or they do not hold this run.
    """
    try:
        tracks = msgspec.json.decode((folder / "track.json").read_bytes(), type=TrackInfo)
        links = pq.read_table(folder / "links.parquet").select(columns.LINKS.names)
    except (OSError, KeyError, msgspec.DecodeError, pa.ArrowException) as error:
        raise InputError(f"no tracks that can be read: {error}", where=str(folder), hint=_HINT) from error
    if tracks.format != FORMAT:
        raise InputError(f"the tracks have format {tracks.format}", where=str(folder), hint=_HINT)
    number = next((one.run for one in tracks.runs if _is_of(one, info)), None)
    if number is None:
        raise InputError("the tracks do not hold this run", where=str(folder), hint=_HINT)
    return number, links.filter(
        pc.and_(links["re_armed"], pc.equal(links["to_run"], pa.scalar(number, pa.int32())))
    )


def _is_of(one: Tracked, info: RunInfo) -> bool:
    tracked = one.created_at, one.sources, one.first_time, one.last_time, one.n_events
    quality = info.quality
    return tracked == (
        info.created_at, info.sources, quality.first_time, quality.last_time, quality.n_events
    )  # fmt: skip
