"""What there is to find: planted fleets handed over to the scoring, as if they had been found.

    python benchmarks/handed_over.py [--seeds 3] [--accounts 10000] [--days 14]

A fleet that is not told from chance and innocent causes with its true members at hand is hidden from any search that
goes by the same evidence; one that is, and is not found, is lost on the way. A run that was stopped goes on where it
was. Tables are printed, and written into benchmarks/results/.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from harness.cells import Cell, Done, Store, run_cells
from harness.machine import describe_machine
from harness.tables import percent, table, wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import Section, render, write_results
from samehand.arrays import I32
from samehand.config import Config
from samehand.events.for_engine import read_for
from samehand.fleets.judge import CLEARED, judge_each
from samehand.fleets.score import score
from samehand.pipeline import Clock, Searched, search
from samehand.simulation.platform import SimulationConfig, simulate

HERE = Path(__file__).parent
EVASIONS = (2, 3, 4)


def measure(cell: Cell) -> dict[str, Any]:
    """Draw a log, search it, and score its true fleets besides."""
    world = simulate(SimulationConfig(**cell.settings))
    config = Config(surrogates=0, threads=1)
    searched = search(read_for(config, world.events), config, Clock(None))
    fleets: dict[str, list[Any]] = defaultdict(list)
    kind_of = {}
    for row in world.truth.to_pylist():
        fleets[row["fleet"]].append(row["account"])
        kind_of[row["fleet"]] = row["kind"]
    groups = [_codes(searched, accounts) for accounts in fleets.values()]
    everybody = np.unique(np.concatenate(groups)).astype(np.int32)
    handed = score(
        searched.engine, searched.looks, groups, [everybody] * len(groups), searched.found.interests
    )
    judged = judge_each(searched.engine, handed, searched.found.interests, searched.setting)
    suspected = [one.candidate.accounts for one in searched.judged if one.weight <= CLEARED]
    found = np.unique(np.concatenate([np.empty(0, np.int32), *suspected]))
    return {
        "fleets": [
            {
                "kind": kind_of[name],
                "size": len(group),
                "n_found": int(np.isin(group, found).sum()),
                "score_bits": one.candidate.score_bits,
                "lag_bits": one.candidate.lag_bits,
                "layer": one.candidate.layer.name,
                "innocent": one.explanations[0].name,
                "innocent_weight": one.weight,
            }
            for name, group, one in zip(fleets, groups, judged, strict=True)
        ]
    }


def _codes(searched: Searched, accounts: list[Any]) -> I32:
    codes = searched.engine.account_codes(pa.array(accounts))
    return np.sort(codes[codes >= 0]).astype(np.int32)


def sections(done: list[Done]) -> list[Section]:
    """A table of all kinds together, and one by kind."""
    head = (
        "evasion",
        "kind",
        "fleets",
        "members",
        "no evidence, %",
        "explained, %",
        "could be told, %",
        "found, %",
    )
    by_kind: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for one in done:
        for fleet in one.result["fleets"]:
            for kind in ("all", fleet["kind"]):
                by_kind[one.cell.settings["evasion"], kind].append(fleet)
    rows = [[evasion, kind, *_shares(some)] for (evasion, kind), some in sorted(by_kind.items())]
    text = wrapped(
        "Members of fleets whose true accounts, taken together, have no evidence after paying for the choice of them; "
        "whose evidence an innocent cause explains; and the others, which could be told. Found: members in groups that "
        "the search found and no innocent cause explains, before surrogates decide."
    )
    return [Section("Members by what there is of them", text + "\n\n" + table(head, rows, "><" + ">" * 6))]


def _shares(fleets: list[dict[str, Any]]) -> list[object]:
    size = sum(one["size"] for one in fleets)
    none = sum(one["size"] for one in fleets if one["score_bits"] <= 0)
    explained = sum(
        one["size"] for one in fleets if one["score_bits"] > 0 and one["innocent_weight"] > CLEARED
    )
    found = sum(one["n_found"] for one in fleets)
    shares = (none, explained, size - none - explained, found)
    return [len(fleets), size, *(percent(share / size) for share in shares)]


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    version = code_version([Path(__file__)], without=WITHOUT_INFLUENCE)
    store = Store.open(given.work / "cells.jsonl", version)
    cells = [
        Cell("handed", {"evasion": level, "seed": seed, "accounts": given.accounts, "days": given.days})
        for seed in range(given.seeds)
        for level in EVASIONS
    ]
    failed = [] if given.show else run_cells(cells, measure, store, jobs=1, say=_say)
    done = store.results(cells)
    machine = describe_machine()
    lead = wrapped(
        f"Simulated logs of {given.accounts:,} accounts over {given.days} days, {given.seeds} seeds; code {version}."
        + ("" if len(done) == len(cells) else f" NOT COMPLETE: {len(done)} of {len(cells)} cells are done.")
    )
    text = render("What there is to find", lead, machine, [], sections(done))
    print(text)
    figures = {"cells": [{"settings": one.cell.settings} | one.result for one in done]}
    write_results(given.out, "handed_over", text, machine, [], figures)
    return 1 if failed else 0


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="handed_over.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="logs at each evasion level [3]")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-handed-over"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--show", action="store_true", help="run nothing, show what is done")
    return parser.parse_args(words)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
