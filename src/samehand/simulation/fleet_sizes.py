"""How many fleets a platform has, of which kinds and how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import generator

ROSTER: Final = (
    "boost",
    "follow_farm",
    "mass_add",
    "mass_message",
    "bulk_registration",
    "rented",
    "mixed",
    "boost",
    "small_fleets",
)
"""Controllers on every 20,000 accounts."""
FLEET_KINDS: Final = tuple(dict.fromkeys(ROSTER))
ACCOUNTS_PER_ROSTER: Final = 20_000
SHARE_OF_ACCOUNTS: Final = 0.03
TOLERANCE: Final = 0.2
"""The sizes of a roster are drawn again until their sum is this near to the share."""
SIZES: Final = (8, 300)
SMALL_SIZES: Final = (8, 12)
SMALL_FLEETS: Final = (3, 4)
TINY_PLATFORM: Final = 4_000
"""Below, fleets shrink to ``TINY_SIZES`` and hold more than their share of the accounts."""
TINY_SIZES: Final = (5, 8)
_TRIES: Final = 500


@dataclass(frozen=True)
class Controller:
    """One hand: the fleets that it moves."""

    kind: str
    number: int
    """Among all controllers; names its part of the seed."""
    sizes: tuple[int, ...]
    """Of its fleets; all but ``small_fleets`` have one."""


def draw_controllers(n_accounts: int, seed: int) -> list[Controller]:
    """Draw the controllers of a platform, all kinds."""
    controllers: list[Controller] = []
    for turn in range(max(1, round(n_accounts / ACCOUNTS_PER_ROSTER))):
        rng = generator(seed, "fleet sizes", turn)
        controllers += [
            Controller(kind, len(controllers) + place, sizes)
            for place, (kind, sizes) in enumerate(zip(ROSTER, _draw_sizes(n_accounts, rng), strict=True))
        ]
    return controllers


def _draw_sizes(n_accounts: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Draw sizes log-uniformly, so that the fleets of one roster sum to about their share of its accounts."""
    if n_accounts < TINY_PLATFORM:
        return [
            tuple(rng.integers(TINY_SIZES[0], TINY_SIZES[1] + 1, _n_fleets(kind, rng)).tolist())
            for kind in ROSTER
        ]
    wanted = SHARE_OF_ACCOUNTS * min(n_accounts, ACCOUNTS_PER_ROSTER)
    small = sum(SMALL_SIZES) / 2 * sum(SMALL_FLEETS) / 2
    largest = _largest((wanted - small) / (len(ROSTER) - 1))
    for _ in range(_TRIES):
        drawn: list[tuple[int, ...]] = []
        for kind in ROSTER:
            n = _n_fleets(kind, rng)
            low, high = SMALL_SIZES if kind == "small_fleets" else (SIZES[0], largest)
            size = np.exp(rng.uniform(np.log(low), np.log(high + 1), n))
            drawn.append(tuple(size.astype(int).tolist()))
        if abs(sum(map(sum, drawn)) / wanted - 1) < TOLERANCE:
            break
    return drawn


def _n_fleets(kind: str, rng: np.random.Generator) -> int:
    return int(rng.integers(SMALL_FLEETS[0], SMALL_FLEETS[1] + 1)) if kind == "small_fleets" else 1


def _largest(mean: float) -> float:
    """Give the largest size with which a log-uniform draw has the wanted mean, 300 at most."""
    sizes = np.linspace(SIZES[0] + 1, SIZES[1], 2_000)
    means = (sizes - SIZES[0]) / np.log(sizes / SIZES[0])
    return float(sizes[min(int(np.searchsorted(means, mean)), len(sizes) - 1)])
