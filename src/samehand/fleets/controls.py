"""Negative controls: how often would innocents have been accused in this very log?

Groups that chance made (in surrogate logs), that the user knows, or that are presumed to be innocent, go the way that
candidates go: scored, settled, judged. Each is held against the run as one more candidate by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, F64, I32
from samehand.columns import CONTROLS
from samehand.engines.interface import Engine, Interests
from samehand.events.check import LeftOut
from samehand.fleets.facts import Setting
from samehand.fleets.find import settled
from samehand.fleets.judge import CLEARED, ChanceGroups, Judged, judge_each, q_values
from samehand.fleets.presumed import Pretended
from samehand.layers import Layer

SURROGATE: Final = "surrogate"
KNOWN: Final = "known"
_COUNTED: Final = ("n_groups", "n_scored_above_0", "n_explained", "n_accused")


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


@dataclass(frozen=True, kw_only=True)
class ControlCount:
    """What became of the groups of one kind."""

    kind: str
    n_groups: int
    n_scored_above_0: int
    n_explained: int
    n_accused: int
    worst_bits: float | None
    """Highest score of a group that no innocent cause explains."""


@dataclass(frozen=True, kw_only=True)
class Controls:
    """How often innocents would have been accused in this log; group by group in controls.parquet."""

    known_source: str | None
    """File of the groups that the user knows to be innocent; None: there was none."""
    by_kind: tuple[ControlCount, ...]
    left_out: tuple[LeftOut, ...]
    """What was not looked at of the known groups."""


def summed(table: pa.Table) -> tuple[ControlCount, ...]:
    """Add up the rows of each kind, in the order of the table."""
    rows = table.to_pylist()
    counts = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        total = {name: sum(row[name] for row in own) for name in _COUNTED}
        worst = max((row["worst_bits"] for row in own if row["worst_bits"] is not None), default=None)
        counts.append(ControlCount(kind=kind, worst_bits=worst, **total))
    return tuple(counts)
