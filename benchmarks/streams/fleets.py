"""What a watched log raises: leads that are false, new accounts that are told, and how long after they could be."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from harness.cells import Cell
from samehand.config import Config
from samehand.errors import SamehandError
from samehand.online.leads import Lead
from samehand.online.outputs import read_leads
from samehand.online.settings import SECOND_US, StreamSettings
from samehand.pipeline import detect
from samehand.simulation.platform import Simulation, SimulationConfig, simulate
from samehand.verbs import SIGN_UP, is_sign_up
from streams.replay import replay


def _watched(made: Simulation, tick_s: int, look_every_s: int = 86_400) -> tuple[int, list[Lead]]:
    """Watch a log; give how many looks were taken, and all leads that were told."""
    with tempfile.TemporaryDirectory() as folder:
        settings = StreamSettings(
            config=Config(surrogates=0), tick_us=tick_s * SECOND_US, look_every_us=look_every_s * SECOND_US
        )
        watching = replay(made.events, Path(folder), settings)
        return watching.analysis.n_looks, list(read_leads(Path(folder) / "state" / "leads.ndjson"))


def measure_registration(cell: Cell) -> dict[str, Any]:
    """Count accounts that signed up in the log: those of fleets, those of bulk registration, and those in leads.

    A lead counts when its behaviours name bulk registration. What it holds is right when it is of any fleet: fleets of
    other kinds sign up in bulk, too.
    """
    settings = dict(cell.settings)
    tick_s = settings.pop("tick_s")
    made = simulate(SimulationConfig(**settings))
    signed_up = {row["account"] for row in made.events.to_pylist() if is_sign_up(row["action"])}
    kinds = dict(zip(made.truth["account"].to_pylist(), made.truth["kind"].to_pylist(), strict=True))
    bulk = {account for account, kind in kinds.items() if kind == "bulk_registration"} & signed_up
    n_looks, leads = _watched(made, tick_s)
    last = {one.fleet_id: one for one in leads}
    ended = [one for one in last.values() if one.status in ("new", "changed")]
    counts = {
        "n_looks": n_looks,
        "signed_up": len(signed_up),
        "of_fleets": len(signed_up & kinds.keys()),
        "bulk": len(bulk),
    }
    for name, some in (("end", ended), ("ever", leads)):
        held = {account for one in some for account in one.accounts}
        told = {account for one in some if SIGN_UP in one.behaviours for account in one.accounts} & signed_up
        counts |= {
            f"told_{name}": len(told),
            f"right_{name}": len(told & kinds.keys()),
            f"found_{name}": len(told & bulk),
            f"held_{name}": len(held & bulk),
        }
    return counts


def measure_null(cell: Cell) -> dict[str, Any]:
    """Count the leads of a stream without fleets, the closing look left out: it spends a rate of its own."""
    settings = dict(cell.settings)
    tick_s, look_every_s = settings.pop("tick_s"), settings.pop("look_every_s")
    n_looks, leads = _watched(simulate(SimulationConfig(**settings, fleets=False)), tick_s, look_every_s)
    return {"n_looks": n_looks, "n_false": sum(one.status == "new" and one.look > 0 for one in leads)}


def measure_delay(cell: Cell) -> dict[str, Any]:
    """Measure event time from the decisive event of each fleet to its lead.

    The decisive event is the first event of a member after which a search would raise the fleet, by bisection over the
    members' events before the lead.
    """
    made = simulate(SimulationConfig(**cell.settings))
    n_looks, leads = _watched(made, 60)
    times = made.events["time"].cast(pa.int64()).to_numpy()
    delays = []
    for lead in leads:
        if lead.status == "new" and lead.look > 0:
            at = round(datetime.fromisoformat(lead.time).timestamp() * SECOND_US)
            delays.append((at - _decisive(made.events, times, lead, at)) / SECOND_US)
    return {"n_looks": n_looks, "delays_s": delays}


def _decisive(events: pa.Table, times: np.ndarray, lead: Lead, at_us: int) -> int:
    of_members = np.isin(events["account"].to_numpy(zero_copy_only=False), lead.accounts)
    mine = np.flatnonzero(of_members & (times < at_us))
    low, high = 0, len(mine) - 1
    while low < high:
        middle = (low + high) // 2
        if _found(events.slice(0, int(mine[middle]) + 1), lead):
            high = middle
        else:
            low = middle + 1
    return int(times[mine[low]])


def _found(events: pa.Table, lead: Lead) -> bool:
    """Tell whether a search of these events reports most of the lead's members, with the bits that its look asked."""
    try:
        run = detect(events, Config(surrogates=0))
    except SamehandError:  # too short a log
        return False
    strong = {
        r["fleet_id"] for r in run.fleets.to_pylist() if r["reported"] and r["score_bits"] >= lead.look_bits
    }
    members: dict[str, set[str]] = {}
    for row in run.members.to_pylist():
        members.setdefault(row["fleet_id"], set()).add(row["account"])
    return any(2 * len(members[name] & set(lead.accounts)) >= len(lead.accounts) for name in strong)
