"""Groups of accounts in Spark: each task has what one group did, and who else was near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from samehand.arrays import F64, I32, I64
from samehand.engines import groups as local
from samehand.engines.answers import GroupEvidence
from samehand.engines.spark.blocks import density_name
from samehand.engines.spark.classes import Classed
from samehand.engines.spark.pieces import column, in_order, to_sorted
from samehand.engines.spark.stages import Stages
from samehand.engines.traces import Classes

SUSPECT, MEMBER, JOINED = 1, 2, 3


@dataclass(frozen=True)
class Looking:
    """What a task needs to know to look at a group."""

    window: int
    horizon: int | None
    typical: float
    totals: I64
    extent_us: F64
    crowded: int
    n_windows: int

    @property
    def reach(self) -> int:
        """What lies farther from all events of a group than this says nothing about it."""
        return 3 * self.window if self.horizon is None else 2 * self.horizon + self.window


def group_evidence(
    stages: Stages,
    looking: Looking,
    classed: Classed,
    members: Sequence[I32],
    suspects: Sequence[I32],
    *,
    others: bool,
) -> list[GroupEvidence]:
    """What each group did together; see ``Engine.group_evidence``."""
    if not members:
        return []
    joined: list[I32] = [np.empty(0, np.int32) for _ in members]
    if others:
        near = _around(stages, looking, classed.traces, _parts(members, suspects, joined))
        found = near.applyInArrow(partial(_worth_a_look, looking), "group int, account int").toArrow()
        group, account = column(found, "group"), column(found, "account").astype(np.int32)
        joined = [np.sort(account[group == g]) for g in range(len(members))]
    gathered = _around(stages, looking, classed.traces, _parts(members, suspects, joined))
    packed = gathered.applyInArrow(partial(_evidence, looking), "group int, packed binary").toArrow()
    by_group = dict(zip(column(packed, "group").tolist(), packed["packed"].to_pylist(), strict=True))
    return [_unpacked(by_group[g]) for g in range(len(members))]


def _parts(members: Sequence[I32], suspects: Sequence[I32], joined: Sequence[I32]) -> pa.Table:
    """group, part, member: an account may have several parts in a group."""
    parts = [
        (g, part, codes[g])
        for part, codes in ((SUSPECT, suspects), (MEMBER, members), (JOINED, joined))
        for g in range(len(members))
    ]
    return pa.table(
        {
            "group": pa.array(np.concatenate([np.full(len(codes), g) for g, _, codes in parts]), pa.int32()),
            "part": pa.array(np.concatenate([np.full(len(codes), p) for _, p, codes in parts]), pa.int32()),
            "member": pa.array(np.concatenate([codes for _, _, codes in parts]), pa.int32()),
        }
    )


def _around(stages: Stages, looking: Looking, traces: DataFrame, table: pa.Table) -> Any:
    """All events of each group's accounts, and all events of others within reach of its members', cogrouped."""
    parts = stages.spark.createDataFrame(table)
    reach = looking.reach
    bucket = F.floor(F.col("time") / reach)
    own = traces.join(
        F.broadcast(parts.select("group", F.col("member").alias("account")).distinct()), "account"
    )
    members = parts.where(F.col("part") == MEMBER).select("group", F.col("member").alias("account"))
    places = traces.join(F.broadcast(members), "account").select("group", "feature", bucket.alias("bucket"))
    places = places.distinct().select(
        "group",
        "feature",
        F.explode(F.array(F.col("bucket") - 1, F.col("bucket"), F.col("bucket") + 1)).alias("bucket"),
    )
    near = traces.withColumn("bucket", bucket).join(places.distinct(), ["feature", "bucket"]).drop("bucket")
    found = own.unionByName(near)
    if looking.horizon is not None:  # when a feature began says whether its first moment was new to all
        first = traces.groupBy("feature").agg(
            F.min(F.struct("time", "account", "action", "target", "row")).alias("at")
        )
        there = places.select("group", "feature").distinct().join(first, "feature")
        begins = traces.join(
            there.select("group", "feature", F.col("at.row").alias("row")), ["feature", "row"]
        )
        found = found.unionByName(begins)
    once = found.dropDuplicates(["group", "feature", "row"])
    # A table of its own: Spark cannot tell columns apart that come from one table on both sides.
    return once.groupBy("group").cogroup(stages.spark.createDataFrame(table).groupBy("group"))


def _scene(looking: Looking, gathered: pa.Table, parts: pa.Table) -> tuple[local.Scene, I32]:
    table = in_order(gathered)
    accounts: I32 = np.union1d(column(table, "account"), column(parts, "member")).astype(np.int32)
    traces, row = to_sorted(table, accounts, looking.n_windows)
    scene = local.Scene(
        traces=traces,
        classes=Classes(column(table, "class").astype(np.int32), looking.totals, looking.extent_us),
        window=looking.window,
        counts=column(table, density_name(looking.window)).astype(np.int32),
        crowded=looking.crowded,
        row=row,
        horizon=looking.horizon,
        typical=looking.typical,
    )
    return scene, accounts


def _of(parts: pa.Table, part: int, accounts: I32) -> I32:
    codes = column(parts, "member")[column(parts, "part") == part]
    return np.searchsorted(accounts, np.sort(codes)).astype(np.int32)


def _worth_a_look(looking: Looking, gathered: pa.Table, parts: pa.Table) -> pa.Table:
    scene, accounts = _scene(looking, gathered, parts)
    found = local.worth_a_look(scene, _of(parts, MEMBER, accounts), _of(parts, SUSPECT, accounts))
    group = np.full(len(found), column(parts, "group")[0])
    return pa.table({"group": pa.array(group, pa.int32()), "account": pa.array(accounts[found], pa.int32())})


def _evidence(looking: Looking, gathered: pa.Table, parts: pa.Table) -> pa.Table:
    scene, accounts = _scene(looking, gathered, parts)
    found = local.group_evidence(
        scene,
        _of(parts, MEMBER, accounts),
        _of(parts, SUSPECT, accounts),
        others=False,
        joined=_of(parts, JOINED, accounts),
    )
    arrays = {name: getattr(found, name) for name in GroupEvidence.__dataclass_fields__}
    arrays["accounts"], arrays["event_account"] = accounts[found.accounts], accounts[found.event_account]
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    return pa.table({"group": parts["group"][:1], "packed": pa.array([buffer.getvalue()], pa.binary())})


def _unpacked(packed: bytes) -> GroupEvidence:
    with np.load(BytesIO(packed), allow_pickle=False) as arrays:
        return GroupEvidence(**{name: _plain(arrays[name]) for name in arrays.files})


def _plain(array: Any) -> Any:
    values: F64 | I64 = array
    return values
