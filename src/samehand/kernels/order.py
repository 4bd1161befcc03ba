"""Orders of events: stable sorts by codes and times, linear in the number of events."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.arrays import I32, I64


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
def place_by_code(codes: I32, before: I32, at: I64, low: int, high: int, order: I32) -> None:
    """Put the events of some codes where they belong in the order by code (a part of ``order_by_code``).

    Args:
        codes, before: As there.
        at: Place of each code's first event; those of the codes handled are changed.
        low, high: Codes in ``[low, high)`` are handled, so that pieces can run on threads.
        order: Receives the events.
    """
    for event in before:
        code = codes[event]
        if low <= code < high:
            order[at[code]] = event
            at[code] += 1


@njit(nogil=True, cache=True)
def order_by_time(time: I64, before: I32) -> I32:
    """Order events by time, stable with regard to an order that they already have (radix sort, 11 bits a pass).

    Args:
        time: Time of each event.
        before: Events in the order to keep among equals.

    Returns:
        The events in the new order.
    """
    n = len(before)
    order = before.copy()
    if n == 0:
        return order
    # The times go along with the events: to look them up at each pass would be dearer than to move them.
    key = time[before]
    least = key.min()
    key -= least
    most = key.max()
    other, other_key = np.empty_like(order), np.empty_like(key)
    shift = 0
    while shift == 0 or most >> shift > 0:
        at = np.zeros(2049, np.int64)
        for i in range(n):
            at[((key[i] >> shift) & 2047) + 1] += 1
        for digit in range(2048):
            at[digit + 1] += at[digit]
        for i in range(n):
            digit = (key[i] >> shift) & 2047
            other[at[digit]], other_key[at[digit]] = order[i], key[i]
            at[digit] += 1
        order, other = other, order
        key, other_key = other_key, key
        shift += 11
    return order


@njit(nogil=True, cache=True)
def order_short_ties(time: I64, codes: I32, order: I32, longest: int) -> bool:
    """Order events of one time by their codes, in place, where few share a time (insertion sort).

    Args:
        time: Time of each event.
        codes: Codes by which to order (codes x events), the first one first.
        order: Events in order of time; changed.
        longest: Ties of more events than this are left as they are.

    Returns:
        Whether a tie was left.
    """
    left = False
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and time[order[end]] == time[order[begin]]:
            end += 1
        if end - begin > longest:
            left = True
        else:
            for i in range(begin + 1, end):
                event = order[i]
                j = i
                while j > begin and _is_before(codes, event, order[j - 1]):
                    order[j] = order[j - 1]
                    j -= 1
                order[j] = event
        begin = end
    return left


@njit(nogil=True, cache=True)
def _is_before(codes: I32, one: int, other: int) -> bool:
    for row in range(len(codes)):
        if codes[row, one] != codes[row, other]:
            return bool(codes[row, one] < codes[row, other])
    return False


@njit(nogil=True, cache=True)
def count_distinct(groups: I64, first: I64, order: I32, values: I32, left_out: NDArray[np.bool_]) -> I32:
    """Count the distinct values in each of some groups of places.

    Args:
        groups: The groups to look at.
        first, order: ``order[first[g] : first[g + 1]]`` are the places of group g.
        values: Value at each place.
        left_out: By value: not counted.
    """
    last_group = np.full(len(left_out), -1, np.int64)
    out = np.zeros(len(groups), np.int32)
    for g in range(len(groups)):
        for place in order[first[groups[g]] : first[groups[g] + 1]]:
            value = values[place]
            if not left_out[value] and last_group[value] != g:
                last_group[value] = g
                out[g] += 1
    return out


@njit(nogil=True, cache=True)
def first_of_each(groups: I32, values: I32, n_values: int) -> NDArray[np.bool_]:
    """Mark the places where a value comes for the first time in its group.

    Args:
        groups: Group of each place, 0 or more; the places of a group stand together.
        values: Value at each place, 0 to n_values - 1.
        n_values: Number of values.
    """
    last_group = np.full(n_values, -1, np.int32)
    out = np.empty(len(groups), np.bool_)
    for i in range(len(groups)):
        out[i] = last_group[values[i]] != groups[i]
        last_group[values[i]] = groups[i]
    return out


@njit(nogil=True, cache=True)
def most_frequent(groups: I32, n_groups: int, votes: I32, n_values: int) -> I32:
    """The most frequent value above 0 in each group, the smaller of equals; 0 where fewer than two places have one.

    Args:
        groups: Group of each place, 0 to n_groups - 1; the places of a group stand together.
        n_groups: Number of groups.
        votes: Value at each place, 0 to n_values - 1.
        n_values: Number of values.
    """
    counts = np.zeros(n_values, np.int32)
    out = np.zeros(n_groups, np.int32)
    begin = 0
    while begin < len(groups):
        end = begin
        n_votes = 0
        best = 0
        while end < len(groups) and groups[end] == groups[begin]:
            value = votes[end]
            if value > 0:
                n_votes += 1
                counts[value] += 1
                if counts[value] > counts[best] or (counts[value] == counts[best] and value < best):
                    best = value
            end += 1
        if n_votes >= 2:
            out[groups[begin]] = best
        for i in range(begin, end):
            counts[votes[i]] = 0
        begin = end
    return out


def by_account(account: I32, n_accounts: int) -> tuple[I64, I32]:
    """Gather events by account, in the order in which they stand: ``order[first[a] : first[a + 1]]``.

    Args:
        account: Account code of each event.
        n_accounts: Number of accounts.
    """
    first = np.concatenate([[0], np.cumsum(np.bincount(account, minlength=n_accounts))])
    return first, order_by_code(account, n_accounts, np.arange(len(account), dtype=np.int32))


def small_codes(keys: I64) -> I32:
    """Small codes for large keys: by a table where the keys are dense, by sorting where they are not."""
    span = int(keys.max(initial=0)) + 1
    if span <= 8 * len(keys) + 1024:
        seen = np.zeros(span, np.bool_)
        seen[keys] = True
        return (np.cumsum(seen, dtype=np.int32) - 1)[keys]
    return np.unique(keys, return_inverse=True)[1].astype(np.int32)
