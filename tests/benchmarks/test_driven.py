"""The measurement of driven events: what is counted, and what the tables say of it."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.cell import DRIVEN, NEITHER, OWN, _nothing, _truth, measure
from attribution.sections import calibration_error, sections
from harness.cells import Cell, Done
from samehand.simulation.platform import SimulationConfig, draw, simulate

SETTINGS = {"log": "full", "evasion": 1, "seed": 5, "accounts": 1_500, "days": 3}


def test_the_truth_is_told_by_event_ids():
    config = SimulationConfig(accounts=1_500, days=3, evasion=1, seed=5)
    drawn = draw(config)
    truth, kind_of = _truth(drawn, config.seed)
    world = simulate(config)
    log = {row["event_id"]: row for row in world.events.to_pylist()}
    assert set(truth) <= set(log)
    assert {log[event]["action"] for event, what in truth.items() if what == NEITHER} == {"register"}
    assert all(log[event]["account"] in kind_of for event in truth)
    own_rows = (drawn.fleet_rows.order == -1) & (drawn.fleet_rows.action != 7)
    assert sum(what == OWN for what in truth.values()) == own_rows.sum() > 0
    assert sum(what == DRIVEN for what in truth.values()) == (drawn.fleet_rows.order != -1).sum() > 0
    # Of rented accounts, no event of the person is in the truth: what is not there is own life.
    rented = {account for account, kind in kind_of.items() if kind == "rented"}
    assert {row["account"] for event, row in log.items() if event not in truth} & rented


def test_a_log_is_counted_whole():
    found = measure(Cell("driven", SETTINGS))
    one = {name: found["rented"][name] + found["others"][name] for name in found["others"] if name != "bins"}
    assert one["n_fleets"] > 3
    assert one["hits"] <= one["driven"]
    assert one["hits"] / (one["hits"] + one["false"]) > 0.95
    assert one["hits"] / one["driven"] > 0.9
    for counts in found.values():
        n, mean, driven = (sum(b[i] for b in counts["bins"]) for i in range(3))
        assert (n, driven) == (counts["driven"] + counts["own"], counts["driven"])
        assert 0 <= mean <= n


def test_the_tables_hold_the_sums():
    counts = _nothing() | {
        "n_fleets": 1,
        "n_members": 4,
        "n_part_time": 3,
        "driven": 8,
        "own": 2,
        "joint_hits": 4,
    }
    counts |= {"hits": 8, "false": 2, "bins": [[0, 0.0, 0]] * 9 + [[10, 9.0, 8]]}
    done = [
        Done(Cell("driven", SETTINGS | {"seed": s}), {"rented": counts, "others": _nothing()}, 1.0)
        for s in range(2)
    ]
    events, reliability, part_time = (section.text for section in sections(done))
    row = [cell.strip() for cell in events.splitlines()[-1].split("|")[1:-1]]
    assert row == [
        "all columns",
        "1",
        "rented",
        "16",
        "4",
        "100.0",
        "50.0",
        "80.0",
        "100.0",
        "8",
        "4",
        "10.0",
    ]
    assert "| 0.9 to 1.0 |     20 |      90.0 |      80.0 |" in reliability
    assert [cell.strip() for cell in part_time.splitlines()[-1].split("|")[3:-1]] == [
        "rented",
        "8",
        "6",
        "75.0",
    ]


def test_the_calibration_error_is_the_mean_distance():
    assert calibration_error([[0, 0.0, 0]] * 10) is None
    assert calibration_error([[2, 1.0, 1], [2, 1.8, 1]]) == pytest.approx(0.2)
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    hit = rng.random(20_000) < p
    bins = [[(p // 0.1 == b).sum(), p[p // 0.1 == b].sum(), hit[p // 0.1 == b].sum()] for b in range(10)]
    assert calibration_error(bins) < 0.02
