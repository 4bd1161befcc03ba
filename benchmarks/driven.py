"""How well driven events are told from an account's own life: ``python benchmarks/driven.py``.

    python benchmarks/driven.py [--seeds 3] [--accounts 8000] [--days 7]

A run that was stopped goes on where it was. Tables are printed, and written into benchmarks/results/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from attribution.cell import measure
from attribution.sections import sections
from harness.cells import Cell, Store, run_cells
from harness.machine import describe_machine
from harness.tables import wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import render, write_results

HERE = Path(__file__).parent
EVASIONS = (0, 1, 2, 3)


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    version = code_version([HERE / "attribution"], without=WITHOUT_INFLUENCE)
    store = Store.open(given.work / "cells.jsonl", version)
    cells = [
        Cell(
            "driven",
            {"log": log, "evasion": level, "seed": s, "accounts": given.accounts, "days": given.days},
        )
        for log, levels in (("full", EVASIONS), ("sparse", EVASIONS[-1:]))
        for s in range(given.seeds)
        for level in levels
    ]
    failed = [] if given.show else run_cells(cells, measure, store, jobs=1, say=_say)
    done = store.results(cells)
    machine = describe_machine()
    lead = wrapped(
        f"Fleets that were found and that no innocent cause explains, in simulated logs of {given.accounts:,} accounts "
        f"over {given.days} days, {given.seeds} seeds; code {version}. An event is driven if it serves an order or a "
        "console step; a rented account's own events, and what a fleet's account does as camouflage, are own life."
        + ("" if len(done) == len(cells) else f" NOT COMPLETE: {len(done)} of {len(cells)} cells are done.")
    )
    text = render("Which events were driven", lead, machine, [], sections(done))
    print(text)
    figures = {"cells": [{"settings": one.cell.settings} | one.result for one in done]}
    write_results(given.out, "driven", text, machine, [], figures)
    return 1 if failed else 0


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="driven.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="logs of each kind [3]")
    parser.add_argument("--accounts", type=int, default=8_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-driven"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--show", action="store_true", help="run nothing, show what is done")
    return parser.parse_args(words)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
