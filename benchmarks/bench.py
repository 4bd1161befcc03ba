"""How fast samehand is, against the limits: ``make bench``.

    python benchmarks/bench.py [--only start,pairs] [--large]

The parts that are asked for are measured, also when they were before; the report holds all parts that were measured
with this code. Tables are printed, and written into benchmarks/results/. The exit code is 0 when all limits that were
measured are kept, 1 when one is missed or a part failed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness.cells import Store, run_cells
from harness.limits import Limit
from harness.machine import describe_machine
from harness.tables import wrapped
from harness.version import code_version
from harness.writing import render, write_results
from speed.plan import PARTS, Plan, Worker
from speed.sections import limits, sections

HERE = Path(__file__).parent


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    plan = Plan(events=given.events, accounts=given.accounts, runs=given.runs)
    store = Store.open(given.work / "cells.jsonl", code_version([HERE / "speed", HERE / "big_log.py"]))
    wanted = given.only or [part for part in PARTS if part != "large"]
    if given.large and "large" not in wanted:
        wanted.append("large")
    cells = [plan.cell(part) for part in wanted]
    for cell in cells:
        store.done.pop(cell.key, None)
    failed = run_cells(cells, Worker(given.work), store, jobs=1, say=_say)
    judged = report(plan, store, given.out)
    for cell in failed:
        print(f"failed: {cell.title}")
    return 1 if failed or any(limit.passed is False for limit in judged) else 0


def report(plan: Plan, store: Store, out: Path) -> list[Limit]:
    """Print and write what is known."""
    machine = describe_machine()
    results = {done.cell.part: done.result for done in store.results([plan.cell(part) for part in PARTS])}
    judged = limits(results)
    lead = wrapped(
        f"Logs of big_log.py: {plan.events:,} events of {plan.accounts:,} accounts over 14 days; code {store.version}. "
        f"Measured: {', '.join(results) or 'nothing'}. Whatever else ran on the machine at the time slows both sides "
        "of a ratio and lengthens the times."
    )
    text = render("Speed", lead, machine, judged, sections(results))
    print(text)
    write_results(out, "speed", text, machine, judged, results)
    print(f"written: {out / 'speed.md'}, {out / 'speed.json'}")
    return judged


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_parts, help=f"of {','.join(PARTS)}")
    parser.add_argument(
        "--large", action="store_true", help="also a log of ten times the size: long, and up to 16 GiB"
    )
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each way to find pairs [3]")
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-bench"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args(words)


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PARTS)}")
    return names


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
