"""Valuations: counts times prices, nothing where a part is missing, and everything that they are made of beside."""

from __future__ import annotations

from datetime import date

import pytest

from samehand.harm.count import Figure
from samehand.harm.ledger import count_harm
from samehand.harm.prices import NO_PRICES, UNITS, Price, Prices
from samehand.harm.queries import COUNTED
from samehand.harm.value import FORMULAS, value_all


def figure(item, of=None, three=(1.0, 2.0, 4.0), missing=None):
    low, mid, high = three if missing is None else (None, None, None)
    return Figure(
        scope="all",
        head="gain",
        item=item,
        of=of,
        unit="x",
        low=low,
        mid=mid,
        high=high,
        missing=missing,
        query=item,
    )


def prices(**three):
    by_name = {
        name: Price(
            name=name, low=low, mid=mid, high=high, currency="EUR", unit=UNITS.get(name, "order"), source="s",
            date=date(2026, 1, 2),
        )
        for name, (low, mid, high) in three.items()
    }  # fmt: skip
    return Prices(name="p.toml", currency="EUR", by_name=by_name)


def counts(**more):
    """One figure of every count."""
    found = {item: [figure(item)] for item in {one.count for one in FORMULAS}} | more
    return [one for figures in found.values() for one in figures]


def value(item, given, told):
    (found,) = [one for one in value_all(given, ["all"], told) if one.item == item]
    return found


def test_gain_is_orders_times_price_times_margin_added_over_kinds():
    orders = [
        figure("orders", None, (9, 9, 9)),
        figure("orders", "boost"),
        figure("orders", "other", (0, 1, 1)),
    ]
    told = prices(order=(10, 20, 30), margin=(0.1, 0.5, 1), order_boost=(1, 2, 3))
    gain = value("gain_by_order", counts(orders=orders), told)
    assert (gain.low, gain.mid, gain.high) == (1 * 1 * 0.1, 2 * 2 * 0.5 + 1 * 20 * 0.5, 4 * 3 + 1 * 30)
    assert gain.unit == "EUR"
    assert gain.formula == "sum over kinds: orders * order * margin"
    assert [one.name for one in gain.inputs] == [
        "orders, boost",
        "orders, other",
        "order_boost",
        "margin",
        "order",
    ]
    assert [one.source for one in gain.inputs] == ["harm.sql, orders"] * 2 + ["s"] * 3
    assert [one.date for one in gain.inputs] == [None, None] + ["2026-01-02"] * 3


def test_traffic_costs_requests_times_bytes_times_gigabytes():
    told = prices(bytes_per_request=(1e9, 2e9, 3e9), gigabyte=(1, 1, 2))
    cost = value("cost_of_traffic", counts(), told)
    assert (cost.low, cost.mid, cost.high) == (1, 4, 24)
    assert value("load_bytes", counts(), told).unit == "byte"


def test_only_what_draws_attention_is_lost_advertising():
    actions = [figure("actions"), figure("actions", "boost"), figure("actions", "mass_add", (100, 100, 100))]
    lost = value("lost_advertising", counts(actions=actions), prices(advertising=(1, 1, 1)))
    assert (lost.low, lost.mid, lost.high) == (1, 2, 4)


@pytest.mark.parametrize(
    ("told", "lacking"),
    [
        (NO_PRICES, "order"),
        (prices(order=(1, 1, 1)), "margin"),
        (prices(order_boost=(1, 1, 1), margin=(1, 1, 1)), "order_other"),
    ],
)
def test_without_a_price_there_is_no_valuation_and_never_zero(told, lacking):
    orders = [figure("orders", "boost"), figure("orders", "other")]
    gain = value("gain_by_order", counts(orders=orders), told)
    assert (gain.low, gain.mid, gain.high) == (None, None, None)
    assert (gain.missing, gain.lacking, gain.inputs) == ("price", lacking, ())


def test_without_a_count_there_is_no_valuation():
    orders = [figure("orders", missing="target")]
    gain = value("gain_by_order", counts(orders=orders), prices(order=(1, 1, 1), margin=(1, 1, 1)))
    assert (gain.low, gain.missing, gain.lacking) == (None, "target", None)


def test_every_formula_takes_a_count_and_prices_that_exist():
    assert {one.count for one in FORMULAS} <= {query.item for query in COUNTED}
    assert {name for one in FORMULAS for name in one.prices} == UNITS.keys()
    assert not {one.item for one in FORMULAS} & {query.item for query in COUNTED}


def test_a_ledger_without_prices_has_counts_and_no_valuation(place):
    _, folder, _ = place
    ledger = count_harm(folder / "run")
    assert {one.missing for one in ledger.values} == {"price"}
    assert all(one.missing is None for one in ledger.counts if one.item == "actions")


def test_valuations_can_be_worked_out_from_their_inputs(ledger):
    for one in ledger.values:
        assert one.missing is None
        if not one.formula.startswith("sum"):
            product = [1e-9 if "1e-09" in one.formula else 1.0] * 3
            for part in one.inputs:
                product = [a * b for a, b in zip(product, (part.low, part.mid, part.high), strict=True)]
            assert (one.low, one.mid, one.high) == pytest.approx(product, abs=1e-6)
