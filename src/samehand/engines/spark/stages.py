"""Tables that are worked out once: each is a folder of Parquet files, so that a job that was killed goes on from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


@dataclass(frozen=True)
class Stages:
    """The tables of one log, in a folder that all executors can reach."""

    spark: SparkSession
    folder: str
    """A path, or a URL that Spark can write to."""
    rows_a_task: int
    hot: int
    """Events on one feature beyond which it is cut into blocks of time."""
    private: TemporaryDirectory[str] | None = None
    """The folder, where it goes when this does."""

    def table(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        """Read a table, after making it where it is not there yet."""
        path = f"{self.folder}/{name}"
        if not self._is_whole(path):
            make().write.mode("overwrite").parquet(path)
        return self.spark.read.parquet(path)

    def of_arrow(self, **columns: pa.Array[Any]) -> DataFrame:
        """A small table from the driver."""
        return self.spark.createDataFrame(pa.table(dict(columns)))

    def n_tasks(self, n_rows: int) -> int:
        """Into how many tasks to cut a table: as many as there are cores at least."""
        return max(self.spark.sparkContext.defaultParallelism, -(-n_rows // self.rows_a_task))

    def _is_whole(self, path: str) -> bool:
        """Whether a table was written to its end; what a killed job left is not."""
        # Hadoop knows all kinds of file systems that Spark writes to; there is no other way to it from Python.
        jvm: Any = self.spark._jvm  # noqa: SLF001
        mark = jvm.org.apache.hadoop.fs.Path(f"{path}/_SUCCESS")
        system = mark.getFileSystem(self.spark._jsc.hadoopConfiguration())  # noqa: SLF001
        return bool(system.exists(mark))


def number(stages: Stages, name: str, values: DataFrame, *, kind: str = "int") -> DataFrame:
    """Number distinct values in their order, from 0.

    Args:
        stages: Where the order is kept.
        name: Of the table.
        values: One column ``value``, each value once.
        kind: Type of the numbers: long, where there may be more than two thousand million.

    Returns:
        The columns value, code.
    """
    ordered = stages.table(
        name,
        lambda: values.orderBy("value").select(
            "value", F.spark_partition_id().alias("part"), F.monotonically_increasing_id().alias("place")
        ),
    )
    parts = ordered.groupBy("part").agg(F.count("*").alias("n")).orderBy("part").collect()
    before = 0
    firsts = []
    for row in parts:
        firsts.append((row["part"], before))
        before += row["n"]
    if not firsts:
        return ordered.select("value", F.lit(0).cast(kind).alias("code"))
    starts = stages.of_arrow(
        part=pa.array([part for part, _ in firsts], pa.int32()),
        start=pa.array([n for _, n in firsts], pa.int64()),
    )
    place_in_part = F.col("place").bitwiseAND((1 << 33) - 1)  # the rest of the number is that of the part
    return ordered.join(F.broadcast(starts), "part").select(
        "value", (place_in_part + F.col("start")).cast(kind).alias("code")
    )
