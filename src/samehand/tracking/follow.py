"""Which fleet of a later run goes on which of an earlier one, and what tracks that makes.

Runs are gone through in order of time, and nothing that is said of a run depends on later ones: ids stay when a run is
added at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, Literal

import numpy as np

from samehand.arrays import BOOL
from samehand.tracking.evidence import OF_THE_TRADE, Between, Evidence
from samehand.tracking.touching import Touching
from samehand.tracking.traces import Shown

LINK_BITS: Final = 10.0
"""Evidence that a link needs after the price of choice: chance gives one in a thousand."""
CLEAR_BITS: Final = 3.0
"""A sort of traces says something from here on."""
LEAST_SORTS: Final = 2
"""Where accounts do not carry a link, so many sorts must say something: accounts, devices, networks, or what is of the
trade (phrases, targets, script). What is of the trade alone must say it in all its sorts."""
RIVAL_BITS: Final = 6.0
"""Where accounts do not carry a link, no other fleet may come so near: traces that others leave too name no hand."""
REARMED_SHARE: Final = 0.1
"""Where fewer of the smaller fleet's accounts are in both, traces must carry the link: the accounts are new."""

Status = Literal["new", "continued", "split", "merged", "re_armed", "gone"]


@dataclass(frozen=True)
class Link:
    """A fleet of a later run goes on a fleet of an earlier one, as far as evidence says."""

    earlier: int
    later: int
    """Numbers of the fleets among all candidates of all runs."""
    evidence: Evidence
    choice_bits: float
    """Price of having chosen this pair among all that were looked at for the later run."""
    rearmed: bool
    """Carried by traces: hardly any account is in both."""

    @property
    def bits(self) -> float:
        """Evidence with the choice paid for."""
        return self.evidence.bits - self.choice_bits


@dataclass(frozen=True)
class Place:
    """A track in a run: a fleet, or that it is gone."""

    track: int
    """From 1."""
    run: int
    fleet: int | None
    """None: gone."""
    status: Status


@dataclass
class _Open:
    """What has been followed so far."""

    heads: dict[int, int] = field(default_factory=dict)
    """Fleet without a successor -> its track."""
    n_tracks: int = 0
    gone: set[int] = field(default_factory=set)
    """Tracks that were said to be gone since they were seen last."""


def follow(shown: Shown, tracked: Sequence[int], n_accounts: Sequence[int]) -> tuple[list[Place], list[Link]]:
    """Follow fleets from run to run.

    Args:
        shown: The candidates of all runs, in order of time.
        tracked: Numbers of those that are followed.
        n_accounts: Accounts in the log of each run.

    Returns:
        Places run by run in order of tracks, and links run by run in order of the fleets.
    """
    touching = Touching.of(shown)
    near, promising = touching.any(), touching.promising(LEAST_SORTS)
    seen, places, links = _Open(), [], []

    @cache
    def between(earlier: int, later: int) -> Between:
        return Between(shown, earlier, later)

    def weigh(one: int, other: int) -> Evidence | None:
        earlier, later = int(shown.run[one]), int(shown.run[other])
        n = min(n_accounts[earlier], n_accounts[later])
        return between(earlier, later).weigh(one, other, n) if near[one, other] else None

    for run in range(len(n_accounts)):
        fleets = [i for i in tracked if shown.run[i] == run]
        found = _choose(shown, list(seen.heads), fleets, touching.accounts | promising, weigh)
        links += found
        places += _advance(seen, run, fleets, found)
    return places, links


Weigh = Callable[[int, int], Evidence | None]
"""Weighs an earlier and a later candidate; None: they have nothing in common."""


