"""The benchmark's limits and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from harness.limits import Limit
from harness.tables import table, wrapped
from harness.writing import Section
from speed.plan import SURROGATES

T = TypeVar("T")
Results = dict[str, dict[str, Any]]
"""Part -> its result, where it was run."""

PAIRS = (
    "Timed for samehand, with two threads where there are two cores: from the log in memory, coded "
    "and in order of time, to all pairs with two co-actions or more with their numbers of features "
    "and p-values: taking the traces, sorting them by feature, time and account, counting, "
    "collecting, testing, and sorting the pairs. Not timed: reading and coding the log. Timed for "
    "DuckDB, with as many threads: the query on a table of the same traces, whose features are whole "
    "numbers already, to pairs with their numbers of features (no p-values). In turns, in one "
    "process. 'As written' joins on the feature and |dt| <= 60 s; 'in buckets' also on buckets of "
    "time, the fastest of five formulations that were tried."
)
WHOLE = (
    "Wall, CPU (user and system) and peak resident memory of the command `samehand detect LOG "
    "--quiet`, all layers and scales, report included; kernels compiled before."
)
START = (
    "`samehand --help`: {help_median_s:.2f} s, median of {n} runs. The first detection on a machine "
    "(a small log, an empty cache of kernels) takes {first_s:.1f} s, {announced}; the second "
    "{second_s:.1f} s."
)
HOT_TIMES = 2.0
COLUMNS_TIMES = 4.0
RUNS_ACROSS = 4
"""Columns of a table that fits a screen."""


def limits(results: Results) -> list[Limit]:
    """All limits; those of parts that were not run are not measured."""
    pairs, start = results.get("pairs", {}), results.get("start", {})
    detect, surrogates, large = (results.get(name, {}) for name in ("detect", "surrogates", "large"))
    hot, columns = results.get("hot"), results.get("columns")
    times = pairs.get("median_s", {})
    ours = times.get("samehand")
    return [
        _most("samehand --help, s", start.get("help_median_s"), 0.5),
        Limit(
            name="first compilation is announced (1: yes)",
            value=None if not start else float(start["announced"] and not start["announced_again"]),
            limit=1,
            sense="at least",
        ),
        _most(
            "second run over the first: compiled once",
            _over(start.get("second_s"), start.get("first_s")),
            0.5,
        ),
        _most("pair stage over DuckDB, as written", _over(ours, times.get("DuckDB, as written")), 0.35),
        _most("pair stage over DuckDB, in buckets", _over(ours, times.get("DuckDB, in buckets")), 0.35),
        Limit(
            name="pair stage and DuckDB give the same pairs (1: yes)",
            value=None if not pairs else float(pairs["same_pairs"]),
            limit=1,
            sense="at least",
        ),
        _most("detect --surrogates 0: wall, s", detect.get("wall_s"), 60),
        _most("detect --surrogates 0: peak memory, GiB", detect.get("peak_gib"), 4),
        _most("all columns and layers: times the time of the core", _columns(columns), COLUMNS_TIMES),
        _most("the same: peak memory, GiB", columns and columns["all"]["peak_gib"], 6),
        _most(f"detect --surrogates {SURROGATES}: wall, min", _over(surrogates.get("wall_s"), 60), 10),
        _most("a hot target: times the wall time", _hot(hot, "wall_s"), HOT_TIMES),
        _most("a hot target: times the memory", _hot(hot, "peak_gib"), HOT_TIMES),
        _most("ten times the log: peak memory, GiB", large.get("peak_gib"), 16),
    ]


def _most(name: str, value: float | None, limit: float) -> Limit:
    return Limit(name=name, value=value, limit=limit, sense="at most")


def _over(part: float | None, whole: float | None) -> float | None:
    return None if part is None or whole is None else part / whole


def _hot(hot: dict[str, Any] | None, name: str) -> float | None:
    return None if hot is None else hot["with"][name] / hot["without"][name]


def _columns(columns: dict[str, Any] | None) -> float | None:
    return None if columns is None else columns["all"]["wall_s"] / columns["core"]["wall_s"]


def sections(results: Results) -> list[Section]:
    """Tables of the parts that were run."""
    shown = []
    if "start" in results:
        shown.append(_start(results["start"]))
    if "pairs" in results:
        shown.append(_pairs(results["pairs"]))
    runs = _whole_runs(results)
    if runs:
        shown += [_whole(runs), _stages(runs)]
    return shown


def _start(result: dict[str, Any]) -> Section:
    said = "and says that it compiles" if result["announced"] else "and says NOTHING of compiling"
    text = START.format(**(result | {"n": len(result["help_s"]), "announced": said}))
    return Section("Start-up", wrapped(text))


def _pairs(result: dict[str, Any]) -> Section:
    ours = result["median_s"]["samehand"]
    rows = [
        [
            name,
            f"{middle:.2f}",
            f"{ours / middle:.2f}",
            ", ".join(f"{s:.2f}" for s in result["seconds"][name]),
        ]
        for name, middle in result["median_s"].items()
    ]
    same = "the same pairs and counts" if result["same_pairs"] else "DIFFERENT PAIRS OR COUNTS"
    found = (
        f"{result['n_events']:,} events of {result['n_accounts']:,} accounts: {result['n_pairs']:,} pairs with "
        f"two common features or more within 60 s; all ways give {same}; {result['n_events_crowded']:,} events in "
        "moments too crowded to look at."
    )
    drawn = table(["way", "median s", "samehand over it", "runs, s"], rows, "<>><")
    return Section("Pair stage at 60 s, co_target", "\n\n".join([wrapped(PAIRS), wrapped(found), drawn]))


def _whole_runs(results: Results) -> dict[str, dict[str, Any]]:
    """Name -> each run of detect that was timed."""
    runs = {}
    if "detect" in results:
        runs["no surrogates"] = results["detect"]
    if "columns" in results:
        runs["core layers"] = results["columns"]["core"]
        runs["all columns"] = results["columns"]["all"]
    if "surrogates" in results:
        runs[f"{SURROGATES} surrogates"] = results["surrogates"]
    if "hot" in results:
        runs["hot: without"] = results["hot"]["without"]
        runs["hot: with"] = results["hot"]["with"]
    if "large" in results:
        runs["ten times"] = results["large"]
    return runs


def _whole(runs: dict[str, dict[str, Any]]) -> Section:
    rows = [
        [
            name,
            f"{run['n_events']:,}",
            f"{run['wall_s']:.1f}",
            f"{run['cpu_s']:.1f}",
            f"{run['peak_gib']:.2f}",
            run["n_candidates"],
            run["n_reported"],
        ]
        for name, run in runs.items()
    ]
    header = ["run", "events", "wall s", "CPU s", "peak GiB", "candidates", "reported"]
    bounded = [
        f"- {name}, bounded: {'; '.join(run['bounded'])}" for name, run in runs.items() if run["bounded"]
    ]
    blocks = [wrapped(WHOLE), table(header, rows), "\n".join(wrapped(line, "  ") for line in bounded)]
    return Section("Whole runs", "\n\n".join(block for block in blocks if block))


def _stages(runs: dict[str, dict[str, Any]]) -> Section:
    names = list(dict.fromkeys(stage for run in runs.values() for stage in run["stages_s"]))
    tables = [_stage_table(names, dict(some)) for some in batched(runs.items(), RUNS_ACROSS)]
    return Section("Stages of these runs, seconds", "\n\n".join(tables))


def _stage_table(names: list[str], runs: dict[str, dict[str, Any]]) -> str:
    rows = [[stage, *(f"{run['stages_s'].get(stage, 0):.1f}" for run in runs.values())] for stage in names]
    rest = [f"{run['wall_s'] - sum(run['stages_s'].values()):.1f}" for run in runs.values()]
    rows.append(["start, reading, report", *rest])
    return table(["stage", *runs], rows)


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Give the items by so many at a time (as itertools.batched does from Python 3.12 on)."""
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some
