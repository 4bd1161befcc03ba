"""Logs without fleets: what is reported there is false, and p-values of pairs should be what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

import samehand as sh
from exam.found import describe_fleets
from samehand.engines.interface import F64
from samehand.engines.local import LocalEngine
from samehand.fleets.find import find_candidates
from samehand.graph.backbone import Edges, weak_log_p
from samehand.graph.choose import chosen, usable_scales
from samehand.layers import LAYERS
from samehand.simulation.platform import SimulationConfig, simulate

LEVELS = (1e-4, 1e-5, 1e-6, 1e-7)


def measure(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """Run the pipeline on one log without fleets, and count its pairs by p-value."""
    world = simulate(
        SimulationConfig(
            accounts=settings["accounts"], days=settings["days"], seed=settings["seed"], fleets=False
        )
    )
    with sh.read_events(world.events, threads=config.threads) as events:
        run = sh.detect(events, config)
        engine = LocalEngine.load(events.files, events.roles, threads=config.threads)
        layers, _ = usable_scales(LAYERS, engine.roles, engine.size, events.quality.clock_resolution_us)
        found = find_candidates(engine, chosen(layers), min_accounts=config.min_accounts, seed=config.seed)
    return {
        "n_events": world.events.num_rows,
        "n_accounts": engine.size.n_accounts,
        "n_reported": run.info.n_reported,
        "n_candidates": run.info.n_candidates,
        "reported": describe_fleets(run, world.truth, world.crowds),
        "pairs": count_pairs(found.edges, engine.size.n_accounts, _crowds_of(engine, world.crowds)),
    }


def _crowds_of(engine: LocalEngine, crowds: pa.Table) -> dict[int, set[str]]:
    """The innocent crowds of each account, by the account's code."""
    codes = engine.account_codes(crowds["account"].combine_chunks())
    crowds_of: dict[int, set[str]] = {}
    for code, crowd in zip(codes.tolist(), crowds["crowd"].to_pylist(), strict=True):
        crowds_of.setdefault(code, set()).add(crowd)
    return crowds_of


def count_pairs(
    edges: Sequence[Edges], n_accounts: int, crowds_of: dict[int, set[str]]
) -> list[dict[str, Any]]:
    """Count, for each layer and scale, the pairs at or below each level; against all pairs of accounts.

    A pair counts by the larger of its p-values against density and background. Pairs with fewer than two co-actions
    are no candidates and never count; a level above what candidates are collected for is left out (None). ``n_apart``
    are those of them that are in no innocent crowd together.
    """
    n_pairs = n_accounts * (n_accounts - 1) // 2
    shown = [level for level in LEVELS if np.log(level) <= weak_log_p(n_accounts)]
    unknown = [None] * (len(LEVELS) - len(shown))
    counts = []
    for one in edges:
        rare = np.flatnonzero(one.log_p <= np.log(LEVELS[0]))
        a, b = one.pairs.account_a[rare].tolist(), one.pairs.account_b[rare].tolist()
        apart = [not crowds_of.get(x, set()) & crowds_of.get(y, set()) for x, y in zip(a, b, strict=True)]
        counts.append(
            {
                "layer": one.layer,
                "scale_us": int(one.scale_us),
                "n_pairs": n_pairs,
                "n_at": unknown + _at_levels(one.log_p, shown),
                "n_apart": unknown + _at_levels(one.log_p[rare[apart]], shown),
            }
        )
    return counts


def _at_levels(log_p: F64, levels: Sequence[float]) -> list[int]:
    return [int((log_p <= np.log(level)).sum()) for level in levels]
