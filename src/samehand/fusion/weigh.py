"""From what each family says to one probability: weights of agreement after Fellegi and Sunter (1969).

How often a family says so much of fleets (m) and of groups that are none (u) is known from made-up logs, and learned on
from the log at hand by expectation-maximisation: its candidates are either kind, nobody says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from samehand.arrays import F64, I32
from samehand.fusion.gather import Said
from samehand.fusion.known import FLEETS, OTHERS

INNOCENT: Final = "innocent_causes"
"""What the best innocent explanation says; it is weighed as a family of its own."""
CUTS: Final[dict[str, tuple[float, ...]]] = {INNOCENT: (0.05, 0.5)}
"""Where one level ends and the next begins: weights of the best innocent explanation."""
BITS_CUTS: Final = (1.0, 10.0, 50.0, 200.0)
"""The same for bits of evidence, in every other family."""
MOST_WEIGHT: Final = 6.0
"""Bits that one family counts at most, for or against, so that none convicts alone."""
MOST_INNOCENT_WEIGHT: Final = 10.0
"""An innocent cause that explains a group counts more: to accuse people who have one is the worst that can be done."""
PSEUDO: Final = 40.0
"""Made-up candidates of each kind that the log's own are added to: few say little, hundreds say most."""
ROUNDS: Final = 30


@dataclass(frozen=True)
class Part:
    """What one layer adds to, or takes away from, the sum of a candidate."""

    said: Said
    weight_bits: float
    """log2(m / u) of its family's level, bounded; 0 where it is not the strongest of its family."""
    counts: bool
    """It speaks for its family."""


@dataclass(frozen=True)
class Fused:
    """One candidate, all layers together."""

    prior_bits: float
    parts: list[Part]
    """One a layer, in the order of what was said."""
    innocent_bits: float
    posterior: float
    """Probability that one hand moves it, as far as logs are like those that the weights were learned from."""


def fuse(said: Sequence[Sequence[Said]], innocent: Sequence[float]) -> list[Fused]:
    """Weigh what is said of each candidate.

    Args:
        said: Of each candidate, what each layer and trait says; those whose columns the log lacks say nothing and are
            not in it.
        innocent: Weight of the best innocent explanation of each candidate, 0 to 1.
    """
    families = [*dict.fromkeys(one.family for some in said for one in some), INNOCENT]
    levels = {family: _levels(family, said, innocent) for family in families}
    weights, prior = _learn(levels, len(said))
    found = []
    for i, some in enumerate(said):
        parts = _parts(some, {family: weights[family][levels[family][i]] for family in families})
        own = float(weights[INNOCENT][levels[INNOCENT][i]])
        total = prior + own + sum(part.weight_bits for part in parts)
        found.append(Fused(prior, parts, own, float(1 / (1 + 2.0**-total))))
    return found


def level_of(family: str, value: float) -> int:
    """How much a family says, in steps.

    >>> level_of("network", 0.0), level_of("network", 1000.0), level_of("innocent_causes", 1.0)
    (0, 4, 2)
    """
    return int(np.searchsorted(CUTS.get(family, BITS_CUTS), value, side="right"))


def _levels(family: str, said: Sequence[Sequence[Said]], innocent: Sequence[float]) -> I32:
    if family == INNOCENT:
        return np.array([level_of(family, weight) for weight in innocent], np.int32)
    most = [max((one.bits for one in some if one.family == family), default=0.0) for some in said]
    return np.array([level_of(family, bits) for bits in most], np.int32)


def _learn(levels: dict[str, I32], n: int) -> tuple[dict[str, F64], float]:
    """Give the weights of each family's levels, and the prior: how many candidates are fleets; both in bits."""
    known = {family: (_shares(FLEETS, family), _shares(OTHERS, family)) for family in levels}
    tables, p = dict(known), np.full(n, 0.5)
    prior = 0.0
    for _ in range(ROUNDS):
        total = np.full(n, prior)
        for family, level in levels.items():
            total += _weights(family, *tables[family])[level]
        p = 1 / (1 + 2.0**-total)
        for family, level in levels.items():
            n_levels = len(known[family][0])
            tables[family] = (
                _blend(known[family][0], np.bincount(level, weights=p, minlength=n_levels)),
                _blend(known[family][1], np.bincount(level, weights=1 - p, minlength=n_levels)),
            )
        share = (PSEUDO / 2 + p.sum()) / (PSEUDO + n)
        prior = float(np.log2(share / (1 - share)))
    return {family: _weights(family, *tables[family]) for family in levels}, prior


def _shares(counts: dict[str, tuple[int, ...]], family: str) -> F64:
    """How often candidates of one kind are at each level; half a candidate more at each, so that none is impossible."""
    n_levels = len(CUTS.get(family, BITS_CUTS)) + 1
    seen = np.array(counts.get(family, (0,) * n_levels), float) + 0.5
    return np.asarray(seen / seen.sum())


def _blend(known: F64, seen: NDArray[np.number[Any]]) -> F64:
    total = PSEUDO * known + seen
    return np.asarray(total / total.sum())


def _weights(family: str, m: F64, u: F64) -> F64:
    """log2(m / u), bounded, and made to rise with the level where it does not: more evidence never counts less."""
    most = MOST_INNOCENT_WEIGHT if family == INNOCENT else MOST_WEIGHT
    rises = family != INNOCENT
    found = isotonic_regression(np.log2(m / u), weights=m + u, increasing=rises).x
    return np.asarray(np.clip(found, -most, most))


def _parts(some: Sequence[Said], weight: dict[str, F64]) -> list[Part]:
    speaks: dict[str, int] = {}
    for place, one in enumerate(some):
        if one.family not in speaks or one.bits > some[speaks[one.family]].bits:
            speaks[one.family] = place
    return [
        Part(
            one,
            float(weight[one.family]) if speaks[one.family] == place else 0.0,
            speaks[one.family] == place,
        )
        for place, one in enumerate(some)
    ]
