"""One log: what is said of each event of the fleets that were found, against what the simulator knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from harness.cells import Cell
from samehand.config import Config
from samehand.engines.local import LocalEngine
from samehand.events.read import read_events
from samehand.fleets import facts
from samehand.fleets.driven import Driven, attribute_events
from samehand.fleets.evidence import joint_marks
from samehand.fleets.find import find_candidates
from samehand.fleets.judge import CLEARED, Judged, judge
from samehand.graph.choose import chosen, usable_scales
from samehand.pipeline import wanted_layers
from samehand.simulation import rows as r
from samehand.simulation.encode import account_names, event_table, fleet_event_ids
from samehand.simulation.platform import Drawn, SimulationConfig, draw

N_BINS = 10
OWN, DRIVEN, NEITHER = 0, 1, 2
"""What the simulator knows of an event. A sign-up of a fleet's account is neither: no order asked for it."""


def measure(cell: Cell) -> dict[str, Any]:
    """Draw a log, find its fleets, attribute their events, and count by whether the accounts are rented."""
    settings = dict(cell.settings)
    sparse = settings.pop("log") == "sparse"
    config = SimulationConfig(**settings)
    drawn = draw(config)
    table = event_table(
        drawn.platform, drawn.ordinary, drawn.fleet_rows, round(config.start.timestamp()) * 1_000_000
    )
    if sparse:
        table = table.select(["event_id", "time", "account", "action", "target"])
    truth, kind_of = _truth(drawn, config.seed)
    found = {"rented": _nothing(), "others": _nothing()}
    for judged, driven in _attributed(table):
        members = pa.compute.unique(judged.events["account"]).to_pylist()
        kinds = [kind_of.get(account) for account in members]
        if 2 * sum(kind is not None for kind in kinds) <= len(kinds):
            continue
        which = "rented" if 2 * kinds.count("rented") > len(kinds) else "others"
        _count(found[which], judged, driven, truth)
    return found


def _attributed(table: pa.Table) -> list[tuple[Judged, Driven]]:
    """Run the pipeline without surrogates, up to the events of each group that no innocent cause explains."""
    with read_events(table) as events:
        engine = LocalEngine.load(events.files, events.roles, threads=1)
        clock_us = events.quality.clock_resolution_us
        looks = chosen(usable_scales(wanted_layers(Config()), engine.roles, engine.size, clock_us)[0])
        found = find_candidates(engine, looks, min_accounts=Config().min_accounts, seed=0)
        setting = facts.survey(engine, clock_us)
        judged = judge(engine, looks, found.candidates, found.interests, setting)
        suspected = [one for one in judged if one.weight <= CLEARED]
        driven = attribute_events(engine, looks, suspected, found.interests, setting)
        return list(zip(suspected, driven, strict=True))


def _truth(drawn: Drawn, seed: int) -> tuple[dict[str, int], dict[str, str]]:
    """Event of a fleet -> what it is; account -> kind of its fleet."""
    rows = drawn.fleet_rows
    what = np.where(rows.order != r.NONE, DRIVEN, np.where(rows.action == r.REGISTER, NEITHER, OWN))
    truth = dict(zip(fleet_event_ids(seed, len(rows)).to_pylist(), what.tolist(), strict=True))
    kind_of = {
        name: fleet.kind for fleet in drawn.fleets for name in account_names(seed, fleet.members).to_pylist()
    }
    return truth, kind_of


def _nothing() -> dict[str, Any]:
    names = (
        "n_fleets",
        "n_members",
        "n_part_time",
        "driven",
        "own",
        "joint_hits",
        "joint_false",
        "hits",
        "false",
    )
    return dict.fromkeys(names, 0) | {"bins": [[0, 0.0, 0] for _ in range(N_BINS)]}


def _count(into: dict[str, Any], judged: Judged, driven: Driven, truth: dict[str, int]) -> None:
    what = np.array([truth.get(event, OWN) for event in judged.events["event_id"].to_pylist()])
    known = what != NEITHER
    is_driven, p = what[known] == DRIVEN, driven.events.p_driven[known]
    joint, marked = joint_marks(judged)[known] > 0, driven.marks[known]
    into["n_fleets"] += 1
    into["n_members"] += len(driven.n_driven)
    into["n_part_time"] += 0 if driven.part_time is None else int(driven.part_time.sum())
    into["driven"] += int(is_driven.sum())
    into["own"] += int((~is_driven).sum())
    into["joint_hits"] += int((joint & is_driven).sum())
    into["joint_false"] += int((joint & ~is_driven).sum())
    into["hits"] += int((marked & is_driven).sum())
    into["false"] += int((marked & ~is_driven).sum())
    which = np.minimum((p * N_BINS).astype(int), N_BINS - 1)
    for number, one in enumerate(into["bins"]):
        inside = which == number
        one[0] += int(inside.sum())
        one[1] += float(p[inside].sum())
        one[2] += int(is_driven[inside].sum())
