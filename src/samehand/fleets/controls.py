"""Negative controls: how often would innocents have been accused in this very log?

Groups that chance made (in surrogate logs), that the user knows, or that are presumed to be innocent, go the way that
candidates go: scored, settled, judged. Each is held against the run as one more candidate by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, F64, I32
from samehand.columns import CONTROLS
from samehand.engines.answers import Interests
from samehand.engines.interface import Engine
from samehand.events.check import LeftOut
from samehand.fleets.control_counts import KNOWN, SURROGATE, Controls, summed
from samehand.fleets.facts import Setting
from samehand.fleets.find import Found
from samehand.fleets.judge import CLEARED, ChanceGroups, Judged, judge_each, q_values
from samehand.fleets.known_groups import FoundGroups
from samehand.fleets.presumed import Pretended, presumed_groups
from samehand.fleets.settling import settled
from samehand.fleets.tables import Ranked
from samehand.layers import Layer


@dataclass(frozen=True)
class Bar:
    """What it takes in a run to be reported."""

    scores: F64
    """Of the candidates."""
    counted: BOOL
    """True for those that innocent causes do not explain."""
    surrogates: Sequence[F64] | None
    """Scores of the groups of each surrogate that innocent causes do not explain; None: not estimated."""
    fdr: float

    @classmethod
    def of(cls, judged: Sequence[Judged], surrogates: Sequence[ChanceGroups] | None, fdr: float) -> Self:
        """Take it from the candidates of a run and from its surrogates; None: there are none."""
        return cls(
            scores=np.array([one.candidate.score_bits for one in judged]),
            counted=np.array([one.weight <= fdr for one in judged], np.bool_),
            surrogates=None if surrogates is None else [one.unexplained for one in surrogates],
            fdr=fdr,
        )

    def reaches(self, score_bits: float, weight: float) -> bool:
        """Tell whether a group would be reported if it were one more candidate.

        Args:
            score_bits: Its score.
            weight: Of its best innocent explanation.
        """
        if weight > self.fdr or self.surrogates is None:
            return weight <= self.fdr
        scores, counted = np.append(self.scores, score_bits), np.append(self.counted, True)
        return bool(q_values(scores, counted, self.surrogates)[0][-1] <= self.fdr)


@dataclass(frozen=True)
class Outcome:
    """What became of one group."""

    group: Pretended
    judged: Judged | None
    """None: no evidence against chance, or nothing left of it."""
    accused: bool
    n_accounts_reported: int
    """Its accounts that are in reported fleets."""


def negative_controls(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    found: Found,
    ranked: Sequence[Ranked],
    surrogates: Sequence[ChanceGroups] | None,
    bar: Bar,
    setting: Setting,
    min_accounts: int,
    known: FoundGroups | None,
) -> tuple[Controls, pa.Table]:
    """Find out how often innocents would have been accused in a run.

    Args:
        engine: The log.
        layers: Layers and scales in use.
        found: What the search gave.
        ranked: Its candidates, judged and ranked.
        surrogates: What each surrogate log gave; None: there was none.
        bar: What it takes to be reported.
        setting: From ``facts.survey``.
        min_accounts: Smallest fleet.
        known: Groups that the user knows to be innocent; None: none were given.

    Returns:
        The sums by kind, and the table.
    """
    fleets = [one.judged.candidate.accounts for one in ranked if one.reported]
    reported = np.unique(np.concatenate([np.empty(0, np.int32), *fleets]))
    interests = found.interests
    learned_on = next((layer for layer, _ in layers if interests and layer.name == interests.layer), None)
    groups = [Pretended(KNOWN, name, codes) for name, codes in known.codes.items()] if known else []
    groups += presumed_groups(engine, learned_on, interests, reported, min_accounts)
    judged = [one.judged for one in ranked]
    outcomes = try_groups(engine, layers, groups, judged, reported, bar, interests, setting, min_accounts)
    table = controls_table(surrogates or [], outcomes, bar)
    left_out = _not_tried(known, min_accounts) if known else ()
    return Controls(
        known_source=known.source if known else None, by_kind=summed(table), left_out=left_out
    ), table


def _not_tried(known: FoundGroups, min_accounts: int) -> tuple[LeftOut, ...]:
    """What of the known groups was not looked at as a fleet."""
    strangers = LeftOut(
        what="accounts of known groups", count=known.n_unknown, why="the log does not hold them"
    )
    small = LeftOut(
        what=f"known groups with fewer than {min_accounts} accounts in the log",
        count=sum(len(codes) < min_accounts for codes in known.codes.values()),
        why="no fleet is so small; that their accounts are in no reported fleet is looked at all the same",
    )
    return tuple(one for one in (strangers, small) if one.count)


def try_groups(
    engine: Engine,
    layers: Sequence[tuple[Layer, int]],
    groups: Sequence[Pretended],
    judged: Sequence[Judged],
    reported: I32,
    bar: Bar,
    interests: Interests | None,
    setting: Setting,
    min_accounts: int,
) -> list[Outcome]:
    """Look at groups as if the search had found them.

    The fleets of the run are no background for them, and do not join them, as it is with candidates. A group is accused
    when what is left of it would be reported with any of its accounts, or when some of its accounts are in a reported
    fleet.

    Args:
        engine: The log.
        layers: Layers and scales in use.
        groups: What to look at; those with fewer than ``min_accounts`` accounts are not scored.
        judged: The candidates of the run.
        reported: Accounts of the reported fleets.
        bar: What it takes to be reported.
        interests: Communities of interest.
        setting: From ``facts.survey``.
        min_accounts: Smallest fleet.
    """
    fleets = [one.candidate.accounts for one in judged if one.weight <= CLEARED]
    suspects = np.unique(np.concatenate([np.empty(0, np.int32), *fleets]))
    tried = [i for i, group in enumerate(groups) if len(group.accounts) >= min_accounts]
    others = [np.setdiff1d(suspects, groups[i].accounts) for i in tried]
    left = settled(
        engine,
        layers,
        [groups[i].accounts for i in tried],
        others,
        interests,
        min_accounts,
        taken=others,
        alone=True,
    )
    places = [i for i, one in zip(tried, left, strict=True) if one is not None]
    verdicts = judge_each(engine, [one for one in left if one is not None], interests, setting)
    verdict_of = dict(zip(places, verdicts, strict=True))
    outcomes = []
    for i, group in enumerate(groups):
        one, n_reported = verdict_of.get(i), int(np.isin(group.accounts, reported).sum())
        caught = one is not None and (
            bar.reaches(one.candidate.score_bits, one.weight)
            and bool(np.isin(group.accounts, one.candidate.accounts).any())
        )
        outcomes.append(Outcome(group, one, caught or n_reported > 0, n_reported))
    return outcomes


def controls_table(surrogates: Sequence[ChanceGroups], outcomes: Sequence[Outcome], bar: Bar) -> pa.Table:
    """Count, by surrogate, by known group, and by kind of presumed group.

    Args:
        surrogates: What each surrogate log gave.
        outcomes: Of known and presumed groups, those of one kind and source one after the other.
        bar: What it takes to be reported.
    """
    rows = [_chance_row(number, one, bar) for number, one in enumerate(surrogates, start=1)]
    for (kind, source), some in groupby(outcomes, key=lambda one: (one.group.kind, one.group.source)):
        rows.append(_row(kind, source, list(some), bar.fdr))
    return pa.Table.from_pylist(rows, CONTROLS)


def _chance_row(number: int, groups: ChanceGroups, bar: Bar) -> dict[str, Any]:
    explained = groups.weights > bar.fdr
    pairs = zip(groups.scores.tolist(), groups.weights.tolist(), strict=True)
    return {
        "kind": SURROGATE,
        "source": str(number),
        "n_groups": len(groups.scores),
        "n_scored_above_0": len(groups.scores),
        "n_explained": int(explained.sum()),
        "n_accused": sum(bar.reaches(score, weight) for score, weight in pairs),
        "worst_bits": max(groups.scores[~explained].tolist(), default=None),
    }


def _row(kind: str, source: str, outcomes: list[Outcome], fdr: float) -> dict[str, Any]:
    judged = [one.judged for one in outcomes if one.judged is not None]
    unexplained = [one.candidate.score_bits for one in judged if one.weight <= fdr]
    return {
        "kind": kind,
        "source": source,
        "n_groups": len(outcomes),
        "n_accounts": sum(len(one.group.accounts) for one in outcomes),
        "n_scored_above_0": len(judged),
        "n_explained": len(judged) - len(unexplained),
        "n_accused": sum(one.accused for one in outcomes),
        "n_accounts_reported": sum(one.n_accounts_reported for one in outcomes) if kind == KNOWN else None,
        "worst_bits": max(unexplained, default=None),
    }
