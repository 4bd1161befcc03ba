"""Whether members act *when* their group does, given that they act on the same features.

Traces are ordered by (feature, time, account), as in ``sweep``; ``events`` are places in them, ascending.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from samehand.arrays import BOOL, F64, I32, I64, U8
from samehand.kernels.tail import log_binomial_sum_tail


@njit(nogil=True, cache=True)
def lag_trials(
    account: I32,
    feature: I32,
    time: I64,
    window: int,
    horizon: int,
    typical: float,
    ignore: U8,
    events: I64,
    inside: BOOL,
    trial_event: I64,
    moment: I64,
    chance: F64,
    birth: I64,
    has_audience: BOOL,
) -> int:
    """List the trials of *when* an account acts, given that it acts on a feature that the group acts on too.

    Each event of the account on a feature where other accounts of the group act within the horizon is a trial. It
    succeeds where it lies within the window of the moment at which most of those others act. By chance it would as
    often as other people's events, within the horizon of that moment, do.

    Args:
        account, feature, time: Of all events, in order.
        window, horizon: Microseconds.
        typical: Share of the events within the horizon that lie within the window, over the whole log: stands in, with
            the weight of two events, where few others act.
        ignore: By account; above 0: no background.
        events: Events of the group's accounts and of accounts to compare with it, ascending.
        inside: True for events of the group's accounts.
        trial_event: Receives the event of each trial.
        moment: Receives the time at which most others of the group act.
        chance: Receives its chance.
        birth: Receives the time of the first event on the feature.
        has_audience: Receives whether others act on the feature too, so that its first event marks something that was
            new to all, not something that the group made.

    Returns:
        Number of trials.
    """
    n = 0
    x = 0
    while x < len(events):
        x_end = x + 1
        while x_end < len(events) and feature[events[x_end]] == feature[events[x]]:
            x_end += 1
        group = events[x:x_end][inside[x:x_end]]
        if len(group) > 0 and x_end - x > 1:
            lo, hi, born = _stretch(feature, time, group, events[x], events[x_end - 1], 2 * horizon)
            before = np.zeros(hi - lo + 1, np.int32)  # background events before each place
            for i in range(lo, hi):
                before[i - lo + 1] = before[i - lo] + (ignore[account[i]] == 0)
            crowd = _crowd_of_group(time, group, window)
            for y in range(x, x_end):
                i = events[y]
                densest = _densest(account, time, group, crowd, i, window, horizon)
                if densest < 0:
                    continue
                at = time[densest]
                n_near = _between(time, before, lo, hi, at, window)
                n_far = _between(time, before, lo, hi, at, horizon)
                if ignore[account[i]] == 0:  # an account to compare with is no background for itself
                    for own in events[x:x_end]:
                        if account[own] == account[i]:
                            n_near -= abs(time[own] - at) <= window
                            n_far -= abs(time[own] - at) <= horizon
                trial_event[n] = i
                moment[n] = at
                chance[n] = (n_near + 2.0 * typical) / (n_far + 2.0)
                birth[n] = born
                has_audience[n] = n_far >= 2
                n += 1
        x = x_end
    return n


@njit(nogil=True, cache=True)
def _stretch(feature: I32, time: I64, group: I64, first: int, last: int, reach: int) -> tuple[int, int, int]:
    """Places of the feature's events within reach of the group's, and the time of its very first event."""
    f = feature[group[0]]
    lo = min(first, group[0])
    while lo > 0 and feature[lo - 1] == f and time[group[0]] - time[lo - 1] <= reach:
        lo -= 1
    hi = max(last, group[-1]) + 1
    while hi < len(time) and feature[hi] == f and time[hi] - time[group[-1]] <= reach:
        hi += 1
    # The first event of the feature, by doubling steps and then halving them: the feature may be long.
    birth = lo
    step = 1
    while birth - step >= 0 and feature[birth - step] == f:
        birth -= step
        step *= 2
    while step > 0:
        if birth - step >= 0 and feature[birth - step] == f:
            birth -= step
        else:
            step //= 2
    return lo, hi, time[birth]


@njit(nogil=True, cache=True)
def _crowd_of_group(time: I64, group: I64, window: int) -> I32:
    """How many of the group's events lie within the window of each."""
    crowd = np.zeros(len(group), np.int32)
    lo = 0
    hi = 0
    for z in range(len(group)):
        while time[group[z]] - time[group[lo]] > window:
            lo += 1
        while hi < len(group) and time[group[hi]] - time[group[z]] <= window:
            hi += 1
        crowd[z] = hi - lo
    return crowd


