"""Logs with planted fleets: the project's own simulator, and worlds by independent code."""

from __future__ import annotations

from typing import Any

import samehand as sh
from exam.found import count_found
from heldout import make_world
from samehand.simulation.platform import SimulationConfig, simulate


def measure_own(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """Run the pipeline on one log of the project's simulator."""
    world = simulate(
        SimulationConfig(
            accounts=settings["accounts"],
            days=settings["days"],
            evasion=settings["evasion"],
            seed=settings["seed"],
        )
    )
    return count_found(sh.detect(world.events, config), world.truth, world.crowds)


SPARSE_ROLES = ("event_id", "time", "account", "action", "target")
"""What a log tells that somebody scraped: no addresses, devices, outcomes or texts."""


def measure_sparse(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """The same on a log that tells little; evasion None: a log without fleets."""
    evasion = settings["evasion"]
    world = simulate(
        SimulationConfig(
            accounts=settings["accounts"],
            days=settings["days"],
            evasion=evasion or 0,
            seed=settings["seed"],
            fleets=evasion is not None,
        )
    )
    events = world.events.select(list(SPARSE_ROLES))
    return count_found(sh.detect(events, config), world.truth, world.crowds)


def measure_heldout(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """Run the pipeline on one held-out world; evasion None: a world without fleets."""
    evasion = settings["evasion"]
    world = make_world(
        settings["style"],
        evasion=evasion or 0,
        fleets=evasion is not None,
        seed=settings["seed"],
        accounts=settings["accounts"],
    )
    events = sh.read_events(world.events, world.mapping, timezone=world.timezone, threads=config.threads)
    with events:
        return count_found(sh.detect(events, config), world.truth, world.crowds)
