"""Surrogate logs in memory: the same events, with the accounts of similar events dealt out again.

Accounts are swapped among events of one action, one community of interest and one stretch of time, and no account comes
to the same target twice where it did not before. Bursts, activity, interests, daily rhythm and once-per-target stay;
co-ordination goes. The suspects' events are dealt to anybody who acts at that hour of the day: otherwise a fleet that
rules its stretch of time would survive in its own surrogate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.arrays import I32, I64
from samehand.kernels import swap
from samehand.kernels.order import order_by_code, small_codes

HOUR_US: Final = 3_600_000_000
STRETCHES_US: Final = (HOUR_US, 6 * HOUR_US, 24 * HOUR_US, 7 * 24 * HOUR_US)
SMALLEST_GROUP: Final = 48
"""Events that must be there to swap among; where there are fewer, a longer stretch of time is taken."""
ROUNDS: Final = 9
"""Times that repeats are swapped away; what is left then stays."""


@dataclass(frozen=True)
class Groups:
    """Events among which accounts may be swapped."""

    group: I32
    """Group of each event."""
    first: I64
    order: I32
    by_item: I32
    """All events, those on one target with one action together."""
    item: I32
    """Target and action of each event; -1 without a target."""
    key: I64
    """Of each group, the place of its first event: chance is drawn by it, so that an engine may deal group by group."""


def similar_events(time: I64, action: I32, target: I32, interest: I32) -> Groups:
    """Group events by action, interest and the shortest stretch of time that holds enough of them.

    Args:
        time: Microseconds.
        action: Code of the action.
        target: Code of the target, -1 for none.
        interest: Community of interest of the target.
    """
    n = len(time)
    kind = small_codes(interest.astype(np.int64) * (int(action.max(initial=0)) + 2) + action + 1)
    group = np.full(n, -1, np.int64)
    n_groups = 0
    rest = np.arange(n)
    for stretch in STRETCHES_US:
        stretches = (time[rest] - _first(time)) // stretch
        codes = small_codes(kind[rest].astype(np.int64) * (int(stretches.max(initial=0)) + 1) + stretches)
        n_groups, rest = _accept(group, rest, codes, n_groups)
    for codes_of_rest in (kind, action + 1, np.zeros(n, np.int32)):
        n_groups, rest = _accept(group, rest, codes_of_rest[rest], n_groups)
    group[rest] = n_groups  # fewer events than the smallest group: they swap among themselves
    group32 = group.astype(np.int32)
    everything = np.arange(n, dtype=np.int32)
    order = order_by_code(group32, n_groups + 1, everything)
    first = np.searchsorted(group32[order], np.arange(n_groups + 2))
    n_targets = int(target.max(initial=0)) + 1
    item = small_codes(np.where(target >= 0, (action + 1).astype(np.int64) * n_targets + target + 1, 0))
    by_item = order_by_code(item, int(item.max(initial=0)) + 1, everything)
    key = np.append(order, 0)[first[:-1]].astype(np.int64)  # the last group may have no events
    return Groups(group32, first, order, by_item, np.where(target >= 0, item, -1).astype(np.int32), key)


def _first(time: I64) -> int:
    """The first time: stretches and hours count from it, so that nothing depends on the calendar."""
    return int(time.min()) if len(time) else 0


def _accept(group: I64, rest: I64, codes: I32, n_groups: int) -> tuple[int, I64]:
    """Make groups of the codes that are frequent enough; give the number of groups, and what is still left."""
    sizes = np.bincount(codes) if len(codes) else np.zeros(1, np.int64)
    enough = sizes >= SMALLEST_GROUP
    number = np.cumsum(enough) - 1 + n_groups
    accepted = enough[codes]
    group[rest[accepted]] = number[codes[accepted]]
    return n_groups + int(enough.sum()), rest[~accepted]


def deal_again(account: I32, time: I64, groups: Groups, suspects: I32, seed: int) -> I32:
    """Deal the accounts out again; see the head of this file.

    What is drawn for an event or a group depends on the seed and on its place in the log alone, so that it is the same
    in whatever pieces the log is worked on.

    Args:
        account: Account of each event.
        time: Microseconds.
        groups: From ``similar_events``.
        suspects: Accounts whose events go to anybody.
        seed: Seed; the same seed gives the same surrogate.

    Returns:
        The new account of each event.
    """
    words = words_of(seed)
    dealt = _spread_suspects(account, time, suspects, words[:2])
    swap.shuffle_in_groups(dealt, groups.first, groups.order, swap.draw_for(groups.key, words[2]))
    last_item = np.empty(int(account.max(initial=0)) + 1, np.int32)
    repeats = np.empty(len(account), np.int64)
    for word in words[3:]:
        n = swap.find_repeats(dealt, groups.item, groups.by_item, last_item, repeats)
        if n == 0:
            break
        seeds = swap.draw_for(groups.key, word)
        swap.swap_some(dealt, groups.first, groups.order, groups.group, np.sort(repeats[:n]), seeds)
    return dealt


def words_of(seed: int) -> list[int]:
    """Seeds of the steps of a surrogate: two for the suspects, one for the shuffle, one for each further round."""
    drawn: list[int] = np.random.default_rng(seed).integers(0, 2**62, 3 + ROUNDS).tolist()
    return drawn


def _spread_suspects(account: I32, time: I64, suspects: I32, words: list[int]) -> I32:
    """Give the events of suspects the accounts of others' events at that hour of the day, drawn without replacement."""
    dealt = account.copy()
    if len(suspects) == 0:
        return dealt
    suspect = np.zeros(int(account.max(initial=0)) + 1, np.bool_)
    suspect[suspects] = True
    theirs = np.flatnonzero(suspect[account])
    donors = np.flatnonzero(~suspect[account])
    if len(donors) == 0:
        return dealt
    hour = ((time - _first(time)) // HOUR_US % 24).astype(np.int8)
    for h in range(24):
        here = theirs[hour[theirs] == h]
        pool = donors[hour[donors] == h]
        pool = pool if len(pool) else donors
        drawn = _lowest(pool, words[1], len(here))
        for_whom = _lowest(here, words[0], len(here))
        dealt[for_whom] = account[np.resize(drawn, len(here))]
    return dealt


def _lowest(events: I64, word: int, n: int) -> I64:
    """The ``n`` events for which the lowest words are drawn, in order of these."""
    drawn = swap.draw_for(events, word)
    if n < len(events):
        events = events[np.argpartition(drawn, n)[:n]]
        drawn = swap.draw_for(events, word)
    return events[np.argsort(drawn, kind="stable")]
