"""How strong the evidence is that a cluster moves together, and which of its accounts belong.

The score of a group is, in bits: half the sum of its members' evidence (what two members did together counts for both),
less the price of having chosen this group of all groups of its size that have traces in the layer. What a score is
worth, surrogate logs say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import lgamma, log
from typing import Final

import numpy as np

from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines.answers import GroupEvidence, Interests
from samehand.engines.interface import Engine
from samehand.layers import Layer

MOST_MEMBER_BITS: Final = 1000.0
"""Beyond it a member's evidence is not worth telling apart."""
STAY_P: Final = 0.05
"""A member's own evidence against chance, after choosing it from all accounts that have traces in the layer."""
LEAST_FEATURES: Final = 2
"""Joint features of a member, at the least: whatever it is, to do one thing with others is no lockstep."""
FINE_SCALE_US: Final = 600_000_000
ENOUGH_FEATURES: Final = 4
"""Up to this scale, or where it acts when the group does, a member with so many joint features stays even where the
group met in pairs, so that without it nobody met. Fewer, or within hours at any time, may be chance meetings: counted
with its own, each of them looks like evidence."""
JOIN_P: Final = 0.001
"""The same for an account that the clustering left out."""
JOIN_LAG_P: Final = 1e-3
"""Such an account must also act *when* the group does, not only on the same targets."""
LAG_SCALE_US: Final = 2 * 3_600_000_000
"""Coarsest scale at which lags say anything: beyond it, devoted fans who come the same day look alike."""
LOCKSTEP_BITS: Final = 6.5
"""Evidence of the median member that it acts when the group does, from which on each member must show some: so much
that an interest does not explain the group."""
INTEREST_BITS: Final = 2.0
"""Evidence of a member up to which its interest in the targets is enough to explain it."""
OWN_LIFE: Final = 0.15
"""Share of its events that a member makes without the group, from which on it may be there for the targets' sake."""
ROUNDS: Final = 4
"""Times that a group may grow."""


@dataclass(frozen=True)
class Look:
    """What a group shows in one layer at one scale."""

    layer: str
    scale_us: int
    n_accounts: int
    """Accounts with traces in the layer, from which members are chosen."""
    member_bits: F64
    """Each member's own evidence, ascending."""
    score_bits: float
    """Of the group, by this look alone."""
    quick: I32
    """Members that act *when* the others do, where lags tell."""
    quick_bits: float
    """What they show of it, together."""


@dataclass(frozen=True)
class Candidate:
    """A group of accounts with its evidence: a fleet, if chance and innocent causes do not explain it."""

    accounts: I32
    """Codes, ascending."""
    suspects: I32
    """Accounts that are no background for it."""
    layer: Layer
    """The layer and scale that carry most of its evidence."""
    scale_us: int
    score_bits: float
    evidence: GroupEvidence
    """At that layer and scale; its accounts are the members."""
    lag_bits: float
    """Evidence of the median member, at the best scale, that it acts *when* the group does."""
    lag_scale_us: int
    lockstep: GroupEvidence
    """At that scale: what the group did at once."""
    seen_in: tuple[str, ...]
    """Layers in which the group scores above 0."""
    looks: tuple[Look, ...]
    """In every layer and at every scale that was looked at."""

    @property
    def quick(self) -> I32:
        """Members that act when the others do, at the scale where they show it best; none where lags do not tell."""
        own = [look for look in self.looks if look.layer == self.layer.name]
        return max(own, key=lambda look: look.quick_bits).quick


def bits(log_p: F64) -> F64:
    """Bits of a natural log of a p-value, bounded."""
    return np.clip(-log_p / log(2), 0.0, MOST_MEMBER_BITS)


def selection_bits(n_accounts: int, n_members: int) -> float:
    """Bits it takes to choose a group of this size: log2 of the number of such groups.

    >>> round(selection_bits(10, 2), 3)  # 45 pairs
    5.492
    """
    return (lgamma(n_accounts + 1) - lgamma(n_members + 1) - lgamma(n_accounts - n_members + 1)) / log(2)


