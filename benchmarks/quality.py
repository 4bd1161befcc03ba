"""How good detection is, against the limits: ``make quality``.

    python benchmarks/quality.py [--seeds 20] [--only calibration,fleets] [--jobs 2]

A run that was stopped goes on where it was. Tables are printed, and written into benchmarks/results/. The exit code is
0 when all limits that were measured are kept, 1 when one is missed or a cell failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from exam import figures, real_logs
from exam.german import german_document
from exam.plan import PARTS, Plan, Worker
from exam.sections import SECTIONS
from harness.cells import Cell, Done, Store, run_cells
from harness.limits import Limit
from harness.machine import describe_machine
from harness.tables import wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import Section, render, write_results

HERE = Path(__file__).parent
LIMITS = {
    "calibration": figures.calibration_limits,
    "fleets": figures.fleet_limits,
    "real": figures.real_limits,
}


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    plan = Plan(
        seeds=given.seeds,
        heldout_seeds=given.heldout_seeds,
        accounts=given.accounts,
        days=given.days,
        surrogates=given.surrogates,
    )
    store = Store.open(given.work / "cells.jsonl", _version())
    parts = [part for part in PARTS if part in given.only]
    if "real" in parts and not real_logs.available():
        print(f"real: skipped, the logs are not in {real_logs.DATA}")
        parts.remove("real")
    failed: list[Cell] = []
    if not given.show:
        threads = max(1, (os.cpu_count() or 1) // given.jobs)
        failed = run_cells(plan.in_order(parts), Worker(threads), store, jobs=given.jobs, say=_say)
    limits = report(plan, store, given.out)
    if _version() != store.version:
        print(f"CAUTION: the code was changed during this run; these are figures of {store.version} at best")
    for cell in failed:
        print(f"failed: {cell.title}")
    return 1 if failed or any(limit.passed is False for limit in limits) else 0


def _version() -> str:
    return code_version([HERE / "exam", HERE / "heldout"], without=WITHOUT_INFLUENCE)


def report(plan: Plan, store: Store, out: Path) -> list[Limit]:
    """Print and write what is known: of all parts, also of those that were run before."""
    machine = describe_machine()
    limits: list[Limit] = []
    sections: list[Section] = []
    missing = []
    everything: list[Done] = []
    for part in PARTS:
        cells = plan.cells(part)
        done = store.results(cells)
        everything += done
        if part in LIMITS:
            limits += LIMITS[part](done)
        if done:
            sections.append(SECTIONS[part](done))
        if len(done) < len(cells):
            missing.append(f"{part} {len(done)} of {len(cells)}")
    lead = wrapped(
        f"The whole pipeline at --fdr 0.05 with {plan.surrogates} surrogates; simulated logs of "
        f"{plan.accounts:,} accounts over {plan.days} days, {plan.seeds} seeds (held-out worlds: "
        f"{plan.heldout_seeds}). Code {store.version}. "
        + (f"NOT COMPLETE, cells done: {', '.join(missing)}." if missing else "All cells are done.")
    )
    text = render("Quality of detection", lead, machine, limits, sections)
    print(text)
    write_results(out, "quality", text, machine, limits, {"plan": vars(plan), "cells": _brief(everything)})
    _write_german(
        everything, out, f"{machine.to_text()}\nRun with {plan.surrogates} surrogates at --fdr 0.05."
    )
    print(f"written: {out / 'quality.md'}, {out / 'quality.json'}")
    return limits


def _brief(done: list[Done]) -> list[dict[str, Any]]:
    """Cells without the long descriptions."""
    long = ("reported", "false_fleets", "n_in_crowds", "n_in_no_crowd")
    return [
        {"part": one.cell.part, "settings": one.cell.settings, "seconds": round(one.seconds, 1)}
        | {name: value for name, value in one.result.items() if name not in long}
        for one in done
    ]


def _write_german(done: list[Done], out: Path, lead: str) -> None:
    for result in figures.at(done, log="german elections"):
        text = german_document(result["fleets"], result["n_candidates"], lead)
        (out / "german_elections.md").write_text(text, encoding="utf-8")


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="quality.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, help="logs of each kind [20]")
    parser.add_argument("--heldout-seeds", type=int, default=3, help="worlds of each held-out kind [3]")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--surrogates", type=int, default=20)
    parser.add_argument("--only", type=_parts, default=list(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cells at a time [cores]")
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-quality"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--show", action="store_true", help="run nothing, show what is done")
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
