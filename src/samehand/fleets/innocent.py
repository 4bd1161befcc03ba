"""Innocent explanations: each a test of one harmless cause on a group's facts, with a weight and the figures behind it.

Co-ordination is not guilt. A weight near 1 says that the cause explains what was seen; near 0, that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.columns import Role
from samehand.fleets.facts import Facts

TEN_MINUTES_US: Final = 600_000_000


@dataclass(frozen=True)
class Explanation:
    """One innocent cause, tested on one group."""

    name: str
    tested: bool
    """False where the log lacks what the test needs."""
    weight: float
    """0 to 1: how well the cause explains what was seen; 0 where not tested."""
    figures: Mapping[str, float]
    """What the sentence is made of."""
    missing: tuple[Role, ...] = ()
    """Columns that the log lacks for the test."""


@dataclass(frozen=True)
class Cause:
    """One innocent cause and how to test it."""

    name: str
    needs: tuple[Role, ...]
    """Columns without which it cannot be tested."""
    weigh: Callable[[Facts], float]
    """The weight, NaN where the facts do not allow a test."""
    figures: tuple[str, ...]
    """Names of the facts that its sentence shows."""


def ramp(value: float, low: float, high: float) -> float:
    """0 below ``low``, 1 above ``high``, straight between (or the other way round); NaN stays NaN.

    >>> ramp(0.625, 0.5, 1.0), ramp(0.9, 0.4, 0.8), ramp(0.1, 0.2, 0.1)
    (0.25, 1.0, 1.0)
    """
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def shared_interest(facts: Facts) -> float:
    """Members act on the same targets, but not more at the same time than others there do.

    Who shares an interest also acts alone at times: a group that does nothing but act within minutes of itself is not
    explained by it.
    """
    if not (facts.lag_control and facts.on_targets):
        return float("nan")
    weight = _not_at_once(facts)
    return weight * ramp(facts.own_life, 0.02, 0.15) if facts.scale_us <= TEN_MINUTES_US else weight


def common_words(facts: Facts) -> float:
    """Members write the same words, but not at the same time: phrases of a trade, a place or a day."""
    return _not_at_once(facts) if facts.lag_control and facts.of_texts else float("nan")


def _not_at_once(facts: Facts) -> float:
    """How well the lags of the median member go with common interests or habits."""
    return float(min(1.0, 2.0 ** (2.0 - facts.lag_bits)))


def invitation(facts: Facts) -> float:
    """Members are new, and what brought them explains it: they have little else in common, or all came within hours.

    Who invited them, a launch, a show: it is over after hours, and those who come for it do what it is about.
    """
    if not facts.of_first_steps:
        return float("nan")
    return max(ramp(facts.n_joint_features, 4, 3), ramp(facts.n_occasions, 5, 3))


def shared_network(facts: Facts) -> float:
    """Members come through the same addresses, and nothing else is common to them: so do customers of one provider."""
    if np.isnan(facts.address_shared):
        return float("nan")
    return 0.0 if facts.convicts else 1.0


def fan_club(facts: Facts) -> float:
    """All joint targets are of one interest and mostly new, and members are quick rather than in lockstep."""
    return (
        _come_to(facts)
        * ramp(facts.focus, 2.0, 4.0)
        * ramp(facts.at_birth, 0.1, 0.3)
        * ramp(facts.lag_bits, 60, 30)
        * ramp(facts.own_life, 0.05, 0.15)
        * _apart(facts)
    )


def push_notification(facts: Facts) -> float:
    """All joint targets are of one interest, or known by the group alone, and members come when they are new."""
    # Where those who were notified are nearly the only ones to come, nothing tells the interest of the targets: then
    # members must come when they are new nearly every time.
    known = not np.isnan(facts.focus)
    return (
        _come_to(facts)
        * (ramp(facts.focus, 1.5, 3.0) if known else 1.0)
        * (ramp(facts.at_birth, 0.3, 0.5) if known else ramp(facts.at_birth, 0.6, 0.9))
        * ramp(facts.own_life, 0.05, 0.15)
        * _apart(facts)
    )


def live_event(facts: Facts) -> float:
    """Members come to what is new or crowded, in few stretches of time, and have a life of their own besides.

    Where they come together very seldom and live much on their own, what they come to need not be new: some go from one
    event to another, and what is said of the targets is then said of both.
    """
    occasions = facts.n_occasions / facts.n_occasions_log
    seldom = ramp(occasions, 0.12, 0.08) * ramp(facts.own_life, 0.3, 0.4)
    crowded = ramp(facts.n_outside / facts.n_accounts, 2, 4) * ramp(facts.n_outside, 50, 200)
    return (
        _come_to(facts)
        * max(_new(facts, 0.2, 0.4), crowded, seldom)
        * ramp(occasions, 0.2, 0.12)
        * ramp(facts.own_life, 0.1, 0.2)
        * _apart(facts)
    )


def classroom(facts: Facts) -> float:
    """Members are in one place when they act together, elsewhere when they act alone, and they do act alone.

    Where the log does not tell places, they must act alone more often: a lesson, a meeting or a match fills a few
    stretches of time, and most of what people do is elsewhere.
    """
    seldom = ramp(facts.n_occasions / facts.n_occasions_log, 0.25, 0.15)
    if np.isnan(facts.together_in_place) or np.isnan(facts.apart_in_place):
        if facts.of_first_steps:
            return float("nan")
        return seldom * ramp(facts.own_life, 0.15, 0.3) if facts.on_targets else float("nan")
    in_place = ramp(facts.together_in_place, 0.5, 0.8) * ramp(facts.apart_in_place, 0.5, 0.3)
    return seldom * in_place * ramp(facts.own_life, 0.05, 0.15)


def link_group(facts: Facts) -> float:
    """Members are people with connections and a life of their own who pass new links on to each other.

    Where the log does not tell connections, their lags must surprise less: hands act within less time than people do.
    """
    quick = ramp(facts.lag_bits, 30, 15) if np.isnan(facts.address_shared) else ramp(facts.lag_bits, 120, 70)
    came = _come_to(facts) * _new(facts, 0.25, 0.5)
    return came * _apart(facts) * ramp(facts.own_life, 0.15, 0.3) * quick


def _come_to(facts: Facts) -> float:
    """1 where members chose when to come: first steps are taken when one signs up, whenever that is."""
    return float("nan") if facts.of_first_steps else 1.0


def _new(facts: Facts, low: float, high: float) -> float:
    """Whether the targets may have been new when the group came: so they are where nobody else ever was on them."""
    if not facts.on_targets:
        return float("nan")
    return 1.0 if np.isnan(facts.at_birth) else ramp(facts.at_birth, low, high)


def _apart(facts: Facts) -> float:
    """Whether members may be people with connections of their own: not, where every address is shared among them."""
    return 1.0 if np.isnan(facts.address_shared) else ramp(facts.address_shared, 0.9, 0.75)


def syndication(facts: Facts) -> float:
    """Members are publishers: far more people act on them than on other accounts."""
    return ramp(facts.audience / facts.audience_usual, 2.5, 4) * ramp(facts.audience, 3, 6)


def household(facts: Facts) -> float:
    """Members are few, share a device, and act in lockstep not at all, or seldom beside much of their own."""
    seldom = ramp(facts.own_life, 0.3, 0.5) * ramp(facts.n_occasions / facts.n_occasions_log, 0.2, 0.12)
    few = ramp(facts.n_accounts, 9, 8) * ramp(facts.device_shared, 0.3, 0.6)
    return few * float(np.fmax(shared_interest(facts), seldom))


def call_centre(facts: Facts) -> float:
    """The people that members write to answer them as they answer others."""
    return ramp(facts.answered / facts.answered_usual, 0.5, 0.8)


def scheduler(facts: Facts) -> float:
    """Members act at full minutes, as scheduled posts do, and have a life of their own besides."""
    return ramp(facts.round_clock, 0.5, 0.8) * ramp(facts.own_life, 0.2, 0.4)


CAUSES: Final = (
    Cause("shared_interest", ("target",), shared_interest, ("lag_bits", "lag_scale_us")),
    Cause("common_words", ("content",), common_words, ("lag_bits", "lag_scale_us")),
    Cause("invitation", ("action", "target"), invitation, ("n_joint_features", "n_occasions")),
    Cause("shared_network", ("address",), shared_network, ("address_shared", "n_accounts")),
    Cause("fan_club", ("target",), fan_club, ("focus", "at_birth", "lag_bits", "own_life")),
    Cause("push_notification", ("target",), push_notification, ("focus", "at_birth", "own_life")),
    Cause("live_event", ("target",), live_event, ("at_birth", "n_occasions", "n_occasions_log", "own_life")),
    Cause(
        "classroom",
        ("target",),
        classroom,
        ("together_in_place", "apart_in_place", "n_occasions", "n_occasions_log", "own_life"),
    ),
    Cause("link_group", ("target",), link_group, ("at_birth", "address_shared", "own_life", "lag_bits")),
    Cause("syndication", ("target",), syndication, ("audience", "audience_usual")),
    Cause("household", ("device",), household, ("n_accounts", "device_shared", "lag_bits", "own_life")),
    Cause("call_centre", ("outcome",), call_centre, ("answered", "answered_usual")),
    Cause("scheduler", (), scheduler, ("round_clock", "own_life")),
)


def explain_away(facts: Facts, roles: frozenset[Role]) -> list[Explanation]:
    """Test every innocent cause; the best first, those that could not be tested last."""
    tried = []
    for cause in CAUSES:
        weight = cause.weigh(facts) if roles.issuperset(cause.needs) else float("nan")
        tested = not np.isnan(weight)
        figures = {name: float(getattr(facts, name)) for name in cause.figures if tested}
        known = {name: value for name, value in figures.items() if not np.isnan(value)}
        missing = tuple(role for role in cause.needs if role not in roles)
        tried.append(Explanation(cause.name, tested, weight if tested else 0.0, known, missing))
    return sorted(tried, key=lambda one: (not one.tested, -one.weight))
