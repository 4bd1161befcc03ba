"""What detection asks of an engine. Every answer is a sum over features, so that it can be worked out in pieces.

An engine holds one log. It never decides anything: it counts, and hands back pairs, sums and evidence. Accounts are
codes 0 to n_accounts - 1 in the order of their ids; ``account_ids`` turns them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import pyarrow as pa

from samehand.arrays import BOOL, I32, I64
from samehand.columns import Role
from samehand.engines.answers import (
    Attention,
    Contacts,
    GroupEvidence,
    Holdings,
    Interests,
    LogSize,
    Pairs,
    Retest,
    Surroundings,
)

OCCASION_BITS: Final = 36
"""Where a layer has occasions, ``event_feature`` holds the occasion in so many of its lowest bits."""


@dataclass(frozen=True)
class Columns:
    """A piece of the log as a layer sees it: one place an event."""

    time_us: I64
    account: I32
    codes: Mapping[Role, I32]
    """Role -> code of the value, -1 where there is none. Codes follow the order of the values."""
    fingerprints: I64 | None = None
    """By code of the text in ``content``, hashes of what it says (texts x how many), -1 where it has fewer; two texts
    with one in common have a stretch of letters in common. For layers that ask for them (``reads_texts``)."""
    age_us: I64 | None = None
    """Microseconds since the account's sign-up, -1 before it and where the log does not hold it. For layers that ask
    for them (``reads_ages``)."""
    networks: I32 | I64 | None = None
    """By code of the address, the networks that it is in (addresses x lengths), the wider last; -1 where there is none.
    For layers that ask for them (``reads_networks``)."""
    names: I32 | None = None
    """By account, the stem and the shape of its name (accounts x 2), -1 where it has none. For layers that ask for them
    (``reads_names``)."""
    tags: I32 | None = None
    """By code of the text in ``risk``, the tags in it (texts x how many), -1 where it has fewer. For layers that ask
    for them (``reads_tags``)."""
    person: I32 | None = None
    """Account that the target of each event is, -1 for none and for its own. None where no target is an account. For
    layers that ask for it (``avoids_answers``)."""
    n_values: Mapping[Role, int] = field(default_factory=dict)
    """Role -> values in the whole log, where this is a part of it."""

    def n_codes(self, role: Role) -> int:
        """A number above all codes of a column, the same for all pieces of a log."""
        return self.n_values.get(role) or int(self.codes[role].max(initial=0)) + 1


@dataclass(frozen=True)
class Traces:
    """What a layer takes from a piece of the log: events with the feature that each of them shows."""

    event: I32
    """Place of the event in the piece; an event may come with several features."""
    feature: I64
    """Any number that is the same for the same feature."""


class Asking(Protocol):
    """Something that takes traces from a log, and which columns it needs for that."""

    @property
    def name(self) -> str:
        """Name in tables."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """Columns whose codes ``take`` needs."""

    @property
    def reads_texts(self) -> bool:
        """Whether ``take`` needs fingerprints of what is in ``content``."""

    @property
    def reads_ages(self) -> bool:
        """Whether ``take`` needs to know how old an account was."""

    @property
    def reads_networks(self) -> bool:
        """Whether ``take`` needs the networks that addresses are in."""

    @property
    def reads_tags(self) -> bool:
        """Whether ``take`` needs the tags in ``risk``."""

    @property
    def reads_names(self) -> bool:
        """Whether ``take`` needs the patterns of the accounts' names."""

    @property
    def avoid(self) -> Role | None:
        """Two events with the same value in this role are no co-action."""

    @property
    def avoids_answers(self) -> bool:
        """Two events, each on the account that the other is of, are no co-action."""

    def take(self, columns: Columns) -> Traces:
        """Take the traces of a piece of the log."""


class TraceLayer(Asking, Protocol):
    """The part of a layer that an engine uses (the rest is in ``samehand.layers.interface``)."""

    @property
    def scales_us(self) -> tuple[int, ...]:
        """Windows at which it is looked at."""

    @property
    def background(self) -> Literal["interest", "hour"]:
        """What groups events that could stand for each other: the target's community, or the feature's hour."""

    @property
    def stretch_us(self) -> int:
        """Events stand for each other only within such a stretch of time; 0: at any time of the log."""

    @property
    def lag_control(self) -> bool:
        """Whether a shared feature at another hour speaks for a shared interest."""

    @property
    def n_windows_an_occasion(self) -> int:
        """Co-actions on one feature count anew after so many windows; 0: once on each feature."""

    @property
    def slot_us(self) -> int:
        """What an account does at the same time of day, within this, on many days counts on the first; 0: always."""


