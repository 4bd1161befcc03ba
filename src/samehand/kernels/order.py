"""Orders of events: stable sorts by codes and times, linear in the number of events."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


@njit(nogil=True, cache=True)
def order_by_code(codes: I32, n_codes: int, before: I32) -> I32:
    """Order events by a small code, stable with regard to an order that they already have (counting sort).

    Args:
        codes: Code of each event, 0 to n_codes - 1.
        n_codes: Number of codes.
        before: Events in the order to keep among equals.

    Returns:
        The events in the new order.
    """
    at = np.zeros(n_codes + 1, np.int64)
    for event in before:
        at[codes[event] + 1] += 1
    for code in range(n_codes):
        at[code + 1] += at[code]
    order = np.empty(len(before), np.int32)
    for event in before:
        order[at[codes[event]]] = event
        at[codes[event]] += 1
    return order


@njit(nogil=True, cache=True)
def order_by_time(time: I64, before: I32) -> I32:
    """Order events by time, stable with regard to an order that they already have (radix sort, 11 bits a pass).

    Args:
        time: Time of each event.
        before: Events in the order to keep among equals.

    Returns:
        The events in the new order.
    """
    if len(before) == 0:
        return before.copy()
    least = time[before[0]]
    most = least
    for event in before:
        least = min(least, time[event])
        most = max(most, time[event])
    order = before.copy()
    other = np.empty_like(order)
    shift = 0
    while shift == 0 or (most - least) >> shift > 0:
        at = np.zeros(2049, np.int64)
        for event in order:
            at[(((time[event] - least) >> shift) & 2047) + 1] += 1
        for digit in range(2048):
            at[digit + 1] += at[digit]
        for event in order:
            digit = ((time[event] - least) >> shift) & 2047
            other[at[digit]] = event
            at[digit] += 1
        order, other = other, order
        shift += 11
    return order
