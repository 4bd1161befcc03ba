"""What each candidate of each run shows of itself: devices, addresses, templates, targets, habits of its script.

Everything is numbered through all the runs, so that an account, a device or a text is the same number wherever it is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import I32, I64
from samehand.run_folder import RunTables
from samehand.tracking.habits import scripts, templates
from samehand.tracking.marks import Marks, MemberEvents, Trace, codes, make_marks

IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 48


@dataclass(frozen=True, eq=False)
class Shown:
    """The candidates of all runs and what they show."""

    run: I32
    """Of each candidate, the number of its run, from 0."""
    members: list[I64]
    """Of each candidate, its accounts, ascending."""
    marks: dict[Trace, Marks]


def collect(runs: Sequence[RunTables]) -> Shown:
    """Number the candidates and accounts of all runs, and take the traces of their events.

    Args:
        runs: Tables of the runs; candidates are numbered run by run, in the order of ``fleets``.
    """
    starts = [0, *accumulate(tables.fleets.num_rows for tables in runs)]
    fleets, accounts = [], []
    for tables, start in zip(runs, starts, strict=False):
        fleets.append(_fleet_of(tables.members, tables) + start)
        accounts.append(tables.members["account"].cast(pa.string()))
    names = _joined(accounts).dictionary_encode()
    code, fleet = codes(names), np.concatenate([np.empty(0, np.int32), *fleets])
    members = [np.unique(code[fleet == number]) for number in range(starts[-1])]
    events = _events(runs, starts, names.dictionary)
    return Shown(
        run=np.repeat(np.arange(len(runs), dtype=np.int32), np.diff(starts)),
        members=members,
        marks={
            "device": _values(events, "device"),
            "address": _values(events, "address"),
            "prefix": _values(events, "address", prefix_of),
            "template": templates(events),
            "target": _values(events, "target"),
            "script": scripts(events),
        },
    )


def _fleet_of(table: pa.Table, tables: RunTables) -> I32:
    ids = tables.fleets["fleet_id"].combine_chunks()
    found: I32 = pc.index_in(table["fleet_id"], value_set=ids).to_numpy().astype(np.int32)
    return found


def _events(runs: Sequence[RunTables], starts: Sequence[int], names: pa.Array[Any]) -> MemberEvents:
    roles = ("action", "target", "device", "address", "content")
    columns: dict[str, list[Any]] = {role: [] for role in ("account", *roles)}
    for tables in runs:
        table = tables.member_events
        for role, parts in columns.items():
            known = role in table.column_names
            parts.append(
                table[role].cast(pa.string())
                if known
                else pa.chunked_array([pa.nulls(len(table), pa.string())])
            )
    pieces = [tables.member_events for tables in runs]
    return MemberEvents(
        fleet=np.concatenate(
            [
                _fleet_of(piece, tables) + start
                for piece, tables, start in zip(pieces, runs, starts, strict=False)
            ]
        ),
        account=pc.index_in(_joined(columns["account"]), value_set=names).to_numpy(False).astype(np.int64),
        joint=np.concatenate([piece["coaction"].to_numpy() for piece in pieces]),
        time_us=np.concatenate([piece["time"].cast(pa.int64()).to_numpy() for piece in pieces]),
        table=pa.table({role: _joined(columns[role]) for role in roles}),
    )


def _joined(parts: Sequence[pa.ChunkedArray[Any]]) -> pa.Array[Any]:
    chunks = [chunk for part in parts for chunk in part.chunks]
    return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())


def _values(events: MemberEvents, role: str, part: Any = None) -> Marks:
    """Marks of the values of a column, or of what ``part`` makes of each."""
    encoded: Any = events.table[role].combine_chunks().dictionary_encode()
    values, feature = encoded.dictionary.to_pylist(), codes(encoded)
    if part is not None:
        parts = [part(value) for value in values]
        values = sorted({one for one in parts if one is not None})
        place = {value: i for i, value in enumerate(values)} | {None: -1}
        feature = np.array([*(place[one] for one in parts), -1], np.int64)[feature]
    there = feature >= 0
    return make_marks(
        events.fleet[there],
        events.account[there],
        feature[there],
        events.joint[there],
        values,
        of_the_fleet=role == "target",
    )


def prefix_of(address: str) -> str | None:
    """Give the network that an address is in: /24, or /48 of IPv6; None where it is no address.

    >>> prefix_of("203.0.113.9"), prefix_of("2001:db8:1:2::3"), prefix_of("home")
    ('203.0.113.0/24', '2001:db8:1::/48', None)
    """
    try:
        known = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    bits = IPV4_PREFIX if known.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network((known, bits), strict=False))
