"""Prices and factors: what somebody says that a thing is worth, with who says so and when."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from samehand.errors import InputError
from samehand.verbs import VERBS

KINDS: Final = (*VERBS, "other")
"""What an inauthentic action is: the behaviour that its verb serves."""
UNITS: Final = {
    "order": "order",
    "action": "action",
    "advertising": "action",
    "contact": "contact",
    "moderation_account": "account",
    "moderation_action": "action",
    "request": "request",
    "gigabyte": "gigabyte",
    "margin": "share",
    "bytes_per_request": "byte",
}
"""Price or factor -> what one of it is for."""
FACTORS: Final = frozenset({"margin", "bytes_per_request"})
"""Those that are no money."""
BY_KIND: Final = frozenset({"order", "action", "advertising"})
"""Those that may differ by kind of action: ``order_boost`` goes before ``order``."""
_KEYS: Final = frozenset({"low", "mid", "high", "unit", "source", "date"})
_HINT: Final = "samehand harm --example-prices"


@dataclass(frozen=True, kw_only=True)
class Price:
    """One price or factor."""

    name: str
    low: float
    mid: float
    high: float
    currency: str | None
    """Three letters, such as CNY; None: a factor, which is no money."""
    unit: str
    """What it is for: one order, one action, ..."""
    source: str
    """A text or address: whoever doubts the figure looks there."""
    date: date
    """As of when."""


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a file of prices says."""

    name: str
    """File name without its folder."""
    currency: str | None
    """Of all prices; None: there are only factors, or none."""
    by_name: dict[str, Price]

    def get(self, name: str, kind: str | None = None) -> Price | None:
        """Give the price of that name, that of the kind first; None: the file has none."""
        return self.by_name.get(f"{name}_{kind}") or self.by_name.get(name)


NO_PRICES: Final = Prices(name="", currency=None, by_name={})


def example_prices() -> str:
    """Give a file of prices with comments. Its figures are made up, and its sources say so."""
    return files(__package__).joinpath("prices.example.toml").read_text(encoding="utf-8")


def read_prices(path: str | Path) -> Prices:
    """Read a TOML file of prices.

    Raises:
        InputError: It cannot be read, has a key that no price has, a price without a source or a date, low above mid
            or mid above high, or more than one currency.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read as TOML: {error}", where=str(path), hint=_HINT) from error
    for key in found.keys() - {"price", "factor"}:
        raise InputError(
            f"unknown key {key!r}", where=path.name, hint=f"[price.NAME], [factor.NAME]; {_HINT}"
        )
    by_name: dict[str, Price] = {}
    for table in ("price", "factor"):
        entries = found.get(table, {})
        if not isinstance(entries, dict):
            raise InputError(f"{table} is no table", where=path.name, hint=f"[{table}.NAME]")
        for name, entry in entries.items():
            by_name[name] = _price(name, entry, table == "factor", f"{path.name}, [{table}.{name}]")
    return Prices(name=path.name, currency=_one_currency(by_name, path.name), by_name=by_name)


def _price(name: str, entry: object, is_factor: bool, where: str) -> Price:
    kind = next((k for k in KINDS if name.endswith(f"_{k}") and name.removesuffix(f"_{k}") in BY_KIND), None)
    plain = name.removesuffix(f"_{kind}") if kind else name
    if plain not in UNITS or (plain in FACTORS) != is_factor:
        known = sorted(one for one in UNITS if (one in FACTORS) == is_factor)
        raise InputError(
            f"no {'factor' if is_factor else 'price'} of that name is used",
            where=where,
            hint=f"one of {', '.join(known)}; by kind: order_boost; {_HINT}",
        )
    if not isinstance(entry, dict):
        raise InputError("is no table", where=where, hint=_HINT)
    keys = _KEYS if is_factor else _KEYS | {"currency"}
    for key in sorted(entry.keys() - keys):
        raise InputError(f"unknown key {key!r}", where=where, hint=f"one of {', '.join(sorted(keys))}")
    for key in sorted(keys - entry.keys()):
        raise InputError(f"{key} is missing", where=where, hint=_HINT)
    low, mid, high = (_amount(entry[key], key, where) for key in ("low", "mid", "high"))
    if not low <= mid <= high:
        raise InputError(
            f"low {low:g}, mid {mid:g}, high {high:g} are not in this order",
            where=where,
            hint="low <= mid <= high",
        )
    if plain == "margin" and high > 1:
        raise InputError(f"a margin of {high:g}", where=where, hint="a share of the price, 0 to 1")
    if entry["unit"] != UNITS[plain]:
        raise InputError(f"the unit is {entry['unit']!r}", where=where, hint=f'unit = "{UNITS[plain]}"')
    return Price(
        name=name,
        low=low,
        mid=mid,
        high=high,
        currency=None if is_factor else _currency(entry["currency"], where),
        unit=UNITS[plain],
        source=_text(entry["source"], where),
        date=_date(entry["date"], where),
    )


def _amount(value: Any, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InputError(f"{key} is {value!r}", where=where, hint="a number, 0 or more")
    return float(value)


def _currency(value: object, where: str) -> str:
    if not (isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()):
        raise InputError(f"the currency is {value!r}", where=where, hint="three letters, such as CNY or EUR")
    return value


def _text(value: object, where: str) -> str:
    if not (isinstance(value, str) and value.strip()):
        raise InputError("the source is empty", where=where, hint="an address, or the number of an exhibit")
    return value.strip()


def _date(value: object, where: str) -> date:
    if type(value) is not date:  # a datetime is a date, too
        raise InputError(f"the date is {value!r}", where=where, hint="date = 2026-03-01, without quotes")
    return value


def _one_currency(by_name: dict[str, Price], where: str) -> str | None:
    first: dict[str, str] = {}
    for price in by_name.values():
        if price.currency is not None:
            first.setdefault(price.currency, price.name)
    if len(first) > 1:
        said = ", ".join(f"{currency} in {name}" for currency, name in first.items())
        raise InputError(
            f"prices in several currencies: {said}",
            where=where,
            hint="convert them, and say so in the source",
        )
    return next(iter(first), None)
