"""From a log in an engine to candidate fleets: the part of the pipeline that also runs on surrogate logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from samehand.arrays import I32
from samehand.engines.answers import Interests, Pairs
from samehand.engines.interface import Engine
from samehand.fleets.score import Candidate, in_step, score, settle, with_lags_of
from samehand.graph import backbone
from samehand.graph.backbone import Edges
from samehand.graph.cluster import find_clusters
from samehand.graph.interest import MOST_PAIRS, learn_interests
from samehand.layers import Layer

LEARNING_SCALE_US: Final = 3_600_000_000
"""Suspects are looked for up to this scale before interests are learned: beyond it interests themselves make pairs."""

Step = Callable[[str], None]
"""Told the name of each step as it begins."""


def silent(name: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Found:
    """What one pass over a log gives."""

    candidates: list[Candidate]
    """Groups with evidence above 0 bits, the strongest first; an account is in one at most."""
    edges: list[Edges]
    interests: Interests | None


def find_candidates(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    *,
    min_accounts: int,
    seed: int,
    interests: Interests | None = None,
    step: Step = silent,
) -> Found:
    """Find groups of accounts that move together.

    Args:
        engine: The log.
        layers: Layers and scales to look at.
        min_accounts: Smallest group.
        seed: Seed of the clustering.
        interests: Communities of interest, where they are known already.
        step: Told what is being done.
    """
    n_accounts = engine.size.n_accounts
    limit = backbone.weak_log_p(n_accounts)
    learned_on = next((layer for layer, _ in layers if layer.background == "interest"), None)

    def collect(layer: Layer, scale_us: int) -> Pairs:
        return engine.candidate_pairs(layer, scale_us, limit)

    def learn(layer: Layer, suspects: I32) -> Interests:
        attention = engine.attention(layer, MOST_PAIRS)
        return learn_interests(layer.name, attention, suspects, seed, partial(engine.vote, layer))

    def test(layer: Layer, scale_us: int, found: Pairs) -> Edges:
        # A fleet among few new accounts is most of what is around it: there all pairs are suspects.
        suspect = found.log_p <= (limit if layer.stretch_us else backbone.suspect_log_p(n_accounts))
        retest = engine.retest(layer, scale_us, found, suspect, interests, limit)
        return backbone.judge(layer.name, scale_us, found, retest, n_accounts)

    with _asking(engine) as pool:
        step("pairs")
        early = {each: pool.submit(collect, *each) for each in layers if each[1] <= LEARNING_SCALE_US}
        suspects = _suspects([one.result() for one in early.values()], n_accounts)
        learned = None
        if interests is None and learned_on is not None:
            step("interests")
            learned = pool.submit(learn, learned_on, suspects)
        late = {each: pool.submit(collect, *each) for each in layers if each not in early}
        if learned is not None:
            interests = learned.result()
        collected = early | late
        pairs = [(*each, collected[each].result()) for each in layers]
        step("nulls")
        edges = [one.result() for one in [pool.submit(test, *each) for each in pairs]]
    step("clusters")
    clusters = find_clusters(edges, n_accounts, min_accounts, seed)
    step("evidence")
    groups = settled(engine, layers, clusters.groups, clusters.suspects, interests, min_accounts)
    candidates = sorted(
        (one for one in groups if one is not None),
        key=lambda one: (-one.score_bits, -len(one.accounts), int(one.accounts[0])),
    )
    return Found(candidates, edges, interests)


@contextmanager
def _asking(engine: Engine) -> Iterator[ThreadPoolExecutor]:
    """Threads that ask an engine several things at a time; after an error nothing more is asked."""
    pool = ThreadPoolExecutor(engine.n_parallel)
    try:
        yield pool
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _suspects(pairs: list[Pairs], n_accounts: int) -> I32:
    """Accounts of pairs so suspect that no interest is learned from them."""
    limit = backbone.learning_log_p(n_accounts)
    accounts = [np.empty(0, np.int32)]
    for found in pairs:
        suspect = found.log_p <= limit
        accounts += [found.account_a[suspect], found.account_b[suspect]]
    return np.unique(np.concatenate(accounts))


def settled(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    groups: Sequence[I32],
    suspects: Sequence[I32],
    interests: Interests | None,
    min_accounts: int,
    *,
    taken: Sequence[I32] | None = None,
) -> list[Candidate | None]:
    """Score groups and settle who belongs to them.

    Args:
        engine: The log.
        layers: Layers and scales to look at.
        groups: Account codes of each group, ascending.
        suspects: For each group, accounts that are no background for it.
        interests: Communities of interest.
        min_accounts: Smallest group.
        taken: For each group, accounts that belong elsewhere already, and each group stands by itself; None: an account
            that settles in several groups belongs to the strongest.

    Returns:
        For each group what is left of it, with evidence above 0 bits; None where nothing is.
    """
    scored = score(engine, layers, groups, suspects, interests)
    places = [i for i, one in enumerate(scored) if one.score_bits > 0]
    first = [scored[i] for i in places]
    members, more = settle(engine, first, interests, min_accounts)
    if taken is None:
        groups = _disjoint(members, [one.score_bits for one in first])
    else:
        groups = [np.setdiff1d(some, taken[i]) for some, i in zip(members, places, strict=True)]
    keep = [i for i, group in enumerate(groups) if len(group) >= min_accounts]
    again = score(engine, layers, [groups[i] for i in keep], [first[i].suspects for i in keep], interests)
    again = with_lags_of(engine, layers, again, [more[i] for i in keep], interests)
    again = _in_step(engine, layers, again, interests, min_accounts)
    found: list[Candidate | None] = [None] * len(scored)
    for i, one in zip(keep, again, strict=True):
        found[places[i]] = one if one.score_bits > 0 else None
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
