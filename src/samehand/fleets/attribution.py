"""How much likelier each event of a fleet's members is if the fleet's hand made it than if the account's owner did.

An event belongs to its account's own life, or to a moment of the fleet that a layer sees at one of its scales, or was
driven without a trace. How often each of these is, is learned from the fleet itself (expectation-maximisation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.arrays import BOOL, F64, I32, I64
from samehand.kernels.beside import count_beside

UNSEEN: Final = 0.01
"""Share of the driven events that no layer sees, before anything is known of the fleet."""
UNSEEN_WEIGHT: Final = 50.0
"""That share is believed as if so many driven events had shown it."""
MEETING: Final = 2.0
"""People who share an interest meet so much more often than the crowd around them gives."""
OWN_SHARE_WEIGHT: Final = 5.0
"""A member's share of driven events is that of its fleet until about so many of its events say otherwise."""
SPREAD: Final = 1.0
"""So many events' worth of doubt is spread over all looks, and over all numbers of members beside an event."""
EQUIPMENT_BITS: Final = 6.0
"""Devices and addresses say no more of an event than this, for or against: people share networks, too."""
LEAST_SHARE: Final = 1e-3
"""A look that explains less of the driven events than this is left out."""
ROUNDS: Final = 60
EQUIPMENT_ROUND: Final = 5
"""Devices and addresses count from this round on: before, it is not known which events they come with."""
ENOUGH: Final = 1e-3
"""Rounds end when no posterior changes by more."""


@dataclass(frozen=True)
class Look:
    """The events of a fleet that were beside other members, as one layer sees them at one scale.

    An event comes once for each feature that it shares, in order of feature and time.
    """

    scale_us: int
    place: I64
    """Row of the event among those of the fleet."""
    feature: I64
    time_us: I64
    outside: F64
    """Share of the log that others outside the fleet do on the feature within the scale, theirs and one more event."""


@dataclass(frozen=True)
class Attribution:
    """What is said of each event."""

    bits: F64
    """log2 of how much likelier the event is if it was driven than if it was its account's own life."""
    p_driven: F64
    """Posterior probability, with the share of the account's events that are driven as the prior."""


def attribute(looks: Sequence[Look], account: I32, equipment: Sequence[I64] = ()) -> Attribution:
    """Attribute each event of a fleet to the fleet's hand or to its account's own life.

    Args:
        looks: Where members were beside each other.
        account: Account of each event, numbered from 0.
        equipment: For each of device, address and client that is known, its code at each event; -1: none.
    """
    state = _State(looks, account)
    ratio = np.ones(len(account))
    for turn in range(ROUNDS):
        before = state.p
        if equipment and turn >= EQUIPMENT_ROUND:
            ratio = _equipment_ratio(equipment, account, before)
        odds = state.learn(ratio)
        if turn == EQUIPMENT_ROUND:
            state.leave_out_useless()
        if turn > EQUIPMENT_ROUND and np.abs(state.p - before).max(initial=0.0) <= ENOUGH:
            break
    return Attribution(np.log2(odds) if len(account) else np.empty(0), state.p)


