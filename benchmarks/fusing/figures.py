"""Weights from some logs, and how well they do on others: reliability, and what is left when families are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samehand.fusion.gather import Said
from samehand.fusion.weigh import BITS_CUTS, CUTS, INNOCENT, fuse, level_of
from samehand.layers import LAYERS

FAMILIES = ("timing_and_targets", "content", "registration", "network", "device")
ALL = (*FAMILIES, "contacts")
"""The last finds no groups and has a meaning for those alone that turn to people: it stands beside the others."""
N_BINS = 10
Log = dict[str, Any]
Counts = dict[str, tuple[int, ...]]


def count_levels(logs: Sequence[Log]) -> tuple[Counts, Counts]:
    """Count the candidates of fleets, and the others, at each level of each family."""
    counts: dict[bool, dict[str, NDArray[np.int64]]] = {True: {}, False: {}}
    for log in logs:
        for one in log["candidates"]:
            levels = {INNOCENT: level_of(INNOCENT, one["weight"])}
            for family in {family for _, family, _, _ in one["said"]}:
                most = max(bits for _, own, bits, _ in one["said"] if own == family)
                levels[family] = level_of(family, most)
            for family, level in levels.items():
                row = counts[is_fleet(one)].setdefault(
                    family, np.zeros(len(CUTS.get(family, BITS_CUTS)) + 1, int)
                )
                row[level] += 1
    fleets, others = (
        {family: tuple(int(n) for n in counts[kind][family]) for family in sorted(counts[kind])}
        for kind in (True, False)
    )
    return fleets, others


def is_fleet(one: dict[str, Any]) -> bool:
    """Whether most accounts of a candidate are in fleets."""
    return 2 * one["n_in_fleets"] > one["n_accounts"]


@dataclass(frozen=True)
class Judgement:
    """Candidates of all logs with their probabilities."""

    posterior: NDArray[np.float64]
    fleet: NDArray[np.bool_]

    @property
    def calibration_error(self) -> float:
        """Expected calibration error in ten bins of equal width."""
        bin_of = np.minimum((self.posterior * N_BINS).astype(int), N_BINS - 1)
        error = 0.0
        for place in np.unique(bin_of):
            inside = bin_of == place
            error += inside.mean() * abs(self.posterior[inside].mean() - self.fleet[inside].mean())
        return error

    def reliability(self) -> list[tuple[str, int, float, float]]:
        """Of each bin that has any: its range, candidates, mean probability, share that are fleets."""
        bin_of = np.minimum((self.posterior * N_BINS).astype(int), N_BINS - 1)
        return [
            (
                f"{place / N_BINS:.1f} to {(place + 1) / N_BINS:.1f}",
                int((bin_of == place).sum()),
                float(self.posterior[bin_of == place].mean()),
                float(self.fleet[bin_of == place].mean()),
            )
            for place in np.unique(bin_of)
        ]


def judge_logs(logs: Sequence[Log], families: Sequence[str] = ALL) -> tuple[Judgement, list[float]]:
    """Weigh the candidates of each log with some families alive, and give the account AUC of each log with fleets."""
    posterior, fleet, areas = [], [], []
    finding = {layer.name for layer in LAYERS if layer.family in families}
    for log in logs:
        alive = [one for one in log["candidates"] if _found(one, finding)]
        said = [[Said(*row) for row in one["said"] if row[1] in families] for one in alive]
        own = np.array([one.posterior for one in fuse(said, [one["weight"] for one in alive])])
        posterior += own.tolist()
        fleet += [is_fleet(one) for one in alive]
        if log["n_in_fleets"]:
            areas.append(_account_auc(log, alive, own))
    return Judgement(np.array(posterior), np.array(fleet, bool)), areas


def _found(one: dict[str, Any], finding: set[str]) -> bool:
    """Whether a layer that finds groups sees it."""
    return any(layer in finding and bits > 0 for layer, _, bits, _ in one["said"])


def _account_auc(log: Log, alive: list[dict[str, Any]], posterior: NDArray[np.float64]) -> float:
    """Chance that an account of a fleet has a higher probability than another account; those in no candidate have 0."""
    inside = np.array([one["n_in_fleets"] for one in alive], float)
    outside = np.array([one["n_accounts"] - one["n_in_fleets"] for one in alive], float)
    score = np.append(posterior, 0.0)
    of_fleets = np.append(inside, log["n_in_fleets"] - inside.sum())
    others = np.append(outside, log["n_accounts"] - log["n_in_fleets"] - outside.sum())
    higher = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    return float(of_fleets @ higher @ others / (of_fleets.sum() * others.sum()))


def family_sets() -> list[tuple[str, ...]]:
    """All families, all but one, and every two of those that are not beside."""
    fewer = [tuple(f for f in ALL if f != one) for one in ALL]
    return [ALL, *fewer, *combinations(FAMILIES, 2)]
