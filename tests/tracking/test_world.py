"""A simulated log cut in two: the same fleets go on, also under new accounts, and no fleet of another world does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa
import pytest

from samehand.config import Config
from samehand.pipeline import detect
from samehand.run import Run
from samehand.simulation.platform import Simulation, SimulationConfig, simulate
from samehand.tracking.track import Tracking, track

PLAIN = Config(surrogates=0)
pytestmark = pytest.mark.slow


@cache
def world(seed: int) -> Simulation:
    return simulate(SimulationConfig(accounts=1_500, days=8, seed=seed))


def truth(seed: int) -> dict[str, str]:
    table = world(seed).truth
    return dict(zip(table["account"].to_pylist(), table["fleet"].to_pylist(), strict=True))


@cache
def half(seed: int, second: bool, *, banned: bool = False) -> Run:
    """Detect in one half of the log; ``banned``: fleets have new accounts from the middle on."""
    events = world(seed).events
    time = events["time"].cast(pa.int64()).to_numpy()
    middle = (int(time.min()) + int(time.max())) // 2
    events = events.filter(pa.array((time >= middle) == second))
    if banned:
        accounts = events["account"].to_pylist()
        renamed = [f"{one}new" if one in truth(seed) else one for one in accounts]
        events = events.set_column(events.column_names.index("account"), "account", pa.array(renamed))
    return detect(events, PLAIN)


def fleets_of(run: Run, names: Mapping[str, str]) -> dict[str, set[str]]:
    """Candidate -> true fleets of its members; an account in none stands for itself."""
    found: dict[str, set[str]] = {}
    for row in run.members.to_pylist():
        account = row["account"].removesuffix("new")
        found.setdefault(row["fleet_id"], set()).add(names.get(account, account))
    return found


def check_links(tracking: Tracking, one: Run, other: Run, seed: int) -> int:
    """Check that all links are right; give how many reported fleets of the second half have a predecessor."""
    before, after = fleets_of(one, truth(seed)), fleets_of(other, truth(seed))
    for link in tracking.links.to_pylist():
        assert before[link["from_fleet"]] & after[link["to_fleet"]], link["sentence"]
    reported = [
        [row["fleet_id"] for row in run.fleets.to_pylist() if row["reported"]] for run in (one, other)
    ]
    return sum(any(before[x] & after[y] for x in reported[0]) for y in reported[1])


@pytest.mark.parametrize("seed", [5, 9])
def test_the_same_accounts_go_on(seed) -> None:
    one, other = half(seed, False), half(seed, True)
    tracking = track([other, one])
    expected = check_links(tracking, one, other, seed)
    assert expected >= 4
    assert len({link["to_fleet"] for link in tracking.links.to_pylist()}) == expected
    assert not any(link["re_armed"] for link in tracking.links.to_pylist())


@pytest.mark.parametrize("seed", [5, 9])
def test_fleets_under_new_accounts_are_suspected(seed) -> None:
    one, other = half(seed, False), half(seed, True, banned=True)
    tracking = track([one, other])
    expected = check_links(tracking, one, other, seed)
    assert len(tracking.links) >= 2 / 3 * expected, "fleets of five with two phones say too little"
    assert all(link["re_armed"] for link in tracking.links.to_pylist())
    assert not any(link["n_shared"] for link in tracking.links.to_pylist())


@pytest.mark.parametrize("all_", [False, True])
def test_two_worlds_have_no_fleet_in_common(all_) -> None:
    for one, other in ((half(5, False), half(9, True)), (half(9, False), half(5, True))):
        assert len(track([one, other], all=all_).links) == 0
