"""How both engines grow with the log, on this machine: time, bytes that Spark moves, and how even its tasks are.

    python benchmarks/scale.py [--events 250000] [--out benchmarks/results]

Each engine works on 1, 2 and 4 times the events, a tenth of them on one target within an hour, from a file as it is
found to the pairs of co_target within 60 s; a process each.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from harness.machine import describe_machine
from harness.tables import table
from harness.writing import Section, render, write_results
from speed.logs import big_log

TIMES = (1, 2, 4)
WINDOW_US = 60_000_000
LOG_P = -9.0
STEPS = ("read", "load", "traces", "pairs")
HOT = 20_000
ROWS_A_TASK = 100_000


def measure(engine: str, log: Path, work: Path) -> dict[str, Any]:
    """Work on a log in one engine, in this process."""
    from samehand.layers import LAYERS

    layer = next(one for one in LAYERS if one.name == "co_target")
    spark = _session(work) if engine == "spark" else None
    marks = [perf_counter()]
    if spark is None:
        from samehand.engines.local import LocalEngine
        from samehand.events.read import read_events

        events = read_events(log)
        marks.append(perf_counter())
        loaded: Any = LocalEngine.load(events.files, events.roles, threads=2)
    else:
        from samehand.engines.spark.engine import SparkEngine
        from samehand.engines.spark.stages import Stages
        from samehand.events.spread.read import read_with_spark
        from samehand.events.spread.sources import SparkSource

        events = read_with_spark(spark, SparkSource(files=(log,)))
        marks.append(perf_counter())
        stages = Stages(spark, str(work / "stages"), ROWS_A_TASK, HOT)
        loaded = SparkEngine.load(stages, events.files, events.roles)
    marks.append(perf_counter())
    loaded.n_accounts_in(layer)
    marks.append(perf_counter())
    pairs = loaded.candidate_pairs(layer, WINDOW_US, LOG_P)
    marks.append(perf_counter())
    steps = dict(zip(STEPS, (b - a for a, b in itertools.pairwise(marks)), strict=True))
    found = {"n_events": loaded.size.n_events, "n_pairs": len(pairs), "steps": steps}
    if spark is not None:
        spark.stop()
        found |= _moved(next((work / "told").iterdir()))
    return found


def _session(work: Path) -> Any:
    from samehand.engines.spark.session import connect

    (work / "told").mkdir()
    told = {
        "enabled": "true",
        "dir": f"file:{work / 'told'}",
        "rolling.enabled": "false",
        "compress": "false",
    }
    more = {f"spark.eventLog.{name}": value for name, value in told.items()}
    return connect("local[2]", memory_gib=6, more=more)


def _moved(told: Path) -> dict[str, Any]:
    """Bytes that were shuffled, seconds of all tasks, and the times of those of the stage that took longest."""
    moved, busy = 0, 0.0
    by_stage: dict[int, list[float]] = {}
    for line in told.open():
        said = json.loads(line)
        if said["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in said:
            metrics = said["Task Metrics"]
            moved += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            busy += metrics["Executor Run Time"] / 1000
            by_stage.setdefault(said["Stage ID"], []).append(metrics["Executor Run Time"] / 1000)
    several = [times for times in by_stage.values() if len(times) > 2]
    longest = max(several, key=sum, default=[0.0])
    return {
        "bytes": moved,
        "busy": busy,
        "n_tasks": len(longest),
        "slowest": max(longest),
        "median": median(longest),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=250_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "samehand-bench")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "LOG"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(given.one[0], Path(given.one[1]), Path(folder))))
        return
    found = {}
    for times in TIMES:
        n = given.events * times
        log = big_log(given.work, n, n // 10, n // 10)
        for engine in ("local", "spark"):
            command = [sys.executable, __file__, "--one", engine, str(log)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found[engine, times] = json.loads(told.splitlines()[-1])
            print(engine, times, found[engine, times], flush=True)
    _write(given.out, found)


def _write(out: Path, found: dict[tuple[str, int], dict[str, Any]]) -> None:
    rows = [
        [engine, f"{one['n_events']:,}", *(f"{one['steps'][step]:.1f}" for step in STEPS),
         f"{one['n_pairs']:,}"]
        for (engine, _), one in sorted(found.items())
    ]  # fmt: skip
    tasks = [
        [f"{one['n_events']:,}", f"{one['bytes'] / one['n_events']:,.0f}",
         f"{one['busy'] / one['n_events'] * 1e6:,.0f}", one["n_tasks"], f"{one['median']:.1f}", f"{one['slowest']:.1f}"]
        for (engine, _), one in sorted(found.items()) if engine == "spark"
    ]  # fmt: skip
    sections = [
        Section("Seconds", table(["engine", "events", *STEPS, "pairs found"], rows)),
        Section(
            "What Spark moves, and its longest stage",
            table(
                ["events", "shuffled bytes an event", "core µs an event", "tasks", "median s", "slowest s"],
                tasks,
            ),
        ),
    ]
    lead = (
        "Logs of big_log.py, a tenth of the events on one target within an hour; from the file to the pairs\n"
        f"of co_target within 60 s. Spark: local[2], {ROWS_A_TASK:,} rows a task, features cut from {HOT:,} events on."
    )
    machine = describe_machine()
    figures = {f"{engine}-{times}": one for (engine, times), one in found.items()}
    write_results(out, "scale", render("Two engines", lead, machine, [], sections), machine, [], figures)


if __name__ == "__main__":
    main()
