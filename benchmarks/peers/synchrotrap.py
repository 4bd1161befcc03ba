"""SynchroTrap: accounts that do the same at about the same time, by Jaccard similarity and components.

Cao, Yang, Yu and Palow, "Uncovering Large Groups of Active Malicious Accounts in Online Social Networks", CCS 2014.

Published: two actions match when they are of one application, on one target, and at most T_sim apart. The similarity
of two accounts is Jaccard's, |matched actions| / |actions of either|. Where an account acts on a target only once, as
on a page that it likes, it is taken over all targets at once. Accounts whose similarity reaches a threshold are
joined (single linkage, which is the connected components), each application by itself, and small groups are dropped.
Matches are counted by day and hour and added up over a longer period; windows that slide make that exact, so here
they are counted over the period at once.

Ours, since we know of no published values: T_sim, the threshold, the least number of matches (without one, two
accounts with a single action each, on one popular target, are wholly similar), the period of a week, an action as an
application, and how repeated actions match: each action that has a partner counts, and of both accounts' counts the
smaller is the intersection. The paper's use of addresses as targets is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from peers.log import DAY_US, SECOND_US, Group, Ints, Log, join
from samehand.compat.window import last_within

CHUNK = 4_000_000
"""Pairs of actions that are looked at at a time."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be set."""

    window_s: float = 3_600.0
    """T_sim: two actions on one target match when they are at most so far apart."""
    least_similarity: float = 0.5
    """Accounts that are at least so similar are joined."""
    least_matches: int = 3
    """And have at least so many matched actions."""
    period_days: int = 7
    """Actions are compared over so long a time."""


def find(log: Log, settings: Settings | None = None) -> list[Group]:
    """Find groups of similar accounts, each action and period by itself.

    Returns:
        Groups, of which several may hold one account; the score is the number of accounts.
    """
    settings = settings or Settings()
    period = log.time_us // (settings.period_days * DAY_US)
    groups = []
    for number in np.unique(period):
        for action in np.unique(log.action):
            rows = np.flatnonzero((period == number) & (log.action == action))
            first, second, _ = similar_pairs(log, rows, settings)
            groups += [log.group(members, len(members)) for members in join(len(log.names), first, second)]
    return groups


def similar_pairs(log: Log, rows: Ints, settings: Settings) -> tuple[Ints, Ints, np.ndarray]:
    """Give the pairs of accounts, the first code the smaller, that some rows make similar, and how similar.

    Args:
        log: The log.
        rows: Actions of one application and period, in the order of the log.
        settings: What may be set.
    """
    n_accounts = len(log.names)
    n_actions = np.bincount(log.account[rows], minlength=n_accounts)
    directed = [np.empty((2, 0), np.int64)]
    for first, second in _matches(log, rows, settings, n_actions):
        directed.append(_count(log, np.concatenate([first, second]), np.concatenate([second, first])))
    key, place = np.unique(np.concatenate(directed, axis=1)[0], return_inverse=True)
    matched = np.bincount(place, np.concatenate(directed, axis=1)[1], len(key)).astype(np.int64)
    here, there = key // n_accounts, key % n_accounts
    up = here < there
    back = np.searchsorted(key, there[up] * n_accounts + here[up])
    both = np.minimum(matched[up], matched[back])
    first, second = here[up], there[up]
    similarity = both / (n_actions[first] + n_actions[second] - both)
    kept = (similarity >= settings.least_similarity) & (both >= settings.least_matches)
    return first[kept], second[kept], similarity[kept]


def _matches(log: Log, rows: Ints, settings: Settings, n_actions: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Give matching actions in pairs, those on one target together, accounts left out that cannot be similar."""
    enough = n_actions[log.account[rows]] >= settings.least_matches
    rows = rows[enough]
    if len(rows) == 0:
        return
    feature, seconds = log.feature[rows], log.time_us[rows] / SECOND_US
    n_later = last_within(feature, seconds, settings.window_s) - np.arange(len(rows))
    ends = np.append(np.flatnonzero(np.diff(feature)) + 1, len(rows))
    total = np.cumsum(n_later)
    begin = 0
    while begin < len(rows):
        limit = total[begin] - n_later[begin] + CHUNK
        fits = ends[(ends > begin) & (total[ends - 1] <= limit)]
        end = int(fits[-1]) if len(fits) else int(ends[ends > begin][0])
        counts = n_later[begin:end]
        first = np.repeat(np.arange(begin, end), counts)
        second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
        here, there = n_actions[log.account[rows[first]]], n_actions[log.account[rows[second]]]
        near = np.minimum(here, there) >= settings.least_similarity * np.maximum(here, there)
        near &= log.account[rows[first]] != log.account[rows[second]]
        yield rows[first[near]], rows[second[near]]
        begin = end


def _count(log: Log, first: Ints, second: Ints) -> Ints:
    """Count, for each ordered pair of accounts, the first one's actions that match any of the other's."""
    n_accounts = len(log.names)
    action = np.unique(first * n_accounts + log.account[second])
    pair = log.account[action // n_accounts] * n_accounts + action % n_accounts
    return np.stack(np.unique(pair, return_counts=True)).astype(np.int64)
