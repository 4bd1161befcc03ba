"""One made-up log: its candidates, what each layer says of them, and what they really are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from harness.cells import Cell
from samehand.config import Config
from samehand.engines.local import LocalEngine
from samehand.events.read import read_events
from samehand.fleets import facts
from samehand.fleets.find import find_candidates
from samehand.fleets.judge import judge
from samehand.fusion.gather import gather
from samehand.graph.choose import chosen, usable_scales
from samehand.layers import LAYERS
from samehand.simulation.platform import SimulationConfig, simulate


def measure(cell: Cell) -> dict[str, Any]:
    """List the candidates of one log; ``evasion`` None: a log without fleets."""
    own = cell.settings
    level = own["evasion"]
    kind = {"fleets": False} if level is None else {"evasion": level}
    world = simulate(SimulationConfig(accounts=own["accounts"], days=own["days"], seed=own["seed"], **kind))
    config = Config(surrogates=0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        pq.write_table(world.events, file)
        events = read_events(str(file))
        engine = LocalEngine.load(events.files, events.roles, added=events.added)
        clock = events.quality.clock_resolution_us
        looks = chosen(usable_scales(LAYERS, engine.roles, engine.size, clock)[0])
        found = find_candidates(engine, looks, min_accounts=config.min_accounts, seed=config.seed)
        judged = judge(engine, looks, found.candidates, found.interests, facts.survey(engine, clock))
        said = gather(engine, judged).said
        members = [engine.account_ids(one.candidate.accounts).to_pylist() for one in judged]
    in_fleets = set(world.truth["account"].to_pylist())
    return {
        "n_accounts": engine.size.n_accounts,
        "n_in_fleets": len(in_fleets),
        "candidates": [
            {
                "n_accounts": len(names),
                "n_in_fleets": sum(name in in_fleets for name in names),
                "weight": one.weight,
                "said": [[each.layer, each.family, each.bits, each.n_members] for each in some],
            }
            for one, some, names in zip(judged, said, members, strict=True)
        ],
    }
