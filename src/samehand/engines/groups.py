"""What groups of accounts did together, from traces in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines.answers import GroupEvidence
from samehand.engines.interface import OCCASION_BITS
from samehand.engines.traces import Classes, Sorted, gather
from samehand.kernels import group as kernels
from samehand.kernels import group_lags
from samehand.kernels.sweep import N_BINS


@dataclass(frozen=True)
class Scene:
    """One layer at one scale, ready to look at groups."""

    traces: Sorted
    classes: Classes
    window: int
    counts: I32
    """Density of each event."""
    crowded: int
    """Others in more crowded moments than this are not looked at as possible members."""
    row: I64
    """Row in the files of each event of the log."""
    horizon: int | None
    """How far apart two events on a feature still show a shared interest; None: the layer has no lag control."""
    typical: float
    """Share of the density within the horizon that lies within the window, over the whole log."""


def worth_a_look(scene: Scene, members: I32, suspects: I32) -> I32:
    """Accounts outside a group that were near its joint events twice or more."""
    own = _events_of(scene, members)
    together = own[_partners(scene, own, np.ones(len(own), np.bool_)) > 0]
    return _often(_look_around(scene, _parts(scene, members, suspects), together, others=True).near)


def group_evidence(
    scene: Scene, members: I32, suspects: I32, *, others: bool, joined: I32 | None = None
) -> GroupEvidence:
    """What one group did together, with each account's p-value; see ``Engine.group_evidence``.

    Args:
        scene: The layer at a scale. Its traces may be a part of the log, with the densities and the classes of the
            whole: all events of the accounts, and all others near the members' are enough.
        members, suspects: As there.
        others: Whether to look at others as well.
        joined: From ``worth_a_look``, if it is known.
    """
    traces = scene.traces
    ignore = _parts(scene, members, suspects)
    own = _events_of(scene, members)
    events, inside = own, np.ones(len(own), np.bool_)
    partners = _partners(scene, own, inside)
    together, partners = own[partners > 0], partners[partners > 0]
    places = _look_around(scene, ignore, own, others=False)
    meetings = _look_around(scene, ignore, together, others=others and joined is None)
    crowd = meetings.crowd
    if joined is None:
        joined = _often(meetings.near) if others else np.empty(0, np.int32)
    accounts = np.concatenate([np.sort(members), joined]).astype(np.int32)
    if len(joined):
        events = np.concatenate([own, _events_of(scene, joined)])
        order = np.argsort(events)
        inside = (np.arange(len(events)) < len(own))[order]
        events = events[order]
        partners = _partners(scene, events, inside)
        together, partners = events[partners > 0], partners[partners > 0]
        crowd = np.zeros(len(together), np.int32)
        known = _events_of(scene, np.flatnonzero(ignore).astype(np.int32))
        kernels.crowds_around(
            traces.account, traces.feature, traces.time, scene.window, scene.counts, known, together, crowd
        )
    place = np.full(traces.n_accounts, -1, np.int32)
    place[accounts] = np.arange(len(accounts), dtype=np.int32)
    lags = _test_lags(scene, place, len(accounts), ignore, events, inside)
    return _test_members(
        scene, accounts, place, ignore, (together, partners, crowd), (places, meetings), lags
    )


def _parts(scene: Scene, members: I32, suspects: I32) -> NDArray[np.uint8]:
    """By account, 0: background; 1: suspect, no background; 2: member."""
    ignore = np.zeros(scene.traces.n_accounts, np.uint8)
    ignore[suspects] = 1
    ignore[members] = 2
    return ignore


def _events_of(scene: Scene, accounts: I32) -> I64:
    return np.sort(gather(scene.traces, accounts)[0]).astype(np.int64)


def _partners(scene: Scene, events: I64, inside: BOOL) -> NDArray[np.uint8]:
    traces = scene.traces
    partners = np.zeros(len(events), np.uint8)
    kernels.count_partners(
        traces.account, traces.feature, traces.time, traces.exempt, scene.window, events, inside, partners,
    )  # fmt: skip
    return partners


@dataclass(frozen=True)
class Nearby:
    """Who else is near some of a group's events; see ``kernels.group.cover``."""

    covered: F64
    reach: F64
    crowd: I32
    near: I32


def _look_around(scene: Scene, ignore: NDArray[np.uint8], events: I64, *, others: bool) -> Nearby:
    traces = scene.traces
    n_classes = len(scene.classes.totals)
    covered, reach, crowd = (
        np.zeros((n_classes, N_BINS)),
        np.zeros(n_classes),
        np.zeros(len(events), np.int32),
    )
    # An event is near the group once, so the log is large enough.
    room = min(2 * int(scene.counts[events].sum()) + 16, len(traces.time))
    near = np.empty(room if others else 0, np.int32)
    n = kernels.cover(
        traces.account, traces.feature, traces.time, scene.window, scene.classes.class_of, ignore, events,
        scene.crowded, covered, reach, crowd, near,
    )  # fmt: skip
    return Nearby(covered, reach, crowd, near[: min(n, len(near))])


def _often(near: I32) -> I32:
    accounts, n = np.unique(near, return_counts=True)
    return accounts[n >= 2]


