"""Logs without fleets: what is reported there is false, and p-values of pairs should be what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import samehand as sh
from exam.found import describe_fleets
from samehand.arrays import BOOL
from samehand.graph.backbone import weak_log_p
from samehand.simulation.platform import SimulationConfig, simulate

LEVELS = (1e-4, 1e-5, 1e-6, 1e-7)
COUNTS = {
    "n_at": "all pairs",
    "n_before": "innocent causes left out",
    "n_apart": "the same, not in one crowd",
}
"""What is counted at each level, and its name."""


def measure(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """Run the pipeline on one log without fleets, and count its pairs by p-value."""
    world = simulate(
        SimulationConfig(
            accounts=settings["accounts"], days=settings["days"], seed=settings["seed"], fleets=False
        )
    )
    run = sh.detect(world.events, config)
    if any(one.what == "pairs of accounts" for one in run.info.bounded):
        raise ValueError("not all pairs are in the run folder: take fewer accounts")
    n_accounts = run.info.quality.n_accounts
    return {
        "n_events": world.events.num_rows,
        "n_accounts": n_accounts,
        "n_reported": run.info.n_reported,
        "n_candidates": run.info.n_candidates,
        "reported": describe_fleets(run, world.truth, world.crowds),
        "pairs": count_pairs(run.tables.edges, n_accounts, _crowds_of(world.crowds)),
    }


def _crowds_of(crowds: pa.Table) -> dict[Any, set[str]]:
    """The innocent crowds of each account."""
    crowds_of: dict[Any, set[str]] = {}
    for account, crowd in zip(crowds["account"].to_pylist(), crowds["crowd"].to_pylist(), strict=True):
        crowds_of.setdefault(account, set()).add(crowd)
    return crowds_of


def count_pairs(edges: pa.Table, n_accounts: int, crowds_of: dict[Any, set[str]]) -> list[dict[str, Any]]:
    """Count, for each layer and scale, the pairs at or below each level; against all pairs of accounts.

    ``n_at``: by p_value as the run folder has it. ``n_before``: by the largest p-value but that of innocent causes.
    ``n_apart``: those of these that are in no innocent crowd together. Pairs with fewer than two co-actions are no
    candidates and never count; a level above what candidates are collected for is left out (None).

    Args:
        edges: ``edges.parquet`` of a run.
        n_accounts: Accounts of the log.
        crowds_of: The innocent crowds of each account.
    """
    n_pairs = n_accounts * (n_accounts - 1) // 2
    shown = [level for level in LEVELS if np.log(level) <= weak_log_p(n_accounts)]
    unknown = [None] * (len(LEVELS) - len(shown))
    counts = []
    for place in edges.group_by(["layer", "scale_us"], use_threads=False).aggregate([]).to_pylist():
        here = pc.and_(
            pc.equal(edges["layer"], place["layer"]), pc.equal(edges["scale_us"], place["scale_us"])
        )
        some = edges.filter(here)
        nulls = [some[name].to_numpy() for name in ("p_local", "p_interest", "p_lag")]
        before = np.max([np.nan_to_num(null, nan=1.0) for null in nulls], axis=0)
        ends = zip(some["account_a"].to_pylist(), some["account_b"].to_pylist(), strict=True)
        apart = np.array([not crowds_of.get(a, set()) & crowds_of.get(b, set()) for a, b in ends], np.bool_)
        levels = {
            "n_at": _at_levels(some["p_value"].to_numpy(), shown),
            "n_before": _at_levels(before, shown),
            "n_apart": _at_levels(before, shown, apart),
        }
        counts.append(
            place | {"n_pairs": n_pairs} | {name: unknown + found for name, found in levels.items()}
        )
    return counts


def _at_levels(p: np.ndarray, levels: Sequence[float], among: BOOL | None = None) -> list[int]:
    return [int(((p <= level) & (True if among is None else among)).sum()) for level in levels]
