"""Reads a log with Spark: only counts come to this machine, and what is written are the events of ``read_events``."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from samehand.engines.spark.pieces import whole
from samehand.engines.spark.stages import Stages
from samehand.errors import InputError, OptionError
from samehand.events.check import Quality
from samehand.events.events import Events
from samehand.events.formats.streams import open_table
from samehand.events.mapping import GivenMapping, Mapping, choose_mapping
from samehand.events.measure import ReadingNotes, measure
from samehand.events.normalise import Gaps, Understanding, Written
from samehand.events.read import (
    Look,
    Progress,
    decide,
    given_zone,
    of_columns,
    refuse_nothing,
    refuse_one_account,
    take_notes,
)
from samehand.events.sources import Source
from samehand.events.spread import tasks
from samehand.events.spread.sources import (
    FILE,
    ROW,
    FileOfSpark,
    SparkSource,
    fingerprint,
    open_rows,
)
from samehand.events.spread.tasks import SEEN, Told, converted_schema, read_told
from samehand.events.sql import open_session
from samehand.events.times.look import merge_looks
from samehand.events.times.read import merge_read, note_times
from samehand.events.workspace import PrivateFolder
from samehand.version import __version__

_N_EXAMPLES: Final = 1_000
"""Rows that the columns' roles are guessed from."""
_BYTES_A_TASK: Final = "32m"
"""Of files: what a task reads is held in memory, unpacked."""
_PARTS: Final = "part-*.parquet"


def read_with_spark(
    spark: SparkSession,
    source: SparkSource,
    mapping: GivenMapping | None = None,
    *,
    preset: str | None = None,
    timezone: str | None = None,
    work: str | None = None,
    progress: Progress | None = None,
) -> Events:
    """Read a log into events on all machines of a Spark session.

    Args:
        spark: The session.
        source: What to read.
        mapping, preset, timezone: As for ``read_events``.
        work: Folder that all machines reach, this one too, for the events; what was read before stays and is taken
            again, as long as the files are the same. None: a private folder, removed with the result.
        progress: Is told what is being done.

    Raises:
        InputError: The log cannot be used as it is.
        OptionError: An argument is unknown or contradicts the log.
    """
    say = progress or (lambda _: None)
    zone = given_zone(timezone)
    private, folder = _open_folder(work)
    with of_columns(source.names), _small_tasks(spark):
        say("reading")
        rows, files = open_rows(spark, source)
        chosen = _choose(rows, mapping, preset)
        told = f"{__version__} {chosen.as_lists()} {chosen.preset and chosen.preset.name} {timezone}"
        stages = Stages(spark, f"{folder}/{fingerprint(files, told)}", rows_a_task=1, hot=1)
        starts = _starts(files)
        outer = _outer_columns(rows, chosen)
        say("understanding times and ids")
        look = _look(rows.select(ROW, FILE, *outer), chosen, starts)
        log = decide(look, chosen, zone)
        say("writing events")
        events, written, read = _write(stages, rows.select(ROW, FILE, *outer), log, starts)
        said = note_times(look.times, log.times, merge_read(read))
    say("checking")
    notes = take_notes(_n_rows(files), log, said, written, source.left_out, ())
    refuse_nothing(written, notes, source.names)
    quality = _measure(spark, events, log, notes)
    refuse_one_account(quality, chosen)
    return Events(
        files=tuple(sorted(Path(stages.folder, "events").glob(_PARTS))),
        roles=log.roles,
        account_type=log.id_type("account"),
        event_id_type=log.id_type("event_id"),
        quality=quality,
        mapping=chosen,
        sources=_sources(spark, source),
        private_folder=private,
        digest=Path(stages.folder).name,
    )


def _open_folder(work: str | None) -> tuple[PrivateFolder | None, str]:
    if work is None:
        private = PrivateFolder()
        return private, str(private.path)
    if "://" in work:
        raise OptionError(
            "the events that Spark reads are written to a folder, not to a URL",
            where="--spark-work",
            hint="a folder that this machine and all executors see",
        )
    return None, f"{Path(work).resolve()}"


@contextmanager
def _small_tasks(spark: SparkSession) -> Iterator[None]:
    """Let tasks be small, and columns that are names of folders be text, as when one machine reads."""
    wanted = {
        "spark.sql.files.maxPartitionBytes": _BYTES_A_TASK,
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    }
    before = {name: spark.conf.get(name) for name in wanted}
    try:
        for name, value in wanted.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, old in before.items():
            spark.conf.set(name, f"{old}")


def _choose(rows: DataFrame, mapping: GivenMapping | None, preset: str | None) -> Mapping:
    """Decide the roles of the columns from the first rows."""
    first = rows.drop(ROW, FILE).limit(_N_EXAMPLES).toArrow()
    with TemporaryDirectory() as scratch, open_session(Path(scratch), None, 1) as session:
        part = open_table(session, first)
        try:
            return choose_mapping(part.columns, mapping, preset)
        finally:
            part.close()


def _outer_columns(rows: DataFrame, chosen: Mapping) -> list[Any]:
    """The columns that hold those with a role: ``actor`` holds ``actor.login``."""
    wanted = {name for item in chosen.roles for name in item.columns}
    names = [name for name in rows.columns if name not in {ROW, FILE}]
    return [
        F.col(f"`{name.replace('`', '``')}`")
        for name in names
        if name in wanted or any(one.startswith(f"{name}.") for one in wanted)
    ]