@njit(nogil=True, cache=True)
def _densest(account: I32, time: I64, group: I64, crowd: I32, event: int, window: int, horizon: int) -> int:
    """The event of another account, within the horizon, that has most of the others around it; -1 for none."""
    best = np.int64(-1)
    most = np.int32(0)
    lo = 0
    hi = 0
    n_own = np.int32(0)  # events of the account itself within the window of the one that is looked at
    for z in range(len(group)):
        other = group[z]
        while time[other] - time[group[lo]] > window:
            n_own -= account[group[lo]] == account[event]
            lo += 1
        while hi < len(group) and time[group[hi]] - time[other] <= window:
            n_own += account[group[hi]] == account[event]
            hi += 1
        if account[other] == account[event] or abs(time[other] - time[event]) > horizon:
            continue
        if crowd[z] - n_own > most:
            most = crowd[z] - n_own
            best = other
    return int(best)


@njit(nogil=True, cache=True)
def _between(time: I64, before: I32, lo: int, hi: int, at: int, reach: int) -> int:
    """Background events within reach of a time."""
    left = lo + np.searchsorted(time[lo:hi], at - reach)
    right = lo + np.searchsorted(time[lo:hi], at + reach + 1)
    return int(before[right - lo] - before[left - lo])


@njit(nogil=True, cache=True)
def log_lag_of_members(
    first: I64,
    feature: I32,
    time: I64,
    moment: I64,
    chance: F64,
    birth: I64,
    has_audience: BOOL,
    window: int,
    typical: float,
    out: F64,
    n_trials: I32,
    n_near: I32,
) -> None:
    """Test whether each account acts *when* the group does, beyond interest and beyond reacting to what is new.

    The chance of a trial is the larger of two: what other people's times on that feature give (``lag_trials``), and
    what the account's own habit gives: how often, on its other features, it acts at the age at which the group acts
    here. Who reacts to each publication within the hour meets others who do. Several trials on one feature count
    once, as the best of them, and its chance is that any of them succeeds.

    Args:
        first: ``first[a] : first[a + 1]`` are the trials of an account, ordered by feature.
        feature, time: Of the event of each trial.
        moment, chance, birth, has_audience: As from ``lag_trials``.
        window: Microseconds.
        typical: As in ``lag_trials``.
        out: Receives the natural log of the p-value.
        n_trials, n_near: Receive the numbers of trials and of successes.
    """
    scratch = np.empty(300, np.float64)
    for a in range(len(out)):
        begin, end = first[a], first[a + 1]
        known = has_audience[begin:end]
        habits = np.sort((time[begin:end] - birth[begin:end])[known])
        chances = np.empty(end - begin, np.float64)
        n = 0
        n_success = 0
        t = begin
        while t < end:
            best = t
            fails = 1.0
            while t < end and feature[t] == feature[best]:
                if abs(time[t] - moment[t]) < abs(time[best] - moment[best]):
                    best = t
                fails *= 1.0 - min(1.0, chance[t])
                t += 1
            success = abs(time[best] - moment[best]) <= window
            likely = 1.0 - fails
            if has_audience[best]:
                age = moment[best] - birth[best]
                n_habit = np.searchsorted(habits, age + window + 1) - np.searchsorted(habits, age - window)
                likely = max(likely, (n_habit - success + 2.0 * typical) / (len(habits) - 1 + 2.0))
            chances[n] = likely
            n += 1
            n_success += success
        n_trials[a] = n
        n_near[a] = n_success
        out[a] = log_binomial_sum_tail(n_success, chances, n, scratch)
