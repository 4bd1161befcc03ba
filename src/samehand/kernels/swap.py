"""Surrogate logs: deal the accounts of similar events out again."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.arrays import I32, I64, U64


@njit(nogil=True, cache=True)
def _next(state: NDArray[np.uint64]) -> np.uint64:
    """Advance a SplitMix64 generator (Steele, Lea and Flood 2014): one word of state, the same on every machine."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(z ^ (z >> np.uint64(31)))


@njit(nogil=True, cache=True)
def draw_for(numbers: I64, seed: int) -> U64:
    """Draw a word for each number: the same for the same number and seed, wherever it is asked for."""
    words = np.empty(len(numbers), np.uint64)
    state = np.zeros(1, np.uint64)
    for i in range(len(numbers)):
        state[0] = np.uint64(numbers[i]) + np.uint64(seed)
        state[0] = _next(state)
        words[i] = _next(state)
    return words


@njit(nogil=True, cache=True)
def shuffle_in_groups(account: I32, first: I64, order: I32, seeds: U64) -> None:
    """Shuffle the accounts of each group's events among them (Fisher-Yates), in place.

    Args:
        account: Account of each event; changed.
        first, order: Events gathered by group: ``order[first[g] : first[g + 1]]``.
        seeds: Of the stream of each group, so that a group may be shuffled anywhere.
    """
    state = np.zeros(1, np.uint64)
    for group in range(len(first) - 1):
        state[0] = seeds[group]
        begin = first[group]
        for i in range(first[group + 1] - 1, begin, -1):
            j = begin + int(_next(state) % np.uint64(i - begin + 1))
            x, y = order[i], order[j]
            account[x], account[y] = account[y], account[x]


@njit(nogil=True, cache=True)
def find_repeats(account: I32, item: I32, by_item: I32, last_item: I32, out: I64) -> int:
    """List the events that repeat an (account, item) of an earlier event in ``by_item``.

    Args:
        account, item: Of each event; an item below 0 never repeats.
        by_item: All events, those of one item together.
        last_item: Scratch, one place an account; any content.
        out: Receives the events; room for all.

    Returns:
        How many there are.
    """
    last_item[:] = -1
    n_out = 0
    for i in range(len(by_item)):
        event = by_item[i]
        if item[event] < 0:
            continue
        if last_item[account[event]] == item[event]:
            out[n_out] = event
            n_out += 1
        else:
            last_item[account[event]] = item[event]
    return n_out


@njit(nogil=True, cache=True)
def swap_some(account: I32, first: I64, order: I32, group: I32, events: I64, seeds: U64) -> None:
    """Swap the account of each listed event with that of a random event of its group, in place.

    Args:
        account, first, order: As in ``shuffle_in_groups``.
        group: Group of each event.
        events: The events to swap, those of each group in the order in which they are swapped.
        seeds: Of the stream of each group.
    """
    states = seeds.copy()
    for i in range(len(events)):
        x = events[i]
        begin, end = first[group[x]], first[group[x] + 1]
        y = order[begin + int(_next(states[group[x] : group[x] + 1]) % np.uint64(end - begin))]
        account[x], account[y] = account[y], account[x]