def _test_lags(
    scene: Scene, place: I32, n_accounts: int, ignore: NDArray[np.uint8], events: I64, inside: BOOL
) -> tuple[F64, I32, I32]:
    """Whether each account acts when the group does: log p-value, trials, successes."""
    log_p, n_trials, n_near = (
        np.zeros(n_accounts),
        np.zeros(n_accounts, np.int32),
        np.zeros(n_accounts, np.int32),
    )
    if scene.horizon is None:
        return log_p, n_trials, n_near
    traces = scene.traces
    n = len(events)
    event, moment, birth = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    chance, has_audience = np.empty(n), np.empty(n, np.bool_)
    n = group_lags.lag_trials(
        traces.account, traces.feature, traces.time, scene.window, scene.horizon, scene.typical, ignore,
        events, inside, event, moment, chance, birth, has_audience,
    )  # fmt: skip
    whose = place[traces.account[event[:n]]]
    order = np.lexsort((event[:n], whose))
    order = order[_once_a_post(traces, event[order], chance[order])]
    first = np.searchsorted(whose[order], np.arange(n_accounts + 1))
    trial = event[order]
    group_lags.log_lag_of_members(
        first, traces.feature[trial], traces.time[trial], moment[order], chance[order], birth[order],
        has_audience[order], scene.window, scene.typical, log_p, n_trials, n_near,
    )  # fmt: skip
    return log_p, n_trials, n_near


def _once_a_post(traces: Sorted, events: I64, rank: I64 | F64) -> I64:
    """Places of all events that are no part of a post, and of one of each post: the lowest in rank."""
    if len(traces.exempt.post) == 0:
        return np.arange(len(events))
    post = traces.exempt.post[events].astype(np.int64)
    post[post < 0] = -1 - events[post < 0]  # each on its own
    by_post = np.lexsort((events, rank, post))
    first = np.ones(len(events), np.bool_)
    first[1:] = np.diff(post[by_post]) != 0
    return np.sort(by_post[first])


def _test_members(
    scene: Scene,
    accounts: I32,
    place: I32,
    ignore: NDArray[np.uint8],
    hits: tuple[I64, NDArray[np.uint8], I32],
    around: tuple[Nearby, Nearby],
    lags: tuple[F64, I32, I32],
) -> GroupEvidence:
    traces, classes = scene.traces, scene.classes
    together, partners, crowd = hits
    unit = traces.feature[together].astype(np.int64)
    if traces.n_windows_an_occasion:
        unit = (unit << OCCASION_BITS) + traces.time[together] // (
            traces.n_windows_an_occasion * scene.window
        )
    whose = place[traces.account[together]]
    order = np.lexsort((crowd, unit, whose))
    rank = 4 * crowd[order].astype(np.int64) - partners[order]  # few others near, and many of the group
    order = order[_once_a_post(traces, together[order], rank)]
    hit_first = np.searchsorted(whose[order], np.arange(len(accounts) + 1))
    class_first, class_ids, n_in_class = _classes_of(scene, accounts)
    left_out = np.flatnonzero(ignore > 0).astype(np.int32)
    background = classes.totals - np.bincount(
        classes.class_of[gather(traces, left_out)[0]], minlength=len(classes.totals)
    )
    background = np.maximum(background, 0).astype(np.float64)

    def test(least: int, nearby: Nearby) -> tuple[I32, F64, F64]:
        prior = np.minimum(1.0, nearby.reach / np.maximum(classes.extent_us, 1.0))
        n_features = np.empty(len(accounts), np.int32)
        expected, log_p = np.empty(len(accounts)), np.empty(len(accounts))
        kernels.log_member_p_values(
            least, hit_first, unit[order], crowd[order], partners[order], class_first, class_ids, n_in_class,
            nearby.covered, background, prior, n_features, expected, log_p,
        )  # fmt: skip
        return n_features, expected, log_p

    # Whom an account meets makes up no place of the group by itself: so its meetings are held against all events of the
    # group, and only those where two others were against the places where members met.
    n_features, expected, log_p_any = test(1, around[0])
    log_p_without = test(2, around[1])[2]
    log_p = np.minimum(0.0, np.minimum(log_p_any, log_p_without) + np.log(2))
    return GroupEvidence(
        accounts=accounts,
        n_features=n_features,
        n_coactions=_count_events(traces.event[together], whose, len(accounts)),
        expected=expected,
        log_p=log_p,
        log_p_without=log_p_without,
        log_p_lag=lags[0],
        n_trials=lags[1],
        n_near=lags[2],
        event=scene.row[traces.event[together]],
        event_account=traces.account[together],
        event_feature=unit,
        event_others=crowd,
    )


def _count_events(event: I32, whose: I32, n_accounts: int) -> I32:
    """Number of each account's events; one that comes with several features is one."""
    once = np.unique(event, return_index=True)[1]
    return np.bincount(whose[once], minlength=n_accounts).astype(np.int32)


def _classes_of(scene: Scene, accounts: I32) -> tuple[I64, I32, I32]:
    """Events of each account by class, compressed: first place, class, number."""
    events, ends = gather(scene.traces, accounts)
    whose = np.repeat(np.arange(len(accounts)), np.diff(ends))
    keys, numbers = np.unique(whose << 32 | scene.classes.class_of[events], return_counts=True)
    firsts = np.searchsorted(keys >> 32, np.arange(len(accounts) + 1))
    return firsts, (keys & 0xFFFFFFFF).astype(np.int32), numbers.astype(np.int32)