def score(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    groups: Sequence[I32],
    suspects: Sequence[I32],
    interests: Interests | None,
) -> list[Candidate]:
    """Score each group in the layer and at the scale that say most about it.

    Args:
        engine: The log.
        layers: Layers and scales to look at.
        groups: Account codes of each group.
        suspects: For each group, accounts that are no background for it.
        interests: Communities of interest.
    """
    by_layer: list[dict[str, Candidate]] = [{} for _ in groups]
    for layer, scale_us in layers:
        n_accounts = engine.n_accounts_in(layer)  # who has no traces in a layer could be in no group of it
        found = engine.group_evidence(layer, scale_us, groups, suspects, interests)
        for i, evidence in enumerate(found):
            price = selection_bits(max(n_accounts, len(groups[i])), len(groups[i])) + np.log2(len(layers))
            own = bits(evidence.log_p)
            score_bits = float(own.sum() / 2 - price)
            lags = _member_lags(layer, scale_us, evidence)
            quick = lags >= LOCKSTEP_BITS
            look = Look(
                layer.name,
                scale_us,
                n_accounts,
                np.sort(own),
                score_bits,
                evidence.accounts[quick],
                lags[quick].sum(),
            )
            one = Candidate(
                accounts=groups[i],
                suspects=suspects[i],
                layer=layer,
                scale_us=scale_us,
                score_bits=score_bits,
                evidence=evidence,
                lag_bits=float(np.median(lags)) if len(lags) else 0.0,
                lag_scale_us=scale_us,
                lockstep=evidence,
                seen_in=(layer.name,) if score_bits > 0 else (),
                looks=(look,),
            )
            before = by_layer[i].get(layer.name)
            by_layer[i][layer.name] = one if before is None else _best_of(before, one)
    return [_speaking_layer(list(seen.values())) for seen in by_layer]


def _speaking_layer(seen: list[Candidate]) -> Candidate:
    """Choose the layer by which a group is judged: the strongest, of those with lags rather one that shows lockstep.

    A group that shares targets as people of one interest do, and sends the same words at once, is judged by its words.
    One whose sharing an interest explains, but that shows something of another kind, is judged by that. A layer that
    cannot convict speaks where no other has anything to say.
    """
    heard = [one for one in seen if one.layer.convicts]
    if all(one.score_bits <= 0 for one in heard):
        heard = seen
    with_lags = [one for one in heard if one.layer.lag_control]
    others = [one for one in heard if not one.layer.lag_control]
    if with_lags:
        quick = max(with_lags, key=lambda one: (_at_once(one), one.score_bits))
        apart = [one for one in others if one.layer.family != quick.layer.family and one.score_bits > 0]
        if _at_once(quick) or not apart:
            others.append(quick)
    best = max(others, key=lambda one: one.score_bits)
    return replace(
        best,
        seen_in=tuple(name for one in seen for name in one.seen_in),
        looks=tuple(look for one in seen for look in one.looks),
    )


def _at_once(one: Candidate) -> bool:
    """Whether a group acts at once, so that an interest does not explain it."""
    return one.score_bits > 0 and one.lag_bits >= LOCKSTEP_BITS


def _member_lags(layer: Layer, scale_us: int, evidence: GroupEvidence) -> F64:
    """Each member's evidence of acting when the group does; 0 where lags do not tell."""
    if not layer.lag_control or scale_us > LAG_SCALE_US:
        return np.zeros(len(evidence.accounts))
    return bits(evidence.log_p_lag)


def _best_of(one: Candidate, other: Candidate) -> Candidate:
    """Join what two scales of a layer say of one group: the stronger evidence, and the stronger lockstep."""
    strong = other if other.score_bits > one.score_bits else one
    quick = other if other.lag_bits > one.lag_bits else one
    return replace(
        strong,
        lag_bits=quick.lag_bits,
        lag_scale_us=quick.lag_scale_us,
        lockstep=quick.lockstep if quick.lag_bits > 0 else strong.evidence,
        seen_in=tuple(dict.fromkeys(one.seen_in + other.seen_in)),
        looks=one.looks + other.looks,
    )


