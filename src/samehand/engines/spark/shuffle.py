"""Surrogate logs in Spark: group by group, with the same draws as the local engine; see ``engines/shuffle.py``."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from samehand.arrays import I32, I64
from samehand.engines.shuffle import HOUR_US, SMALLEST_GROUP, STRETCHES_US, words_of
from samehand.engines.spark.log import ORDER, Log
from samehand.engines.spark.pieces import column, runs, whole
from samehand.engines.spark.stages import Stages, number
from samehand.kernels import swap

EVENT: Final = "row long, place long, time_us long, account int, action int, target int, key long"
EVENT_NAMES: Final = tuple(name.split()[0] for name in EVENT.split(", "))
_ANYWHERE: Final = -1
"""Instead of an hour: nobody but suspects acts at that one."""


def similar_events(log: Log, interest: DataFrame | None) -> DataFrame:
    """Group events by action, interest and the shortest stretch of time that holds enough of them.

    Args:
        log: The log.
        interest: row, interest: of events with one.

    Returns:
        Events with ``place``, their place in the log, and ``key``, the place of the first event of the group of each.
    """
    places = number(log.stages, "places", log.events.select(F.struct(*ORDER).alias("value")), kind="long")
    events = places.select("value.*", F.col("code").alias("place"))
    if interest is None:
        events = events.withColumn("interest", F.lit(0))
    else:
        events = events.join(interest, "row", "left").withColumn("interest", F.coalesce("interest", F.lit(0)))
    events = events.withColumn("group", F.lit(None).cast("string"))
    since = F.col("time_us") - log.size.first_us
    levels: list[tuple[str | Column, ...]] = [
        ("interest", "action", F.floor(since / stretch).cast("string")) for stretch in STRETCHES_US
    ]
    levels += [("interest", "action"), ("action",), ()]
    for depth, level in enumerate(levels):
        name = F.concat_ws(":", F.lit(f"{depth}"), *level)
        group = F.coalesce("group", name)
        events = events.withColumn("_group", group)
        size = F.count("*").over(Window.partitionBy("_group"))
        events = events.withColumn(
            "group", F.when(size >= SMALLEST_GROUP, F.col("_group")).otherwise(F.col("group"))
        )
    events = events.withColumn("group", F.coalesce("group", F.lit("rest")))
    events = events.withColumn("key", F.min("place").over(Window.partitionBy("group")))
    return events.select(*EVENT_NAMES)


def deal_again(stages: Stages, similar: DataFrame, suspects: I32, seed: int, first_us: int) -> DataFrame:
    """Deal the accounts out again.

    Args:
        stages: Where the surrogate is kept.
        similar: From ``similar_events``.
        suspects: Accounts whose events go to anybody.
        seed: As in the local engine.
        first_us: First time of the log.

    Returns:
        row, account.
    """
    words = words_of(seed)
    spread = _spread_suspects(stages, similar, suspects, words[:2], first_us)
    n_tasks = stages.n_tasks(similar.count())

    def by_group(events: DataFrame) -> DataFrame:
        return events.repartition(n_tasks, "key").sortWithinPartitions("key", "place")

    dealt = stages.table(
        "dealt-0", lambda: by_group(spread).mapInArrow(whole(partial(_shuffle, words[2])), EVENT)
    )
    visit = F.row_number().over(Window.partitionBy("account", "action", "target").orderBy("place"))
    for turn, word in enumerate(words[3:], start=1):
        marked = dealt.withColumn("again", (visit > 1) & (F.col("target") >= 0))
        if marked.where("again").limit(1).count() == 0:
            break
        swapped = partial(by_group(marked).mapInArrow, whole(partial(_swap, word)), EVENT)
        dealt = stages.table(f"dealt-{turn}", swapped)
    return dealt.select("row", "account")


def _spread_suspects(
    stages: Stages, events: DataFrame, suspects: I32, words: list[int], first_us: int
) -> DataFrame:
    """Give the events of suspects the accounts of others' events at that hour of the day."""
    if len(suspects) == 0:
        return events
    theirs = stages.of_arrow(account=pa.array(suspects, pa.int32()), suspect=pa.array([True] * len(suspects)))
    hour = (F.floor((F.col("time_us") - first_us) / HOUR_US) % 24).cast("int").alias("hour")
    marked = events.join(F.broadcast(theirs), "account", "left").select(
        *EVENT_NAMES, hour, F.coalesce("suspect", F.lit(False)).alias("suspect")
    )
    n_of = {
        (r["hour"], r["suspect"]): r["n"]
        for r in marked.groupBy("hour", "suspect").agg(F.count("*").alias("n")).collect()
    }
    n_donors = {h: n_of.get((h, False), 0) for h in range(24)}
    if not any(n_donors.values()):
        return events
    drawn = marked.mapInArrow(
        whole(partial(_draw, words)), f"{EVENT}, hour int, suspect boolean, high long, low long"
    )
    pools = [(h, h if n_donors[h] else _ANYWHERE, n_donors[h] or sum(n_donors.values())) for h in range(24)]
    pool_of = stages.of_arrow(
        hour=pa.array([h for h, _, _ in pools], pa.int32()),
        pool=pa.array([pool for _, pool, _ in pools], pa.int32()),
        n_donors=pa.array([n for _, _, n in pools], pa.int64()),
    )
    by_draw = Window.partitionBy("hour").orderBy("high", "low", "place")
    whom = drawn.where("suspect").withColumn("rank", F.row_number().over(by_draw) - 1)
    whom = whom.join(F.broadcast(pool_of), "hour").withColumn("rank", F.col("rank") % F.col("n_donors"))
    donors = drawn.where("not suspect")
    everywhere = donors.withColumn("hour", F.lit(_ANYWHERE))
    asked = donors.unionByName(everywhere) if _ANYWHERE in [pool for _, pool, _ in pools] else donors
    most = max(n_of.get((h, True), 0) for h in range(24))
    ranked = asked.withColumn("rank", F.row_number().over(by_draw) - 1).where(F.col("rank") < most)
    given = ranked.select(F.col("hour").alias("pool"), "rank", F.col("account").alias("given"))
    names = [name for name in EVENT_NAMES if name != "account"]
    dealt = whom.join(given, ["pool", "rank"]).select(*names, F.col("given").alias("account"))
    return donors.select(*EVENT_NAMES).unionByName(dealt)


