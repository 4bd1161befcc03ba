"""samehand and four known detectors on the same logs: ``make peers``.

    python benchmarks/side_by_side.py [--seeds 3] [--accounts 20000] [--days 14] [--out benchmarks/results]

First settings are searched for the peers, on worlds of a seed of their own; then everything is measured, one cell after
the other. A run that was stopped goes on where it was. Tables are printed, and written into benchmarks/results/ as
peers.md and peers.json. The exit code is 1 when a cell failed, and 0 else, whoever wins.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from harness.cells import Cell, Done, Store, run_cells
from harness.machine import describe_machine
from harness.tables import wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import render, write_results
from peers import sections
from peers.measure import FDR, LEAST, Worker
from peers.plan import PEERS, TUNED_ON, TUNING_SEED, Plan, choose, tuning

HERE = Path(__file__).parent
LEAD = (
    "samehand at --fdr {fdr} --surrogates 0 (so no false-discovery rate is estimated, and candidates are reported by "
    "innocent explanations alone), and re-implementations of four known detectors (benchmarks/peers/), on the same "
    "simulated logs of {accounts:,} accounts over {days} days: seeds 0 to {last} at each level of evasion, and as many "
    "logs without fleets. The simulator is the project's own, and samehand was built on worlds of it: the peers were "
    "not. The peers see time, account, action and target; samehand sees all columns, and, in the second row, those "
    "four. Of all methods groups of fewer than {least} accounts are left out, and each account counts in one group. "
    "Each peer runs with its defaults, and with the settings of a small grid that have the best mean F1 on worlds of "
    "seed {tuning} at evasion {levels}, of the same size. Code {version}. {missing}"
)


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    plan = Plan(seeds=given.seeds, accounts=given.accounts, days=given.days)
    store = Store.open(given.work / "cells.jsonl", _version())
    failed: list[Cell] = []
    if not given.show:
        failed += run_cells(plan.tuning_cells(), Worker(), store, jobs=1, say=_say)
        chosen = choose(store.results(plan.tuning_cells()))
        failed += run_cells(plan.cells(chosen), Worker(), store, jobs=1, say=_say)
    report(plan, store, given.out)
    for cell in failed:
        print(f"failed: {cell.title}")
    return 1 if failed else 0


def _version() -> str:
    # The network of CooRTweet is counted by compat, which decides nothing else.
    without = tuple(part for part in WITHOUT_INFLUENCE if part != "compat")
    deciding = [file for file in (HERE / "peers").glob("*.py") if file.name != "sections.py"]
    return code_version([*deciding, HERE / "exam" / "found.py"], without=without)


def report(plan: Plan, store: Store, out: Path) -> None:
    """Print and write what is known."""
    machine = describe_machine()
    tuned = store.results(plan.tuning_cells())
    chosen = choose(tuned)
    cells = plan.cells(chosen)
    done = store.results(cells)
    lead = LEAD.format(
        fdr=FDR,
        accounts=plan.accounts,
        days=plan.days,
        last=plan.seeds - 1,
        least=LEAST,
        tuning=TUNING_SEED,
        levels=", ".join(map(str, TUNED_ON)),
        version=store.version,
        missing="All cells are done."
        if len(done) == len(cells)
        else f"NOT COMPLETE: {len(done)} of {len(cells)}.",
    )
    defaults = {name: peer.settings() for name, peer in PEERS.items()}
    shown = [sections.settings(tuned, chosen, defaults)]
    if done:
        shown = [
            *sections.worlds(done),
            sections.wins(done),
            sections.kinds(done),
            sections.causes(done),
            *shown,
        ]
    size = f"--seeds {plan.seeds} --accounts {plan.accounts} --days {plan.days}"
    command = f"    python benchmarks/side_by_side.py {size}"
    text = render("Side by side", f"{command}\n\n{wrapped(lead)}", machine, [], shown)
    print(text)
    write_results(
        out, "peers", text, machine, [], {"plan": vars(plan), "tuning": _tried(tuned), "cells": _brief(done)}
    )
    print(f"written: {out / 'peers.md'}, {out / 'peers.json'}")


def _brief(done: list[Done]) -> list[dict[str, Any]]:
    """Cells without the sizes of crowds, which are the same for all methods."""
    long = ("n_in_crowds", "n_in_no_crowd")
    return [
        one.cell.settings | {name: value for name, value in one.result.items() if name not in long}
        for one in done
    ]


def _tried(tuned: list[Done]) -> list[dict[str, Any]]:
    """All settings of the grids, with what decides between them."""
    return [
        {"peer": name, "settings": values, "mean_f1": round(score, 4)}
        for name, scored in tuning(tuned).items()
        for score, values in scored
    ]


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="side_by_side.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="logs at each level of evasion [3]")
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-peers"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--show", action="store_true", help="run nothing, show what is done")
    return parser.parse_args(words)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
