"""Which events come by the clock: what an account does at the same time of day, day after day.

Whoever lets a tool post at nine every morning meets, to the second, everybody else who does, on each day anew. That is
one choice, not fourteen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import BOOL, I32, I64
from samehand.kernels.tail import log_poisson_tail

DAY_US: Final = 86_400_000_000
LEAST_DAYS: Final = 3
"""Days on which an account must have been at the same time of day for it to be an appointment."""


@njit(nogil=True, cache=True)
def mark_repeats(
    first: I64,
    order: I32,
    feature: I32,
    time: I64,
    slot: int,
    around: int,
    limit: float,
    begin: int,
    end: int,
    repeats: BOOL,
) -> None:
    """Mark the events with which an account keeps an appointment that it had on an earlier day.

    Events of one account and feature are at the same time of day if no more than a slot apart, or if they are joined
    by events between them. It is an appointment where the days on which there are any are more than its events around
    that time of day would give. A busy hour is none, however often it comes: its events are spread over all its slots.

    Args:
        first, order: The events of account a are ``order[first[a] : first[a + 1]]``.
        feature, time: Of each event; microseconds since the first.
        slot: Microseconds.
        around: Events within this time of day tell how many days to expect; microseconds, far above ``slot``.
        limit: Natural log of the p-value at or below which it is an appointment.
        begin, end: Handles accounts ``begin`` to ``end - 1``.
        repeats: Receives the answer for each event; False before.
    """
    n_days = int(time.max()) // DAY_US + 1 if len(time) else 0
    by_day = np.zeros(n_days, np.int32)
    for a in range(begin, end):
        if first[a + 1] - first[a] < LEAST_DAYS:
            continue
        events = order[first[a] : first[a + 1]]
        events = events[np.argsort(feature[events] * DAY_US + time[events] % DAY_US)]
        x = 0
        while x < len(events):
            y = x
            while y < len(events) and feature[events[y]] == feature[events[x]]:
                y += 1
            if y - x >= LEAST_DAYS:
                own = events[x:y]
                kept = _keeps_appointment(
                    time[own] % DAY_US, time[own] // DAY_US, slot, around, limit, by_day
                )
                _mark_later_days(own, time, kept, slot, repeats)
            x = y


@njit(nogil=True, cache=True)
def _keeps_appointment(clock: I64, day: I64, slot: int, around: int, limit: float, by_day: I32) -> BOOL:
    """Tell which events, in order of their time of day, are on surprisingly many days at that time."""
    n = len(clock)
    kept = np.zeros(n, np.bool_)
    lo, hi, far_lo, far_hi, n_days = 0, 0, 0, 0, 0
    for i in range(n):
        while hi < n and clock[hi] - clock[i] <= slot:
            n_days += by_day[day[hi]] == 0
            by_day[day[hi]] += 1
            hi += 1
        while clock[i] - clock[lo] > slot:
            by_day[day[lo]] -= 1
            n_days -= by_day[day[lo]] == 0
            lo += 1
        if n_days < LEAST_DAYS:
            continue
        while far_hi < n and clock[far_hi] - clock[i] <= around:
            far_hi += 1
        while clock[i] - clock[far_lo] > around:
            far_lo += 1
        kept[i] = log_poisson_tail(n_days - 1, (far_hi - far_lo) * slot / around) <= limit
    for x in range(lo, hi):  # as it was, for the next
        by_day[day[x]] = 0
    return kept


@njit(nogil=True, cache=True)
def _mark_later_days(own: I32, time: I64, kept: BOOL, slot: int, repeats: BOOL) -> None:
    """Mark the events of each appointment that are not of its first day."""
    x = 0
    while x < len(own):
        y = x + 1
        if kept[x]:
            earliest = time[own[x]] // DAY_US
            while y < len(own) and kept[y] and time[own[y]] % DAY_US - time[own[y - 1]] % DAY_US <= slot:
                earliest = min(earliest, time[own[y]] // DAY_US)
                y += 1
            for i in own[x:y]:
                repeats[i] = time[i] // DAY_US > earliest
        x = y
