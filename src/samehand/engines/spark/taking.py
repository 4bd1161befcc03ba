"""Traces of a layer in Spark: taken account by account, numbered, with the densities around each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from samehand.arrays import I64
from samehand.columns import Role
from samehand.engines.interface import Asking, Columns, TraceLayer
from samehand.engines.networks import network_keys
from samehand.engines.spark.log import ORDER, Log
from samehand.engines.spark.pieces import FEATURE_BITS, column, whole
from samehand.engines.spark.stages import number
from samehand.engines.tags import tags
from samehand.engines.texts import sketch
from samehand.engines.traces import repeats_of

TAKEN: Final = (
    "row long, account int, time long, action int, target int, post long, feature long, avoid int, "
    "author int, person int, again boolean"
)
CODED: Final[tuple[Role, ...]] = ("action", "target")


@dataclass(frozen=True)
class Taking:
    """What a task needs to know to take traces from a piece of the log."""

    asking: Asking
    roles: frozenset[Role]
    first_us: int
    n_targets: int
    slot_us: int
    risk: tuple[str, ...]
    """All texts in ``risk``, in order, where the layer asks for tags."""


def taken(log: Log, asking: Asking, slot_us: int = 0, names: DataFrame | None = None) -> DataFrame:
    """The traces of a layer or a trait, with the features as it numbers them; ``again``: keeps a daily appointment.

    Args:
        log: The log.
        asking: The layer or the trait.
        slot_us: As of a layer.
        names: account, stem, shape: patterns of names, where they are asked for.
    """
    events = log.events if names is None else log.events.join(names, "account")
    texts = set(asking.roles) | ({asking.avoid} if asking.avoid else set())
    for role in sorted((texts & log.roles) - {"account", "action", "target", "content", "risk"}):
        events = _with_code(events, log, role)
    if asking.reads_ages:
        events = events.join(log.signed_up, "account", "left")
    if asking.avoids_answers and log.targets is not None:
        events = events.join(log.persons(), "target", "left")
    risk: tuple[str, ...] = ()
    if asking.reads_tags:
        found = events.select("risk").where(F.col("risk").isNotNull()).distinct().orderBy("risk").collect()
        risk = tuple(one["risk"] for one in found)
    taking = Taking(asking, log.roles, log.size.first_us, log.n_targets, slot_us, risk)
    pieces = events.repartition(log.stages.n_tasks(log.size.n_events), "account").sortWithinPartitions(*ORDER)
    return pieces.mapInArrow(whole(partial(_take, taking)), TAKEN)


def _with_code(events: DataFrame, log: Log, role: Role) -> DataFrame:
    coded = log.coded(role).select("row", f"{role}_code")
    return events.join(coded, "row", "left")


def traces(log: Log, layer: TraceLayer) -> tuple[DataFrame, int]:
    """The traces of a layer: row, account, time, action, target, feature, avoid, author, person, post, post_ranks.

    Returns:
        The traces, and the number of events that were left out because they keep a daily appointment.
    """
    stages = log.stages
    first = stages.table(f"taken-{layer.name}", lambda: taken(log, layer, layer.slot_us))
    kept = first.where("not again").drop("again")
    codes = number(stages, f"features-{layer.name}", kept.select(F.col("feature").alias("value")).distinct())
    found = kept.join(codes, kept["feature"] == codes["value"]).drop("feature", "value")
    found = found.withColumnRenamed("code", "feature")
    several = kept.groupBy("row").count().where("count > 1").limit(1).count() > 0
    if several:  # each event is a post then; parts of a post stay together
        found = found.withColumn("post", F.coalesce("post", "row"))
    return with_posts(found), first.where("again").count()


def with_posts(traces: DataFrame) -> DataFrame:
    """Add ``post_ranks``: of all features of the post that a trace is of, the rarest first; no post has only one."""
    totals = traces.groupBy("feature").agg(F.count("*").alias("total"))
    rank = F.shiftleft("total", FEATURE_BITS) + F.col("feature")
    lists = (
        traces.where(F.col("post").isNotNull())
        .join(totals, "feature")
        .groupBy("post", "account")
        .agg(F.sort_array(F.collect_list(rank)).alias("post_ranks"), F.min("row").alias("one"))
        .where(F.size("post_ranks") > 1)
    )
    found = traces.join(lists, ["post", "account"], "left")
    # In a surrogate the events of a post fall to several accounts: what each has of it is a post by itself.
    return found.withColumn("post", F.col("one")).drop("one")


def _take(taking: Taking, piece: pa.Table) -> pa.Table:
    """Take the traces of whole accounts, in order of time."""
    asking = taking.asking
    columns = _columns(taking, piece)
    found = asking.take(columns)
    n_accounts = int(columns.account.max(initial=-1)) + 1
    again = repeats_of(found, columns, taking.first_us, n_accounts, taking.slot_us, 1)
    own = piece.take(found.event)
    avoid: Any = pa.nulls(len(found.event), pa.int32())
    person: Any = avoid
    if "person" in own.column_names:
        whose = own["person"]
        person = pc.if_else(pc.not_equal(whose, own["account"]), whose, None)
    if asking.avoid is not None and asking.avoid in columns.codes:
        avoid = pa.array(columns.codes[asking.avoid][found.event].astype(np.int32))
    return pa.table(
        {
            "row": own["row"],
            "account": own["account"],
            "time": pc.subtract(own["time_us"], taking.first_us),
            "action": own["action"],
            "target": own["target"],
            "post": own["post"],
            "feature": pa.array(found.feature.astype(np.int64)),
            "avoid": avoid,
            "author": own["account"],
            "person": person,
            "again": pa.array(again),
        }
    )


def _columns(taking: Taking, piece: pa.Table) -> Columns:
    """A piece as a layer sees it. Codes of texts are those of the piece; what comes of them is the same everywhere."""
    asking = taking.asking
    whose = np.unique(column(piece, "account"), return_inverse=True)[1].astype(np.int32)
    codes: dict[Role, Any] = {}
    for role in CODED:
        if role in taking.roles:
            codes[role] = column(piece, role)
    columns = Columns(column(piece, "time_us"), whose, codes, n_values={"target": taking.n_targets})
    for role in taking.roles:
        if f"{role}_code" in piece.column_names:
            codes[role] = column(piece, f"{role}_code")
    if asking.reads_texts:
        texts = piece["content"].combine_chunks().dictionary_encode()
        codes["content"] = texts.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        columns = replace(columns, fingerprints=sketch(pa.chunked_array([texts.dictionary]), 1))
    if asking.reads_ages:
        since = column(piece, "sign_up_us", np.iinfo(np.int64).max)
        late = since > columns.time_us
        columns = replace(columns, age_us=np.where(late, -1, columns.time_us - np.where(late, 0, since)))
    if asking.reads_networks:
        columns = replace(columns, networks=_networks(piece, codes))
    if asking.reads_names:
        first = np.unique(whose, return_index=True)[1]
        patterns = [column(piece, name)[first].astype(np.int32) for name in ("stem", "shape")]
        columns = replace(columns, names=np.stack(patterns, axis=1))
    if asking.reads_tags:
        known = pa.array(taking.risk, pa.string())
        codes["risk"] = pc.index_in(piece["risk"], known).fill_null(-1).to_numpy().astype(np.int32)
        columns = replace(columns, tags=tags(pa.chunked_array([known])))
    return columns


def _networks(piece: pa.Table, codes: dict[Role, Any]) -> I64:
    """Keys of the networks of each address of the piece; its codes become those of the piece."""
    everywhere = codes["address"]
    known, at = np.unique(everywhere, return_index=True)
    at, known = at[known >= 0], known[known >= 0]
    keys = network_keys(piece["address"].take(at), known.astype(np.int64))
    codes["address"] = np.where(everywhere >= 0, np.searchsorted(known, everywhere), -1).astype(np.int32)
    return keys
