"""Who belongs to the groups that clusters suggest: members that stay, join, are let go, or act at once among others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from samehand.arrays import I32
from samehand.engines.answers import Interests
from samehand.engines.interface import Engine
from samehand.fleets.score import (
    LOCKSTEP_BITS,
    Candidate,
    in_step,
    score,
    selection_bits,
    settle,
    with_lags_of,
)
from samehand.layers import Layer


def settled(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    groups: Sequence[I32],
    suspects: Sequence[I32],
    interests: Interests | None,
    min_accounts: int,
    *,
    taken: Sequence[I32],
    alone: bool = False,
) -> list[Candidate | None]:
    """Score groups and settle who belongs to them.

    Args:
        engine: The log.
        layers: Layers and scales to look at.
        groups: Account codes of each group, ascending.
        suspects: For each group, accounts that are no background for it.
        interests: Communities of interest.
        min_accounts: Smallest group.
        taken: For each group, accounts that belong elsewhere already.
        alone: Whether each group stands by itself; else an account that settles in several belongs to the strongest.

    Returns:
        For each group what is left of it, with evidence above 0 bits; None where nothing is.
    """
    scored = score(engine, layers, groups, suspects, interests)
    places = [i for i, one in enumerate(scored) if one.score_bits > 0]
    first = [scored[i] for i in places]
    members, more = settle(engine, first, interests, min_accounts)
    members = [np.setdiff1d(some, taken[i]) for some, i in zip(members, places, strict=True)]

    def finish(numbers: list[int], groups: list[I32]) -> dict[int, Candidate]:
        keep = [i for i in numbers if len(groups[i]) >= min_accounts]
        if not keep:
            return {}
        again = score(engine, layers, [groups[i] for i in keep], [first[i].suspects for i in keep], interests)
        again = with_lags_of(engine, layers, again, [more[i] for i in keep], interests)
        return dict(zip(keep, _in_step(engine, layers, again, interests, min_accounts), strict=True))

    everybody = list(range(len(first)))
    if alone:
        done = finish(everybody, members)
    else:
        scores = [one.score_bits for one in first]
        groups = _disjoint(members, scores)
        done = finish(everybody, groups)
        larger = _with_released(groups, members, done, scores)
        again = finish([i for i in everybody if len(larger[i]) > len(_left(groups, done, i))], larger)
        done |= {i: one for i, one in again.items() if i not in done or one.score_bits > done[i].score_bits}
    found: list[Candidate | None] = [None] * len(scored)
    for i, one in zip(
        done, _cores(engine, layers, list(done.values()), interests, min_accounts), strict=True
    ):
        found[places[i]] = one if one.score_bits > 0 else None
    return found


def _left(groups: list[I32], done: dict[int, Candidate], i: int) -> I32:
    """What a group has kept."""
    return done[i].accounts if i in done else groups[i]


def _with_released(
    groups: list[I32], members: list[I32], done: dict[int, Candidate], scores: list[float]
) -> list[I32]:
    """The groups with what others had taken of them and have let go since."""
    gone = [
        np.setdiff1d(groups[i], done[i].accounts) if i in done else groups[i][:0] for i in range(len(groups))
    ]
    free = np.unique(np.concatenate([np.empty(0, np.int32), *gone]))
    claims = [np.setdiff1d(np.intersect1d(some, free), own) for some, own in zip(members, gone, strict=True)]
    got = _disjoint(claims, scores)
    return [np.union1d(_left(groups, done, i), got[i]).astype(np.int32) for i in range(len(groups))]


def _cores(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    candidates: list[Candidate],
    interests: Interests | None,
    min_accounts: int,
) -> list[Candidate]:
    """Of groups that an interest explains, take those alone who act at once: hands among people of that interest.

    They were chosen by their lags, so what the choice can give is taken from the bits of these.
    """
    mixed = [
        i
        for i, one in enumerate(candidates)
        if one.layer.lag_control
        and one.lag_bits < LOCKSTEP_BITS
        and min_accounts <= len(one.quick) < len(one.accounts)
    ]
    groups = [candidates[i].quick for i in mixed]
    suspects = [np.union1d(candidates[i].suspects, candidates[i].quick).astype(np.int32) for i in mixed]
    found = list(candidates)
    if not mixed:
        return found
    for i, core in zip(mixed, score(engine, layers, groups, suspects, interests), strict=True):
        k = len(core.accounts)
        lag_bits = core.lag_bits - selection_bits(len(candidates[i].accounts), k) / k
        if core.score_bits > 0 and core.layer.lag_control and lag_bits >= LOCKSTEP_BITS:
            found[i] = replace(core, lag_bits=lag_bits)
    return found


def _in_step(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    candidates: list[Candidate],
    interests: Interests | None,
    min_accounts: int,
) -> list[Candidate]:
    """Let go of members that do not act when their group does, and look at what is left again.

    Those who are left were chosen by their lags: that the group acts at once is no surer than before.
    """
    members = [in_step(one, engine.n_events_of(one.accounts)) for one in candidates]
    fewer = [i for i, one in enumerate(candidates) if min_accounts <= len(members[i]) < len(one.accounts)]
    if not fewer:
        return candidates
    suspects = [candidates[i].suspects for i in fewer]
    again = score(engine, layers, [members[i] for i in fewer], suspects, interests)
    found = list(candidates)
    for i, new in zip(fewer, again, strict=True):
        found[i] = replace(new, lag_bits=min(new.lag_bits, found[i].lag_bits))
    return found


def _disjoint(groups: list[I32], scores: list[float]) -> list[I32]:
    """Give each account to the strongest group that has it."""
    owner: dict[int, int] = {}
    for i in sorted(range(len(groups)), key=lambda i: (-scores[i], i)):
        for account in groups[i].tolist():
            owner.setdefault(account, i)
    return [
        group[[owner[a] == i for a in group.tolist()]] if len(group) else group
        for i, group in enumerate(groups)
    ]
