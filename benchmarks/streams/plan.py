"""Which parts the benchmark of streams has, and their cells. START HERE."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final

from harness.cells import Cell
from streams.door import measure_door
from streams.fleets import measure_delay, measure_null, measure_registration
from streams.ingest import measure_ingest

PARTS: Final[dict[str, Callable[[Cell], dict[str, Any]]]] = {
    "ingest": measure_ingest,
    "door": measure_door,
    "registration": measure_registration,
    "delay": measure_delay,
    "null": measure_null,
}
HELD_OUT: Final = 101
"""First seed of logs on which no rule was chosen: those that rules were tried on have seeds below."""


def cells(part: str, given: argparse.Namespace) -> list[Cell]:
    """Give the cells of a part."""
    log = {"accounts": given.accounts, "days": given.days}
    seeds = [HELD_OUT + n for n in range(given.seeds)]
    match part:
        case "ingest":
            size = {"accounts": given.active, "events": given.events, "seconds": given.seconds_of_log}
            return [Cell(part, {**size, "rate": 50_000})]
        case "door":
            return [Cell(part, {"rate": given.rate, "seconds": given.seconds})]
        case "registration":
            return [
                Cell(part, {**log, "evasion": level, "seed": seed, "tick_s": 14_400})
                for level in (0, 1, 2)
                for seed in seeds
            ]
        case "delay":
            return [Cell(part, {**log, "evasion": level, "seed": seed}) for level in (0, 1) for seed in seeds]
        case _:
            every = {"tick_s": 600, "look_every_s": 7_200}
            return [
                Cell(part, {**log, "crowds": crowds, "seed": seed, **every})
                for crowds in (True, False)
                for seed in seeds
            ]


def work(cell: Cell) -> dict[str, Any]:
    """Run a cell."""
    return PARTS[cell.part](cell)
