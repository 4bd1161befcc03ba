"""What links a fleet of one run with a fleet of a later one: accounts and traces in common, in bits against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, get_args

import numpy as np

from samehand.arrays import F64, I32, I64
from samehand.tracking.chance import accounts_bits, tail_bits
from samehand.tracking.marks import TRACES, Marks, Trace
from samehand.tracking.traces import Shown

Kind = Literal["accounts", "infrastructure", "templates", "targets", "script"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Sort = Literal["device", "network", "template", "target", "script"]
SORT_OF: Final[dict[Trace, Sort]] = {
    "device": "device",
    "address": "network",
    "prefix": "network",
    "template": "template",
    "target": "target",
    "script": "script",
}
"""What says something by itself. An address brings its network: of the two the stronger counts."""
KIND_OF: Final[dict[Sort, Kind]] = {
    "device": "infrastructure",
    "network": "infrastructure",
    "template": "templates",
    "target": "targets",
    "script": "script",
}
MOST_BITS: Final[dict[Sort, float]] = {
    "device": 14.0,
    "network": 8.0,
    "template": 9.0,
    "target": 7.0,
    "script": 4.0,
}
"""Customers share suppliers of machines, texts and orders: nothing says more than this."""
OF_THE_TRADE: Final[frozenset[Sort]] = frozenset({"template", "target", "script"})
"""Who sells the same thing writes, does and serves the same."""
BITS_A_DOUBLING: Final = 4.0
"""A sort says at most this much for each doubling of the candidates that it is compared with: without others to compare
with, nobody knows whether a trace is rare."""
MOST_EXAMPLES: Final = 5
_MOST_CHANCE: Final = 0.999


@dataclass(frozen=True)
class SharedTrace:
    """What two fleets have in common of one kind of trace. Members that are in both are left out."""

    trace: Trace
    n_shared: int
    n_of: int
    """Features of the fleet that has fewer."""
    expected: float
    """Of them, how many another candidate of these runs would have."""
    bits: float
    """Before bounds."""
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Evidence that two fleets of two runs are of one hand."""

    n_shared: int
    """Accounts in both."""
    expected_shared: float
    accounts_bits: float
    sorts_bits: dict[Sort, float]
    """Sorts of traces, bounded."""
    traces: tuple[SharedTrace, ...]
    """Those that both fleets show at all."""

    @property
    def kinds_bits(self) -> dict[Kind, float]:
        """Bits of each kind."""
        bits: dict[Kind, float] = dict.fromkeys(KINDS, 0.0) | {"accounts": self.accounts_bits}
        for sort, own in self.sorts_bits.items():
            bits[KIND_OF[sort]] += own
        return bits

    @property
    def traces_bits(self) -> float:
        """All kinds but accounts."""
        return sum(self.sorts_bits.values())

    @property
    def bits(self) -> float:
        """All kinds."""
        return self.accounts_bits + self.traces_bits


@dataclass(frozen=True, eq=False)
class _Side:
    """What one of two fleets shows of one kind of trace."""

    own: I64
    """Features that count as its traces, without those of members that are in both fleets."""
    all: I64
    """All features, without those of members that are in both fleets."""
    everyone: I64
    """All features, those of members in both included, ascending."""
    n_members: I64
    """How many of its members have each of these."""
    n_accounts: int


def _count(marks: Marks, candidates: I32) -> tuple[I64, I64]:
    here = np.isin(marks.fleet, candidates)
    fleet, feature, size = marks.fleet[here].astype(np.int64), marks.feature[here], max(len(marks.names), 1)
    once = np.unique(fleet * size + feature) % size
    return np.bincount(once, minlength=size), np.bincount(feature, minlength=size)


