"""What an engine answers: sizes, pairs, tests, evidence of groups and what surrounds them; see ``interface.Engine``."""

from __future__ import annotations

from dataclasses import dataclass

from samehand.arrays import F64, I32, I64


@dataclass(frozen=True)
class LogSize:
    """How large a log is."""

    n_events: int
    n_accounts: int
    first_us: int
    last_us: int
    n_sign_ups: int = 0
    """Accounts whose sign-up is in the log."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts that were together more often than the density around them gives, at one scale."""

    account_a: I32
    account_b: I32
    """The larger code of the pair."""
    n_features: I32
    expected: F64
    log_p: F64
    """Natural log of the p-value against the local density."""
    densest: int
    """Co-actions in more crowded moments than this (events of others in the window) were not looked at."""
    n_events_crowded: int
    """Events in such moments."""
    n_events_repeated: int
    """Events that were not looked at because they keep a daily appointment (``slot_us`` of the layer)."""
    by_bin: I32
    """Features of each pair by the density of their moments, as the engine divides it (pairs x bins)."""

    def __len__(self) -> int:
        return len(self.account_a)


@dataclass(frozen=True)
class Retest:
    """The same pairs against stronger nulls, suspects taken out of the background."""

    expected: F64
    log_p_background: F64
    """Against events of the same class: the same interest, or the same hour."""
    log_p_lag: F64
    """Against the pair's own lags on shared features; NaN where they were not tested, -inf where the layer has no lag
    control."""


@dataclass(frozen=True)
class Attention:
    """Who paid attention to what: each (account, feature) of a layer once. Feature codes are the engine's own."""

    account: I32
    feature: I32
    n_accounts: int
    n_features: int
    n_left_out: int
    """Pairs beyond the number that was asked for."""


@dataclass(frozen=True)
class Interests:
    """Communities of interest: a class for each feature of the layer that they were learned on."""

    layer: str
    n_classes: int
    feature_class: I32
    """Class of each feature; 0 is the rest, what belongs to no community that is large enough."""


@dataclass(frozen=True)
class GroupEvidence:
    """What one group of accounts did together in one layer at one scale, against chance."""

    accounts: I32
    n_features: I32
    """Distinct shared features of each account with any of the others; ``expected`` is what its own kind would have."""
    n_coactions: I32
    """Its events behind them."""
    expected: F64
    log_p: F64
    """Natural log of the p-value of each account's part, with its own background of interests or hours: the smaller of
    being where any other of the group was, and of ``log_p_without``, for two tests."""
    log_p_without: F64
    """The same, counting only where two others of the group were: would it belong if the group stood without it?"""
    log_p_lag: F64
    """Natural log of the p-value of acting *when* the group does, given that it acts on the same features."""
    n_trials: I32
    """Features that the account shares with the group within the horizon."""
    n_near: I32
    """Those of them where it acts within the window of the group's median."""
    event: I64
    """All events that were made together, as rows of the log's files, counted through."""
    event_account: I32
    event_feature: I64
    """Feature (and occasion) that the event counts for."""
    event_others: I32
    """Events of accounts outside the group within the window on the feature."""


@dataclass(frozen=True)
class Surroundings:
    """The targets that a group acted on together, and who else was there."""

    first_us: I64
    """First event of anybody on each target."""
    group_us: I64
    """First of the group's joint events there."""
    n_outside: I32
    """Accounts outside the group that ever acted on it."""
    focus: float
    """How much more often two of the targets belong to one community of interest than two targets of the log do; NaN
    where too few of them belong to any."""


@dataclass(frozen=True)
class Held:
    """Values of one trait that the accounts of a group have, each pair of account and value once."""

    member: I32
    """Place of the account in the group."""
    value: I64
    """Number of the value."""
    n_holders: I32
    """Accounts of the log that have it."""
    event: I64
    """Row in the files of the first event of the account that shows it."""


@dataclass(frozen=True)
class Holdings:
    """Who has which values of a trait."""

    groups: list[Held]
    n_pairs: int
    """Pairs of account and value in the log."""
    n_accounts: int
    """Accounts that have a value at all."""
    most_holders: int
    """Accounts that have the most common value."""


@dataclass(frozen=True)
class Contacts:
    """How each account turns to accounts that did not turn to it before."""

    n_strangers: I64
    """Such accounts."""
    n_hours: I64
    """Hours in which it turned to one of them for the first time."""
    n_answered: I64
    """Those of them that acted on it afterwards, or agreed by the outcome that the log tells."""
    n_written: I64
    """Those of them to whom it wrote something when it first turned to them."""
    n_repeated: I64
    """Those of these to whom it wrote what it had written before to another of them, in part at least."""
