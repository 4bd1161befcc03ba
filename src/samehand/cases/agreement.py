"""How often second reviewers agreed with the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.stats import binomtest

from samehand.cases.model import Decision


@dataclass(frozen=True, kw_only=True)
class PairAgreement:
    """Decisions of one reviewer that another one looked at."""

    first: str
    second: str
    n_seconded: int
    n_agreed: int


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Agreement of reviewers.

    The second reviewer knows what the first one said, so it is no kappa of judgements made apart, and likely higher.
    """

    n_seconded: int
    """Decisions that a second reviewer answered, undone ones included."""
    n_agreed: int
    share: float | None
    """None: no decision was seconded."""
    low: float | None
    high: float | None
    """Wilson's 95 % interval of the share."""
    n_waiting: int
    """Decisions that wait for a second reviewer."""
    pairs: tuple[PairAgreement, ...]


def agreement_of(decisions: Iterable[Decision]) -> Agreement:
    """Count agreement over all decisions."""
    seconded: Counter[tuple[str, str]] = Counter()
    agreed: Counter[tuple[str, str]] = Counter()
    n_waiting = 0
    for one in decisions:
        n_waiting += one.pending
        if one.second_reviewer is not None:
            pair = one.reviewer, one.second_reviewer
            seconded[pair] += 1
            agreed[pair] += one.agreed is True
    n, k = seconded.total(), agreed.total()
    interval = binomtest(k, n).proportion_ci(method="wilson") if n else None
    return Agreement(
        n_seconded=n,
        n_agreed=k,
        share=k / n if n else None,
        low=None if interval is None else float(interval.low),
        high=None if interval is None else float(interval.high),
        n_waiting=n_waiting,
        pairs=tuple(
            PairAgreement(first=first, second=second, n_seconded=count, n_agreed=agreed[first, second])
            for (first, second), count in sorted(seconded.items())
        ),
    )
