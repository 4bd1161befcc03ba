"""The part of a run that goes out: some fleets, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import OptionError
from samehand.run_folder import RunInfo, RunTables

_OF_ALL: Final = frozenset({"timeline", "controls"})
"""Tables of the whole log, which name nobody of it; of groups known to be innocent, the names are left out."""


def part_of(tables: RunTables, fleets: Sequence[str], everything: bool) -> RunTables:
    """Give the rows of some fleets; of edges, those between their members.

    Args:
        tables: Of the run.
        fleets: The fleets; none: all that are reported.
        everything: Without ``fleets``: the candidates that are not reported, too.

    Raises:
        OptionError: There is no such fleet.
    """
    known = [str(one) for one in tables.fleets["fleet_id"].to_pylist()]
    for name in fleets:
        if name not in known:
            raise OptionError(
                f"the run has no fleet {name!r}", where="FLEET", hint=f"one of {', '.join(known[:5])}, ..."
            )
    reported = tables.fleets["reported"].to_pylist()
    wanted = [
        name
        for name, is_reported in zip(known, reported, strict=True)
        if (name in fleets if fleets else everything or is_reported)
    ]
    chosen = pa.array(wanted, pa.string())
    cut = {
        one.name: _rows_of(getattr(tables, one.name), chosen)
        for one in fields(tables)
        if one.name not in {*_OF_ALL, "edges"}
    }
    controls = tables.controls.filter(pc.not_equal(tables.controls["kind"], pa.scalar("known")))
    return replace(tables, **cut, edges=_edges(tables.edges, cut["members"]), controls=controls)


def told_of(info: RunInfo) -> RunInfo:
    """Give what run.json says without the names of targets that are busy in the whole log."""
    return replace(info, quality=replace(info.quality, hot_targets=()))


def _rows_of(table: pa.Table, fleets: pa.StringArray) -> pa.Table:
    return table.filter(pc.is_in(table["fleet_id"], value_set=fleets))


def _edges(edges: pa.Table, members: pa.Table) -> pa.Table:
    """The edges whose ends are in one fleet."""
    fleet_of = dict(zip(members["account"].to_pylist(), members["fleet_id"].to_pylist(), strict=True))
    ends = zip(edges["account_a"].to_pylist(), edges["account_b"].to_pylist(), strict=True)
    inside = [a in fleet_of and fleet_of[a] == fleet_of.get(b) for a, b in ends]
    return edges.filter(pa.array(inside, pa.bool_()))
