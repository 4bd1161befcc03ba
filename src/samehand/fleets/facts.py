"""Facts about a group that innocent explanations are judged by: what it did, when, where, and who else was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samehand.arrays import BOOL, F64, I32, I64
from samehand.columns import Role
from samehand.engines.answers import Interests, Surroundings
from samehand.engines.interface import Engine
from samehand.fleets.score import Candidate
from samehand.verbs import is_positive

OCCASION_US: Final = 3 * 3_600_000_000
NEW_US: Final = 120_000_000
"""A target is new for so long after its first event."""
MINUTE_US: Final = 60_000_000
ROUND_US: Final = 300_000_000
ROUND_EARLY_US: Final = 1_000_000
ROUND_LATE_US: Final = 8_000_000
"""A time is round from so much before a multiple of five minutes to so much after it."""
FEWEST_TARGETS: Final = 3
LEAST_SHARE: Final = 0.25
"""Joint targets with outsiders, and their share of all joint targets, that it takes to say when the group came."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One group's facts. NaN: the log lacks what it takes to know."""

    n_accounts: int
    lag_control: bool
    """Whether the layer that sees the group can tell a shared interest by its lags."""
    on_targets: bool
    """Whether that layer sees common targets."""
    of_texts: bool
    """Whether it sees common words."""
    convicts: bool
    """Whether the layer that speaks can be enough by itself."""
    of_first_steps: bool
    """Whether it sees what accounts do right after their sign-up."""
    lag_bits: float
    lag_scale_us: int
    scale_us: int
    """Scale at which the group is seen best."""
    at_birth: float
    """How much more often the group was there when a target was new than if it came at any time; 1: always. NaN where
    nobody else was on the targets."""
    n_outside: float
    """Accounts outside that were ever on a joint target (median)."""
    focus: float
    """How much more often two joint targets are of one community of interest than any two targets are."""
    n_joint_features: float
    """Distinct things that the median member did together with others, the same thing on one occasion once."""
    n_occasions: float
    """Effective number of three-hour stretches of the joint events (exponential of their entropy)."""
    n_occasions_log: float
    """The same for all events of the log."""
    own_life: float
    """Share of its events that the median member made without the group."""
    together_in_place: float
    """Chance that two joint events at one moment come from one address."""
    apart_in_place: float
    """The same for two other events of members at any time."""
    address_shared: float
    """Share of the addresses of joint events (an address of a member counts once) that another member used as well."""
    device_shared: float
    """Share of the members that share a device with another member."""
    audience: float
    """Accounts outside that act on the median member."""
    audience_usual: float
    """Accounts that act on the median account that anybody acts on."""
    answered: float
    """Share of the members' joint events that were answered; NaN unless most have an outcome that is known."""
    answered_usual: float
    """The same for everybody's events of the same actions."""
    round_clock: float
    """Share of the joint events at a multiple of five minutes (give or take some seconds); by chance 0.03."""


@dataclass(frozen=True)
class Setting:
    """What is the same for all groups of a log."""

    roles: frozenset[Role]
    n_occasions_log: float
    audience: I32
    audience_usual: float
    answered_usual: dict[str | None, float]
    """By action; None: events without one."""
    clock_resolution_us: int
    first_us: int
    """First event of the log: stretches of time count from it."""