@dataclass(frozen=True, eq=False)
class Between:
    """Traces of the candidates of two runs, weighed by how many of all these candidates have them."""

    shown: Shown
    earlier: int
    later: int
    """Numbers of the runs."""
    _sides: dict[tuple[Trace, int], _Side] = field(default_factory=dict)

    @cached_property
    def candidates(self) -> I32:
        """Of both runs."""
        run = self.shown.run
        return np.asarray(np.flatnonzero((run == self.earlier) | (run == self.later)), np.int32)

    @cached_property
    def n_members(self) -> int:
        """Members of all the candidates."""
        return sum(len(self.shown.members[i]) for i in self.candidates.tolist())

    @cached_property
    def _counts(self) -> dict[Trace, tuple[I64, I64]]:
        """Candidates, and members of them, that have each feature."""
        return {trace: _count(self.shown.marks[trace], self.candidates) for trace in TRACES}

    def weigh(self, one: int, other: int, n_accounts: int) -> Evidence:
        """Weigh what candidate ``one`` of the earlier and ``other`` of the later run have in common.

        ``n_accounts``: accounts of the smaller log.
        """
        mine, theirs = self.shown.members[one], self.shown.members[other]
        both: I64 = np.intersect1d(mine, theirs)
        traces = [self._trace(trace, one, other, both) for trace in TRACES]
        found = tuple(trace for trace in traces if trace is not None)
        most = BITS_A_DOUBLING * float(np.log2(1 + max(0, len(self.candidates) - 2)))
        sorts = dict.fromkeys(MOST_BITS, 0.0)
        for trace in found:
            sort = SORT_OF[trace.trace]
            sorts[sort] = max(sorts[sort], min(trace.bits, MOST_BITS[sort], most))
        return Evidence(
            n_shared=len(both),
            expected_shared=len(mine) * len(theirs) / max(n_accounts, 1),
            accounts_bits=accounts_bits(len(both), len(mine), len(theirs), n_accounts),
            sorts_bits=sorts,
            traces=found,
        )

    def _trace(self, trace: Trace, one: int, other: int, both: I64) -> SharedTrace | None:
        """Ask of each feature of the fleet that has fewer whether the other has it, too."""
        marks = self.shown.marks[trace]
        sides = [self._side(trace, fleet, both) for fleet in (one, other)]
        few, many = sorted(sides, key=lambda side: len(side.own))
        if not len(few.own) or not len(many.all):
            return None
        chance = self._chance(trace, few.own, sides, many.n_accounts)
        shared = np.isin(few.own, many.all)
        rarest = np.lexsort((few.own, chance))
        names = [marks.names[i] for i in few.own[rarest][shared[rarest]][:MOST_EXAMPLES].tolist()]
        return SharedTrace(
            trace=trace,
            n_shared=int(shared.sum()),
            n_of=len(few.own),
            expected=float(chance.sum()),
            bits=tail_bits(chance, shared),
            examples=tuple(name for name in names if name is not None),
        )

    def _chance(self, trace: Trace, features: I64, pair: Sequence[_Side], n_accounts: int) -> F64:
        """Chance that ``n_accounts`` who have nothing to do with a pair of fleets have each of the features.

        By the share of the other candidates that have it, and by that of their members: the larger of the two.
        """
        n_fleets, n_members = (counts[features] for counts in self._counts[trace])
        for side in pair:
            if len(side.everyone):
                place = np.minimum(np.searchsorted(side.everyone, features), len(side.everyone) - 1)
                there = side.everyone[place] == features
                n_fleets = n_fleets - there
                n_members = n_members - np.where(there, side.n_members[place], 0)
        members = self.n_members - sum(side.n_accounts for side in pair)
        by_fleet = (n_fleets + 1) / (len(self.candidates) - len(pair) + 2)
        by_member = -np.expm1(n_accounts * np.log1p(-(n_members + 1) / (members + 2)))
        return np.asarray(np.minimum(np.maximum(by_fleet, by_member), _MOST_CHANCE))

    def _side(self, trace: Trace, fleet: int, both: I64) -> _Side:
        """What a fleet shows without the members in ``both``; kept where there are none, as of most pairs."""
        if len(both):
            return _side(self.shown, trace, fleet, both)
        if (trace, fleet) not in self._sides:
            self._sides[trace, fleet] = _side(self.shown, trace, fleet, both)
        return self._sides[trace, fleet]


def _side(shown: Shown, trace: Trace, fleet: int, both: I64) -> _Side:
    marks = shown.marks[trace]
    every = slice(*np.searchsorted(marks.fleet, [fleet, fleet + 1]))
    feature, account, own = marks.feature[every], marks.account[every], marks.own[every]
    rest = ~np.isin(account, both)
    everyone, n_members = np.unique(feature, return_counts=True)
    return _Side(
        own=np.unique(feature[rest & own]),
        all=np.unique(feature[rest]),
        everyone=everyone,
        n_members=n_members,
        n_accounts=len(shown.members[fleet]),
    )