def _starts(files: Sequence[FileOfSpark]) -> dict[str, int]:
    starts, n_before = {}, 0
    for file in files:
        starts[file.name] = n_before + 1
        n_before += file.n_rows
    return starts


def _n_rows(files: Sequence[FileOfSpark]) -> int:
    return sum(file.n_rows for file in files)


def _look(rows: DataFrame, chosen: Mapping, starts: dict[str, int]) -> Look:
    """Look at all pieces and add up.

    Raises:
        InputError: The first that a piece gave.
    """
    seen = rows.mapInArrow(whole(partial(tasks.look, chosen, starts)), "row long, seen binary").toArrow()
    looks = []
    pickles: list[Any] = seen.cast(SEEN).sort_by("row")["seen"].to_pylist()
    for pickled in pickles:
        one = pickle.loads(pickled)  # noqa: S301 - straight from our own tasks, never from a file
        if isinstance(one, InputError):
            raise one
        looks.append(one)
    targets = [
        replace(same[0], several=any(one.several for one in same))
        for same in zip(*(one.targets for one in looks), strict=True)
    ]
    return Look(
        times=merge_looks([one.times for one in looks]),
        ids=tuple(own for one in looks for own in one.ids),
        targets=tuple(targets),
    )


def _write(
    stages: Stages, rows: DataFrame, log: Understanding, starts: dict[str, int]
) -> tuple[DataFrame, Written, list[Any]]:
    """Convert all rows and keep exact duplicates once.

    Returns:
        The events, what was written, and what was noticed of times in each piece.
    """
    schema = _to_spark(converted_schema(log))
    task = whole(partial(tasks.convert, log, starts))
    converted = stages.table("converted", lambda: rows.mapInArrow(task, schema))
    told = [
        read_told(row["told"])
        for row in converted.where("told IS NOT NULL").select("row", "told").orderBy("row").collect()
    ]
    found = converted.where("told IS NULL").drop("told")
    dropped = stages.table("dropped", lambda: _duplicates(found, log.compared))
    n_duplicates = dropped.count()
    kept = found.join(dropped, ["row", "hit"], "left_anti") if n_duplicates else found
    events = stages.table("events", lambda: kept.orderBy("row", "hit").select(*log.roles))
    n_shared = 0
    if log.has_event_ids:
        ids = kept.where("hit <= 1 AND event_id IS NOT NULL")
        counted = ids.agg(F.count("*") - F.count_distinct("event_id")).first()
        n_shared = counted[0] if counted else 0
    written = Written(
        n_events=events.count(), n_duplicates=n_duplicates, n_shared_ids=n_shared, gaps=_add_gaps(told)
    )
    return events, written, [one.times for one in told]


def _duplicates(events: DataFrame, compared: Sequence[str]) -> DataFrame:
    """Find the events (row, hit) that repeat an earlier one; only those whose hash repeats are compared."""
    hashed = events.withColumn("hash", F.xxhash64(*compared))
    repeated = hashed.groupBy("hash").count().where("count > 1").select("hash")
    same = Window.partitionBy(*compared).orderBy("row", "hit")
    candidates = hashed.join(repeated, "hash", "left_semi").withColumn("nth", F.row_number().over(same))
    return candidates.where("nth > 1").select("row", "hit")


def _add_gaps(told: Sequence[Told]) -> Gaps:
    words: Counter[Any] = Counter()
    for one in told:
        words.update(one.gaps.n_words)
    return Gaps(n_without_account=sum(one.gaps.n_without_account for one in told), n_words=dict(words))


def _to_spark(schema: pa.Schema) -> str:
    names = {pa.int64(): "long", pa.string(): "string"}
    return ", ".join(f"{field.name} {names.get(field.type, 'timestamp')}" for field in schema)


def _measure(spark: SparkSession, events: DataFrame, log: Understanding, notes: ReadingNotes) -> Quality:
    name = "samehand_events"
    events.createOrReplaceTempView(name)
    try:
        return measure(
            lambda query: [tuple(row) for row in spark.sql(query).collect()],
            name,
            f"(SELECT unix_micros(time) AS us FROM {name})",  # noqa: S608
            log.roles,
            notes,
            datetime.now(UTC),
        )
    finally:
        spark.catalog.dropTempView(name)


def _sources(spark: SparkSession, source: SparkSource) -> tuple[Source, ...]:
    """Hash the files, each in a task; what is no file of this machine is named only."""
    if source.address:
        return (Source(name=source.address, n_bytes=None, sha256=None),)
    paths = spark.createDataFrame(
        [(n, f"{path.resolve()}") for n, path in enumerate(source.files)], "n long, path string"
    )
    hashed = paths.repartition(len(source.files)).mapInArrow(_hash, "n long, n_bytes long, sha256 string")
    found = sorted(hashed.collect(), key=lambda row: row["n"])
    return tuple(
        Source(name=path.name, n_bytes=row["n_bytes"], sha256=row["sha256"])
        for path, row in zip(source.files, found, strict=True)
    )


def _hash(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for one in batch.to_pylist():
            with Path(one["path"]).open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            size = Path(one["path"]).stat().st_size
            yield pa.RecordBatch.from_pylist([{"n": one["n"], "n_bytes": size, "sha256": digest}])
