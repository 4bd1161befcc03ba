"""Accounts that act together and are in no candidate together: too few for one, or on the edge of it.

Their pairs are in the run folder, so innocent causes are tested on them as well: four brands of one agency are as
harmless as twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.arrays import BOOL, F64, I32
from samehand.engines.answers import Interests
from samehand.engines.interface import Engine
from samehand.fleets.facts import Setting
from samehand.fleets.judge import CLEARED, Judged, judge_each
from samehand.fleets.score import score
from samehand.graph.backbone import Edges
from samehand.kernels import peel
from samehand.layers import Layer

MOST_GROUPS: Final = 200
"""Groups that are looked at, those of the surest pairs first."""


@dataclass(frozen=True)
class Cleared:
    """Accounts whose acting together an innocent cause explains."""

    accounts: I32
    weight: float
    """Of the cause."""


def clear_small_groups(
    engine: Engine,
    looks: Sequence[tuple[Layer, int]],
    edges: Sequence[Edges],
    judged: Sequence[Judged],
    interests: Interests | None,
    setting: Setting,
) -> list[Cleared]:
    """Test the innocent causes of what strong pairs hang together that are in no candidate together.

    Args:
        engine: The log.
        looks: Layers and scales in use.
        edges: Of all layers and scales.
        judged: All candidates.
        interests: Communities of interest.
        setting: From ``facts.survey``.

    Returns:
        The groups that an innocent cause explains; an account is in one at most.
    """
    groups, layers = _groups(edges, judged, engine.size.n_accounts)
    candidates = []
    for name in dict.fromkeys(layers):
        own = [group for group, layer in zip(groups, layers, strict=True) if layer == name]
        scales = [look for look in looks if look[0].name == name]
        candidates += score(engine, scales, own, own, interests)
    found = judge_each(engine, candidates, interests, setting)
    return [Cleared(one.candidate.accounts, one.weight) for one in found if one.weight > CLEARED]


def _groups(edges: Sequence[Edges], judged: Sequence[Judged], n_accounts: int) -> tuple[list[I32], list[str]]:
    """The accounts of each connected group, and the layer of its surest pair."""
    candidate = np.full(n_accounts, -1, np.int32)
    for i, one in enumerate(judged):
        candidate[one.candidate.accounts] = i
    a, b, log_p, place = _pairs(edges, candidate)
    if len(a) == 0:
        return [], []
    order = np.argsort(log_p, kind="stable")
    part = peel.components(a, b, n_accounts)
    parts, first = np.unique(part[a[order]], return_index=True)
    surest = np.argsort(first)[:MOST_GROUPS]
    accounts = np.unique(np.concatenate([a, b]))
    by_part = np.argsort(part[accounts], kind="stable")
    begin = np.searchsorted(part[accounts[by_part]], parts[surest])
    end = np.searchsorted(part[accounts[by_part]], parts[surest], side="right")
    groups = [accounts[by_part[i:j]].astype(np.int32) for i, j in zip(begin, end, strict=True)]
    return groups, [edges[i].layer for i in place[order[first[surest]]]]


def _pairs(edges: Sequence[Edges], candidate: I32) -> tuple[I32, I32, F64, I32]:
    """Strong pairs that are in no candidate together: both accounts, the log p-value, and of which edges they are."""
    parts = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0, np.int32))]
    for i, one in enumerate(edges):
        keep = one.strong & ~together(candidate, one.pairs.account_a, one.pairs.account_b)
        a, b = one.pairs.account_a[keep], one.pairs.account_b[keep]
        parts.append((a, b, one.log_p[keep], np.full(len(a), i, np.int32)))
    a, b, log_p, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    return a, b, log_p, place


def together(group: I32, a: I32, b: I32) -> BOOL:
    """Whether both accounts of each pair are in one group; ``group``: of each account, -1 for none."""
    in_one: BOOL = (group[a] >= 0) & (group[a] == group[b])
    return in_one