def _draw(words: list[int], piece: pa.Table) -> pa.Table:
    """Draw a word for each event, in two halves: Spark has no unsigned numbers."""
    place, suspect = column(piece, "place"), column(piece, "suspect")
    drawn = np.where(suspect, swap.draw_for(place, words[0]), swap.draw_for(place, words[1]))
    found = piece.append_column("high", pa.array((drawn >> np.uint64(32)).astype(np.int64)))
    return found.append_column("low", pa.array((drawn & np.uint64(0xFFFFFFFF)).astype(np.int64)))


def _shuffle(word: int, piece: pa.Table) -> pa.Table:
    first, keys, account = _groups(piece)
    swap.shuffle_in_groups(account, first, np.arange(len(account), dtype=np.int32), swap.draw_for(keys, word))
    return _with(piece, account)


def _swap(word: int, piece: pa.Table) -> pa.Table:
    first, keys, account = _groups(piece)
    group = runs(column(piece, "key"))
    again = np.flatnonzero(column(piece, "again"))
    order = np.arange(len(account), dtype=np.int32)
    swap.swap_some(account, first, order, group, again, swap.draw_for(keys, word))
    return _with(piece, account)


def _groups(piece: pa.Table) -> tuple[I64, I64, I32]:
    """Where each group begins, its key, and the account of each event; groups stand together."""
    key = column(piece, "key")
    starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
    return np.append(starts, len(key)), key[starts], column(piece, "account").astype(np.int32).copy()


def _with(piece: pa.Table, account: I32) -> pa.Table:
    at = piece.schema.get_field_index("account")
    return piece.set_column(at, "account", pa.array(account)).select(list(EVENT_NAMES))
