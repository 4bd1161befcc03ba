"""The floor of small logs: what is seen, what it does not touch, what it is written as."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import samehand as sh
from samehand.columns import PRICE
from samehand.errors import InputError, OptionError
from samehand.pricing.outcome import Floor, Price, floor_words
from samehand.pricing.plan import Cell, Plan
from samehand.pricing.plant import Fleet
from samehand.pricing.price import price
from samehand.pricing.search import Hunt, Tried, begin, packed
from samehand.run import Run
from samehand.run_folder import write_run
from samehand.texts.lines import columns_of
from tests.pricing.logs import PLAIN, events, log, look, plain_log, run

QUICK = Plan(sizes=(10,), delays_s=(10,), rates=(0.25, 1, 8), replicates=2)


@cache
def measured() -> Price:
    """Give the floor of a small log."""
    return price(run(), events(), QUICK)


def test_a_fleet_that_does_much_at_once_is_found_and_one_that_does_hardly_anything_is_not():
    (floor,) = measured().floors
    tried = {one.rate_per_day: one for one in floor.tried}
    assert floor.kind == "measured"
    assert floor.floor_per_day is not None
    assert floor.floor_per_day < 8
    assert tried[max(tried)].n_found == 2
    assert tried[max(tried)].recall > 0.9
    assert tried[floor.floor_per_day].n_found <= 1


def test_pairs_that_meet_often_are_significant():
    (floor,) = measured().floors
    assert floor.k_star is not None
    assert 2 <= floor.k_star <= 12
    assert floor.bound_per_day == pytest.approx((floor.k_star - 1) * 9 / 4 / measured().info.days)


def test_neither_the_log_nor_the_run_changes():
    before = [file.read_bytes() for file in events().files]
    folder = sorted(events().files[0].parent.iterdir())
    tables = {field.name: getattr(run().tables, field.name) for field in dataclasses.fields(run().tables)}
    price(run(), events(), dataclasses.replace(QUICK, rates=(8,)))
    assert [file.read_bytes() for file in events().files] == before
    assert sorted(events().files[0].parent.iterdir()) == folder
    assert all(getattr(run().tables, name) is table for name, table in tables.items())
    assert events().added is None


def test_every_column_of_the_table_is_explained():
    page = (Path(__file__).parents[2] / "docs" / "price.md").read_text("utf-8")
    assert [name for name in PRICE.names if f"| `{name}` |" not in page] == []


def test_rows_in_memory_are_events_of_the_log():
    whole = events().to_arrow()
    with_more = dataclasses.replace(events(), added=whole.slice(0, 3), private_folder=None).to_arrow()
    assert with_more.slice(whole.num_rows).to_pylist() == whole.slice(0, 3).to_pylist()


def test_the_same_seed_gives_the_same_floors():
    again = price(run(), events(), QUICK)
    assert again.floors == measured().floors
    assert again.table.table.equals(measured().table.table)


def test_the_table_says_what_the_floors_say():
    table = measured().table.table
    assert table.schema == PRICE
    assert table.num_rows == sum(len(floor.tried) for floor in measured().floors)
    assert table["rate_per_day"].to_pylist() == [one.rate_per_day for one in measured().floors[0].tried]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_saved_and_said(tmp_path, lang):
    folder = measured().save(tmp_path / "price", lang)
    assert sorted(file.name for file in folder.iterdir()) == ["price.html", "price.json", "price.parquet"]
    assert pq.read_table(folder / "price.parquet").equals(measured().table.table)
    assert json.loads((folder / "price.json").read_text())["plan"]["sizes"] == [10]
    page = (folder / "price.html").read_text("utf-8")
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http-equiv", "")
    text = measured().to_text(lang)
    assert max(columns_of(line) for line in text.splitlines()) <= 80
    assert floor_words(measured().floors[0], lang) in text
    assert floor_words(measured().floors[0], lang) in page
    measured().save(folder)


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(OptionError, match="no folder that can be written"):
        measured().save(tmp_path / "kept.txt" / "price")
    with pytest.raises(OptionError, match="something else"):
        measured().save(tmp_path)
    write_run(tmp_path, run().info, run().tables)
    with pytest.raises(OptionError, match="something else"):
        measured().save(tmp_path)
    assert (tmp_path / "kept.txt").read_text() == "mine"


def test_hostile_names_of_files_are_shown_and_do_nothing(tmp_path):
    hostile = dataclasses.replace(
        measured().info,
        sources=(dataclasses.replace(run().info.sources[0], name="<script>alert(1)</script>\u202e.csv"),),
    )
    page = (Price(hostile).save(tmp_path / "price") / "price.html").read_text("utf-8")
    assert "<script" not in page
    assert "\u202e" not in page


def test_without_targets_only_rhythm_can_see_and_slow_fleets_are_never_found():
    table = log().drop(["target", "content"])
    found = sh.detect(table, PLAIN)
    (floor,) = price(found, table, Plan(sizes=(10,), delays_s=(60,), rates=(1,), replicates=1)).floors
    assert (floor.kind, floor.k_star) == ("never_found", None)
    assert floor_words(floor, "en") == "1 or more"


@pytest.mark.parametrize("n_accounts", [2, 60])
def test_a_tiny_log_has_no_room_and_says_so(n_accounts):
    table = plain_log(n_accounts=n_accounts, n=600)
    with pytest.raises(InputError, match="too few accounts"):
        price(sh.detect(table, PLAIN), table)


def test_a_run_whose_candidates_are_everybody_says_so():
    everybody = pa.table({"account": pa.array(events().to_arrow()["account"].unique())})
    tables = dataclasses.replace(run().tables, members=everybody)
    with pytest.raises(InputError, match="too few accounts"):
        price(Run(run().info, tables), events())


def test_lives_alone_are_no_fleet():
    plan = Plan(sizes=(20,), delays_s=(10,), rates=(0.000_1,), replicates=3)
    (floor,) = price(run(), events(), plan).floors
    assert floor.tried[0].n_orders == 0
    assert floor.tried[0].recall == 0


@pytest.mark.slow
def test_names_of_accounts_and_the_order_of_rows_change_no_floor():
    table = log().take(np.random.default_rng(2).permutation(log().num_rows))
    names = {name: f"{name[::-1]}!" for name in table["account"].unique().to_pylist()}
    for role in ("account", "target"):  # who answers whom is told by targets that are accounts
        renamed = pa.array([names.get(name, name) for name in table[role].to_pylist()])
        table = table.set_column(table.column_names.index(role), role, renamed)
    assert price(sh.detect(table, PLAIN), table, QUICK).floors == measured().floors


# The search itself


def hunted(rates, found_from, n_fleets=3):
    """Play a search whose fleets are found from a rate on; give what was tried and the hunt."""
    cell = Cell(n_accounts=5, delay_us=1, n_serving=2)
    fleets = tuple(Fleet(cell=cell, replicate=i, first=5 * i) for i in range(n_fleets))
    hunt = Hunt(cell=fleets[0].cell, fleets=fleets, rates=rates, high=len(rates))
    while not hunt.done:
        rate = rates[hunt.next]
        hunt.tried.append(
            Tried(rate_per_day=rate, n_orders=1, n_fleets=3, n_found=3 * (rate >= found_from), recall=0.0)
        )
        if hunt.tried[-1].hidden:
            hunt.low = hunt.next
        else:
            hunt.high = hunt.next
    return hunt


@pytest.mark.parametrize("found_from", [0.1, 0.25, 0.3, 1, 3, 64, 65])
def test_bisection_ends_at_the_highest_hidden_rate(found_from):
    rates = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
    hunt = hunted(rates, found_from)
    assert hunt.low == sum(rate < found_from for rate in rates) - 1
    assert len(hunt.tried) <= 4
    assert len({one.rate_per_day for one in hunt.tried}) == len(hunt.tried)


def test_half_of_the_fleets_hidden_counts_as_hidden():
    def hidden(n_found, n_fleets):
        return Tried(rate_per_day=1, n_orders=1, n_fleets=n_fleets, n_found=n_found, recall=0).hidden

    assert [hidden(n, 3) for n in range(4)] == [True, True, False, False]
    assert [hidden(n, 2) for n in range(3)] == [True, True, False]


def test_every_fleet_is_in_one_search_and_searches_stay_small():
    ordinary = look(log(), 500)
    cells = [Cell(n_accounts=n, delay_us=d, n_serving=2) for n in (5, 10, 20) for d in (1, 2, 3)]
    hunts = begin(Plan(), cells, ordinary)
    wanted = [(fleet, 3) for hunt in hunts for fleet in hunt.fleets]
    numbers = np.concatenate([fleet.numbers for fleet, _ in wanted])
    assert len(np.unique(numbers)) == len(numbers)
    loads = list(packed(ordinary, wanted))
    assert sorted(fleet.first for load in loads for fleet, _ in load) == sorted(
        fleet.first for fleet, _ in wanted
    )
    for load in loads:
        assert len(load) == 1 or sum(fleet.cell.n_accounts for fleet, _ in load) <= 0.03 * ordinary.n_ordinary
    assert len(loads) < 2 / 3 * len(wanted)


def test_no_search_holds_two_copies_of_one_account():
    ordinary = look(log(), 70)
    cells = [Cell(n_accounts=n, delay_us=1, n_serving=2) for n in (5, 10)]
    wanted = [(one, 1) for hunt in begin(Plan(replicates=8), cells, ordinary) for one in hunt.fleets]
    for load in packed(ordinary, wanted):
        lives = np.concatenate([fleet.numbers % ordinary.n_lives for fleet, _ in load])
        assert len(np.unique(lives)) == len(lives)


def test_rates_that_would_be_a_good_part_of_the_log_are_not_tried():
    ordinary = look(log(), 500)
    (hunt,) = begin(Plan(), [Cell(n_accounts=50, delay_us=1, n_serving=25)], ordinary)
    assert hunt.rates[0] == 0.25
    assert hunt.rates[-1] < 64
    assert hunt.rates[-1] * 50 * ordinary.days < 0.1 * ordinary.n_events


def test_floors_in_words():
    base = {
        "n_accounts": 5,
        "delay_us": 1,
        "n_serving": 2,
        "k_star": None,
        "most_joint": 3,
        "bound_per_day": 1.0,
    }
    low = Floor(kind="always_found", floor_per_day=None, next_per_day=0.25, tried=(), **base)
    mid = Floor(kind="measured", floor_per_day=0.5, next_per_day=1.0, tried=(), **base)
    assert [floor_words(one, "en") for one in (low, mid)] == ["under 0.25", "0.5 to 1"]
    assert floor_words(low, "zh") == "低于 0.25"


@pytest.mark.slow
def test_the_floor_is_low_where_fleets_act_at_once_and_grows_with_the_delay():
    """Of 10 accounts at 10 s at most 2 a day; at 6 h as high as at 10 s, or one step lower."""
    plan = Plan(sizes=(10,), delays_s=(10, 21_600), rates=(0.25, 0.5, 1, 2, 4, 8, 16), replicates=3)
    quick, slow = price(run(), events(), plan).floors
    assert quick.kind != "never_found"
    assert (quick.floor_per_day or 0.25) <= 2
    assert (slow.floor_per_day or 0.25) >= (quick.floor_per_day or 0.25) / 2
