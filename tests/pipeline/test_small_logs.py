"""Logs of few accounts, where a fleet makes a large part of all that is near it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import samehand as sh

DAY_S = 86_400


def small_log(*, fleet: int, orders: int, others: int, events_each: int, seed: int) -> pa.Table:
    """A week of ``others`` who act when they like, and a fleet (f0, f1, ...) that acts on each order within seconds."""
    rng = np.random.default_rng(seed)
    rows = [
        (rng.uniform(0, 7 * DAY_S), f"u{account}", f"t{rng.integers(100)}")
        for account in range(others)
        for _ in range(rng.poisson(events_each))
    ]
    for _ in range(orders):
        begin, target = rng.uniform(0, 7 * DAY_S), f"t{rng.integers(100)}"
        rows += [(begin + rng.uniform(0, 5), f"f{account}", target) for account in range(fleet)]
    time, account, target = zip(*sorted(rows), strict=True)
    stamps = pa.array([int((1.75e9 + t) * 1e6) for t in time], pa.timestamp("us", "UTC"))
    return pa.table({"time": stamps, "account": account, "target": target})


@pytest.mark.parametrize(("fleet", "orders", "others", "events_each"), [(8, 30, 36, 5), (50, 20, 50, 20)])
def test_a_fleet_that_makes_most_of_a_small_log_is_found(fleet, orders, others, events_each) -> None:
    log = small_log(fleet=fleet, orders=orders, others=others, events_each=events_each, seed=0)
    run = sh.detect(log)
    reported = {row["account"] for row in run.members.to_pylist() if row["reported"]}
    assert reported == {f"f{account}" for account in range(fleet)}


@pytest.mark.parametrize("seed", range(4))
def test_a_small_log_without_a_fleet_reports_none(seed) -> None:
    run = sh.detect(small_log(fleet=0, orders=0, others=40, events_each=10, seed=seed))
    assert not any(row["reported"] for row in run.fleets.to_pylist())
