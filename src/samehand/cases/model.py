"""What reviewers work on and what they decide: leads, cases, decisions, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from samehand.casefile.exports.measures import Measure


class Status(StrEnum):
    """Where a case stands."""

    open = "open"
    need_more = "need_more"
    second = "second"
    """Decided by one reviewer; waits for a second one."""
    confirmed = "confirmed"
    dismissed = "dismissed"
    merged = "merged"
    """Its members are in another case, ``merged_into``."""


class Action(StrEnum):
    """What a reviewer may decide."""

    confirm = "confirm"
    dismiss = "dismiss"
    need_more = "need_more"
    split_off = "split"  # str has a method called split
    merge = "merge"
    remove_member = "remove_member"


JUDGEMENTS: Final = {
    Action.confirm: Status.confirmed,
    Action.dismiss: Status.dismissed,
    Action.need_more: Status.need_more,
}
"""The status that a decision about a whole fleet gives; other decisions change who is in it."""
SECONDED: Final = frozenset({Action.confirm, Action.dismiss})
"""Decisions that can require a second reviewer."""


class Role(StrEnum):
    """What somebody may do; each may do what those before it may."""

    viewer = "viewer"
    """Look."""
    reviewer = "reviewer"
    """Decide, note, take cases, undo own decisions."""
    lead = "lead"
    """Assign to others, decide in bulk, undo anybody's decision."""
    admin = "admin"
    """Accounts, tokens, runs, webhooks."""

    def may(self, needed: Role) -> bool:
        """Tell whether this role includes ``needed``."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, kw_only=True)
class RegisteredRun:
    """A finished run whose fleets are under review."""

    run_id: int
    folder: str
    """Absolute path at the time of registration."""
    digest: str
    """SHA-256 over the names and contents of run.json and of all tables."""
    created_at: datetime
    """When the run was made."""
    registered_at: datetime
    samehand: str
    """Version that made the run."""
    n_candidates: int
    n_reported: int


@dataclass(frozen=True, kw_only=True)
class Lead:
    """One line of the queue: a case with the figures of its fleet as they were when the run was registered."""

    case_id: int
    run_id: int
    fleet_id: str
    """Of the run; a part that was split off keeps the fleet of its members."""
    name: str
    """For people: F0003, or F0003-2 for the first part that was split off it."""
    rank: int
    """1 is the first of its run."""
    reported: bool
    status: Status
    version: int
    """Grows with every change; a decision names the version that its maker saw."""
    assignee: str | None
    n_accounts: int
    """Now, without members that were removed."""
    n_events: int
    first_time: datetime
    last_time: datetime
    score_bits: float
    q_value: float | None
    posterior: float | None
    """Probability that one hand moves it, all layers together; None: a run of an older samehand."""
    innocent: str | None
    """Name of the best innocent explanation."""
    innocent_weight: float
    layers: tuple[str, ...]
    behaviours: tuple[str, ...]
    updated_at: datetime
    merged_into: int | None
    """Case that holds its members now."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One account of a case."""

    account: str
    """As text; logs with whole numbers as ids have them written out."""
    fleet_id: str
    """Fleet of the run that it came with."""
    bits: float
    removed: bool
    """A reviewer took it out of the case."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a reviewer decided about a case, for good: an undone decision stays, marked."""

    decision_id: int
    case_id: int
    action: Action
    reviewer: str
    reason: str
    policy: str
    """The rule of the platform that the decision rests on."""
    measure: Measure | None
    """What is done to the accounts of a confirmed case, for statements of reasons; None: nothing was said."""
    decided_at: datetime
    accounts: tuple[str, ...]
    """Members that were split off, merged or removed."""
    other_case: int | None
    """Case that a split made, or that a merge went into."""
    needs_second: bool
    agreed: bool | None
    """What the second reviewer said; None: nothing yet, or none needed."""
    second_reviewer: str | None
    second_reason: str | None
    second_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None

    @property
    def pending(self) -> bool:
        """Whether it waits for a second reviewer."""
        return self.needs_second and self.agreed is None and self.undone_at is None

    @property
    def stands(self) -> bool:
        """Whether it has effect: neither undone nor refused, and not waiting."""
        return self.undone_at is None and (not self.needs_second or self.agreed is True)


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark on a case."""

    note_id: int
    case_id: int
    author: str
    text: str
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Case:
    """A lead with all that is known of it in the store."""

    lead: Lead
    members: tuple[Member, ...]
    """Strongest first; removed ones are marked."""
    decisions: tuple[Decision, ...]
    """Oldest first."""
    notes: tuple[Note, ...]
    """Oldest first."""

    @property
    def pending(self) -> Decision | None:
        """The decision that waits for a second reviewer."""
        return next((one for one in self.decisions if one.pending), None)


@dataclass(frozen=True, kw_only=True)
class LeadQuery:
    """Which leads to list; what is None does not limit."""

    run_id: int | None = None
    statuses: frozenset[Status] | None = None
    assignee: str | None = None
    """A name; "" for leads that nobody has."""
    reported: bool | None = None
    text: str | None = None
    """Start of a fleet's name, or an account in full."""
    in_accounts: bool = True
    """Whether ``text`` is looked for among accounts, too."""


@dataclass(frozen=True)
class Leads:
    """A page of leads."""

    total: int
    """All that the query matches."""
    rows: tuple[Lead, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A case as somebody saw it, to be decided with others."""

    case_id: int
    expected_version: int


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    active: bool
    created_at: datetime
