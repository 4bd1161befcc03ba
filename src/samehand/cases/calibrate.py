"""What decisions say about the weight of each layer: fitted, judged on fleets that were left out, and only shown.

A run weighs what each layer says of a fleet in bits, and the sum is the log odds of its posterior. Here each layer gets
a factor, and all fleets together a shift. Before any decision the factors are 1 and the shift is 0, which is the run's
own posterior; a ridge pulls there, so that few decisions change little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, logit
from sqlalchemy import Connection, select

from samehand.arrays import F64, I64
from samehand.cases.agreement import agreement_of
from samehand.cases.calibration import PRIOR_SD, Calibration, HeldOut, Weight
from samehand.cases.clock import from_us, now_us
from samehand.cases.errors import RefusedError
from samehand.cases.model import Status
from samehand.cases.reading import decisions
from samehand.cases.schema import CASES, LAYER_BITS, MEMBERS, RUNS
from samehand.cases.store import CaseStore
from samehand.version import __version__

FEWEST: Final = 20
FEWEST_OF_A_KIND: Final = 5
"""Decided fleets without common accounts that it takes, in all and of each kind."""
_FOLDS: Final = 10
_SURE: Final = 0.98
"""No q-value of an older run is taken as surer than this: the log odds stay finite."""
_NATS: Final = float(np.log(2.0))
"""In a bit."""
_PRIOR: Final = "prior"
_SHIFT: Final = "all fleets"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Decided fleets as numbers; one row a fleet."""

    names: tuple[str, ...]
    """Of the columns of ``x``."""
    x: F64
    """(n, k): 1, then what each layer adds to the log odds, in nats."""
    offset: F64
    """(n,) Log odds before any layer spoke: the run's prior. Of a run of an older samehand, its whole figure."""
    confirmed: NDArray[np.bool_]
    group: I64
    """Fleets with common accounts, of several runs, have one number: they are never on both sides of a fold."""


def calibrate(store: CaseStore, runs: Sequence[int] | None = None) -> Calibration:
    """Fit weights to the confirmed and dismissed fleets of some runs, or of all.

    Raises:
        RefusedError: There are too few decisions, or no such run.
    """
    with store.database.reading() as connection:
        decided = read_decided(connection, runs)
        digests = connection.execute(select(RUNS.c.run_id, RUNS.c.digest).order_by(RUNS.c.run_id)).all()
        agreement = agreement_of(decisions(connection))
    wanted = {row.run_id: row.digest for row in digests}
    for run_id in runs or ():
        if run_id not in wanted:
            raise RefusedError(f"there is no run {run_id}", where="--run", hint="`samehand cases list`")
    _enough(decided)
    before, after = _prior(len(decided.names)), fit(decided.x, decided.offset, decided.confirmed)
    spread = _spread(decided.x, decided.offset, after)
    return Calibration(
        samehand=__version__,
        made_at=from_us(now_us()),
        runs=tuple(digest for run_id, digest in wanted.items() if runs is None or run_id in runs),
        n_confirmed=int(decided.confirmed.sum()),
        n_dismissed=int((~decided.confirmed).sum()),
        n_groups=int(decided.group.max()) + 1,
        weights=tuple(
            Weight(name=name, before=float(old), after=float(new), se=float(se))
            for name, old, new, se in zip(decided.names, before, after, spread, strict=True)
        ),
        held_out=held_out(decided),
        agreement=agreement,
    )


def read_decided(connection: Connection, runs: Sequence[int] | None) -> Decided:
    """Read what was confirmed or dismissed and stands."""
    asked = (
        select(CASES)
        .where(CASES.c.status.in_([Status.confirmed, Status.dismissed]))
        .order_by(CASES.c.case_id)
    )
    if runs is not None:
        asked = asked.where(CASES.c.run_id.in_(list(runs)))
    cases = connection.execute(asked).all()
    bits: dict[tuple[int, str], dict[str, float]] = {}
    for row in connection.execute(select(LAYER_BITS)):
        bits.setdefault((row.run_id, row.fleet_id), {})[row.layer] = row.bits
    said = [bits.get((one.run_id, one.fleet_id), {}) for one in cases]
    layers = sorted({layer for one in said for layer in one} - {_PRIOR})
    rows = [[1.0, *(_NATS * one.get(layer, 0.0) for layer in layers)] for one in said]
    return Decided(
        names=(_SHIFT, *layers),
        x=np.array(rows, dtype=np.float64).reshape(len(rows), 1 + len(layers)),
        offset=np.array([_offset(*both) for both in zip(cases, said, strict=True)], dtype=np.float64),
        confirmed=np.array([one.status == Status.confirmed for one in cases], dtype=bool),
        group=_groups(connection, [one.case_id for one in cases]),
    )


