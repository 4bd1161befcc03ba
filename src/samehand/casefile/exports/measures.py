"""Measures that a platform takes against accounts, as far as a statement of reasons asks for them.

Their names are those of the DSA Transparency Database in short; ``dsa`` writes them as its fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_CODES: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
COUNTRIES: Final = frozenset(_CODES.split())
"""Of the EU and the EEA."""
AREAS: Final = {"EEA": COUNTRIES, "EU": COUNTRIES - {"IS", "LI", "NO"}}
"""Short for all their countries."""
LONGEST_EXPLANATION: Final = 2_000
"""Characters of the reason that a statement takes."""


class MeasureKind(StrEnum):
    """What was done."""

    account_suspended = "account_suspended"
    account_terminated = "account_terminated"
    content_removed = "content_removed"
    content_disabled = "content_disabled"
    content_demoted = "content_demoted"
    payment_suspended = "payment_suspended"
    payment_terminated = "payment_terminated"
    service_partly_suspended = "service_partly_suspended"
    service_suspended = "service_suspended"
    service_partly_terminated = "service_partly_terminated"
    service_terminated = "service_terminated"


class Ground(StrEnum):
    """What the conduct goes against."""

    terms = "terms"
    """The terms of service."""
    law = "law"


class Automated(StrEnum):
    """How far the decision, not the detection, was taken by automated means."""

    no = "no"
    partly = "partly"
    fully = "fully"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure, where it holds, and on what ground."""

    kind: MeasureKind
    territory: tuple[str, ...]
    """Countries of the EU and EEA, by their two letters."""
    ground: Ground = Ground.terms
    automated: Automated = Automated.no
    until: date | None = None
    """The day on which it ends; None: it does not."""


def countries_of(named: Iterable[str]) -> tuple[str, ...]:
    """Give countries in order; ``EU`` and ``EEA`` stand for all of theirs. Unknown ones stay as they are.

    >>> len(countries_of(["EU"])), countries_of(["no", "DE", "US"])
    (27, ('DE', 'NO', 'US'))
    """
    given = [name.strip().upper() for name in named]
    return tuple(sorted({country for name in given if name for country in AREAS.get(name, {name})}))


def areas_of(territory: Iterable[str]) -> tuple[str, ...]:
    """Give a territory as short as it can be named.

    >>> areas_of(countries_of(["EU"])), areas_of(["DE", "FR"])
    (('EU',), ('DE', 'FR'))
    """
    named = frozenset(territory)
    return next(((area,) for area, countries in AREAS.items() if countries == named), tuple(sorted(named)))


def wrong_measure(territory: Iterable[str], until: date | None, begins: date) -> str | None:
    """Say what the database would refuse of a measure; None: nothing."""
    named = set(territory)
    strangers = sorted(named - COUNTRIES)
    if strangers or not named:
        return f"the territory is {', '.join(strangers) or 'empty'}; countries of the EU and EEA alone count"
    if until is not None and until < begins:
        return f"it ends on {until}, before {begins}, when it begins"
    return None
