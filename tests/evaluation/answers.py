"""Runs and answer keys made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from samehand import columns
from samehand.run_folder import RunTables
from tests.report.fake_run import fake_run

_EMPTY = fake_run(0, 0, n_unreported=0)[1]


def run_of(
    fleets: Mapping[str, str], *, unreported: Sequence[str] = (), account: pa.DataType | None = None
) -> RunTables:
    """Make a run: fleet -> its accounts, a letter or a word each, the surest first. Fleets are in order of rank."""
    kind = account or pa.string()
    members = [
        {
            "fleet_id": fleet,
            "account": pa.scalar(name, pa.string()).cast(kind).as_py(),
            "reported": fleet not in unreported,
            "bits": 1000.0 - place,
        }
        for fleet, names in fleets.items()
        for place, name in enumerate(names.split() if " " in names else names)
    ]
    rows = [{"fleet_id": fleet, "reported": fleet not in unreported} for fleet in fleets]
    return replace(
        _EMPTY,
        fleets=pa.Table.from_pylist(rows, columns.FLEETS),
        members=pa.Table.from_pylist(members, columns.members(kind)),
    )


def key_of(
    groups: Mapping[str, str], column: str = "fleet", kinds: Mapping[str, str] | None = None
) -> pa.Table:
    """Make an answer key: group -> its accounts, likewise; the kind is the group's own name unless given."""
    rows = [
        (name, group, (kinds or {}).get(group, group))
        for group, names in groups.items()
        for name in (names.split() if " " in names else names)
    ]
    return pa.table(
        {
            "account": pa.array([row[0] for row in rows], pa.string()),
            column: pa.array([row[1] for row in rows], pa.string()),
            "kind": pa.array([row[2] for row in rows], pa.string()),
        }
    )
