"""One small simulated world for the tests of everything around detection, and what detection makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from samehand.config import Config
from samehand.pipeline import detect
from samehand.run import Run
from samehand.simulation.platform import Simulation, SimulationConfig, simulate

QUICK = Config(surrogates=20, seed=0)
"""With fewer surrogates no q-value can be small enough for a report."""


@cache
def world() -> Simulation:
    """Give 1,500 accounts over three days with one fleet of each kind."""
    return simulate(SimulationConfig(accounts=1_500, days=3, seed=5))


@cache
def quiet_world() -> Simulation:
    """Give a log without fleets or crowds."""
    return simulate(SimulationConfig(accounts=600, days=2, seed=6, fleets=False, crowds=False))


@cache
def found() -> Run:
    """Give what detection finds in the world."""
    return detect(world().events, QUICK)


@cache
def found_without_estimate() -> Run:
    """Give the same without surrogates."""
    return detect(world().events, Config(surrogates=0))


def tables_of(run: Run) -> dict[str, pa.Table]:
    """Give all tables of a run by name."""
    return {field.name: getattr(run.tables, field.name) for field in fields(run.tables)}


def differences(one: Run, other: Run, *ignored: str) -> dict[str, list[str]]:
    """Table -> columns that differ; empty where all are the same to the last bit."""
    result = {}
    for name, table in tables_of(one).items():
        twin = tables_of(other)[name]
        columns = [column for column in table.column_names if column not in ignored]
        differing = [column for column in columns if not table[column].equals(twin[column])]
        if differing or table.schema != twin.schema:
            result[name] = differing
    return result


def fleets_by_members(
    run: Run, names: Mapping[Any, Any] | None = None
) -> dict[frozenset[Any], dict[str, Any]]:
    """Members of each candidate -> its row; accounts are renamed by ``names``."""
    members: dict[str, set[Any]] = {}
    for row in run.members.to_pylist():
        members.setdefault(row["fleet_id"], set()).add(names[row["account"]] if names else row["account"])
    return {frozenset(members[row["fleet_id"]]): row for row in run.fleets.to_pylist()}


def reported(run: Run) -> set[frozenset[Any]]:
    """Members of each reported fleet."""
    return {members for members, row in fleets_by_members(run).items() if row["reported"]}


def renamed(events: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """Give accounts and targets other names; what ``names`` lacks keeps its own."""
    for role in ("account", "target"):
        values = [names.get(value, value) for value in events[role].to_pylist()]
        events = events.set_column(events.column_names.index(role), role, pa.array(values, pa.string()))
    return events


def moved(events: pa.Table, seconds: int) -> pa.Table:
    """Move all times by so much."""
    place = events.column_names.index("time")
    time = pc.add(events["time"].cast(pa.int64()), seconds * 1_000_000).cast(events["time"].type)
    return events.set_column(place, "time", time)