def _offset(case: Any, bits: dict[str, float]) -> float:
    if bits:
        return _NATS * bits.get(_PRIOR, 0.0)
    q_value = case.innocent_weight if case.q_value is None else case.q_value
    return float(logit(np.clip(1.0 - q_value, 1 - _SURE, _SURE)))


def _groups(connection: Connection, cases: list[int]) -> I64:
    """Number the groups of cases that are bound by common accounts."""
    if not cases:
        return np.zeros(0, dtype=np.int64)
    place = {case_id: i for i, case_id in enumerate(cases)}
    first: dict[str, int] = {}
    asked = select(MEMBERS.c.account, MEMBERS.c.case_id).order_by(MEMBERS.c.case_id)
    pairs = [
        (first.setdefault(row.account, place[row.case_id]), place[row.case_id])
        for row in connection.execute(asked)
        if row.case_id in place
    ]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(one.size), (one, other)), shape=(len(cases), len(cases)))
    groups: I64 = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def _enough(decided: Decided) -> None:
    n_all = np.unique(decided.group).size
    confirmed = np.unique(decided.group[decided.confirmed]).size
    dismissed = np.unique(decided.group[~decided.confirmed]).size
    if n_all < FEWEST or min(confirmed, dismissed) < FEWEST_OF_A_KIND:
        raise RefusedError(
            f"too few decisions: {confirmed} confirmed and {dismissed} dismissed fleets without common accounts",
            hint=f"at least {FEWEST}, {FEWEST_OF_A_KIND} of each; candidates that are not reported count, too",
        )


def _prior(n_weights: int) -> F64:
    prior = np.ones(n_weights)
    prior[0] = 0.0
    return prior


def fit(x: F64, offset: F64, confirmed: NDArray[np.bool_]) -> F64:
    """Fit a shift and factors, pulled towards what they are before any decision.

    Args:
        x: (n, k), as in ``Decided``.
        offset: (n,)
        confirmed: (n,)

    Returns:
        (k,) shift, then factors.
    """
    prior, y = _prior(x.shape[1]), confirmed.astype(np.float64)

    def loss(weights: F64) -> tuple[float, F64]:
        z, away = offset + x @ weights, (weights - prior) / PRIOR_SD**2
        value = np.logaddexp(0.0, z).sum() - y @ z + 0.5 * away @ (weights - prior)
        return float(value), x.T @ (expit(z) - y) + away

    return np.asarray(minimize(loss, prior, jac=True, method="BFGS").x, dtype=np.float64)


def _spread(x: F64, offset: F64, weights: F64) -> F64:
    """Standard errors by the curvature at the fit."""
    p = expit(offset + x @ weights)
    curvature = (x * (p * (1 - p))[:, None]).T @ x + np.eye(x.shape[1]) / PRIOR_SD**2
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(curvature))), dtype=np.float64)


def held_out(decided: Decided) -> HeldOut:
    """Judge the weights on fleets that were not used to fit them, in ten folds."""
    x, offset, confirmed = decided.x, decided.offset, decided.confirmed
    fold = _folds(decided)
    log_odds = np.empty(confirmed.size)
    for number in np.unique(fold):
        out = fold == number
        log_odds[out] = offset[out] + x[out] @ fit(x[~out], offset[~out], confirmed[~out])
    before, after = offset + x @ _prior(x.shape[1]), log_odds
    loss_before, loss_after = _log_loss(before, confirmed), _log_loss(after, confirmed)
    by_group = np.bincount(decided.group, loss_before - loss_after)
    return HeldOut(
        n_folds=int(np.unique(fold).size),
        log_loss_before=float(loss_before.mean()),
        log_loss_after=float(loss_after.mean()),
        brier_before=float(((expit(before) - confirmed) ** 2).mean()),
        brier_after=float(((expit(after) - confirmed) ** 2).mean()),
        gain_se=float(by_group.std(ddof=1) * np.sqrt(by_group.size) / confirmed.size),
    )


def _folds(decided: Decided) -> I64:
    """Deal groups out to folds, dismissed ones first, so that each fold has its part of both kinds."""
    n_groups = int(decided.group.max()) + 1
    share = np.bincount(decided.group, decided.confirmed) / np.bincount(decided.group)
    order = np.lexsort((np.arange(n_groups), share))
    fold = np.empty(n_groups, dtype=np.int64)
    fold[order] = np.arange(n_groups) % _FOLDS
    return fold[decided.group]


def _log_loss(log_odds: F64, confirmed: NDArray[np.bool_]) -> F64:
    return np.asarray(np.logaddexp(0.0, np.where(confirmed, -log_odds, log_odds)), dtype=np.float64)