class Engine(Protocol):
    """One log, and what can be counted in it."""

    @property
    def size(self) -> LogSize:
        """How large the log is."""

    @property
    def roles(self) -> frozenset[Role]:
        """Columns that the log has."""

    @property
    def n_parallel(self) -> int:
        """How many things may be asked of it at a time, from as many threads."""

    def account_ids(self, codes: I32) -> pa.Array[Any]:
        """Ids of accounts, as in the log."""

    def account_codes(self, ids: pa.Array[Any]) -> I32:
        """Codes of accounts, -1 for those that the log does not hold."""

    def n_events_of(self, codes: I32) -> I64:
        """Number of events of each account."""

    def n_accounts_in(self, layer: TraceLayer) -> int:
        """Number of accounts that have traces in a layer."""

    def candidate_pairs(self, layer: TraceLayer, scale_us: int, log_p: float) -> Pairs:
        """Pairs with at least two co-actions whose p-value against the local density is at most exp(log_p)."""

    def attention(self, layer: TraceLayer, at_most: int) -> Attention:
        """Who paid attention to what; a random sample of features beyond ``at_most`` pairs."""

    def vote(self, layer: TraceLayer, class_of_account: I32) -> I32:
        """The class of most events on each feature of a layer, the smaller of equals; 0 where fewer than two have one.

        Accounts of class 0 have no vote.
        """

    def retest(
        self,
        layer: TraceLayer,
        scale_us: int,
        pairs: Pairs,
        suspects: BOOL,
        interests: Interests | None,
        limit: float,
    ) -> Retest:
        """Test pairs again, the pairs marked as suspects taken out of each other's background.

        ``limit``: a log p-value. Where that against the background is certain to be above it, 0 stands for it; lags are
        tested only for pairs whose other p-values are at most the limit.
        """

    def group_evidence(
        self,
        layer: TraceLayer,
        scale_us: int,
        groups: Sequence[I32],
        suspects: Sequence[I32],
        interests: Interests | None,
        *,
        others: bool = False,
    ) -> list[GroupEvidence]:
        """What each group did together; ``suspects``: for each group, accounts that are no background for it.

        With ``others``, the answer also holds accounts outside the group that were with it on two features or more,
        as they would stand if they belonged to it.
        """

    def surrogate(self, seed: int, suspects: I32, interests: Interests | None) -> Engine:
        """The same log with accounts dealt out again among similar events, and the suspects' events to anybody."""

    def events_of(self, codes: I32) -> pa.Table:
        """All events of some accounts, by account and time, as in the log but for ``event`` (see ``GroupEvidence``)."""

    def surroundings(self, members: I32, events: I64, interests: Interests | None) -> Surroundings:
        """Look at the targets of some events (rows of the files) of a group."""

    def sharing(
        self, role: Role, left_out: I32, sizes: Sequence[tuple[int, int]], at_most: int
    ) -> list[list[I32]]:
        """Groups of accounts that share a value of a column, such as an address: for each range of sizes the largest.

        ``left_out``: accounts that are counted nowhere. ``sizes``: least and most accounts, both inclusive. In a group
        the accounts with the most events with the value come first. Empty where the log lacks the column. No order
        depends on names: of equals, what happened first comes first.
        """

    def held(self, trait: Asking, groups: Sequence[I32]) -> Holdings:
        """Which values of a trait the accounts of each group have, and how many others have them."""

    def contacts(self) -> Contacts:
        """How each account turns to others."""

    def audience(self) -> I32:
        """For each account, how many others act on it (it being their target)."""

    def outcomes(self) -> pa.Table:
        """Events by action and outcome: columns action, outcome, n_events; empty where the log has no outcomes."""

    def timeline(self, n_bins: int) -> pa.Table:
        """Events and accounts of the whole log in bins of equal length."""
