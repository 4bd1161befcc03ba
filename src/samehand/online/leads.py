"""Leads: fleets that looks report, under ids that stay, each told once and again where it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from samehand.online.look import Seen
from samehand.run import Run

SAME_SHARE: Final = 0.5
"""A fleet goes on a lead when they share so much of the smaller of both."""
MORE_SHARE: Final = 0.2
"""A lead has grown or shrunk when so much of it is other accounts."""

Status = Literal["new", "changed", "merged", "gone"]


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """One line that is told: a suspected fleet as it is seen at a time, or that it is not seen any more."""

    seq: int
    """Number of the line, from 1."""
    fleet_id: str
    """Stays from look to look."""
    status: Status
    into: str | None = None
    """The lead that it was merged into."""
    time: str
    """End of the window that was looked at: event time, UTC."""
    look: int
    """Number of the look, and what it asks of a score; 0 where the stream ended: then all that ``detect`` reports."""
    look_bits: float
    accounts: list[str]
    score_bits: float
    q_value: float | None
    behaviours: list[str]
    layers: list[str]
    n_events: int
    first_time: str
    last_time: str
    innocent: str | None
    """The best innocent explanation, and its weight."""
    innocent_weight: float
    summary: str
    """In words; suspected is not proved."""
    features: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """What was done together most tellingly."""


@dataclass
class Leads:
    """The leads of a stream."""

    open: dict[str, Lead] = field(default_factory=dict)
    """Fleet id -> as it was told last; gone ones are not in it."""
    n_fleets: int = 0
    """Ids that were given."""
    n_told: int = 0
    """Lines that were told."""

    def accounts(self) -> list[str]:
        """Accounts of all leads."""
        return sorted({account for lead in self.open.values() for account in lead.accounts})

    def would_change(self, unexplained: Sequence[Seen], at_least_bits: float) -> bool:
        """Tell whether a look may tell anything, before chance is asked: only then surrogates are worth their time."""
        groups = [set(one.accounts) for one in unexplained]
        strong = [set(one.accounts) for one in unexplained if one.score_bits >= at_least_bits]
        known = match([set(lead.accounts) for lead in self.open.values()], groups)
        kept = dict(zip(known.values(), known.keys(), strict=True))
        if len(known) < len(self.open):
            return True
        leads = list(self.open.values())
        return any(
            groups.index(one) not in kept or _differs(set(leads[kept[groups.index(one)]].accounts), one)
            for one in strong
        )

    def update(self, run: Run, *, at: str, look: int, at_least_bits: float) -> list[Lead]:
        """Take in what a run reports and give what is to be told, in order of rank.

        Args:
            run: Of the window.
            at: End of the window.
            look: Number of the look; 0: the stream ended, and all differences are told.
            at_least_bits: What a fleet must score to become a lead; a lead stays one as long as it is reported.
        """
        before = list(self.open.values())
        found = _reported(run)
        members = [set(one["accounts"]) for one in found]
        came_from = {new: old for old, new in match([set(one.accounts) for one in before], members).items()}
        told: list[Lead] = []
        for place, one in enumerate(found):
            old = before[came_from[place]] if place in came_from else None
            if old is None and one["score_bits"] < at_least_bits:
                continue
            if old is not None and not _worth_telling(old, one, closing=look == 0):
                continue
            told.append(self._tell(old, one, at=at, look=look, bits=at_least_bits))
        seen = set(came_from.values())
        for place, old in enumerate(before):
            if place not in seen:
                told.append(self._end(old, at=at, look=look, bits=at_least_bits))
        return told

    def _tell(self, old: Lead | None, one: dict[str, Any], *, at: str, look: int, bits: float) -> Lead:
        if old is None:
            self.n_fleets += 1
        self.n_told += 1
        lead = Lead(
            seq=self.n_told,
            fleet_id=old.fleet_id if old else f"L{self.n_fleets:05d}",
            status="changed" if old else "new",
            time=at,
            look=look,
            look_bits=bits,
            **one,
        )
        self.open[lead.fleet_id] = lead
        return lead

    def _end(self, old: Lead, *, at: str, look: int, bits: float) -> Lead:
        """End a lead: most of its accounts are in another one, or it is not reported any more."""
        self.n_told += 1
        del self.open[old.fleet_id]
        members = set(old.accounts)
        into = next(
            (
                one.fleet_id
                for one in self.open.values()
                if 2 * len(members & set(one.accounts)) > len(members)
            ),
            None,
        )
        return msgspec.structs.replace(
            old,
            seq=self.n_told,
            status="merged" if into else "gone",
            into=into,
            time=at,
            look=look,
            look_bits=bits,
        )


def match(before: Sequence[set[str]], after: Sequence[set[str]]) -> dict[int, int]:
    """Find which group goes on which: one to one, the most shared accounts first, by ``SAME_SHARE`` of the smaller.

    >>> match([{"a", "b"}, {"c"}], [{"c", "d"}, {"a", "b", "x"}])
    {0: 1, 1: 0}
    """
    pairs = [
        (-len(one & other), i, j)
        for i, one in enumerate(before)
        for j, other in enumerate(after)
        if len(one & other) >= SAME_SHARE * min(len(one), len(other)) > 0
    ]
    found: dict[int, int] = {}
    for _, i, j in sorted(pairs):
        if i not in found and j not in found.values():
            found[i] = j
    return dict(sorted(found.items()))


def _differs(one: set[str], other: set[str]) -> bool:
    return len(one ^ other) >= max(1.0, MORE_SHARE * len(one))


def _worth_telling(old: Lead, new: dict[str, Any], *, closing: bool) -> bool:
    if closing:
        return any(getattr(old, name) != value for name, value in new.items())
    return (
        _differs(set(old.accounts), set(new["accounts"]))
        or old.behaviours != new["behaviours"]
        or set(old.layers) != set(new["layers"])
    )


def _reported(run: Run) -> list[dict[str, Any]]:
    """Give the reported fleets of a run as the figures of leads."""
    members: dict[str, list[str]] = {}
    for row in run.tables.members.select(["fleet_id", "account"]).to_pylist():
        members.setdefault(row["fleet_id"], []).append(str(row["account"]))
    return [
        {
            "accounts": sorted(members[row["fleet_id"]]),
            "first_time": row["first_time"].isoformat(),
            "last_time": row["last_time"].isoformat(),
            "features": _features(run, row["fleet_id"]),
            **{name: row[name] for name in _SAME},
        }
        for row in run.tables.fleets.to_pylist()
        if row["reported"]
    ]


_SAME: Final = (
    *("score_bits", "q_value", "behaviours", "layers", "n_events", "innocent", "innocent_weight", "summary"),
)
_MOST_FEATURES: Final = 5


def _features(run: Run, fleet_id: str) -> list[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = run.tables.evidence.to_pylist()
    own = sorted((row for row in rows if row["fleet_id"] == fleet_id), key=lambda row: -row["bits"])
    names = ("layer", "action", "target", "n_accounts", "bits")
    return [{name: row[name] for name in names} for row in own[:_MOST_FEATURES]]
