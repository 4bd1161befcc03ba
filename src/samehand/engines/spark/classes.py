"""Which events could stand for each other by chance, in Spark: the twin of the local engine's ``classes``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from samehand.arrays import F64, I32, I64
from samehand.engines.answers import Interests, LogSize
from samehand.engines.classes import HOUR_US
from samehand.engines.interface import TraceLayer
from samehand.engines.spark.pieces import column
from samehand.engines.spark.stages import Stages


@dataclass(frozen=True)
class Classed:
    """Traces with the class of each, and how large the classes are."""

    traces: DataFrame
    """With the column class."""
    totals: I64
    extent_us: F64


@dataclass(frozen=True)
class Learned:
    """Communities of interest, and the traces that they were learned on."""

    interests: Interests
    traces: DataFrame
    of_feature: DataFrame
    """feature, interest; of features with one."""

    @classmethod
    def of(cls, stages: Stages, interests: Interests, traces: DataFrame) -> Learned:
        """Bring communities into a table."""
        known = np.flatnonzero(interests.feature_class)
        of_feature = stages.of_arrow(
            feature=pa.array(known, pa.int32()), interest=pa.array(interests.feature_class[known], pa.int32())
        )
        return cls(interests, traces, of_feature)

    @property
    def name(self) -> str:
        """Different for different communities: what rests on them is kept under it."""
        return hashlib.sha256(self.interests.feature_class.tobytes()).hexdigest()[:12]

    def of_events(self) -> DataFrame:
        """row, interest: of events with one."""
        return self.traces.join(self.of_feature, "feature").select("row", "interest")


def of_layer(
    stages: Stages, layer: TraceLayer, traces: DataFrame, learned: Learned | None, size: LogSize
) -> Classed:
    """Give the classes of a layer's traces, as the layer wants them; see the local engine's ``classes.of_layer``."""
    if layer.background == "hour":
        hour = F.floor(F.col("time") / HOUR_US)
        found, totals, _ = _numbered(stages, traces, F.col("feature"), hour)
        return Classed(found, totals, np.full(len(totals), float(HOUR_US)))
    broad = _by_interest(layer, traces, learned, size)
    if not layer.stretch_us:
        return broad
    stretch = F.floor(F.col("time") / layer.stretch_us)
    found, totals, of_class = _numbered(stages, broad.traces, F.col("class"), stretch)
    if learned is None:
        n_targets = _effective_number(broad.traces, len(broad.totals))
    else:
        on = learned.traces.join(learned.of_feature, "feature", "left")
        n_targets = _effective_number(
            on.withColumn("class", F.coalesce("interest", F.lit(0))), learned.interests.n_classes
        )
    return Classed(found, totals, float(layer.stretch_us) * n_targets[of_class])


def _by_interest(layer: TraceLayer, traces: DataFrame, learned: Learned | None, size: LogSize) -> Classed:
    span = size.last_us - size.first_us + 1
    if learned is None:
        n_rows, n_features = traces.count(), traces.select("feature").distinct().count()
        return Classed(
            traces.withColumn("class", F.lit(0)), np.array([n_rows]), np.array([float(span) * n_features])
        )
    n_classes = learned.interests.n_classes
    if learned.interests.layer == layer.name:
        joined = traces.join(F.broadcast(learned.of_feature), "feature", "left")
    else:
        joined = traces.join(learned.of_events(), "row", "left")
    found = joined.withColumn("class", F.coalesce("interest", F.lit(0))).drop("interest")
    counted = found.groupBy("class").agg(
        F.count("*").alias("n"), F.count_distinct("feature").alias("features")
    )
    totals, n_on = np.zeros(n_classes, np.int64), np.zeros(n_classes)
    for row in counted.collect():
        totals[row["class"]], n_on[row["class"]] = row["n"], row["features"]
    return Classed(found, totals, float(span) * n_on)


def _numbered(stages: Stages, traces: DataFrame, broad: Column, part: Column) -> tuple[DataFrame, I64, I32]:
    """Number the classes that two columns make together, in order; their sizes, and the broad one of each."""
    keyed = traces.withColumn("_broad", broad).withColumn("_part", part).drop("class")
    sizes = keyed.groupBy("_broad", "_part").agg(F.count("*").alias("n")).toArrow()
    sizes = sizes.sort_by([("_broad", "ascending"), ("_part", "ascending")])
    codes = stages.of_arrow(
        _broad=sizes["_broad"].combine_chunks(), _part=sizes["_part"].combine_chunks(),
        **{"class": pa.array(np.arange(sizes.num_rows), pa.int32())},
    )  # fmt: skip
    found = keyed.join(F.broadcast(codes), ["_broad", "_part"]).drop("_broad", "_part")
    return found, column(sizes, "n").astype(np.int64), column(sizes, "_broad").astype(np.int32)


def _effective_number(traces: DataFrame, n_classes: int) -> F64:
    """Of each class, one over the chance that two of its events are on one feature; at least 1."""
    n_on = traces.groupBy("feature").agg(F.count("*").alias("n_on"))
    by_class = (
        traces.groupBy("class", "feature")
        .agg(F.count("*").alias("n"))
        .join(n_on, "feature")
        .groupBy("class")
        .agg(F.sum(F.col("n") * F.col("n_on")).alias("same"), F.sum("n").alias("total"))
    )
    same, total = np.zeros(n_classes), np.zeros(n_classes)
    for row in by_class.collect():
        same[row["class"]], total[row["class"]] = row["same"], row["total"]
    return np.maximum(total**2 / np.maximum(same, 1.0), 1.0)
