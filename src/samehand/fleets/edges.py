"""The table of pairs of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from samehand import columns
from samehand.arrays import F64, I32
from samehand.engines.interface import Engine
from samehand.events.check import LeftOut
from samehand.fleets.judge import CLEARED, Judged
from samehand.fleets.score import bits
from samehand.fleets.small_groups import Cleared, together
from samehand.graph.backbone import Edges

MOST_EDGES: Final = 1_000_000
"""Pairs of accounts in the run folder, the surest first."""


def edge_table(
    engine: Engine,
    edges: Sequence[Edges],
    judged: Sequence[Judged],
    small: Sequence[Cleared],
    account: pa.DataType,
) -> tuple[pa.Table, LeftOut | None]:
    """Pairs of accounts that met more often than density and background give; the surest are kept.

    Args:
        engine: The log.
        edges: Of all layers and scales.
        judged: All candidates: innocent causes that explain a group explain its pairs.
        small: The same for pairs that are in no candidate together.
        account: Type of account ids.

    Returns:
        The table, and what it leaves out.
    """
    schema = columns.edges(account)
    innocent = _Innocent(engine.size.n_accounts, judged, small)
    parts = [_edges_of(engine, one, innocent, schema) for one in edges]
    table = pa.concat_tables([schema.empty_table(), *parts])
    left_out = table.num_rows - MOST_EDGES
    if left_out <= 0:
        return table, None
    surest = np.sort(np.argsort(-table["bits"].to_numpy(), kind="stable")[:MOST_EDGES])
    return table.take(surest), LeftOut(
        what="pairs of accounts", count=left_out, why="bounded in the run folder; the surest are kept"
    )


class _Innocent:
    """Weights of the innocent causes that explain pairs."""

    def __init__(self, n_accounts: int, judged: Sequence[Judged], small: Sequence[Cleared]) -> None:
        self.candidate, self.small = (np.full(n_accounts, -1, np.int32) for _ in range(2))
        self.of_candidate = np.array(
            [one.weight if one.weight > CLEARED else np.nan for one in judged] + [np.nan]
        )
        self.of_small = np.array([one.weight for one in small] + [np.nan])  # the last: in no such group
        for i, one in enumerate(judged):
            self.candidate[one.candidate.accounts] = i
        for i, group in enumerate(small):
            self.small[group.accounts] = i

    def weigh(self, a: I32, b: I32) -> F64:
        """Give the weight of each pair, NaN where nothing innocent explains it."""
        in_one = together(self.candidate, a, b)
        in_small = together(self.small, a, b) & ~in_one
        of_candidate = self.of_candidate[np.where(in_one, self.candidate[a], -1)]
        weights: F64 = np.where(in_small, self.of_small[np.where(in_small, self.small[a], -1)], of_candidate)
        return weights


def _edges_of(engine: Engine, one: Edges, innocents: _Innocent, schema: pa.Schema) -> pa.Table:
    keep = np.flatnonzero(one.weak | one.strong)
    a, b = one.pairs.account_a[keep], one.pairs.account_b[keep]
    innocent = innocents.weigh(a, b)
    return pa.table(
        [
            pa.array([one.layer] * len(keep), pa.string()),
            pa.array(np.full(len(keep), one.scale_us)),
            engine.account_ids(a).cast(schema.field("account_a").type),
            engine.account_ids(b).cast(schema.field("account_b").type),
            pa.array(one.pairs.n_features[keep]),
            pa.array(np.maximum(one.pairs.expected, one.retest.expected)[keep]),
            pa.array(np.fmax(np.exp(one.log_p[keep]), innocent)),
            pa.array(bits(one.log_p_meeting[keep])),
            pa.array(np.exp(one.pairs.log_p[keep])),
            pa.array(np.exp(one.retest.log_p_background[keep])),
            pa.array(np.exp(one.retest.log_p_lag[keep]), from_pandas=True),
            pa.array(innocent, from_pandas=True),
            pa.array(one.strong[keep]),
        ],
        schema=schema,
    )
