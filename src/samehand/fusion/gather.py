"""What each layer and trait says of each candidate, in bits: found by what they do together, held against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, log2, sqrt
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, F64, I32
from samehand.engines.answers import Held, Holdings
from samehand.engines.interface import Engine
from samehand.fleets.judge import Judged
from samehand.fusion.shared import Share, Sharing, sharing
from samehand.layers import LAYERS, RATES, TRAITS, LayerUse, Rate, Trait

MOST_BITS: Final = 1000.0
"""Beyond it evidence is not worth telling apart."""
ONE_FOR_ALL: Final = 0.5
"""A value that this share of the accounts has is no trait of theirs: the column carries nothing."""
NOBODY_TURNS: Final = "the log does not show enough of whom accounts turn to"
LEAST_HAVING: Final = 0.5
"""Share of the members of which a rate has a meaning, from which on it is looked at."""


@dataclass(frozen=True)
class Said:
    """What one layer or trait says of one candidate."""

    layer: str
    family: str
    bits: float
    """Against chance; 0: nothing."""
    n_members: int
    """Members that share something here."""
    value: str | None = None
    """What most of them share, as in the log; None where that is no text of the log."""
    n_holders: int | None = None
    """Accounts of the log that have it."""
    n_sharing: int | None = None
    """Members that have it."""


@dataclass(frozen=True)
class Gathered:
    """What all say of all candidates."""

    said: list[list[Said]]
    """Of each candidate, one entry a layer or trait that the log has the columns for."""
    uses: list[LayerUse]
    """Of the traits and rates."""


def gather(engine: Engine, judged: Sequence[Judged]) -> Gathered:
    """Ask every layer and trait about every candidate.

    Args:
        engine: The log.
        judged: Candidates.
    """
    said: list[list[Said]] = [_of_layers(one) for one in judged]
    uses = []
    groups = [one.candidate.accounts for one in judged]
    for trait in TRAITS:
        reason = _missing(trait, engine) or _ask_trait(engine, trait, groups, judged, said)
        uses.append(LayerUse(name=trait.name, used=not reason, reason=reason, scales_us=()))
    contacts = engine.contacts()
    for rate in RATES:
        reason = _missing(rate, engine) or _ask_rate(rate, rate.of(contacts), judged, said)
        uses.append(LayerUse(name=rate.name, used=not reason, reason=reason, scales_us=()))
    return Gathered(said, uses)


def _missing(asked: Trait | Rate, engine: Engine) -> str:
    missing = [role for role in asked.roles if role not in engine.roles]
    return f"the log has no {', '.join(missing)}" if missing else ""


def _ask_trait(
    engine: Engine, trait: Trait, groups: Sequence[I32], judged: Sequence[Judged], said: list[list[Said]]
) -> str:
    """Add what a trait says of each candidate; or give the reason why it says nothing of anybody."""
    holdings = engine.held(trait, groups)
    if trait.may_lack:
        holdings = _with_those_without(holdings, engine.size.n_accounts)
    if holdings.n_accounts == 0:
        return trait.nobody
    if holdings.most_holders > ONE_FOR_ALL * max(holdings.n_accounts, 1):
        share = holdings.most_holders / holdings.n_accounts
        return f"one value has {share:.0%} of the accounts: the column tells nobody from anybody"
    for mine, held, one in zip(said, holdings.groups, judged, strict=True):
        mine.append(_of_trait(trait, sharing(held, holdings), held, one))
    return ""


def _ask_rate(rate: Rate, values: F64, judged: Sequence[Judged], said: list[list[Said]]) -> str:
    """Add what a rate says of each candidate; or give the reason why it says nothing of anybody."""
    if np.isnan(values).all():
        return NOBODY_TURNS
    for mine, one in zip(said, judged, strict=True):
        mine.append(_of_rate(rate, values, one))
    return ""


def _with_those_without(holdings: Holdings, n_accounts: int) -> Holdings:
    """Count those without a value as if that were a value of their own."""
    n_without = n_accounts - holdings.n_accounts
    return replace(holdings, n_pairs=holdings.n_pairs + n_without, n_accounts=n_accounts)


def _of_layers(one: Judged) -> list[Said]:
    """The best look of each layer."""
    family = {layer.name: layer.family for layer in LAYERS}
    best: dict[str, Said] = {}
    for look in one.candidate.looks:
        bits = min(max(look.score_bits, 0.0), MOST_BITS)
        passing = int((look.member_bits > log2(max(look.n_accounts, 1))).sum())
        before = best.get(look.layer)
        if before is None or bits > before.bits:
            best[look.layer] = Said(look.layer, family.get(look.layer, look.layer), bits, passing)
    return list(best.values())


def _of_trait(trait: Trait, found: Sharing, held: Held, one: Judged) -> Said:
    if not found.shares:
        return Said(trait.name, trait.family, 0.0, 0)
    bits, top = min(found.bits, MOST_BITS), found.shares[0]
    n_members = sum(len(share.members) for share in found.shares)
    value = _text_of(trait, top, held, one.events)
    return Said(trait.name, trait.family, bits, n_members, value, top.n_holders, len(top.members))


def _text_of(trait: Trait, share: Share, held: Held, events: pa.Table) -> str | None:
    """The value at the first event that shows it: as the log has it, or as the trait shows it.

    A network is told by one address of it.
    """
    row = held.event[np.flatnonzero(held.value == share.value)[0]]
    place = np.flatnonzero(events["event"].to_numpy() == row)
    if len(place) == 0:
        return None
    value = str(events[trait.roles[0] if trait.show is None else "account"][int(place[0])].as_py())
    return value if trait.show is None else trait.show(value)


def _of_rate(rate: Rate, values: F64, one: Judged) -> Said:
    """Whether the members have more of it than others who have any: the rank-sum test, one-sided."""
    having = np.flatnonzero(~np.isnan(values))
    members = np.intersect1d(one.candidate.accounts, having)
    nothing = Said(rate.name, rate.family, 0.0, 0)
    if len(members) < LEAST_HAVING * len(one.candidate.accounts) or len(members) == len(having):
        return nothing
    z = rank_sum(values[having], np.isin(having, members))
    p = erfc(z / sqrt(2)) / 2
    bits = min(-log2(p), MOST_BITS) if p > 0 else MOST_BITS
    return nothing if bits < 1 else Said(rate.name, rate.family, bits, len(members))


def rank_sum(values: F64, inside: BOOL) -> float:
    """Standard score of the mean rank of some values among all; ties get their mean rank (Wilcoxon 1945).

    >>> round(rank_sum(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])), 3)
    1.549
    """
    _, code, count = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[code]
    n, m = len(values), int(inside.sum())
    variance = (n - m) * (n + 1) / (12 * m) * (1 - float((count**3 - count).sum()) / (n**3 - n))
    return float((rank[inside].mean() - (n + 1) / 2) / np.sqrt(variance)) if variance > 0 else 0.0
