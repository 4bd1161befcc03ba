"""The tables of a tracking: places of tracks, and the links between fleets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from samehand import columns
from samehand.tracking.evidence import KINDS
from samehand.tracking.follow import Link, Place
from samehand.tracking.words import say_link


@dataclass(frozen=True, kw_only=True)
class TrackTables:
    """The tables of a tracking, as in ``columns``."""

    tracks: pa.Table
    links: pa.Table


def track_id(track: int) -> str:
    """Name a track."""
    return f"T{track:04d}"


def build_tables(
    fleets: Sequence[dict[str, Any]], places: Sequence[Place], links: Sequence[Link]
) -> TrackTables:
    """Build the tables.

    Args:
        fleets: Rows of the tables of fleets of all runs, in order, with ``run`` from 1.
        places: Run by run.
        links: Run by run.
    """
    track_of = {place.fleet: track_id(place.track) for place in places if place.fleet is not None}
    tracks = [_place_row(place, fleets) for place in places]
    rows = [_link_row(link, fleets, track_of) for link in links]
    return TrackTables(
        tracks=pa.Table.from_pylist(tracks, columns.TRACKS), links=pa.Table.from_pylist(rows, columns.LINKS)
    )


def _place_row(place: Place, fleets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    own = {"track_id": track_id(place.track), "run": place.run + 1, "status": place.status}
    if place.fleet is None:
        return own | {"n_accounts": 0, "n_events": 0}
    names = ("fleet_id", "n_accounts", "n_events", "first_time", "last_time", "reported")
    return own | {name: fleets[place.fleet][name] for name in names}


def _link_row(link: Link, fleets: Sequence[dict[str, Any]], track_of: dict[int, str]) -> dict[str, Any]:
    one, other, evidence = fleets[link.earlier], fleets[link.later], link.evidence
    kinds = evidence.kinds_bits
    row = {
        "from_track": track_of[link.earlier],
        "from_run": one["run"],
        "from_fleet": one["fleet_id"],
        "to_track": track_of[link.later],
        "to_run": other["run"],
        "to_fleet": other["fleet_id"],
        "re_armed": link.rearmed,
        "n_shared": evidence.n_shared,
        "n_from": one["n_accounts"],
        "n_to": other["n_accounts"],
        "expected_shared": evidence.expected_shared,
        **{f"{kind}_bits": kinds[kind] for kind in KINDS},
        "choice_bits": link.choice_bits,
        "bits": link.bits,
        "traces": [asdict(trace) for trace in evidence.traces],
    }
    return row | {"sentence": say_link(row, "en")}
