"""Counts times prices. A valuation never stands without its count, its formula, and who says what the price is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from samehand.harm.count import DIGITS, Figure
from samehand.harm.prices import KINDS, Prices
from samehand.harm.queries import HEADS, Head

MONEY: Final = "money"
"""The unit of a valuation until the currency is known."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """How a valuation is made of a count."""

    item: str
    head: Head
    count: str
    """The item that is counted."""
    prices: tuple[str, ...]
    """Prices and factors, multiplied; the first may differ by kind."""
    kinds: tuple[str, ...] = ()
    """The kinds of actions that are valued, each at its own price; none: the count as a whole."""
    scale: float = 1.0
    unit: str = MONEY

    @property
    def text(self) -> str:
        """Write the formula in signs."""
        product = " * ".join([self.count, *self.prices]) + ("" if self.scale == 1 else f" * {self.scale:g}")
        return f"sum over kinds: {product}" if self.kinds else product


FORMULAS: Final[tuple[Formula, ...]] = (
    Formula(
        item="lost_advertising",
        head="platform",
        count="actions",
        prices=("advertising",),
        kinds=("boost", "follow_farm"),
    ),
    Formula(item="unwanted_contacts", head="users", count="contacts", prices=("contact",)),
    Formula(
        item="load_bytes", head="operation", count="requests", prices=("bytes_per_request",), unit="byte"
    ),
    Formula(item="cost_of_requests", head="operation", count="requests", prices=("request",)),
    Formula(
        item="cost_of_traffic",
        head="operation",
        count="requests",
        prices=("bytes_per_request", "gigabyte"),
        scale=1e-9,
    ),
    Formula(item="review_of_accounts", head="operation", count="accounts", prices=("moderation_account",)),
    Formula(item="undoing_of_actions", head="operation", count="actions", prices=("moderation_action",)),
    Formula(
        item="gain_by_order",
        head="gain",
        count="orders",
        prices=("order", "margin"),
        kinds=KINDS,
    ),
    Formula(
        item="gain_by_action",
        head="gain",
        count="actions",
        prices=("action", "margin"),
        kinds=KINDS,
    ),
)
"""``gain_by_order`` and ``gain_by_action`` are two roads to one sum; nothing here is added up."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """One number that a valuation is made of."""

    name: str
    low: float
    mid: float
    high: float
    unit: str
    source: str
    """Of a price; of a count, the query that gives it."""
    date: str | None
    """As of when; None: a count."""


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """What one count was worth to somebody, with all that it is made of."""

    scope: str
    head: Head
    item: str
    unit: str
    low: float | None
    """None, as the next two: not valued."""
    mid: float | None
    high: float | None
    missing: str | None
    """Why not: a key of ``harm.missing``."""
    lacking: str | None
    """The price or factor that was not given."""
    formula: str
    inputs: tuple[Input, ...]


def value_all(figures: Iterable[Figure], scopes: Iterable[str], prices: Prices) -> list[Valuation]:
    """Value what can be valued, for each scope, in the order of heads and formulas."""
    counts: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        counts.setdefault((figure.scope, figure.item), []).append(figure)
    ordered = sorted(FORMULAS, key=lambda one: HEADS.index(one.head))
    wanted = list(scopes)
    return [
        _value(formula, scope, counts[scope, formula.count], prices)
        for formula in ordered
        for scope in wanted
    ]


def _value(formula: Formula, scope: str, counts: list[Figure], prices: Prices) -> Valuation:
    missing = next((one.missing for one in counts if one.missing), None)
    if missing:
        return _valuation(formula, scope, prices, missing=missing)
    parts = [one for one in counts if one.of in (formula.kinds or (None,))]
    lacking = _unpriced(formula, parts, prices)
    if lacking:
        return _valuation(formula, scope, prices, missing="price", lacking=lacking)
    sums = [0.0, 0.0, 0.0]
    priced: dict[str, Input] = {}
    counted = [_counted(part) for part in parts]
    for part, count in zip(parts, counted, strict=True):
        factors = [_priced(prices, name, part.of) for name in formula.prices]
        priced |= {one.name: one for one in factors}
        product = [formula.scale] * 3
        for one in (count, *factors):
            product = [a * b for a, b in zip(product, (one.low, one.mid, one.high), strict=True)]
        sums = [a + b for a, b in zip(sums, product, strict=True)]
    amounts = [round(one, DIGITS) for one in sums]
    return _valuation(formula, scope, prices, amounts=amounts, inputs=(*counted, *priced.values()))


def _unpriced(formula: Formula, parts: list[Figure], prices: Prices) -> str | None:
    """Name the first price or factor that is wanted and was not given."""
    for name in formula.prices:
        if not any(prices.get(name, kind) for kind in (formula.kinds or (None,))):
            return name
        for part in parts:
            if prices.get(name, part.of) is None:
                return f"{name}_{part.of}"
    return None


def _counted(figure: Figure) -> Input:
    name = figure.item if figure.of is None else f"{figure.item}, {figure.of}"
    return Input(
        name=name,
        low=figure.low or 0.0,
        mid=figure.mid or 0.0,
        high=figure.high or 0.0,
        unit=figure.unit,
        source=f"harm.sql, {figure.query}",
        date=None,
    )


def _priced(prices: Prices, name: str, kind: str | None) -> Input:
    price = prices.by_name.get(f"{name}_{kind}") or prices.by_name[name]
    of = {"margin": "share", "bytes_per_request": "byte/request"}.get(name, f"{price.currency}/{price.unit}")
    return Input(
        name=price.name,
        low=price.low,
        mid=price.mid,
        high=price.high,
        unit=of,
        source=price.source,
        date=price.date.isoformat(),
    )


def _valuation(
    formula: Formula,
    scope: str,
    prices: Prices,
    *,
    missing: str | None = None,
    lacking: str | None = None,
    amounts: list[float] | None = None,
    inputs: tuple[Input, ...] = (),
) -> Valuation:
    low, mid, high = amounts or (None, None, None)
    return Valuation(
        scope=scope,
        head=formula.head,
        item=formula.item,
        unit=(prices.currency or MONEY) if formula.unit == MONEY else formula.unit,
        low=low,
        mid=mid,
        high=high,
        missing=missing,
        lacking=lacking,
        formula=formula.text,
        inputs=inputs,
    )
