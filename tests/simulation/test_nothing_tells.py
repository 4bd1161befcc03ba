"""A detector must not be able to find fleets, or clear the innocent, by how the simulator is made."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from samehand.simulation.platform import SimulationConfig, simulate

NAMES = ("event_id", "account", "target", "device")


@pytest.fixture(scope="module")
def hidden() -> pl.DataFrame:
    simulation = simulate(SimulationConfig(seed=21, evasion=4))
    return pl.from_arrow(simulation.events).join(pl.from_arrow(simulation.truth), on="account", how="left")


def _auc(theirs: np.ndarray, others: np.ndarray) -> float:
    """Give the chance that one of theirs ranks above one of the others."""
    rank = np.searchsorted(np.sort(others), theirs) / len(others)
    return float(rank.mean())


@pytest.mark.parametrize("name", NAMES)
def test_names_have_one_shape(events: pl.DataFrame, name: str):
    shapes = events[name].drop_nulls().str.replace_all(r"[0-9a-hjkmnp-tv-z]{9}$", "x").unique().to_list()
    assert (
        sorted(shapes)
        == {"event_id": ["ex"], "account": ["ux"], "target": ["px", "ux"], "device": ["dx"]}[name]
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_names_does_not_tell(hidden: pl.DataFrame, name: str):
    letter = "p" if name == "target" else ""  # accounts as targets are another kind of name
    named = hidden.filter(pl.col(name).str.starts_with(letter)).unique(name)
    ranked = named.sort(name)[name].rank("ordinal")
    fleet = named.sort(name)["fleet"].is_not_null()
    auc = _auc(ranked.filter(fleet).to_numpy(), ranked.filter(~fleet).to_numpy())
    n = min(fleet.sum(), (~fleet).sum())
    assert abs(auc - 0.5) < 4 * np.sqrt(1 / 12 / n)


@pytest.mark.parametrize("name", ["account", "device"])
def test_fleets_are_no_runs_of_names(events: pl.DataFrame, name: str):
    named = events.unique(name).sort(name)
    fleet = named["fleet"]
    neighbours = ((fleet == fleet.shift()) & fleet.is_not_null()).sum()
    sizes = named.filter(fleet.is_not_null()).group_by("fleet").len()["len"]
    by_chance = (sizes * (sizes - 1)).sum() / len(named)
    assert neighbours <= by_chance + 4 * np.sqrt(by_chance)


def test_names_of_what_fleets_act_on_do_not_tell(events: pl.DataFrame):
    by_fleet = events.filter(pl.col("kind") == "boost")["target"].drop_nulls().unique()
    by_people = events.filter(pl.col("fleet").is_null())["target"].drop_nulls().unique()
    assert by_fleet.is_in(by_people.implode()).mean() > 0.6


@pytest.mark.parametrize("part", [1_000_000, 1_000, 10])
def test_fractions_of_a_second_do_not_tell(events: pl.DataFrame, part: int):
    fraction = events["time"].dt.timestamp("us").to_numpy() % part
    fleet = events["fleet"].is_not_null().to_numpy()
    for group in (fleet, ~fleet):
        n = np.bincount(fraction[group] * 10 // part, minlength=10)
        assert n / n.sum() == pytest.approx(0.1, abs=0.01)


def test_rows_of_a_fleet_stand_among_others(hidden: pl.DataFrame):
    fleet = hidden["fleet"].is_not_null()
    neighbours = fleet.shift(fill_value=False)
    beside = (fleet & neighbours).sum() / fleet.sum()
    assert beside == pytest.approx(fleet.mean(), rel=0.35)


def test_tables_of_answers_are_in_no_order_that_tells(hidden: pl.DataFrame, simulation):
    truth = simulation.truth["account"].to_pylist()
    assert truth == sorted(truth)


@pytest.mark.parametrize("role", ["client", "address"])
def test_fleets_use_what_people_use(hidden: pl.DataFrame, role: str):
    """At the highest level, phones, versions and networks are those of everyone."""
    people = hidden.filter(pl.col("fleet").is_null())
    fleets = hidden.filter(pl.col("fleet").is_not_null())
    if role == "client":
        known = people["client"].unique()
        assert fleets["client"].is_in(known.implode()).mean() > 0.98
    else:
        prefix = pl.col("address").str.extract(r"^(\d+\.\d+)\.")
        known = people.select(prefix.unique())["address"]
        assert fleets.select(prefix.is_in(known.implode()).mean()).item() > 0.98


def test_publishing_software_is_not_only_the_publishers(events: pl.DataFrame, crowds: pl.DataFrame):
    """Otherwise the client would clear a newsroom."""
    staff = crowds.filter(pl.col("kind").is_in(["newsroom", "brand_schedule"]))["account"]
    others = events.filter(
        ~pl.col("account").is_in(staff.implode()), pl.col("client").str.contains("/P|/News|/Brand")
    )
    assert (
        others.filter(pl.col("client").str.contains("Publish|News|Planner|Suite"))["account"].n_unique() > 10
    )


def test_quiet_fleet_accounts_are_as_busy_as_people(hidden: pl.DataFrame):
    n = hidden.group_by("account", "fleet").len()
    fleets, people = (
        n.filter(pl.col("fleet").is_not_null())["len"],
        n.filter(pl.col("fleet").is_null())["len"],
    )
    assert people.quantile(0.5) < fleets.median() < people.quantile(0.999)


def test_people_also_meet_outcomes_like_those_of_fleets(events: pl.DataFrame):
    people = events.filter(pl.col("fleet").is_null(), pl.col("outcome").is_not_null())
    share = people.group_by("action").agg((pl.col("outcome") == "blocked").mean().alias("blocked"))
    assert (share["blocked"] > 0.001).all()
    busy = people.filter(action="add_friend").group_by("account").len()["len"]
    assert busy.max() > 25  # some people ask very many
