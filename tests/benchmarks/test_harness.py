"""Cells run once and go on where they stopped; limits, intervals and tables are what they say."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness import cells, limits, stats, tables
from harness.cells import Cell, Done, Store, run_cells
from harness.limits import Limit, limits_table
from harness.machine import describe_machine
from harness.version import code_version
from harness.writing import Section, render, write_results


def double(cell: Cell) -> dict[str, Any]:
    if cell.settings["n"] < 0:
        raise ValueError("below zero")
    return {"twice": 2 * cell.settings["n"]}


def run(store: Store, numbers: list[int], jobs: int = 1) -> tuple[list[Cell], list[str]]:
    said: list[str] = []
    failed = run_cells([Cell("double", {"n": n}) for n in numbers], double, store, jobs=jobs, say=said.append)
    return failed, said


@pytest.mark.parametrize("module", [cells, limits, stats, tables])
def test_examples_in_the_code_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    file = tmp_path / "cells.jsonl"
    run(Store.open(file, "v1"), [1, 2])
    store = Store.open(file, "v1")
    _, said = run(store, [1, 2, 3])
    assert "2 of 3 cells were done before" in said[0]
    assert [one.result for one in store.results([Cell("double", {"n": n}) for n in (3, 1)])] == [
        {"twice": 6},
        {"twice": 2},
    ]


def test_results_of_other_code_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "cells.jsonl"
    run(Store.open(file, "v1"), [1])
    assert Store.open(file, "v2").done == {}


def test_a_line_that_was_cut_short_is_passed_over_and_mended(tmp_path: Path) -> None:
    file = tmp_path / "cells.jsonl"
    run(Store.open(file, "v1"), [1])
    with file.open("a") as out:
        out.write('{"part": "double", "sett')
    run(Store.open(file, "v1"), [1, 2])
    assert len(Store.open(file, "v1").done) == 2


def test_a_cell_that_fails_stops_no_other_and_is_tried_again(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "cells.jsonl", "v1")
    failed, said = run(store, [-1, 4])
    assert failed == [Cell("double", {"n": -1})]
    assert any("below zero" in line for line in said)
    assert len(store.done) == 1


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "cells.jsonl", "v1")
    failed, _ = run(store, [-1, 1, 2], jobs=2)
    assert [cell.settings["n"] for cell in failed] == [-1]
    assert sorted(done.result["twice"] for done in store.done.values()) == [2, 4]


@pytest.mark.parametrize(
    ("value", "sense", "passed"),
    [
        (0.95, "at least", True),
        (0.9499, "at least", False),
        (0.95, "at most", True),
        (0.9501, "at most", False),
        (None, "at most", None),
    ],
)
def test_a_limit_belongs_to_what_is_allowed(value: float | None, sense: Any, passed: bool | None) -> None:
    assert Limit(name="x", value=value, limit=0.95, sense=sense).passed is passed


def test_a_missed_limit_is_said_plainly() -> None:
    text = limits_table([Limit(name="x", value=3, limit=2, sense="at most", note="by one")])
    assert "**FAIL**" in text
    assert "- x: by one" in text


def test_a_rate_close_to_the_whole_is_not_rounded_up_to_it() -> None:
    assert tables.percent(0.9996) == "99.9"


def test_pooled_rates_weigh_each_log_by_its_size() -> None:
    spread = stats.ratio_of([1, 0, 0], [10, 990, 0])
    assert spread is not None
    assert spread.value == pytest.approx(0.001)
    assert (spread.least, spread.most, spread.n) == (0, 0.1, 2)
    assert spread.low <= spread.value <= spread.high


def test_means_pass_over_logs_without_the_figure() -> None:
    spread = stats.mean_of([1.0, None, 0.5])
    assert spread is not None
    assert (spread.value, spread.n) == (0.75, 2)
    assert stats.mean_of([None]) is None
    assert stats.ratio_of([], []) is None


def test_the_bootstrap_interval_covers_what_it_should() -> None:
    # 30 logs, half of them 0 and half 1: the mean's standard error is 0.5 / sqrt(30) = 0.091.
    spread = stats.mean_of([0.0, 1.0] * 15)
    assert spread is not None
    assert spread.low == pytest.approx(0.5 - 1.96 * 0.091, abs=0.03)
    assert spread.high == pytest.approx(0.5 + 1.96 * 0.091, abs=0.03)


def test_results_are_written_for_people_and_programs(tmp_path: Path) -> None:
    machine = describe_machine()
    judged = [Limit(name="x", value=1, limit=2, sense="at most")]
    text = render("Title", "Lead.", machine, judged, [Section("Part", "Text.")])
    write_results(tmp_path, "figures", text, machine, judged, {"n": 1})
    assert "1 of 1 limits kept" in (tmp_path / "figures.md").read_text(encoding="utf-8")
    data = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert data["limits"][0]["passed"] is True
    assert data["machine"]["cores"] >= 1
    assert data["machine"]["packages"]["numpy"][0].isdigit()


def test_the_version_of_the_code_follows_the_files(tmp_path: Path) -> None:
    assert code_version() == code_version()
    assert code_version(without=("report",)) != code_version()


def test_seconds_left_rest_on_cells_of_the_same_part(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "cells.jsonl", "v1")
    store.add(Done(Cell("slow", {"n": 1}), {}, 100.0))
    store.add(Done(Cell("fast", {"n": 1}), {}, 1.0))
    left = cells._left([Cell("slow", {"n": 2}), Cell("fast", {"n": 2})], store, 1, 50.0)
    assert left == pytest.approx(101)


WRITES_ITS_NUMBER = """
import os, sys, time
from pathlib import Path
from harness.cells import Cell, Store, run_cells

def work(cell):
    Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(300)

if __name__ == "__main__":
    cells = [Cell("wait", {"n": n}) for n in range(2)]
    run_cells(cells, work, Store.open(Path(sys.argv[1], "cells.jsonl"), "v1"), jobs=2, say=print)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_nothing_of_a_killed_run_goes_on(tmp_path: Path) -> None:
    script, folder = tmp_path / "wait.py", tmp_path / "numbers"
    script.write_text(WRITES_ITS_NUMBER, encoding="utf-8")
    folder.mkdir()
    benchmarks = Path(cells.__file__).parents[1]
    parent = subprocess.Popen(
        [sys.executable, str(script), str(folder)], env=os.environ | {"PYTHONPATH": str(benchmarks)}
    )
    workers: list[int] = []
    until = time.monotonic() + 60
    while len(workers) < 2 and time.monotonic() < until:
        time.sleep(0.2)
        workers = [int(file.name) for file in folder.iterdir() if file.name.isdigit()]
    assert len(workers) == 2
    assert all(Path(f"/proc/{worker}").exists() for worker in workers)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while any(_runs(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.2)
    assert not any(_runs(worker) for worker in workers)


def _runs(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
