"""Candidates judged: which innocent causes explain them, what chance gives, and the rate of false accusation."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.arrays import F64, I32
from samehand.engines.answers import Interests
from samehand.engines.interface import Engine
from samehand.fleets.facts import Facts, Setting, gather
from samehand.fleets.find import Step, find_candidates
from samehand.fleets.innocent import Explanation, explain_away
from samehand.fleets.score import Candidate, with_lags_of
from samehand.layers import Layer

ROUNDS: Final = 3
"""Times that groups are looked at again without the fleets already found in their background."""
CLEARED: Final = 0.05
"""A group with an innocent explanation of more weight than this is no fleet in the count of what chance gives."""


@dataclass(frozen=True)
class Judged:
    """A candidate with what speaks against it."""

    candidate: Candidate
    facts: Facts
    explanations: list[Explanation]
    """The best first."""
    events: pa.Table
    """All events of its accounts."""

    @property
    def weight(self) -> float:
        """Weight of the best innocent explanation."""
        return max((one.weight for one in self.explanations), default=0.0)


def judge(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    candidates: Sequence[Candidate],
    interests: Interests | None,
    setting: Setting,
) -> list[Judged]:
    """Test the innocent causes of each candidate.

    A fleet whose accounts crowd a target is background for other fleets of its kind there, and makes them look
    ordinary. So the groups that innocent causes do not explain are taken out of the background of the rest, and the
    rest is looked at again.

    Args:
        engine: The log.
        layers: Layers and scales in use.
        candidates: From ``find_candidates``.
        interests: Communities of interest.
        setting: From ``facts.survey``.
    """
    judged = judge_each(engine, candidates, interests, setting)
    for _ in range(ROUNDS):
        accepted = [one for one in judged if one.weight <= CLEARED]
        rest = [i for i, one in enumerate(judged) if one.weight > CLEARED]
        if not accepted or not rest:
            break
        known = np.unique(np.concatenate([one.candidate.accounts for one in accepted]))
        again = with_lags_of(
            engine,
            layers,
            [judged[i].candidate for i in rest],
            [np.union1d(judged[i].candidate.suspects, known).astype(np.int32) for i in rest],
            interests,
        )
        before = len(accepted)
        for i, better in zip(rest, again, strict=True):
            if better is not judged[i].candidate:
                judged[i] = _judge_one(engine, better, interests, setting, judged[i].events)
        if sum(one.weight <= CLEARED for one in judged) == before:
            break
    return judged


def judge_each(
    engine: Engine, candidates: Sequence[Candidate], interests: Interests | None, setting: Setting
) -> list[Judged]:
    """Test the innocent causes of each candidate by itself."""
    events = _events_by_candidate(engine, candidates)
    return [
        _judge_one(engine, one, interests, setting, own) for one, own in zip(candidates, events, strict=True)
    ]


def _events_by_candidate(engine: Engine, candidates: Sequence[Candidate]) -> list[pa.Table]:
    """All events of each candidate's accounts, asked for once."""
    if not candidates:
        return []
    accounts = np.unique(np.concatenate([one.accounts for one in candidates]))
    events = engine.events_of(accounts)
    codes = engine.account_codes(events["account"].combine_chunks())
    return [events.take(np.flatnonzero(np.isin(codes, one.accounts))) for one in candidates]


def _judge_one(
    engine: Engine,
    candidate: Candidate,
    interests: Interests | None,
    setting: Setting,
    events: pa.Table,
) -> Judged:
    facts = gather(engine, setting, candidate, events, interests)
    return Judged(candidate, facts, explain_away(facts, setting.roles), events)


@dataclass(frozen=True)
class ChanceGroups:
    """The groups that one surrogate log gave."""

    scores: F64
    weights: F64
    """Of the best innocent explanation of each."""

    @property
    def unexplained(self) -> F64:
        """Scores of those that innocent causes do not explain."""
        return self.scores[self.weights <= CLEARED]


def surrogate_groups(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    suspects: I32,
    interests: Interests | None,
    setting: Setting,
    *,
    n_surrogates: int,
    min_accounts: int,
    seed: int,
    step: Step,
) -> list[ChanceGroups]:
    """Run the whole search on surrogate logs and judge what it finds.

    Args:
        engine: The log.
        layers: Layers and scales in use.
        suspects: Accounts of all candidates: their events are dealt to anybody.
        interests: Communities of interest of the log.
        setting: From ``facts.survey``.
        n_surrogates: How many.
        min_accounts: Smallest group.
        seed: Each surrogate draws from its own stream of it.
        step: Told as each one is done.
    """

    def run(number: int) -> ChanceGroups:
        shuffled = engine.surrogate(seed * 1_000_003 + number, suspects, interests)
        found = find_candidates(shuffled, layers, min_accounts=min_accounts, seed=seed, interests=interests)
        judged = judge(shuffled, layers, found.candidates, interests, setting)
        step(f"surrogate {number + 1} of {n_surrogates}")
        return ChanceGroups(
            np.array([one.candidate.score_bits for one in judged]),
            np.array([one.weight for one in judged]),
        )

    with ThreadPoolExecutor(engine.n_parallel) as pool:
        return list(pool.map(run, range(n_surrogates)))


def q_values(scores: F64, counted: np.ndarray, surrogates: Sequence[F64]) -> tuple[F64, F64]:
    """Rate of groups that chance gives among those as strong as each, and how many chance gives in such a log.

    FDR(s) = ((1 + surrogate groups of at least s) / B) / groups of at least s; a q-value is the least of it over all
    thresholds at or below the score.

    Args:
        scores: Score of each candidate.
        counted: True for those that innocent causes do not explain: only they count as found.
        surrogates: Scores of the groups found in each surrogate.

    Returns:
        q-values and chance counts.
    """
    everything = np.sort(np.concatenate(surrogates)) if surrogates else np.empty(0)
    n_surrogates = max(len(surrogates), 1)
    n_above = len(everything) - np.searchsorted(everything, scores)
    found = np.sort(scores[counted])
    n_found = np.maximum(len(found) - np.searchsorted(found, scores), 1)
    rate = np.minimum(1.0, (1 + n_above) / n_surrogates / n_found)
    order = np.argsort(scores, kind="stable")
    q = np.empty(len(scores))
    q[order] = np.minimum.accumulate(rate[order])
    return q, n_above / n_surrogates
