"""Pairs of accounts in Spark: meetings counted in blocks, added up over all features, tested."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from samehand.engines.answers import Pairs
from samehand.engines.interface import TraceLayer
from samehand.engines.spark.blocks import cut, density_name
from samehand.engines.spark.pieces import column, exempt_of, runs, whole
from samehand.engines.spark.stages import Stages
from samehand.engines.sweeps import cap_of
from samehand.kernels import meetings
from samehand.kernels.sweep import MOST_POWERS, N_BINS
from samehand.kernels.units import units_an_event

BINS: Final = [f"bin_{z}" for z in range(N_BINS)]
SUMS: Final = [f"sum_{z}" for z in range(N_BINS)]
NUMBERS: Final = [f"number_{z}" for z in range(N_BINS)]


def bin_column(count: Column) -> Column:
    """The bin of a density; see ``kernels.sweep.bin_of``."""
    found = F.lit(N_BINS - 1)
    for z in range(N_BINS - 2, 0, -1):
        found = F.when(count < 4**z, z).otherwise(found)
    return F.when(count == 0, 0).otherwise(found)


def choose_cap(traces: DataFrame, window: int) -> tuple[int, int]:
    """The largest density up to which all co-actions may be looked at, and how many events lie above it."""
    count = F.col(density_name(window))
    power = F.lit(MOST_POWERS - 1)
    for one in range(MOST_POWERS - 2, -1, -1):
        power = F.when(count <= 4 << (2 * one), one).otherwise(power)
    sums = np.zeros(MOST_POWERS, np.int64)
    for row in traces.groupBy(power.alias("power")).agg(F.sum(count).alias("sum")).collect():
        sums[row["power"]] = row["sum"]
    cap = cap_of(sums)
    return cap, traces.where(count > cap).count()


def candidate_pairs(
    stages: Stages,
    traces: DataFrame,
    layer: TraceLayer,
    window: int,
    log_p: float,
    n_rows: int,
    n_repeats: int,
) -> Pairs:
    """Pairs with at least two co-actions whose local p-value is at most exp(log_p).

    Args:
        stages: How to cut.
        traces: Of the layer, with densities.
        layer: The layer.
        window: Microseconds.
        log_p: Natural log of the largest p-value that is of interest.
        n_rows: Traces.
        n_repeats: Events that were left out because they keep a daily appointment.
    """
    cap, n_crowded = choose_cap(traces, window)
    near = F.col(density_name(window))
    taking = traces.where((near > 0) & (near <= cap)).withColumn("near", near)
    occasion = layer.n_windows_an_occasion * window
    met = cut(stages, taking, window, n_rows).mapInArrow(
        whole(partial(_meet, window, occasion)), "a int, b int, unit long, bin int"
    )
    units = met.groupBy("a", "b", "unit").agg(F.min("bin").alias("bin"))
    numbers = [F.count_if(F.col("bin") == z).cast("int").alias(BINS[z]) for z in range(N_BINS)]
    counted = units.groupBy("a", "b").agg(F.count("*").alias("n"), *numbers).where("n >= 2").drop("n")
    mass = _mass(traces, near, cap)
    one, other = (
        mass.select(
            F.col("account").alias(name),
            *(F.col(each).alias(f"{name}_{each}") for each in ["n", *SUMS, *NUMBERS]),
        )
        for name in "ab"
    )
    tested = counted.join(one, "a").join(other, "b").mapInArrow(
        whole(partial(_test, n_rows, units_an_event(occasion), log_p)),
        "a int, b int, " + ", ".join(f"{name} int" for name in BINS) + ", log_p double, expected double",
    )  # fmt: skip
    found = tested.toArrow().sort_by([("a", "ascending"), ("b", "ascending")])
    by_bin = np.stack([column(found, name) for name in BINS], axis=1).astype(np.int32)
    return Pairs(
        account_a=column(found, "a"),
        account_b=column(found, "b"),
        n_features=by_bin.sum(axis=1, dtype=np.int32),
        expected=column(found, "expected"),
        log_p=column(found, "log_p"),
        densest=cap,
        n_events_crowded=n_crowded,
        n_events_repeated=n_repeats,
        by_bin=by_bin,
    )


def _mass(traces: DataFrame, near: Column, cap: int) -> DataFrame:
    """Summed density and number of each account's events by bin, and how many it has in all."""
    bins = bin_column(near)
    takes_part = near <= cap
    sums = [F.sum(F.when(takes_part & (bins == z), near).otherwise(0)).alias(SUMS[z]) for z in range(N_BINS)]
    numbers = [F.count_if(takes_part & (bins == z)).alias(NUMBERS[z]) for z in range(N_BINS)]
    return traces.groupBy("account").agg(F.count("*").alias("n"), *sums, *numbers)


def _meet(window: int, occasion: int, piece: pa.Table) -> pa.Table:
    """List the meetings of a block whose earlier event is its own, each unit of a pair once."""
    near = column(piece, "near")
    bins = np.searchsorted(4 ** np.arange(N_BINS - 1), near, side="right").astype(np.int32)
    a, b, unit, bin_ = meetings.list_meetings(
        runs(column(piece, "feature"), column(piece, "block")), column(piece, "feature").astype(np.int32),
        column(piece, "time"), column(piece, "account").astype(np.int32), bins, exempt_of(piece),
        column(piece, "own"), window, occasion,
    )  # fmt: skip
    order = np.lexsort((bin_, unit, b, a))
    a, b, unit, bin_ = a[order], b[order], unit[order], bin_[order]
    first = np.ones(len(a), np.bool_)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1]) | (unit[1:] != unit[:-1])
    return pa.table({"a": a[first], "b": b[first], "unit": unit[first], "bin": bin_[first]})


def _test(total: int, per_event: int, limit: float, piece: pa.Table) -> pa.Table:
    """Test counted pairs against the density around each of the two."""
    by_bin = np.stack([column(piece, name) for name in BINS], axis=1).astype(np.int32)
    masses = [
        np.stack([column(piece, f"{whose}_{name}") for name in [*SUMS, *NUMBERS]], axis=1).astype(np.float32)
        for whose in "ab"
    ]
    n_events = np.concatenate([column(piece, "a_n"), column(piece, "b_n")]).astype(np.int64)
    log_p, expected = np.empty(len(by_bin)), np.empty(len(by_bin))
    meetings.test_counted(by_bin, np.concatenate(masses), n_events, total, per_event, limit, log_p, expected)
    tested = piece.select(["a", "b", *BINS]).append_column("log_p", pa.array(log_p))
    return tested.append_column("expected", pa.array(expected)).filter(pa.array(log_p <= limit))
