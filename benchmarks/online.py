"""Measure watching a stream: ingest, the door, registration, delay, false leads. START HERE.

    python benchmarks/online.py ingest                       1,000,000 active accounts; about 3 minutes
    python benchmarks/online.py door --rate 1000 --seconds 20    about 2 minutes
    python benchmarks/online.py registration --seeds 3       leads of bulk registration, evasion 0 to 2
    python benchmarks/online.py delay --seeds 3 --accounts 500 --days 1
    python benchmarks/online.py null --seeds 10 --accounts 500 --days 1
    python benchmarks/online.py --show                       run nothing, show what is done

Everything stays on this machine: the door is asked on 127.0.0.1 only, for as long as is said. A run that was stopped
goes on where it was. Tables are printed, and written into benchmarks/results/ with all parts that were measured with
this code.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from harness.cells import Store, run_cells
from harness.limits import Limit
from harness.machine import describe_machine
from harness.tables import wrapped
from harness.version import WITHOUT_INFLUENCE, code_version
from harness.writing import render, write_results
from streams.plan import PARTS, cells, work
from streams.sections import limits, sections

HERE = Path(__file__).parent


def main(words: list[str] | None = None) -> int:
    given = _parse(words)
    version = code_version([HERE / "streams"], without=WITHOUT_INFLUENCE)
    store = Store.open(given.work / "cells.jsonl", version)
    wanted = [cell for part in given.parts for cell in cells(part, given)]
    for cell in wanted:
        if cell.part in ("ingest", "door"):  # times are of one moment: measured again
            store.done.pop(cell.key, None)
    failed = (
        [] if given.show else run_cells(wanted, work, store, jobs=1, say=lambda text: print(text, flush=True))
    )
    judged = report(store, given.out)
    return 1 if failed or any(limit.passed is False for limit in judged) else 0


def report(store: Store, out: Path) -> list[Limit]:
    """Print and write what is known."""
    machine = describe_machine()
    results = {part: [done for done in store.done.values() if done.cell.part == part] for part in PARTS}
    judged = limits(results)
    lead = wrapped(
        f"Measured with code {store.version}. Whatever else ran on the machine at the time lengthens times; counts and "
        "event time are not touched by it."
    )
    text = render("Watching a stream", lead, machine, judged, sections(results))
    print(text)
    figures = {
        part: [{"settings": one.cell.settings, "seconds": one.seconds} | one.result for one in done]
        for part, done in results.items()
    }
    write_results(out, "online", text, machine, judged, json.loads(json.dumps(figures)))
    return judged


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="online.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--show", action="store_true", help="run nothing")
    parser.add_argument("--active", type=int, default=1_000_000, help="ingest: active accounts")
    parser.add_argument("--events", type=int, default=3_000_000, help="ingest: events")
    parser.add_argument("--seconds-of-log", type=int, default=3_600, help="ingest: event time that they take")
    parser.add_argument("--rate", type=int, default=1_000, help="door: requests a second")
    parser.add_argument("--seconds", type=int, default=20, help="door: for so long")
    parser.add_argument("--seeds", type=int, default=3, help="others: logs of each kind")
    parser.add_argument("--accounts", type=int, default=4_000, help="others: ordinary accounts of each log")
    parser.add_argument("--days", type=int, default=5, help="others: days of each log")
    parser.add_argument("--work", type=Path, default=Path("/tmp/samehand-online"))  # noqa: S108
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args(words)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {min(unknown)!r}: {', '.join(PARTS)}")
    return given


if __name__ == "__main__":
    sys.exit(main())