def settle(
    engine: Engine, candidates: Sequence[Candidate], interests: Interests | None, min_accounts: int
) -> tuple[list[I32], list[I32]]:
    """Let accounts join that act with a group as its members do, and let go of members without evidence of their own.

    Accounts that were where the group was, and only lack the evidence of acting *when* it did, may be members whose
    like crowd the same targets: they are suspects from then on, and looked at again without each other.

    Returns:
        For each candidate, the codes of the accounts that belong, ascending; fewer than ``min_accounts`` where no
        group is left. And its suspects, those that were added included.
    """
    members = [one.accounts for one in candidates]
    suspects = [one.suspects for one in candidates]
    moving = list(range(len(candidates)))
    for _ in range(ROUNDS):
        # One layer and scale after the other: an engine prepares each of them once.
        moving.sort(key=lambda i: (candidates[i].layer.name, candidates[i].scale_us))
        still = []
        for (_, scale_us), some in groupby(
            moving, lambda i: (candidates[i].layer.name, candidates[i].scale_us)
        ):
            places = list(some)
            layer = candidates[places[0]].layer
            found = engine.group_evidence(
                layer,
                scale_us,
                [members[i] for i in places],
                [suspects[i] for i in places],
                interests,
                others=True,
            )
            n_accounts = engine.n_accounts_in(layer)
            for i, evidence in zip(places, found, strict=True):
                belongs = _belongs(
                    evidence, members[i], candidates[i].quick, n_accounts, scale_us, layer.lag_control
                )
                settled = np.sort(evidence.accounts[belongs])
                known = suspects[i]
                if layer.lag_control:
                    likely = _was_there(evidence, n_accounts) & ~belongs
                    suspects[i] = np.union1d(known, evidence.accounts[likely]).astype(np.int32)
                changed = not np.array_equal(settled, members[i]) or len(suspects[i]) > len(known)
                if changed and len(settled) >= min_accounts:
                    still.append(i)
                members[i] = settled
        moving = still
    return members, suspects


def _belongs(
    evidence: GroupEvidence, members: I32, quick: I32, n_accounts: int, scale_us: int, lag_control: bool
) -> BOOL:
    inside: BOOL = np.isin(evidence.accounts, members)
    stays = evidence.log_p_without <= np.log(STAY_P / n_accounts)
    own = (evidence.log_p <= np.log(STAY_P / n_accounts)) & (evidence.n_features >= ENOUGH_FEATURES)
    stays |= own if scale_us <= FINE_SCALE_US else own & np.isin(evidence.accounts, quick)
    joins = _was_there(evidence, n_accounts)
    if lag_control:
        joins &= evidence.log_p_lag <= np.log(JOIN_LAG_P)
    belongs: BOOL = ((inside & stays) | (~inside & joins)) & (evidence.n_features >= LEAST_FEATURES)
    return belongs


def _was_there(evidence: GroupEvidence, n_accounts: int) -> BOOL:
    """Whether each account was where the group was, surely enough to join if it also acts when the group does."""
    was_there: BOOL = (evidence.log_p <= np.log(JOIN_P / n_accounts)) & (
        evidence.log_p_without <= np.log(STAY_P / n_accounts)
    )
    return was_there


def in_step(candidate: Candidate, n_events: I64) -> I32:
    """The members that act when their group does, if most of it does: the others are there for the targets' sake.

    A group that acts on the same targets, but not at once, is explained by a shared interest. So is a single member of
    a group that does more: one of that interest, where interests are not known well enough to be its background. Who
    does little else than what the group does is not: nobody is there for nothing but the same targets.

    Args:
        candidate: The group.
        n_events: All events of each of its accounts.
    """
    if not candidate.layer.lag_control or candidate.lag_bits < LOCKSTEP_BITS:
        return candidate.accounts
    of_own = 1 - candidate.evidence.n_coactions / np.maximum(n_events, 1)
    stays = (bits(candidate.lockstep.log_p_lag) > INTEREST_BITS) | (of_own < OWN_LIFE)
    return candidate.accounts[stays]


def with_lags_of(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    candidates: Sequence[Candidate],
    suspects: Sequence[I32],
    interests: Interests | None,
) -> list[Candidate]:
    """Look again at *when* the candidates act, with more suspects out of the background; the stronger answer counts."""
    found = list(candidates)
    more = [i for i, one in enumerate(candidates) if len(np.setdiff1d(suspects[i], one.suspects))]
    for name in dict.fromkeys(layer.name for layer, _ in layers if layer.lag_control):
        own = [i for i in more if found[i].layer.name == name]
        scales = [each for each in layers if each[0].name == name]
        if not own:
            continue
        again = score(engine, scales, [found[i].accounts for i in own], [suspects[i] for i in own], interests)
        for i, new in zip(own, again, strict=True):
            if new.lag_bits > found[i].lag_bits:
                found[i] = replace(
                    found[i], lag_bits=new.lag_bits, lag_scale_us=new.lag_scale_us, lockstep=new.lockstep
                )
    return found
