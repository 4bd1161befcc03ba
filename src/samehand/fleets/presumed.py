"""Groups that are presumed to be innocent: people of one address or device, and the keenest of one interest.

Nobody says that they are: a fleet that was missed may be among them. They are the groups that a careless search would
accuse first, so they show what a careful one does with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np

from samehand.arrays import I32
from samehand.engines.answers import Interests
from samehand.engines.interface import Engine
from samehand.graph.interest import MOST_PAIRS
from samehand.layers import Layer

MOST_GROUPS: Final = 20
"""Of one kind."""
SAMPLE: Final = 20
"""Accounts of a group that has more, the busiest: the others hardly do anything that could be held against them."""
MOST_LOOKED_AT: Final = 200
"""The largest groups of a kind among which those that are not the same people again are looked for."""
LARGEST_HOUSEHOLD: Final = 8
EVERYBODY: Final = 2**31 - 1


@dataclass(frozen=True)
class Pretended:
    """A group that is looked at as if it had been found."""

    kind: str
    source: str
    """What its accounts share; for known groups, the name."""
    accounts: I32
    """Codes, ascending."""


def presumed_groups(
    engine: Engine, layer: Layer | None, interests: Interests | None, left_out: I32, min_accounts: int
) -> list[Pretended]:
    """Draw the largest groups of each kind. Nothing is random, and no account's name matters but among equals.

    Args:
        engine: The log.
        layer: The layer that interests were learned on; None: there is none.
        interests: Communities of interest.
        left_out: Accounts of reported fleets: they are not presumed innocent.
        min_accounts: Smallest group.
    """
    sample = max(SAMPLE, min_accounts)
    beyond = max(LARGEST_HOUSEHOLD + 1, min_accounts)
    sizes = [(min_accounts, LARGEST_HOUSEHOLD), (beyond, EVERYBODY)]
    households, addresses = engine.sharing("address", left_out, sizes, MOST_LOOKED_AT)
    (devices,) = engine.sharing("device", left_out, [(min_accounts, EVERYBODY)], MOST_LOOKED_AT)
    drawn = [
        *(("household", "address", group) for group in _others_each(households, sample)),
        *(("shared_address", "address", group) for group in _others_each(addresses, sample)),
        *(("shared_device", "device", group) for group in _others_each(devices, sample)),
    ]
    if layer is not None and interests is not None:
        keen = _keenest(engine, layer, interests, left_out, sample, min_accounts)
        drawn += [("community", layer.name, group) for group in keen]
    return [Pretended(kind, source, np.sort(group)) for kind, source, group in drawn]


def _others_each(groups: list[I32], sample: int) -> list[I32]:
    """Cut groups to their sample and leave out those of which more than half are in one before: the same people again.

    A class uses many addresses, a call centre many devices; looked at once for each, they would count many times.
    """
    found: list[I32] = []
    for group in groups:
        busiest = group[:sample]
        if all(2 * np.isin(busiest, other).sum() <= len(busiest) for other in found):
            found.append(busiest)
        if len(found) == MOST_GROUPS:
            break
    return found


def _keenest(
    engine: Engine, layer: Layer, interests: Interests, left_out: I32, sample: int, min_accounts: int
) -> list[I32]:
    """Groups of accounts of one community each, those with the most attention to it first; the largest community first.

    The keenest of each, then the next keenest of each, until there are enough.
    """
    attention = engine.attention(layer, MOST_PAIRS)
    interest = interests.feature_class[attention.feature]
    known = (interest > 0) & ~np.isin(attention.account, left_out)
    keys, n_attended = np.unique(
        attention.account[known].astype(np.int64) << 32 | interest[known], return_counts=True
    )
    account, community = (keys >> 32).astype(np.int32), keys & 0xFFFFFFFF
    order = np.lexsort((community, -n_attended, account))  # the community with the most first
    home = order[np.flatnonzero(np.diff(account[order], prepend=-1))]
    account, community, n_attended = account[home], community[home], n_attended[home]
    by_keenness = np.lexsort((account, -engine.n_events_of(account), -n_attended))
    members = [account[by_keenness[community[by_keenness] == one]] for one in np.unique(community)]
    members.sort(key=len, reverse=True)
    found: list[I32] = []
    for start in count(0, sample):
        groups = [some[start : start + sample] for some in members]
        groups = [group for group in groups if len(group) >= min_accounts]
        found += groups
        if not groups or len(found) >= MOST_GROUPS:
            return found[:MOST_GROUPS]
    raise AssertionError("the count above has no end")
