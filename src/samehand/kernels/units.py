"""What two events count for: which are no co-action, and which count as one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from samehand.arrays import I32, I64

NO_UNIT: Final = np.iinfo(np.int64).min


class Exempt(NamedTuple):
    """Which events on one feature, of two accounts at one time, are no co-action. Arrays are empty where none is."""

    avoid: I32
    """Of each event; two with equal values of at least 0 are none."""
    author: I32
    """Whose each event is in the log."""
    person: I32
    """Who each event is on, -1 for nobody else; two, each on the other's author, are question and answer, and none."""
    post: I32
    """Where in ``ranks`` the post begins that each event is of; -1: it is all that the post does.

    A post with a link and a hashtag is two events. Who posts both as well has done one thing together, not two.
    """
    own: I32
    """Where in ``ranks`` that of the event's own feature stands."""
    ranks: I32
    """Features of the posts, one post after the other, by their place among all from the rarest on; ascending in each.
    """


def no_exemption() -> Exempt:
    """All count."""
    none = np.empty(0, np.int32)
    return Exempt(none, none, none, none, none, none)


@njit(nogil=True, inline="always")
def is_exempt(exempt: Exempt, i: int, j: int) -> bool:
    """Whether two events on one feature are no co-action."""
    return is_avoided(exempt, i, j) or (len(exempt.post) > 0 and shares_rarer(exempt, i, j))


@njit(nogil=True, inline="always")
def is_avoided(exempt: Exempt, i: int, j: int) -> bool:
    """Whether two events are another layer's business, or one answers the other."""
    if len(exempt.avoid) > 0 and exempt.avoid[i] >= 0 and exempt.avoid[i] == exempt.avoid[j]:
        return True
    if len(exempt.person) == 0:
        return False
    return bool(exempt.person[i] == exempt.author[j] and exempt.person[j] == exempt.author[i])


@njit(nogil=True, cache=True)
def shares_rarer(exempt: Exempt, i: int, j: int) -> bool:
    """Whether the posts of two events share a rarer feature than the one that the events are on."""
    x, y = exempt.post[i], exempt.post[j]
    if x < 0 or y < 0:
        return False
    x_end, y_end = exempt.own[i], exempt.own[j]
    while x < x_end and y < y_end:
        one, other = exempt.ranks[x], exempt.ranks[y]
        if one == other:
            return True
        if one < other:
            x += 1
        else:
            y += 1
    return False


@njit(nogil=True, inline="always")
def units_an_event(occasion: int) -> int:
    """Units that the co-actions of one event can count for.

    With occasions two: a co-action counts where the earlier of its events lies, which may be in the occasion before.
    """
    return 2 if occasion > 0 else 1


@njit(nogil=True, inline="always")
def unit_of(feature: I32, time: I64, i: int, j: int, occasion: int) -> int:
    """What two events count for: their feature, once, or (with occasions) once in each occasion."""
    unit = np.int64(feature[i])
    if occasion > 0:
        unit = (unit << 34) + min(time[i], time[j]) // occasion
    return int(unit)


@njit(nogil=True, inline="always")
def count_unit(units: I64, at: int, numbers: I32, into: int, unit: int, b: int) -> None:
    """Count a unit once, in the lowest of its bins.

    Units come in order but for one step back: where the earlier event is the other account's, the occasion before. So
    the last two are enough to know (unit, bin, unit before, bin). Tables and places are passed, not rows of tables: to
    take a row is dearer than all the rest.
    """
    if unit == units[at, 0]:
        if b < units[at, 1]:
            numbers[into, units[at, 1]] -= 1
            numbers[into, b] += 1
            units[at, 1] = b
    elif unit == units[at, 2]:
        if b < units[at, 3]:
            numbers[into, units[at, 3]] -= 1
            numbers[into, b] += 1
            units[at, 3] = b
    else:
        numbers[into, b] += 1
        if unit > units[at, 0]:
            units[at, 2], units[at, 3] = units[at, 0], units[at, 1]
            units[at, 0], units[at, 1] = unit, b
        else:
            units[at, 2], units[at, 3] = unit, b