def survey(engine: Engine, clock_resolution_us: int) -> Setting:
    """Look once at what is the same for all groups."""
    size = engine.size
    n_bins = max(1, (size.last_us - size.first_us) // OCCASION_US)
    audience = engine.audience()
    somebody = audience[audience > 0]
    return Setting(
        roles=engine.roles,
        n_occasions_log=_effective_number(engine.timeline(n_bins)["n_events"].to_numpy()),
        audience=audience,
        audience_usual=float(np.median(somebody)) if len(somebody) else float("nan"),
        answered_usual=_answered_by_action(engine.outcomes()),
        clock_resolution_us=clock_resolution_us,
        first_us=size.first_us,
    )


def gather(
    engine: Engine, setting: Setting, candidate: Candidate, events: pa.Table, interests: Interests | None
) -> Facts:
    """Gather the facts of one group.

    Args:
        engine: The log.
        setting: From ``survey``.
        candidate: The group.
        events: All events of its accounts, from ``Engine.events_of``.
        interests: Communities of interest.
    """
    layer = candidate.layer
    has_targets = layer.on_targets
    evidence = candidate.lockstep if layer.lag_control else candidate.evidence
    joint = np.isin(events["event"].to_numpy(), evidence.event)
    time = events["time"].cast(pa.int64()).to_numpy()
    n_events = engine.n_events_of(evidence.accounts)
    around = engine.surroundings(candidate.accounts, evidence.event, interests) if has_targets else None
    together, apart = _places(events, time - setting.first_us, joint, candidate)
    answered, usual = _answers(events, joint, setting)
    return Facts(
        n_accounts=len(candidate.accounts),
        lag_control=layer.lag_control,
        on_targets=has_targets,
        of_texts=layer.reads_texts,
        convicts=layer.convicts,
        of_first_steps=layer.reads_ages,
        lag_bits=candidate.lag_bits,
        lag_scale_us=candidate.lag_scale_us,
        scale_us=candidate.scale_us,
        at_birth=_at_birth(around) if around else np.nan,
        n_outside=float(np.median(around.n_outside)) if around and len(around.first_us) else np.nan,
        focus=around.focus if around else np.nan,
        n_joint_features=float(np.median(candidate.evidence.n_features)),
        n_occasions=_effective_number(
            np.unique((time[joint] - setting.first_us) // OCCASION_US, return_counts=True)[1]
        ),
        n_occasions_log=setting.n_occasions_log,
        own_life=float(np.median(1 - evidence.n_coactions / np.maximum(n_events, 1))),
        together_in_place=together,
        apart_in_place=apart,
        address_shared=_shared(events.filter(joint), "address"),
        device_shared=_sharing(events, "device"),
        audience=float(np.median(setting.audience[candidate.accounts])),
        audience_usual=setting.audience_usual,
        answered=answered,
        answered_usual=usual,
        round_clock=_round(time[joint]) if setting.clock_resolution_us < MINUTE_US else np.nan,
    )


def _at_birth(around: Surroundings) -> float:
    """Excess of targets where the group came first, over its share if it mixed with the outsiders at random."""
    by_chance = 1 / (around.n_outside + 1)
    if (1 - by_chance).sum() < max(FEWEST_TARGETS, LEAST_SHARE * len(by_chance)):
        return np.nan
    came_first = around.group_us - around.first_us <= NEW_US
    return float((came_first - by_chance).sum() / (1 - by_chance).sum())


def _effective_number(counts: I64) -> float:
    """Exponential of the entropy of some counts: how many equal ones would be as spread out."""
    share = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.exp(-(share * np.log(share)).sum()))


def _round(time: I64) -> float:
    phase = (time + ROUND_EARLY_US) % ROUND_US
    return float((phase <= ROUND_EARLY_US + ROUND_LATE_US).mean()) if len(time) else np.nan


def _codes(column: pa.ChunkedArray[Any]) -> I64:
    """Small codes of the values of a column; -1 for nulls."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)


def _places(events: pa.Table, time: I64, joint: BOOL, candidate: Candidate) -> tuple[float, float]:
    """Chance of one address for two joint events of a moment, and for two other events of members."""
    if "address" not in events.column_names:
        return np.nan, np.nan
    address = _codes(events["address"])
    moment = time // MINUTE_US
    if "target" in events.column_names and candidate.layer.on_targets:
        moment = _codes(events["target"])
    together = [
        _same(address[places])
        for places in _groups_of(moment, np.flatnonzero(joint & (address >= 0)))
        if len(places) > 1
    ]
    return float(np.mean(together)) if together else np.nan, _same(address[~joint & (address >= 0)])


def _groups_of(keys: I64, places: I64) -> list[I64]:
    order = places[np.argsort(keys[places], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _same(codes: I64) -> float:
    """Chance that two of some values are equal."""
    n = len(codes)
    if n < 2:
        return np.nan
    counts = np.unique(codes, return_counts=True)[1]
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))


def _users(events: pa.Table, role: Role) -> tuple[I64, I64]:
    """Each (account, value) once: the accounts, and how many accounts have the value."""
    value, account = _codes(events[role]), _codes(events["account"])
    pairs = np.unique(np.stack([value[value >= 0], account[value >= 0]]), axis=1)
    return pairs[1], np.bincount(pairs[0], minlength=1)[pairs[0]]


def _shared(events: pa.Table, role: Role) -> float:
    """Share of the (account, value) that another account has as well."""
    if role not in events.column_names:
        return np.nan
    accounts, users = _users(events, role)
    return float((users > 1).mean()) if len(accounts) else np.nan


def _sharing(events: pa.Table, role: Role) -> float:
    """Share of the accounts that have some value in common with another."""
    if role not in events.column_names:
        return np.nan
    accounts, users = _users(events, role)
    return len(np.unique(accounts[users > 1])) / max(
        len(np.unique(events["account"].to_numpy(zero_copy_only=False))), 1
    )


def _answered_by_action(outcomes: pa.Table) -> dict[str | None, float]:
    totals: dict[str | None, list[int]] = {}
    for row in outcomes.to_pylist():
        counts = totals.setdefault(row["action"], [0, 0])
        counts[0] += row["n_events"] if is_positive(str(row["outcome"])) else 0
        counts[1] += row["n_events"]
    return {action: good / n for action, (good, n) in totals.items()}


def _answers(events: pa.Table, joint: BOOL, setting: Setting) -> tuple[float, float]:
    if "outcome" not in events.column_names or not setting.answered_usual:
        return np.nan, np.nan
    known = events.filter(joint)
    known = known.filter(known["outcome"].is_valid())
    if known.num_rows <= joint.sum() / 2:
        return np.nan, np.nan
    good = [is_positive(str(outcome)) for outcome in known["outcome"].to_pylist()]
    actions = known["action"].to_pylist() if "action" in known.column_names else [""] * len(good)
    usual: NDArray[np.float64] | F64 = np.array(
        [setting.answered_usual.get(action, np.nan) for action in actions]
    )
    return float(np.mean(good)), float(np.nanmean(usual))
