"""What forms between looks: who meets whom again and again, counted event by event in tables of fixed size.

The tables are set-associative: a key may stand in one of ``WAYS`` places, and takes the place of what was not touched
for longest. So memory is bounded, and what is forgotten can only make a look come later, never make evidence.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import I32, I64, U8, U64

WAYS: Final = 4
N_RECENT: Final = 24
"""Latest accounts on a feature that a newcomer there is held against."""
LEAST_MEETINGS: Final = 2
"""From so many meetings on different features a pair counts."""
LEAST_PARTNERS: Final = 3
"""An account is restless when it has so many partners with as many meetings."""
GROWTH: Final = 1.2
"""By so much a restless account's meetings must have grown since the last look to call for another."""

KEY, LAST = 0, 1
"""Columns of every table of keys: the key (0: free), and when it was touched last, in microseconds."""
FEATURE: Final = 2
"""Column of a pair: the feature of its latest meeting."""
STRENGTH, PARTNERS, LOOKED_AT, MUTED = 0, 1, 2, 3
"""Columns of an account's numbers: meetings of its pairs, those pairs, STRENGTH at the last look, 1 in a lead."""


@njit(nogil=True, cache=True)
def hash_texts(data: U8, offsets: I64, out: U64) -> None:
    """Hash texts to 64 bits, never 0: FNV-1a, then mixed.

    Args:
        data, offsets: UTF-8 of text t is ``data[offsets[t] : offsets[t + 1]]``.
        out: Receives the hashes.
    """
    for t in range(len(offsets) - 1):
        key = np.uint64(0xCBF29CE484222325)
        for i in range(offsets[t], offsets[t + 1]):
            key = (key ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
        out[t] = mix(key)


@njit(nogil=True, inline="always")
def mix(key: np.uint64) -> np.uint64:
    """Spread a key over all its bits (the finaliser of MurmurHash3); never 0."""
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    key ^= key >> np.uint64(33)
    return key if key != 0 else np.uint64(1)


@njit(nogil=True, inline="always")
def find(table: I64, key: np.uint64, time: int) -> tuple[int, bool]:
    """Find the place of a key, or the one that it takes, and say whether it was there.

    Args:
        table: Keys and times of last touch, at ``KEY`` and ``LAST``.
        key: 64 bits.
        time: Now.
    """
    n_sets = np.uint64(len(table) // WAYS)
    first = int(key % n_sets) * WAYS
    oldest = first
    for place in range(first, first + WAYS):
        if table[place, KEY] == np.int64(key):
            table[place, LAST] = time
            return place, True
        if table[place, LAST] < table[oldest, LAST]:
            oldest = place
    table[oldest, KEY] = np.int64(key)
    table[oldest, LAST] = time
    return oldest, False


@njit(nogil=True, cache=True)
def meet(
    account: U64,
    feature: U64,
    time: I64,
    windows: I64,
    features: I64,
    recent: I64,
    pairs: I64,
    meetings: I32,
    accounts: I64,
    numbers: I32,
) -> int:
    """Take events in, in order of time: count who meets whom, and how many accounts call for a look.

    An account that comes to a feature meets those who came there last. A pair counts a meeting when it is on another
    feature than the meeting before.

    Args:
        account, feature: Hashes; feature 0: the event has none.
        time: Microseconds, ascending.
        windows: How near in time those must be whom each event meets, in microseconds.
        features, recent: Table of features, and of each the latest accounts and times, in turn (places x
            2 N_RECENT + 1; the last is how many came).
        pairs, meetings: Table of pairs, and of each the number of meetings.
        accounts, numbers: Table of accounts, and of each STRENGTH, PARTNERS, LOOKED_AT and MUTED.

    Returns:
        Accounts that became restless, or more restless by GROWTH, since the last look.
    """
    n_risen = 0
    for i in range(len(time)):
        if feature[i] == 0:
            continue
        place, known = find(features, feature[i], time[i])
        row = recent[place]
        if not known:
            row[2 * N_RECENT] = 0
        n = row[2 * N_RECENT]
        for back in range(min(n, N_RECENT)):
            at = 2 * ((n - 1 - back) % N_RECENT)
            if time[i] - row[at + 1] > windows[i]:
                break
            other = np.uint64(row[at])
            if other != account[i] and _met(account[i], other, feature[i], time[i], pairs, meetings):
                n_risen += _strengthen(accounts, numbers, account[i], time[i], pairs, meetings, other)
                n_risen += _strengthen(accounts, numbers, other, time[i], pairs, meetings, account[i])
        at = 2 * (n % N_RECENT)
        row[at] = np.int64(account[i])
        row[at + 1] = time[i]
        row[2 * N_RECENT] = n + 1
    return n_risen


@njit(nogil=True, inline="always")
def _pair_key(one: np.uint64, other: np.uint64) -> np.uint64:
    low, high = (one, other) if one < other else (other, one)
    return mix(low ^ mix(high))


@njit(nogil=True, inline="always")
def _met(one: np.uint64, other: np.uint64, feature: np.uint64, time: int, pairs: I64, meetings: I32) -> bool:
    """Count a meeting; tell whether the pair has met often enough to count."""
    place, known = find(pairs, _pair_key(one, other), time)
    if known and pairs[place, FEATURE] == np.int64(feature):
        return False
    meetings[place] = meetings[place] + 1 if known else 1
    pairs[place, FEATURE] = np.int64(feature)
    return bool(meetings[place] >= LEAST_MEETINGS)


@njit(nogil=True, inline="always")
def _strengthen(
    accounts: I64, numbers: I32, account: np.uint64, time: int, pairs: I64, meetings: I32, other: np.uint64
) -> int:
    """Add a pair's meeting to an account; 1 if with it the account calls for a look, else 0."""
    place, known = find(accounts, account, time)
    mine = numbers[place]
    if not known:
        mine[:] = 0
    pair, _ = find(pairs, _pair_key(account, other), time)
    fresh = meetings[pair] == LEAST_MEETINGS
    before = _calls(mine)
    mine[STRENGTH] += LEAST_MEETINGS if fresh else 1
    mine[PARTNERS] += fresh
    return 1 if _calls(mine) and not before else 0


@njit(nogil=True, inline="always")
def _calls(mine: I32) -> bool:
    restless = mine[MUTED] == 0 and mine[PARTNERS] >= LEAST_PARTNERS
    return bool(restless and mine[STRENGTH] > GROWTH * mine[LOOKED_AT])


@njit(nogil=True, cache=True)
def settle_looked_at(numbers: I32) -> None:
    """After a look: what is known of each account so far calls for no other look."""
    for place in range(len(numbers)):
        numbers[place, LOOKED_AT] = numbers[place, STRENGTH]


@njit(nogil=True, cache=True)
def halve(meetings: I32, numbers: I32) -> None:
    """Let half of what was counted be forgotten, so that what met long ago calls for no look."""
    for place in range(len(meetings)):
        meetings[place] //= 2
    for place in range(len(numbers)):
        for column in (STRENGTH, PARTNERS, LOOKED_AT):
            numbers[place, column] //= 2


@njit(nogil=True, cache=True)
def first_times(keys: I64, younger: U64, older: U64, n_free: I64, fresh: U8) -> int:
    """Mark keys that were not seen before, and take them in: two sets with open addressing, the younger one grows.

    Args:
        keys: 64-bit keys; 0 counts as 1.
        younger, older: The sets; 0 is a free place.
        n_free: Keys that the younger set may still take, at [0]; counted down.
        fresh: Receives 1 for each key that is new, 0 for one that was seen.

    Returns:
        How many keys were handled: fewer than all where the younger set is full.
    """
    for i in range(len(keys)):
        key = np.uint64(keys[i]) if keys[i] != 0 else np.uint64(1)
        if n_free[0] == 0:
            return i
        fresh[i] = 0
        if older[_place(older, key)] == key:
            continue
        place = _place(younger, key)
        if younger[place] != key:
            younger[place] = key
            n_free[0] -= 1
            fresh[i] = 1
    return len(keys)


@njit(nogil=True, inline="always")
def _place(table: U64, key: np.uint64) -> int:
    mask = np.uint64(len(table) - 1)
    place = mix(key) & mask
    while table[place] != 0 and table[place] != key:
        place = (place + np.uint64(1)) & mask
    return int(place)