def _choose(
    shown: Shown, heads: Sequence[int], fleets: Sequence[int], worth: BOOL, weigh: Weigh
) -> list[Link]:
    """Choose the links between fleets without a successor and those of a run.

    First all that accounts carry. Who goes on by accounts is not looked at for traces: two fleets of one controller
    would be taken for one another. Of the fleets whose traces a later one shows, that with the most evidence is taken.
    Only pairs that are ``worth`` a look (all x all) can become links.
    """
    price = float(np.log2(max(1, len(heads) * len(fleets))))
    size = [len(one) for one in shown.members]
    found = [(one, other, weigh(one, other)) for one in heads for other in fleets if worth[one, other]]
    pairs = [
        Link(one, other, evidence, price, True) for one, other, evidence in found if evidence is not None
    ]
    links = [
        replace(pair, rearmed=False)
        for pair in pairs
        if _by_accounts(pair, min(size[pair.earlier], size[pair.later]))
    ]
    gone_on, come_from = {link.earlier for link in links}, {link.later for link in links}
    best: dict[int, Link] = {}
    for pair in sorted(pairs, key=lambda pair: (-pair.earlier, pair.later)):  # of equals, the most recent
        free = pair.earlier not in gone_on and pair.later not in come_from
        if free and _by_traces(pair) and (pair.later not in best or pair.bits > best[pair.later].bits):
            best[pair.later] = pair
    sure = [pair for pair in best.values() if _stands_out(pair, shown, heads, come_from, weigh)]
    return sorted([*links, *sure], key=lambda link: (link.later, link.earlier))


def _stands_out(link: Link, shown: Shown, heads: Sequence[int], come_from: set[int], weigh: Weigh) -> bool:
    """Tell whether no other earlier candidate is as near to the later fleet, nor the earlier fleet to one of others."""
    earlier = np.flatnonzero(shown.run == shown.run[link.earlier]).tolist()
    rivals = [(one, link.later) for one in {*earlier, *heads} - {link.earlier}]
    rivals += [(link.earlier, other) for other in come_from]
    weighed = [weigh(one, other) for one, other in rivals]
    most = max((evidence.bits for evidence in weighed if evidence is not None), default=0.0)
    return link.evidence.bits - most >= RIVAL_BITS


def _by_accounts(link: Link, size: int) -> bool:
    evidence = link.evidence
    few = evidence.n_shared < REARMED_SHARE * size and evidence.traces_bits > evidence.accounts_bits
    return evidence.accounts_bits - link.choice_bits >= LINK_BITS and not few


def _by_traces(link: Link) -> bool:
    clear = {sort for sort, bits in link.evidence.sorts_bits.items() if bits >= CLEAR_BITS}
    of_accounts = link.evidence.accounts_bits >= CLEAR_BITS
    enough = len(clear) + of_accounts >= LEAST_SORTS and (of_accounts or not clear < OF_THE_TRADE)
    return link.bits >= LINK_BITS and enough


def _advance(seen: _Open, run: int, fleets: Sequence[int], links: Sequence[Link]) -> list[Place]:
    """Give each fleet of a run its track and status, and tell which tracks are gone."""
    after, before = defaultdict(list), defaultdict(list)
    for link in links:
        after[link.earlier].append(link)
        before[link.later].append(link)
    heirs = _heirs(links)
    track_of: dict[int, int] = {}
    for fleet in fleets:
        if fleet in heirs:
            track_of[fleet] = seen.heads[heirs[fleet]]
        else:
            seen.n_tracks += 1
            track_of[fleet] = seen.n_tracks
    for earlier in after:
        del seen.heads[earlier]
    there = set(track_of.values())
    gone = sorted(track for track in seen.heads.values() if track not in there | seen.gone)
    seen.gone = (seen.gone | set(gone)) - there
    seen.heads |= track_of
    places = [Place(track_of[i], run, i, _status(before[i], after)) for i in fleets]
    return sorted([*places, *(Place(track, run, None, "gone") for track in gone)], key=lambda p: p.track)


def _heirs(links: Sequence[Link]) -> dict[int, int]:
    """Give later fleet -> the earlier one whose track it takes: one heir a fleet, the largest part first."""
    order = sorted(links, key=lambda x: (-x.evidence.n_shared, -x.bits, x.later, x.earlier))
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for link in order:
        if link.later not in heirs and link.earlier not in taken:
            heirs[link.later] = link.earlier
            taken.add(link.earlier)
    return heirs


def _status(before: Sequence[Link], after: dict[int, list[Link]]) -> Status:
    if not before:
        return "new"
    if all(link.rearmed for link in before):
        return "re_armed"
    if len(before) > 1:
        return "merged"
    return "split" if len(after[before[0].earlier]) > 1 else "continued"
