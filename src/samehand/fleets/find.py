"""From a log in an engine to candidate fleets: the part of the pipeline that also runs on surrogate logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from samehand.arrays import I32
from samehand.engines.answers import Interests, Pairs
from samehand.engines.interface import Engine
from samehand.fleets.score import Candidate
from samehand.fleets.settling import settled
from samehand.graph import backbone
from samehand.graph.backbone import Edges, without
from samehand.graph.cluster import find_clusters
from samehand.graph.interest import MOST_PAIRS, learn_interests
from samehand.layers import Layer

LEARNING_SCALE_US: Final = 3_600_000_000
"""Suspects are looked for up to this scale before interests are learned: beyond it interests themselves make pairs."""

HARVESTS: Final = 2
"""Times that groups are looked for: once more among those who were left by the first."""

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
    candidates = _harvest(engine, layers, edges, interests, min_accounts, seed, step)
    return Found(candidates, edges, interests)


def _harvest(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    edges: Sequence[Edges],
    interests: Interests | None,
    min_accounts: int,
    seed: int,
    step: Step,
) -> list[Candidate]:
    """Find groups with evidence, the strongest first; again among those who are in none."""
    n_accounts = engine.size.n_accounts
    candidates: list[Candidate] = []
    tried: set[bytes] = set()
    for _ in range(HARVESTS):
        step("clusters")
        held = np.unique(np.concatenate([np.empty(0, np.int32), *(one.accounts for one in candidates)]))
        clusters = find_clusters(without(edges, held, n_accounts), n_accounts, min_accounts, seed).but(tried)
        step("evidence")
        groups = settled(
            engine, layers, clusters.groups, clusters.suspects, interests, min_accounts,
            taken=[held] * len(clusters.groups),
        )  # fmt: skip
        tried |= {group.tobytes() for group in clusters.groups}
        candidates += [one for one in groups if one is not None]
    candidates.sort(key=lambda one: (-one.score_bits, -len(one.accounts), int(one.accounts[0])))
    return candidates


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
