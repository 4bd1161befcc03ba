"""Pairs tested again in Spark: each task has the events of its pairs and of their suspects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines import retest as local
from samehand.engines.answers import Pairs, Retest
from samehand.engines.interface import TraceLayer
from samehand.engines.spark.blocks import density_name
from samehand.engines.spark.classes import Classed
from samehand.engines.spark.pieces import column, in_order, to_sorted
from samehand.engines.spark.stages import Stages
from samehand.engines.traces import Classes
from samehand.kernels.sweep import N_BINS

PAIRS_A_TASK: Final = 20_000


@dataclass(frozen=True)
class Testing:
    """What a task needs to know to test pairs."""

    window: int
    horizon: int | None
    typical: float
    totals: I64
    extent_us: F64
    limit: float
    densest: int
    n_windows: int
    of_texts: bool


def mean_share(traces: DataFrame, near: int, far: int) -> float:
    """Mean share of the density within one window that lies within another; see ``sweep.mean_share``."""
    share = F.col(density_name(near)) / F.col(density_name(far))
    found = traces.where(F.col(density_name(far)) > 0).agg(F.avg(share).alias("share")).first()
    return 1.0 if found is None or found["share"] is None else float(found["share"])


def retest(
    stages: Stages, layer: TraceLayer, testing: Testing, classed: Classed, pairs: Pairs, suspects: BOOL
) -> Retest:
    """Test pairs again; see ``Engine.retest``."""
    n = len(pairs)
    answer = Retest(np.empty(n), np.empty(n), np.empty(n))
    if n == 0:
        return answer
    rows = _tasks(stages, pairs, suspects)
    asked = stages.spark.createDataFrame(_table_of(pairs, suspects, rows))
    who = np.unique(
        np.concatenate([rows[0] << 32 | codes[rows[1]] for codes in (pairs.account_a, pairs.account_b)])
    )
    whose = stages.of_arrow(task=pa.array(who >> 32), account=pa.array(who & 0xFFFFFFFF, pa.int32()))
    traces = classed.traces
    if layer.reads_texts:
        traces = traces.join(_common(stages, traces, pairs, suspects), "row")
    gathered = traces.join(whose, "account")
    found = (
        gathered.groupBy("task")
        .cogroup(asked.groupBy("task"))
        .applyInArrow(partial(_retest, testing), "pair long, expected double, log_p double, log_p_lag double")
        .toArrow()
    )
    place = column(found, "pair")
    answer.expected[place] = column(found, "expected")
    answer.log_p_background[place] = column(found, "log_p")
    answer.log_p_lag[place] = column(found, "log_p_lag")
    return answer


def _tasks(stages: Stages, pairs: Pairs, suspects: BOOL) -> tuple[I64, I64, BOOL]:
    """Deal the pairs out to tasks; each also gets the suspect pairs of its accounts.

    Returns:
        Task, place of the pair, and whether the task answers for it.
    """
    n = len(pairs)
    n_tasks = max(stages.spark.sparkContext.defaultParallelism, -(-n // PAIRS_A_TASK))
    task = np.arange(n) * n_tasks // n
    suspect = np.flatnonzero(suspects)
    parts = []
    for one in range(n_tasks):
        own = np.flatnonzero(task == one)
        accounts = np.union1d(pairs.account_a[own], pairs.account_b[own])
        beside = np.isin(pairs.account_a[suspect], accounts) | np.isin(pairs.account_b[suspect], accounts)
        more = np.setdiff1d(suspect[beside], own)
        both = np.sort(np.concatenate([own, more]))
        parts.append((np.full(len(both), one), both, np.isin(both, own)))
    tasks, places, answers = (np.concatenate(column) for column in zip(*parts, strict=True))
    return tasks, places, answers


def _table_of(pairs: Pairs, suspects: BOOL, rows: tuple[I64, I64, BOOL]) -> pa.Table:
    task, place, answers = rows
    bins = {f"bin_{z}": pairs.by_bin[place, z] for z in range(N_BINS)}
    return pa.table(
        {
            "task": task, "pair": place, "a": pairs.account_a[place], "b": pairs.account_b[place],
            "first_log_p": pairs.log_p[place], "suspect": suspects[place], "answers": answers, **bins,
        }
    )  # fmt: skip


def _common(stages: Stages, traces: DataFrame, pairs: Pairs, suspects: BOOL) -> DataFrame:
    """row, common: how common the words of each text are; see the local engine's ``common_words``."""
    left_out = np.union1d(pairs.account_a[suspects], pairs.account_b[suspects])
    others = traces
    if len(left_out):
        out = stages.of_arrow(account=pa.array(left_out, pa.int32()))
        others = traces.join(F.broadcast(out), "account", "left_anti")
    n_texts = others.select("row").distinct().count() + 1
    n_on = others.groupBy("feature").agg(F.count("*").alias("n_on"))
    return (
        traces.join(n_on, "feature", "left")
        .groupBy("row")
        .agg(F.max((F.coalesce("n_on", F.lit(0)) + 1) / F.lit(n_texts)).alias("common"))
    )


def _retest(testing: Testing, gathered: pa.Table, asked: pa.Table) -> pa.Table:
    """Test the pairs of one task."""
    asked = asked.sort_by([("a", "ascending"), ("b", "ascending")])
    a, b = column(asked, "a"), column(asked, "b")
    accounts: I32 = np.union1d(a, b).astype(np.int32)
    table = in_order(gathered)
    traces, _ = to_sorted(table, accounts, testing.n_windows)
    near = column(table, density_name(testing.window)).astype(np.int32)
    far = near if testing.horizon is None else column(table, density_name(testing.horizon)).astype(np.int32)
    by_bin = np.stack([column(asked, f"bin_{z}") for z in range(N_BINS)], axis=1).astype(np.int32)
    pairs = Pairs(
        account_a=np.searchsorted(accounts, a).astype(np.int32),
        account_b=np.searchsorted(accounts, b).astype(np.int32),
        n_features=by_bin.sum(axis=1, dtype=np.int32),
        expected=np.zeros(len(a)),
        log_p=column(asked, "first_log_p"),
        densest=testing.densest,
        n_events_crowded=0,
        n_events_repeated=0,
        by_bin=by_bin,
    )
    found = local.retest(
        traces,
        local.Around(testing.window, near, testing.horizon, far, testing.typical),
        pairs,
        column(asked, "suspect"),
        Classes(column(table, "class").astype(np.int32), testing.totals, testing.extent_us),
        testing.limit,
        1,
        column(table, "common") if testing.of_texts else None,
    )
    answers = asked["answers"]
    tested = pa.table(
        {
            "pair": asked["pair"],
            "expected": found.expected,
            "log_p": found.log_p_background,
            "log_p_lag": found.log_p_lag,
        }
    )
    return tested.filter(answers)
