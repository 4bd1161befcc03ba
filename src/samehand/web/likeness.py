"""More like this: the accounts outside a fleet that are most like its members, and the links that say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from samehand.web.grouped import Floats, Ints
from samehand.web.runs import RunIndex

MOST_REASONS: Final = 3
"""Links of an account that are shown as reasons."""


@dataclass(frozen=True, kw_only=True)
class Like:
    """An account outside a fleet that is linked to its members."""

    account: str
    fleet: int | None
    """Number of the fleet or candidate that it is in."""
    bits: float
    """Of its link to the member that it is most like: the best scale of each layer, summed over the layers."""
    n_members: int
    """Members that it is linked to."""
    reasons: tuple[dict[str, Any], ...]
    """Rows of ``edges``, the strongest first."""
    innocent: float | None
    """Weight of the innocent cause that explains a group in which both are; None: there is none."""


@dataclass(frozen=True, kw_only=True)
class PairLinks:
    """Pairs of a member and an outsider, and the evidence of each."""

    member: Ints
    other: Ints
    bits: Floats


def pair_links(member: Ints, other: Ints, layer: Ints, bits: Floats) -> PairLinks:
    """Make one link of all edges of a pair: the best scale of each layer, summed over the layers.

    >>> made = pair_links(np.array([1, 1, 1]), np.array([2, 2, 2]), np.array([0, 0, 1]), np.array([3.0, 5.0, 2.0]))
    >>> made.member.tolist(), made.other.tolist(), made.bits.tolist()
    ([1], [2], [7.0])
    """
    order = np.lexsort((layer, member, other))
    other, member, layer, bits = other[order], member[order], layer[order], bits[order]
    new_pair = (np.diff(other, prepend=-1) != 0) | (np.diff(member, prepend=-1) != 0)
    starts = np.flatnonzero(new_pair | (np.diff(layer, prepend=-1) != 0))
    if not len(starts):
        return PairLinks(member=member, other=other, bits=bits)
    best = np.maximum.reduceat(bits, starts)
    pairs = np.flatnonzero(new_pair)
    total = np.add.reduceat(best, np.searchsorted(starts, pairs))
    return PairLinks(member=member[pairs], other=other[pairs], bits=total)


def links_across(run: RunIndex, fleet: int, gone: Collection[int] = ()) -> tuple[PairLinks, Ints, Any]:
    """Give the pairs of a member and an outsider, and the edges behind them with the outsider of each.

    ``gone``: members that a reviewer removed, by their numbers; their links do not count.
    """
    member, other, edges = run.links_out(fleet)
    if gone:
        keep = ~np.isin(member, list(gone))
        member, other, edges = member[keep], other[keep], edges.take(np.flatnonzero(keep))
    layer = edges["layer"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    return pair_links(member, other, layer, edges["bits"].to_numpy()), other, edges


def most_like(run: RunIndex, fleet: int, most: int, gone: Collection[int] = ()) -> tuple[list[Like], int]:
    """Give the outsiders most like a fleet, the strongest first, and how many there are in all."""
    pairs, other, edges = links_across(run, fleet, gone)
    outsiders, first, n_members = np.unique(pairs.other, return_index=True, return_counts=True)
    if not len(outsiders):
        return [], 0
    strongest = np.maximum.reduceat(pairs.bits, first)
    total = np.add.reduceat(pairs.bits, first)
    chosen = np.lexsort((outsiders, -total))[:most]
    return [
        _like(
            run,
            int(outsiders[i]),
            float(strongest[i]),
            int(n_members[i]),
            edges.take(np.flatnonzero(other == outsiders[i])),
        )
        for i in chosen
    ], len(outsiders)


def _like(run: RunIndex, account: int, bits: float, n_members: int, edges: Any) -> Like:
    rows = edges.sort_by([("bits", "descending"), ("account_a", "ascending"), ("account_b", "ascending")])
    weights = [weight for weight in rows["p_innocent"].to_pylist() if weight is not None]
    fleet = int(run.fleet_of[account])
    return Like(
        account=run.account_names[account].as_py(),
        fleet=None if fleet < 0 else fleet,
        bits=bits,
        n_members=n_members,
        reasons=tuple(rows.slice(0, MOST_REASONS).to_pylist()),
        innocent=max(weights, default=None),
    )
