"""Prices: what is read, and every way to say too little."""

from __future__ import annotations

from datetime import date

import pytest

from samehand.errors import InputError
from samehand.harm.prices import BY_KIND, FACTORS, KINDS, UNITS, example_prices, read_prices
from samehand.verbs import VERBS

GOOD = """
[price.order]
low = 1
mid = 2.5
high = 4
currency = "CNY"
unit = "order"
source = "exhibit 12"
date = 2026-03-01
"""
MARGIN = (
    '[factor.margin]\nlow = 0.1\nmid = 0.2\nhigh = 0.9\nunit = "share"\nsource = "x"\ndate = 2026-03-01\n'
)


def read(tmp_path, text):
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="utf-8")
    return read_prices(file)


def test_a_price_is_read(tmp_path):
    prices = read(tmp_path, GOOD + MARGIN)
    order = prices.get("order")
    assert (order.low, order.mid, order.high, order.unit, order.source) == (1, 2.5, 4, "order", "exhibit 12")
    assert (order.currency, order.date) == ("CNY", date(2026, 3, 1))
    assert prices.currency == "CNY"
    assert prices.get("margin").currency is None
    assert prices.get("contact") is None


def test_a_price_of_a_kind_goes_before_the_general_one(tmp_path):
    prices = read(tmp_path, GOOD + GOOD.replace("price.order", "price.order_boost").replace("2.5", "3"))
    assert prices.get("order", "boost").mid == 3
    assert prices.get("order", "mass_add").mid == 2.5
    assert prices.get("order").mid == 2.5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("source = ", "sauce = ", "unknown key 'sauce'"),
        ('source = "exhibit 12"', "", "source is missing"),
        ('source = "exhibit 12"', 'source = " "', "source is empty"),
        ("date = 2026-03-01", "", "date is missing"),
        ("date = 2026-03-01", 'date = "spring"', "date is 'spring'"),
        ("date = 2026-03-01", "date = 2026-03-01T00:00:00Z", "the date is"),
        ("low = 1", "low = 3", "low 3, mid 2.5, high 4 are not in this order"),
        ("high = 4", "high = 2", "not in this order"),
        ("low = 1", "low = -1", "low is -1"),
        ("low = 1", "low = nan", "low is nan"),
        ("high = 4", "high = inf", "high is inf"),
        ("low = 1", 'low = "1"', "low is '1'"),
        ("low = 1", "low = true", "low is True"),
        ('"CNY"', '"yuan"', "the currency is 'yuan'"),
        ('unit = "order"', 'unit = "1000 orders"', "the unit is '1000 orders'"),
        ("price.order", "price.ordr", "no price of that name"),
        ("price.order", "price.contact_boost", "no price of that name"),
        ("price.order", "price.margin", "no price of that name"),
        ("price.order", "factor.order", "no factor of that name"),
        ("price.order", "prices.order", "unknown key 'prices'"),
        ("[price.order]", "price = 3\n[x]", "unknown key 'x'"),
        ("low = 1", "low = = 1", "cannot be read as TOML"),
    ],
)
def test_what_says_too_little_is_refused(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(InputError, match=said.replace("[", r"\[")) as error:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert error.value.hint
    assert "prices.toml" in error.value.where


def test_two_currencies_are_refused(tmp_path):
    other = GOOD.replace("price.order", "price.contact").replace('"order"', '"contact"').replace("CNY", "EUR")
    with pytest.raises(InputError, match="CNY in order, EUR in contact"):
        read(tmp_path, GOOD + other)


def test_a_margin_above_the_price_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a margin of 1\.2"):
        read(tmp_path, MARGIN.replace("0.9", "1.2"))


@pytest.mark.parametrize("text", ["price = 3", "[price]\norder = 3"])
def test_what_is_no_table_is_refused(tmp_path, text):
    with pytest.raises(InputError, match="no table"):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_prices(tmp_path / "none.toml")


def test_the_example_shows_every_price_and_says_that_it_is_made_up(prices):
    assert set(UNITS) <= prices.by_name.keys()
    assert all("made up" in price.source for price in prices.by_name.values())
    assert "EVERY FIGURE HERE IS MADE UP" in example_prices()
    assert UNITS.keys() > FACTORS | BY_KIND


def test_no_verb_serves_two_kinds():
    assert len(KINDS) == len(set(KINDS))
    assert sum(len(verbs) for verbs in VERBS.values()) == len(frozenset().union(*VERBS.values()))
