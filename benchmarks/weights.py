"""Weights of the layers, learned from made-up logs and tried on others: ``python benchmarks/weights.py``.

    python benchmarks/weights.py [--train 1-7] [--test 8-13] [--accounts 8000] [--days 7] [--write]

A run that was stopped goes on where it was. Tables are printed, and written into benchmarks/results/. With --write the
weights are written into src/samehand/fusion/known.py; without it, those that are there are tried.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fusing.cell import measure
from fusing.figures import Judgement, count_levels, family_sets, judge_logs
from harness.cells import Cell, Store, run_cells
from harness.limits import Limit
from harness.machine import ROOT, describe_machine
from harness.tables import table, wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import Section, render, write_results

HERE = Path(__file__).parent
FUSION = ROOT / "src" / "samehand" / "fusion"
KNOWN = FUSION / "known.py"
LEVELS = (None, 0, 1, 2, 3, 4)
MOST_ERROR, LEAST_AUC = 0.03, 0.95


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    parts = {name: _cells(getattr(given, name), given.accounts, given.days) for name in ("train", "test")}
    # The weights are not in the version: to learn them must not make what they are learned from out of date.
    own = [HERE / "fusing", FUSION / "gather.py", FUSION / "shared.py"]
    version = code_version(own, without=(*WITHOUT_INFLUENCE, "fusion"))
    store = Store.open(given.work / "cells.jsonl", version)
    cells = parts["train"] if given.write else parts["test"]
    failed = run_cells(cells, measure, store, jobs=given.jobs, say=_say)
    logs = [one.result for one in store.results(cells)]
    if given.write:
        write_known(logs)
        print(f"written: {KNOWN}; run again without --write to try these weights")
        return 0
    report(cells, logs, store, given.out, version)
    return 1 if failed else 0


def write_known(logs: list[dict[str, Any]]) -> None:
    """Write what was counted as the module that detection reads."""
    head = KNOWN.read_text(encoding="utf-8").split("FLEETS: Final")[0]
    tables = []
    for name, counts in zip(("FLEETS", "OTHERS"), count_levels(logs), strict=True):
        rows = "".join(f'    "{family}": {row},\n' for family, row in counts.items())
        tables.append(f"{name}: Final[dict[str, tuple[int, ...]]] = {{\n{rows}}}\n")
    KNOWN.write_text(head + "".join(tables), encoding="utf-8")


def report(cells: list[Cell], logs: list[dict[str, Any]], store: Store, out: Path, version: str) -> None:
    """Print and write the tables."""
    by_level = [
        (level, [one.result for one in store.results([c for c in cells if c.settings["evasion"] == level])])
        for level in LEVELS
    ]
    whole, _ = judge_logs(logs)
    ablation = [(families, judge_logs(logs, families)) for families in family_sets()]
    at_two = [(families, judge_logs(dict(by_level)[2], families)[1]) for families in family_sets()]
    pairs = {" + ".join(f): float(np.mean(areas)) for f, areas in at_two if len(f) == 2 and areas}
    worst = min(pairs, key=lambda name: pairs[name])
    limits = [
        Limit(
            name="expected calibration error of the posterior",
            value=float(whole.calibration_error),
            limit=MOST_ERROR,
            sense="at most",
        ),
        Limit(
            name=f"account AUC, evasion 2, any two families (worst: {worst})",
            value=pairs[worst],
            limit=LEAST_AUC,
            sense="at least",
        ),
    ]
    machine = describe_machine()
    lead = wrapped(
        f"{len(whole.fleet)} candidates of {len(logs)} simulated logs that the weights were not learned from "
        f"(logs of other seeds were), whole detection without surrogates; code {version}. Where families "
        "are missing, candidates are those that a layer of the others sees, as they were grouped with all layers."
    )
    sections = [
        Section("Reliability", _reliability(whole)),
        Section("By evasion", _levels(by_level)),
        Section("When families are missing", _ablation(ablation, dict(at_two))),
    ]
    text = render("All layers together", lead, machine, limits, sections)
    print(text)
    write_results(
        out, "fusion", text, machine, limits, {"reliability": whole.reliability(), "auc_evasion_2": pairs}
    )


def _reliability(whole: Judgement) -> str:
    rows = [(name, n, f"{mean:.3f}", f"{share:.3f}") for name, n, mean, share in whole.reliability()]
    return table(["posterior", "candidates", "mean", "are fleets"], rows)


def _levels(by_level: list[tuple[int | None, list[dict[str, Any]]]]) -> str:
    rows = []
    for level, logs in by_level:
        if not logs:
            continue
        found, areas = judge_logs(logs)
        auc = f"{np.mean(areas):.3f}" if areas else "-"
        name = "no fleets" if level is None else str(level)
        rows.append(
            (name, len(logs), len(found.fleet), int(found.fleet.sum()), f"{found.calibration_error:.3f}", auc)
        )
    return table(["evasion", "logs", "candidates", "fleets", "calibration error", "account AUC"], rows)


def _ablation(
    ablation: list[tuple[tuple[str, ...], tuple[Judgement, list[float]]]],
    at_two: dict[tuple[str, ...], list[float]],
) -> str:
    rows = []
    for families, (found, areas) in ablation:
        fleets = found.posterior[found.fleet]
        mean = f"{fleets.mean():.3f}" if len(fleets) else "-"
        two = f"{np.mean(at_two[families]):.3f}" if at_two[families] else "-"
        rows.append((" + ".join(families), len(fleets), mean, f"{np.mean(areas):.3f}", two))
    header = ["families", "fleets seen", "their mean posterior", "account AUC", "at evasion 2"]
    return table(header, rows)


def _cells(seeds: range, accounts: int, days: int) -> list[Cell]:
    return [
        Cell("fusion", {"seed": seed, "evasion": level, "accounts": accounts, "days": days})
        for seed in seeds
        for level in LEVELS
    ]


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="weights.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=_range, default=range(1, 8), help="seeds to learn from [1-7]")
    parser.add_argument("--test", type=_range, default=range(8, 14), help="seeds to try on [8-13]")
    parser.add_argument("--accounts", type=int, default=8_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-weights"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args(words)


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