class _State:
    """What is believed so far: which events were driven, and how the fleet works."""

    def __init__(self, looks: Sequence[Look], account: I32) -> None:
        n = len(account)
        self.looks, self.account = looks, account
        self.n_members = int(account.max(initial=0)) + 1
        self.n_events_of = np.bincount(account, minlength=self.n_members)
        self.p = np.zeros(n)
        for look in looks:
            self.p[look.place] = 0.5
        self.prior = np.full(n, 0.5)
        self.unseen = UNSEEN
        self.shares = np.full(len(looks), (1 - UNSEEN) / max(len(looks), 1))
        # Numbers of members beside an event, in steps of a power of two: a step is [low, high].
        n_steps = max(self.n_members - 1, 1).bit_length()
        low = 2 ** np.arange(n_steps)
        self.width = np.minimum(2 * low - 1, max(self.n_members - 1, 1)) - low + 1
        self.steps = [np.full(n_steps, 1 / n_steps) for _ in looks]
        self.n_beside = [self._beside(look)[0] for look in looks]
        self.step = [_power_of_two(n_beside) for n_beside in self.n_beside]
        self.log_factorial = [_log_factorial(n_beside) for n_beside in self.n_beside]
        # A text has several features, of which one is the shared one.
        self.n_features = [max(1, int(np.bincount(look.place).max(initial=1))) for look in looks]

    def learn(self, ratio: F64) -> F64:
        """Take one round: judge each event, then learn the shares from what was judged.

        Returns:
            How much likelier each event is if it was driven; ``ratio``: what its equipment says of that.
        """
        parts = {i: self._likelier(i) for i in np.flatnonzero(self.shares > 0).tolist()}
        seen = np.zeros(len(self.p))
        for i, part in parts.items():
            seen += self.shares[i] * np.bincount(self.looks[i].place, part, minlength=len(seen))
        odds: F64 = (seen + self.unseen) * ratio
        own = 1 / (self.prior * odds + 1 - self.prior)
        self.p = self.prior * odds * own
        weight = self.prior * ratio * own
        found = np.zeros(len(self.looks))
        for i, part in parts.items():
            each = self.shares[i] * part * weight[self.looks[i].place]
            found[i] = each.sum() + SPREAD / len(parts)
            steps = np.bincount(self.step[i], each, minlength=len(self.width))
            self.steps[i] = (steps + SPREAD / len(steps)) / (steps.sum() + SPREAD)
        driven = self.p.sum()
        hidden = (weight * self.unseen).sum()
        self.unseen = float((hidden + UNSEEN * UNSEEN_WEIGHT) / (driven + UNSEEN_WEIGHT))
        self.shares = (1 - self.unseen) * found / max(found.sum(), 1e-300)
        of_fleet = driven / max(len(self.p), 1)
        by_member = np.bincount(self.account, self.p, minlength=self.n_members)
        share = (by_member + OWN_SHARE_WEIGHT * of_fleet) / (self.n_events_of + OWN_SHARE_WEIGHT)
        self.prior = np.clip(share[self.account], 1e-3, 1 - 1e-3)
        return odds

    def leave_out_useless(self) -> None:
        """Leave out looks that explain next to nothing, which saves most of the time."""
        self.shares[self.shares < LEAST_SHARE] = 0.0

    def _likelier(self, i: int) -> F64:
        """How much likelier a driven event is to be where it is, as look i sees it: by the moment, and by the event.

        The moment: so many members beside it, if the fleet is at work, against what chance brings there. The event:
        the share of the fleet's work that lies there, against the share of anybody's life. The smaller counts: a
        moment of the fleet makes no account's own visit impossible, and two chance visitors are no moment.
        """
        look, n_beside = self.looks[i], self.n_beside[i]
        outside = MEETING * look.outside
        expected = ((1 - self.p).sum() + 1) * outside
        log_driven = np.log(self.steps[i] / self.width)[self.step[i]]
        log_chance = n_beside * np.log(expected) - expected - self.log_factorial[i]
        # Driven events beside it, as far as they are known to be driven; no more than there are accounts.
        beside = np.minimum(self._beside(look)[1], n_beside)
        log_event = np.log(np.maximum(beside, 1e-6) / max(float(self.p.sum()), 1.0) / outside)
        likelier: F64 = np.exp(np.minimum(log_driven - log_chance, log_event)) / self.n_features[i]
        return likelier

    def _beside(self, look: Look) -> tuple[I32, F64]:
        n_beside, weight = np.empty(len(look.place), np.int32), np.empty(len(look.place))
        count_beside(
            look.feature, look.time_us, self.account[look.place], look.scale_us, self.p[look.place],
            np.zeros(self.n_members, np.int32), np.zeros(self.n_members), n_beside, weight,
        )  # fmt: skip
        return np.maximum(n_beside, 1), weight


def _power_of_two(n_beside: I32) -> I64:
    """The power of two at or below each number."""
    return np.frexp(n_beside.astype(np.float64))[1].astype(np.int64) - 1


def _log_factorial(n: I32) -> F64:
    logs: F64 = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(n.max(initial=0)) + 1)))])
    return logs[n]


def _equipment_ratio(equipment: Sequence[I64], account: I32, p: F64) -> F64:
    """How much likelier the equipment of each event is if it was driven; of several kinds, the most telling.

    What counts is whether the device (address, client) is one from which other members were driven. Each account is
    compared with itself: who does everything from one phone shows nothing by it. An event is no evidence for itself.
    """
    strongest = np.zeros(len(p))
    for code in equipment:
        known = code >= 0
        fleets = _of_the_fleet(code, account, p)
        log_ratio = np.log2(_times_likelier(fleets[known], account[known], p[known]))
        place = np.flatnonzero(known)
        more = np.abs(log_ratio) > np.abs(strongest[place])
        strongest[place[more]] = log_ratio[more]
    return np.exp2(np.clip(strongest, -EQUIPMENT_BITS, EQUIPMENT_BITS))


def _of_the_fleet(code: I64, account: I32, p: F64) -> BOOL:
    """Whether other accounts were driven (one event or more) from where each event came from."""
    at = np.maximum(code, 0)
    each, whose = np.unique(at * (int(account.max(initial=0)) + 1) + account, return_inverse=True)
    here = np.bincount(at, p)[at]
    own = np.bincount(whose, p, minlength=len(each))[whose]
    of_fleet: BOOL = here - own >= 1.0 - 1e-9
    return of_fleet


def _times_likelier(fleets: BOOL, account: I32, p: F64) -> F64:
    """Of each event: how much more of its account's driven than of its own other events are like it."""
    n, like = int(account.max(initial=0)) + 1, fleets.astype(np.float64)

    def of_account(weight: F64) -> F64:
        return np.bincount(account, weight, minlength=n).astype(np.float64)[account]

    usual = of_account(like) / of_account(np.ones(len(p)))
    driven = (of_account(p * like) - p * like + usual / 2) / (of_account(p) - p + 0.5)
    own = (of_account((1 - p) * like) - (1 - p) * like + usual / 2) / (of_account(1 - p) - (1 - p) + 0.5)
    ratio: F64 = np.where(fleets, driven, 1 - driven) / np.maximum(np.where(fleets, own, 1 - own), 1e-9)
    return np.maximum(ratio, 1e-9)
