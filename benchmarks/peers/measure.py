"""One method on one world: what it reports, held against what is true."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import samehand as sh
from exam.found import count_answers
from harness.cells import Cell
from peers.log import Group, one_group_each, read_log
from peers.plan import PEERS, SAMEHAND, SPARSE
from samehand.run_folder import RunTables
from samehand.simulation.platform import Simulation, SimulationConfig, simulate

LEAST = sh.Config().min_accounts
"""The smallest group that counts, of peers as of samehand."""
SPARSE_ROLES = ("event_id", "time", "account", "action", "target")
FDR = 0.05


@lru_cache(maxsize=1)
def _world(accounts: int, days: int, evasion: int | None, seed: int) -> Simulation:
    return simulate(
        SimulationConfig(
            accounts=accounts, days=days, evasion=evasion or 0, seed=seed, fleets=evasion is not None
        )
    )


@dataclass(frozen=True)
class Worker:
    """Runs a cell; cells of one world that follow each other share it."""

    def __call__(self, cell: Cell) -> dict[str, Any]:
        """Run a method on a world and count what it found."""
        told = cell.settings
        world = _world(told["accounts"], told["days"], told["evasion"], told["seed"])
        n_accounts = len(pc.unique(world.events["account"]))
        if told["peer"] in (SAMEHAND, SPARSE):
            events = world.events if told["peer"] == SAMEHAND else world.events.select(list(SPARSE_ROLES))
            _compile()
            begun = perf_counter()
            tables = sh.detect(events, sh.Config(fdr=FDR, surrogates=0)).tables
        else:
            peer = PEERS[told["peer"]]
            begun = perf_counter()
            groups = peer.find(read_log(world.events), peer.settings(**told["settings"]))
            tables = as_tables(one_group_each(groups, LEAST))
        seconds = perf_counter() - begun
        counted = count_answers(tables, n_accounts, world.truth, world.crowds)
        return {"seconds": round(seconds, 2), "n_events": world.events.num_rows} | counted


@cache
def _compile() -> None:
    """Run once on a small log, so that the time of compiling falls into no cell."""
    small = simulate(SimulationConfig(accounts=600, days=2, evasion=1))
    sh.detect(small.events, sh.Config(surrogates=0))


def as_tables(groups: Sequence[Group]) -> RunTables:
    """Give a peer's groups as the fleets and members of a run, all reported; the other tables are empty."""
    names = [f"G{number:04d}" for number in range(1, len(groups) + 1)]
    rows = [(name, account) for name, group in zip(names, groups, strict=True) for account in group.accounts]
    members = pa.table(
        {
            "fleet_id": pa.array([name for name, _ in rows], pa.string()),
            "account": pa.array([account for _, account in rows], pa.string()),
            "reported": pa.array([True] * len(rows), pa.bool_()),
            "bits": pa.array([0.0] * len(rows), pa.float64()),
        }
    )
    empty: dict[str, pa.Table] = {field.name: pa.table({}) for field in dataclasses.fields(RunTables)}
    fleets = pa.table({"fleet_id": pa.array(names, pa.string())})
    return RunTables(**(empty | {"fleets": fleets, "members": members}))
