"""Negative controls of a whole run: on what was found, and with groups that the user calls innocent."""

from __future__ import annotations

import pyarrow as pa
import pytest

from samehand.config import Config
from samehand.errors import InputError
from samehand.pipeline import detect
from samehand.run import Run
from tests.pipeline.worlds import differences, found, found_without_estimate, reported, world

PLAIN = Config(surrogates=0)


@pytest.fixture(scope="module")
def groups() -> pa.Table:
    """Give a reported fleet, the innocent crowds, and one account that the log lacks."""
    fleet = sorted(max(reported(found_without_estimate()), key=len))
    crowds = world().crowds
    return pa.table(
        {
            "account": [*fleet, *crowds["account"].to_pylist(), "stranger"],
            "group": ["called innocent"] * len(fleet)
            + crowds["crowd"].to_pylist()
            + [crowds["crowd"][0].as_py()],
        }
    )


@pytest.fixture(scope="module")
def controlled(groups) -> Run:
    return detect(world().events, PLAIN, innocent=groups)


def test_every_surrogate_and_every_kind_is_counted() -> None:
    rows = found().controls.to_pylist()
    assert [row["source"] for row in rows if row["kind"] == "surrogate"] == [str(n) for n in range(1, 21)]
    assert {row["kind"] for row in rows} >= {"surrogate", "shared_address", "community"}
    info = found().info
    assert info.controls is not None
    n_unexplained = sum(row["n_groups"] - row["n_explained"] for row in rows if row["kind"] == "surrogate")
    assert n_unexplained == info.false_discovery.n_surrogate_clusters
    assert {one.kind: one.n_groups for one in info.controls.by_kind} == {
        kind: sum(row["n_groups"] for row in rows if row["kind"] == kind)
        for kind in dict.fromkeys(row["kind"] for row in rows)
    }


def test_nobody_who_is_presumed_innocent_is_accused_in_this_world() -> None:
    assert [row for row in found().controls.to_pylist() if row["n_accused"]] == []


def test_a_fleet_that_is_called_innocent_is_accused(controlled, groups) -> None:
    rows = {row["source"]: row for row in controlled.controls.to_pylist() if row["kind"] == "known"}
    assert set(rows) == set(groups["group"].to_pylist())
    fleet = rows.pop("called innocent")
    assert (fleet["n_accused"], fleet["n_scored_above_0"], fleet["n_explained"]) == (1, 1, 0)
    assert fleet["n_accounts_reported"] == fleet["n_accounts"] > 5
    assert not any(row["n_accused"] for row in rows.values())
    left_out = {one.what: one.count for one in controlled.info.controls.left_out}
    strangers = set(groups["account"].to_pylist()) - set(world().events["account"].to_pylist())
    assert "stranger" in strangers
    assert left_out["accounts of known groups"] == len(strangers)
    small = sum(row["n_accounts"] < 5 for row in rows.values())
    assert left_out["known groups with fewer than 5 accounts in the log"] == small


def test_controls_change_nothing_in_what_is_found(controlled) -> None:
    assert set(differences(found_without_estimate(), controlled)) <= {"controls"}


def test_bad_groups_are_refused_before_the_log_is_read() -> None:
    with pytest.raises(InputError, match="the column 'group' is missing"):
        detect("no such file", PLAIN, innocent=pa.table({"account": ["a"]}))
    strangers = pa.table({"account": ["x", "y"], "group": ["g", "g"]})
    with pytest.raises(InputError, match="none of its 2 accounts is in the log"):
        detect(world().events, PLAIN, innocent=strangers)
