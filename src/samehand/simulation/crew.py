"""A fleet at work, and what all its behaviours need to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints
from samehand.simulation.evasion import DAY_S, HOUR_S, MIN_SERVING, Evasion
from samehand.simulation.world import Platform

CONTROLLER_ZONE_S: Final = 8 * HOUR_S
QUIET_HOURS: Final = (1.0, 7.5)
LOAD_SPREAD: Final = 3.0
"""Members may be this many orders apart before the idle one is sure to be next."""
QUIET_WEIGHT: Final = 0.3
"""Work comes in less often at night, by the controller's clock."""


@dataclass(frozen=True)
class Crew:
    """The members of one fleet, ready to work."""

    platform: Platform
    members: Ints
    evasion: Evasion
    begins: float
    """When all its accounts have signed up; seconds, at least 0."""
    rng: np.random.Generator
    successors: Ints
    """Accounts that come in the place of banned members; they are new."""

    @property
    def n_serving(self) -> int:
        """Number of members that serve an order or a session."""
        return min(len(self.members), max(MIN_SERVING, round(self.evasion.share_serving * len(self.members))))

    def deal(self, n: int) -> Ints:
        """Draw the members that serve each of n orders: (n, n_serving). The idle come first."""
        load = np.zeros(len(self.members))
        hands = np.empty((n, self.n_serving), dtype=np.int64)
        for place in range(n):
            chosen = np.argsort(load + self.rng.random(len(load)) * LOAD_SPREAD)[: self.n_serving]
            load[chosen] += 1
            hands[place] = self.rng.permutation(chosen)
        return np.asarray(self.members[hands])

    def order_times(self, factor: float = 1.0) -> Floats:
        """Draw when orders arrive, ``factor`` times as many as the level of evasion allows; at least one."""
        days = (self.platform.window_s - self.begins) / DAY_S
        return self.busy_times(max(1, int(self.rng.poisson(self.evasion.orders_per_day * days * factor))))

    def busy_times(self, n: int) -> Floats:
        """Draw n moments between ``begins`` and the end of the log, seldom at night; ascending."""
        window_s = self.platform.window_s
        time = self.begins + self.rng.random(6 * n + 20) * (window_s - self.begins)
        hour = np.mod(time + CONTROLLER_ZONE_S, DAY_S) / HOUR_S
        quiet = (hour >= QUIET_HOURS[0]) & (hour < QUIET_HOURS[1])
        time = time[~quiet | (self.rng.random(len(time)) < QUIET_WEIGHT)]
        return np.sort(time[:n])
