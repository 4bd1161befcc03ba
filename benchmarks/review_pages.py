"""How long pages of the review app take with 500 fleets and 50,000 members: ``python benchmarks/review_pages.py``.

Prints, for each page, the median and the slowest of several visits as a share of the limit, 200 ms: by the clock, and
of the processor alone, to which other work on the machine adds little. A made-up run is written, put under review, and
visited in process, so that the time is that of the app and not of a network. Every page is visited for several cases,
the largest among them; a case that is seen again is answered faster.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa

from samehand.cases.store import CaseStore
from samehand.run_folder import RunTables, write_run
from samehand.web.app import create_app
from samehand.web.settings import AppSettings

sys.path.insert(0, str(Path(__file__).parents[1]))  # the made-up run is that of the tests
from tests.report.fake_run import fake_run

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "Using .httpx. with .starlette.testclient. is deprecated")
    from starlette.testclient import TestClient

LIMIT_S = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleets", type=int, default=500)
    parser.add_argument("--members", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = folder / "run"
        run.mkdir()
        info, tables = fake_run(asked.fleets, asked.members)
        write_run(run, info, with_more(tables))
        with CaseStore.open(folder / "cases.sqlite") as store:
            store.register_run(run, actor="benchmark")
            measure(store)


def with_more(tables: RunTables) -> RunTables:
    """Add what the made-up run lacks: devices, addresses, and links that lead out of fleets."""
    events = tables.member_events
    who = events["account"].combine_chunks().dictionary_encode().indices.to_numpy()
    events = events.append_column("device", pa.array([f"phone-{one}" for one in who]))
    events = events.append_column("address", pa.array([f"10.{one // 4}" for one in who]))
    rng = np.random.default_rng(0)
    n = len(tables.members)
    links = tables.edges.take(rng.integers(0, tables.edges.num_rows, 4 * n))
    for name, ends in (
        ("account_a", tables.members["account"].take(pa.array(rng.integers(0, n, 4 * n)))),
        ("account_b", pa.array([f"outside_{one}" for one in rng.integers(0, n, 4 * n)])),
    ):
        links = links.set_column(links.column_names.index(name), name, ends)
    return dataclasses.replace(tables, member_events=events, edges=pa.concat_tables([tables.edges, links]))


def measure(store: CaseStore) -> None:
    started = perf_counter()
    with TestClient(create_app(AppSettings(store=store)), base_url="http://127.0.0.1") as client:
        print(f"opened in {perf_counter() - started:.0f} s; limit {LIMIT_S * 1000:.0f} ms a page")
        client.get("/help")
        client.get("/cases/500")  # templates are compiled once
        print(f"{'of the limit':28} {'median':>8} {'slowest':>8} {'median CPU':>11} {'slowest CPU':>11}")
        for name, paths in pages():
            taken = [visit(client, path) for path in paths]
            clock, cpu = ([one[k] / LIMIT_S for one in taken] for k in (0, 1))
            print(
                f"{name:28} {statistics.median(clock):8.2f} {max(clock):8.2f} "
                f"{statistics.median(cpu):11.2f} {max(cpu):11.2f}"
            )


def pages() -> Iterator[tuple[str, list[str]]]:
    cases = (1, 2, 3, 10, 50, 100, 200, 300, 400)
    yield "queue", ["/", "/?page=5", "/?sort=bits&which=both", "/?behaviour=boost"]
    yield "case, first visit", [f"/cases/{case}" for case in cases]
    yield "case, seen before", [f"/cases/{case}" for case in cases]
    yield "case, neighbours", [f"/cases/{case}?near=user_{case:06d}" for case in cases]
    yield "events", [f"/cases/{case}/events?what=driven&page=2" for case in cases]
    yield "account", [f"/runs/1/account?id=user_{100 * case:06d}" for case in cases]
    yield "search", ["/search?q=user_01", "/search?q=phone-77", "/search?q=post_1", "/search?q=nothing"]
    yield "compare", [f"/compare?one={case}&other={case + 1}" for case in cases]
    yield "other: help", ["/help"]


def visit(client: TestClient, path: str) -> tuple[float, float]:
    """Give the seconds of a visit by the clock, and of the processor."""
    clock, cpu = perf_counter(), process_time()
    answer = client.get(path)
    taken = perf_counter() - clock, process_time() - cpu
    assert answer.status_code == 200, (path, answer.status_code)
    return taken


if __name__ == "__main__":
    main()
