"""Features cut into blocks of time, so that what is on one of them is many tasks; densities around each trace."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from samehand.engines.spark.pieces import SORTED, column, runs, whole
from samehand.engines.spark.stages import Stages
from samehand.kernels import sweep

TRACES: Final = (
    "row long, account int, time long, action int, target int, feature int, avoid int, author int, "
    "person int, post long, post_ranks array<long>"
)


def density_name(window: int) -> str:
    """Name of the column with the densities within a window."""
    return f"near_{window}"


def with_densities(stages: Stages, traces: DataFrame, windows: Sequence[int], n_rows: int) -> DataFrame:
    """Add to each trace how many events of others are on its feature within each window.

    Args:
        stages: How to cut.
        traces: Of a layer.
        windows: Microseconds.
        n_rows: About how many traces there are.
    """
    blocks = cut(stages, traces, max(windows), n_rows)
    names = [name.split()[0] for name in TRACES.split(", ")]
    schema = f"{TRACES}, " + ", ".join(f"{density_name(window)} int" for window in windows)
    return blocks.mapInArrow(whole(partial(_count_around, tuple(windows), tuple(names))), schema)


def cut(stages: Stages, traces: DataFrame, reach: int, n_rows: int) -> DataFrame:
    """Cut traces into blocks that can be worked on one by one; those of a block stand together, in order.

    A feature with few traces is one block. Others are cut into stretches of time; what lies within reach of a stretch
    is there as well, not ``own``.

    Args:
        stages: How to cut.
        traces: Of a layer.
        reach: Microseconds.
        n_rows: About how many traces there are.

    Returns:
        The traces, with the columns block, own.
    """
    hot = (
        traces.groupBy("feature")
        .agg(F.count("*").alias("n"), F.min("time").alias("from"), F.max("time").alias("to"))
        .where(F.col("n") > stages.hot)
    )
    span = F.col("to") - F.col("from") + 1
    hot = hot.select(
        "feature", "from", "to", F.greatest(F.lit(1), F.floor(span * stages.hot / F.col("n"))).alias("long")
    )
    where = F.floor((F.col("time") - F.col("from")) / F.col("long"))
    first = F.floor((F.greatest(F.col("time") - reach, F.col("from")) - F.col("from")) / F.col("long"))
    last = F.floor((F.least(F.col("time") + reach, F.col("to")) - F.col("from")) / F.col("long"))
    blocks = F.when(F.col("long").isNull(), F.array(F.lit(0))).otherwise(
        F.sequence(first.cast("int"), last.cast("int"))
    )
    own = F.col("long").isNull() | (F.col("block") == where)
    there = (
        traces.join(F.broadcast(hot), "feature", "left")
        .withColumn("block", F.explode(blocks))
        .withColumn("own", own)
        .drop("from", "to", "long")
    )
    return there.repartition(stages.n_tasks(n_rows), "feature", "block").sortWithinPartitions(
        "feature", "block", *SORTED[1:]
    )


def _count_around(windows: tuple[int, ...], names: tuple[str, ...], piece: pa.Table) -> pa.Table:
    account = np.unique(column(piece, "account"), return_inverse=True)[1].astype(np.int32)
    time = column(piece, "time")
    block = runs(column(piece, "feature"), column(piece, "block"))
    found = piece.select(list(names))
    for window in windows:
        counts, seen = np.zeros(len(time), np.int32), np.zeros(int(account.max()) + 1, np.int32)
        sweep.density(account, block, time, window, 0, len(time), seen, counts)
        found = found.append_column(density_name(window), pa.array(counts))
    return found.filter(piece["own"])
