"""What is asked of a log as a whole, in Spark: who acts on whom, who shares what, when; and events as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from samehand.arrays import I32, I64
from samehand.columns import TIMELINE, Role
from samehand.engines.answers import Contacts, Held, Holdings, Surroundings
from samehand.engines.attendance import FEWEST_OTHERS, focus
from samehand.engines.contacts import words
from samehand.engines.interface import Columns
from samehand.engines.spark.log import Log
from samehand.engines.spark.pieces import column, whole
from samehand.engines.spark.stages import number
from samehand.engines.texts import sketch
from samehand.verbs import is_positive

HOUR_US = 3_600_000_000
_PLACE = ("time_us", "account", "action", "target", "row")


def events_of(log: Log, codes: I32, ids: pa.Array[Any]) -> pa.Table:
    """See ``Engine.events_of``; ``ids``: of all accounts."""
    wanted = log.stages.of_arrow(account=pa.array(codes, pa.int32()))
    mine = log.events.join(F.broadcast(wanted), "account").select(
        F.col("row").alias("event"), F.col("account").alias("_code")
    )
    found = log.raw.join(mine, "event").toArrow()
    found = found.sort_by([("_code", "ascending"), ("time", "ascending"), ("event", "ascending")])
    named = ids.take(found["_code"].combine_chunks())
    found = found.set_column(found.schema.get_field_index("account"), "account", named)
    names = ["event", *(name for name in found.column_names if name not in ("event", "_code"))]
    return found.select(names)


def audience(log: Log) -> I32:
    """See ``Engine.audience``."""
    counts = np.zeros(log.size.n_accounts, np.int32)
    if log.targets is None:
        return counts
    found = (
        log.events.join(log.persons(), "target").groupBy("person").agg(F.count_distinct("account").alias("n"))
    )
    rows = found.toArrow()
    counts[column(rows, "person")] = column(rows, "n")
    return counts


def contacts(log: Log) -> Contacts:
    """See ``Engine.contacts``."""
    n = log.size.n_accounts
    if log.targets is None:
        none = np.zeros(n, np.int64)
        return Contacts(none, none, none, none, none)
    met = log.events.join(log.persons(), "target").where("person <> account")
    agreed, text = F.lit(False), F.lit(None).cast("string")
    if "outcome" in log.roles:
        found = met.select("outcome").where(F.col("outcome").isNotNull()).distinct().collect()
        agreed = F.coalesce(
            F.col("outcome").isin([row["outcome"] for row in found if is_positive(row["outcome"])]), agreed
        )
    if "content" in log.roles:
        text = F.col("content")
    place = F.struct(*_PLACE)
    begun = met.groupBy(F.col("account").alias("who"), F.col("person").alias("whom")).agg(
        F.min("time_us").alias("at"), F.min(place).alias("place"), F.max(agreed).alias("agreed"),
        F.min_by(text, place).alias("content"),
    )  # fmt: skip
    begun = log.stages.table("contacts", lambda: begun)
    back = begun.select(F.col("who").alias("whom"), F.col("whom").alias("who"), F.col("at").alias("back"))
    strangers = begun.join(back, ["who", "whom"], "left").where("back is null or not back < at")
    hour = F.floor((F.col("at") - log.size.first_us) / HOUR_US)
    counted = (
        strangers.groupBy("who")
        .agg(
            F.count("*").alias("strangers"),
            F.count_distinct(hour).alias("hours"),
            F.count_if(F.col("back").isNotNull() | F.col("agreed")).alias("answered"),
        )
        .toArrow()
    )
    by_account = strangers.select("who", "place", "content").repartition(
        log.stages.n_tasks(log.size.n_events), "who"
    )
    said = by_account.sortWithinPartitions("who", "place").mapInArrow(
        whole(_count_words), "who int, says long, again long"
    )
    spoken = said.toArrow()
    arrays = []
    for table, name in (
        (counted, "strangers"), (counted, "hours"), (counted, "answered"), (spoken, "says"), (spoken, "again"),
    ):  # fmt: skip
        numbers = np.zeros(n, np.int64)
        numbers[column(table, "who")] = column(table, name)
        arrays.append(numbers)
    return Contacts(*arrays)


def _count_words(piece: pa.Table) -> pa.Table:
    """Count, by account, strangers to whom it wrote, and those to whom it wrote what it had written before."""
    who = column(piece, "who").astype(np.int64)
    texts = piece["content"].combine_chunks().dictionary_encode()
    code = texts.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    columns = Columns(who, who.astype(np.int32), {"content": code})
    if len(texts.dictionary):
        columns = replace(columns, fingerprints=sketch(pa.chunked_array([texts.dictionary]), 1))
    says, again = words(columns, np.arange(len(who)), who)
    accounts = np.unique(who)
    return pa.table(
        {
            "who": pa.array(accounts, pa.int32()),
            "says": np.bincount(np.searchsorted(accounts, says), minlength=len(accounts)),
            "again": np.bincount(np.searchsorted(accounts, again), minlength=len(accounts)),
        }
    )


def sharing(
    log: Log, role: Role, left_out: I32, sizes: Sequence[tuple[int, int]], at_most: int
) -> list[list[I32]]:
    """See ``Engine.sharing``."""
    if role not in log.roles:
        return [[] for _ in sizes]
    events, value = log.events, role
    if role in ("action", "target"):
        events = events.where(F.col(role) >= 0)
    events = events.where(F.col(value).isNotNull())
    if len(left_out):
        out = log.stages.of_arrow(account=pa.array(left_out, pa.int32()))
        events = events.join(F.broadcast(out), "account", "left_anti")
    pairs = events.groupBy(F.col(value).alias("value"), "account").agg(
        F.count("*").alias("n"), F.min(F.struct(*_PLACE)).alias("first")
    )
    shared = pairs.groupBy("value").agg(F.count("*").alias("n_accounts"), F.min("first").alias("first_event"))
    found = []
    for least, most in sizes:
        fits = shared.where(F.col("n_accounts").between(least, most))
        largest = fits.orderBy(F.desc("n_accounts"), "first_event").limit(at_most)
        rows = (
            pairs.join(F.broadcast(largest), "value")
            .orderBy(F.desc("n_accounts"), "first_event", F.desc("n"), "first")
            .select("value", "account")
            .toArrow()
        )
        starts = _starts(rows["value"].to_pylist())
        found.append(np.split(column(rows, "account").astype(np.int32), starts) if rows.num_rows else [])
    return found


def _starts(values: list[object]) -> list[int]:
    return [n for n in range(1, len(values)) if values[n] != values[n - 1]]


def held(log: Log, name: str, traces: DataFrame, groups: Sequence[I32]) -> Holdings:
    """See ``Engine.held``; ``traces``: of the trait ``name``."""
    place = F.struct("time", "account", "action", "target", "row")
    pairs = traces.groupBy("feature", "account").agg(F.min(place).alias("first"))
    holders = F.count("*").over(Window.partitionBy("feature"))
    kept = log.stages.table(f"held-{name}", lambda: pairs.withColumn("n", holders))
    values = number(log.stages, f"values-of-{name}", kept.select(F.col("feature").alias("value")).distinct())
    kept = kept.join(values, F.col("feature") == F.col("value")).drop("feature", "value")
    kept = kept.withColumnRenamed("code", "feature")
    whole = kept.agg(
        F.count("*").alias("pairs"), F.count_distinct("account").alias("accounts"), F.max("n").alias("most")
    ).first()
    assert whole is not None  # noqa: S101 - for the type checker
    asked = [(g, i, int(code)) for g, group in enumerate(groups) for i, code in enumerate(group)]
    members = log.stages.of_arrow(
        group=pa.array([g for g, _, _ in asked], pa.int32()),
        member=pa.array([i for _, i, _ in asked], pa.int32()),
        account=pa.array([code for _, _, code in asked], pa.int32()),
    )
    found = (
        kept.join(F.broadcast(members), "account")
        .select("group", "member", "account", "feature", "n", F.col("first.row").alias("event"))
        .toArrow()
        .sort_by([("feature", "ascending"), ("account", "ascending")])
    )
    group = column(found, "group")
    value, holders_of, event = (
        column(found, "feature").astype(np.int64),
        column(found, "n"),
        column(found, "event"),
    )
    member = column(found, "member").astype(np.int32)
    answers = []
    for g in range(len(groups)):
        own = np.flatnonzero(group == g)
        answers.append(Held(member[own], value[own], holders_of[own].astype(np.int32), event[own]))
    return Holdings(answers, int(whole["pairs"]), int(whole["accounts"]), int(whole["most"] or 0))


def surroundings(log: Log, members: I32, rows: I64, target_class: DataFrame, n_by_class: I64) -> Surroundings:
    """See ``Engine.surroundings``.

    Args:
        log: The log.
        members: Of the group.
        rows: Events of the group.
        target_class: target, interest: of targets with one.
        n_by_class: Targets of each class.
    """
    own = log.stages.of_arrow(row=pa.array(rows, pa.int64()))
    inside = log.stages.of_arrow(account=pa.array(members, pa.int32()))
    on = log.events.where("target >= 0")
    joint = (
        on.join(F.broadcast(own.distinct()), "row").groupBy("target").agg(F.min("time_us").alias("group_us"))
    )
    others = F.when(F.col("inside").isNull(), F.col("account"))
    found = (
        on.join(F.broadcast(joint), "target")
        .join(F.broadcast(inside.withColumn("inside", F.lit(1))), "account", "left")
        .groupBy("target")
        .agg(
            F.min("time_us").alias("first_us"),
            F.min("group_us").alias("group_us"),
            F.count_distinct(others).alias("n"),
        )
        .join(target_class, "target", "left")
        .toArrow()
        .sort_by("target")
    )
    n_outside = column(found, "n").astype(np.int32)
    known = np.where(n_outside >= FEWEST_OTHERS, column(found, "interest", 0), 0).astype(np.int32)
    return Surroundings(
        column(found, "first_us"), column(found, "group_us"), n_outside, focus(known, n_by_class)
    )


def outcomes(log: Log) -> pa.Table:
    """See ``Engine.outcomes``."""
    fields: list[pa.Field[Any]] = [
        pa.field("action", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("n_events", pa.int64()),
    ]
    schema = pa.schema(fields)
    if "outcome" not in log.roles:
        return schema.empty_table()
    counted = (
        log.events.where(F.col("outcome").isNotNull())
        .groupBy("action", "outcome")
        .agg(F.count("*").alias("n"))
    )
    rows = counted.collect()
    # Where the log has no actions they are all the same; an event without one, of a log that has them, says so.
    name = dict(enumerate(log.actions)) | {-1: None if log.actions else ""}
    named = [(name[row["action"]], row["outcome"], row["n"]) for row in rows]
    named.sort(key=lambda row: (row[0] is None, row[0] or "", row[1]))
    columns = zip(*named, strict=True) if named else ((), (), ())
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


def timeline(log: Log, n_bins: int) -> pa.Table:
    """See ``Engine.timeline``."""
    size = log.size
    width = max(1, -(-(size.last_us - size.first_us + 1) // n_bins))
    place = F.floor((F.col("time_us") - size.first_us) / width).alias("place")
    rows = (
        log.events.groupBy(place)
        .agg(F.count("*").alias("n"), F.count_distinct("account").alias("accounts"))
        .toArrow()
    )
    places = column(rows, "place").astype(np.int64)
    n = int(places.max(initial=-1)) + 1
    events, accounts = np.zeros(n, np.int64), np.zeros(n, np.int64)
    events[places], accounts[places] = column(rows, "n"), column(rows, "accounts")
    return pa.table(
        [
            pa.array(size.first_us + width * np.arange(n)).cast(TIMELINE.field("time").type),
            pa.array(events),
            pa.array(accounts),
        ],
        schema=TIMELINE,
    )
