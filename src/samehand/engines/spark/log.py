"""Events in Spark: read, coded, repeats once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from samehand.columns import Role
from samehand.engines.answers import LogSize
from samehand.engines.spark.stages import Stages, number
from samehand.verbs import is_sign_up

ORDER: Final = ("time_us", "account", "action", "target", "row")
"""Events stand in this order, as in the local engine."""


@dataclass(frozen=True)
class Log:
    """A log in Spark."""

    stages: Stages
    raw: DataFrame
    """The files, and ``event``, the row counted through all of them."""
    events: DataFrame
    """row, time_us, account, action, target (codes, -1 for none), post; further columns as they are in the files."""
    accounts: DataFrame
    """value, code."""
    targets: DataFrame | None
    actions: tuple[str, ...]
    """Of each code."""
    signed_up: DataFrame
    """account, sign_up_us: the first, of those whose sign-up is in the log."""
    roles: frozenset[Role]
    size: LogSize
    n_targets: int

    def coded(self, role: Role) -> DataFrame:
        """The events with one more column as codes: ``{role}_code``."""
        values = self.events.select(F.col(role).alias("value")).where(F.col("value").isNotNull()).distinct()
        codes = number(self.stages, f"values-{role}", values)
        return self.events.join(codes, F.col(role) == codes["value"], "left").withColumn(
            f"{role}_code", F.coalesce("code", F.lit(-1))
        ).drop("value", "code")  # fmt: skip

    def persons(self) -> DataFrame:
        """target, person: code of the account that a target is."""
        assert self.targets is not None  # noqa: S101 - the caller has seen to it
        one = self.accounts.select(F.col("value").cast("string").alias("name"), F.col("code").alias("person"))
        other = self.targets.select(
            F.col("value").cast("string").alias("name"), F.col("code").alias("target")
        )
        return one.join(other, "name").select("target", "person")


def read(stages: Stages, files: Sequence[Path], roles: Sequence[Role], added: pa.Table | None) -> Log:
    """Read normalised events; repeats of an (account, time, action, target) are taken once.

    Args:
        stages: Where tables are kept.
        files: Parquet files in samehand's columns.
        roles: Columns that they have.
        added: Rows in memory that follow those of the files.
    """
    raw = _raw(stages, files, added)
    accounts = number(stages, "accounts", _distinct(raw, "account"))
    targets = number(stages, "targets", _distinct(raw, "target")) if "target" in roles else None
    actions = number(stages, "actions", _distinct(raw, "action")) if "action" in roles else None
    events = stages.table("events", lambda: _events(raw, accounts, targets, actions, roles))
    named = () if actions is None else tuple(r["value"] for r in actions.orderBy("code").collect())
    sign_ups = [code for code, action in enumerate(named) if is_sign_up(action)]
    signed_up = stages.table(
        "sign-ups",
        lambda: (
            events.where(F.col("action").isin(sign_ups))
            .groupBy("account")
            .agg(F.min("time_us").alias("sign_up_us"))
        ),
    )
    found = events.agg(
        F.count("*").alias("n"), F.min("time_us").alias("first"), F.max("time_us").alias("last")
    ).first()
    assert found is not None  # noqa: S101 - for the type checker
    size = LogSize(found["n"], accounts.count(), found["first"] or 0, found["last"] or 0, signed_up.count())
    n_targets = 0 if targets is None else targets.count()
    size = size if found["n"] else LogSize(0, 0, 0, 0)
    return Log(stages, raw, events, accounts, targets, named, signed_up, frozenset(roles), size, n_targets)


def _raw(stages: Stages, files: Sequence[Path], added: pa.Table | None) -> DataFrame:
    """The rows of all files, numbered through."""
    n_rows = [pq.read_metadata(file).num_rows for file in files]
    before = np.cumsum([0, *n_rows])
    names = [file.name for file in files]
    assert len(set(names)) == len(names)  # noqa: S101 - they are all in one folder
    starts = stages.of_arrow(name=pa.array(names), before=pa.array(before[:-1], pa.int64()))
    rows = stages.spark.read.parquet(*map(str, files)).select(
        "*", F.col("_metadata.file_name").alias("name"), F.col("_metadata.row_index").alias("place")
    )
    numbered = rows.join(F.broadcast(starts), "name").withColumn("event", F.col("before") + F.col("place"))
    raw = numbered.drop("name", "place", "before")
    if added is None:
        return raw
    places = pa.array(range(before[-1], before[-1] + added.num_rows), pa.int64())
    return raw.unionByName(stages.spark.createDataFrame(added.append_column("event", places)))


def _distinct(raw: DataFrame, column: str) -> DataFrame:
    return raw.select(F.col(column).alias("value")).where(F.col("value").isNotNull()).distinct()


def _events(
    raw: DataFrame,
    accounts: DataFrame,
    targets: DataFrame | None,
    actions: DataFrame | None,
    roles: Sequence[Role],
) -> DataFrame:
    """Code the events and take repeats once."""
    events = raw.withColumnRenamed("event", "row").withColumn("time_us", F.unix_micros("time")).drop("time")
    for name, codes in (("account", accounts), ("action", actions), ("target", targets)):
        if codes is None:
            events = events.withColumn(name, F.lit(-1))
            continue
        coded = codes.select(F.col("value").alias(name), F.col("code").alias(f"{name}_code"))
        events = events.join(coded, name, "left").drop(name)
        events = events.withColumn(name, F.coalesce(f"{name}_code", F.lit(-1))).drop(f"{name}_code")
    same = Window.partitionBy("time_us", "account", "action", "target").orderBy("row")
    events = events.withColumn("n", F.row_number().over(same)).where("n = 1").drop("n")
    if "event_id" not in roles:
        return events.withColumn("post", F.lit(None).cast("long"))
    # The same account, time and event id: one post that is several events, such as one with two hashtags.
    one_post = Window.partitionBy("time_us", "account", "event_id")
    several = (F.count("*").over(one_post) > 1) & F.col("event_id").isNotNull()
    return events.withColumn("post", F.when(several, F.min("row").over(one_post)))
