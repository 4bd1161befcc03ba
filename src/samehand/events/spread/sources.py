"""What Spark reads by itself: Parquet files that all machines reach, and its tables."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlparse

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from samehand.errors import InputError, OptionError
from samehand.events.check import LeftOut
from samehand.events.sources import FileSource, Found, find_sources

ROW: Final = "samehand row"
"""Column with a row's number, from 1, over the whole log."""
FILE: Final = "samehand file"
"""Column with the file that a row is in."""
_OF_SPARK: Final = re.compile(r"(hdfs|viewfs|s3a?|gs|abfss?|wasbs?|file|table)://\S")
_TABLE: Final = "table://"


@dataclass(frozen=True, kw_only=True)
class SparkSource:
    """Files or a table that Spark reads."""

    files: tuple[Path, ...] = ()
    """Files that this machine sees too, in reading order."""
    address: str = ""
    """Otherwise: the URL of files, or table://NAME."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def names(self) -> str:
        """For messages."""
        return self.address or ", ".join(file.name for file in self.files[:3]) + (
            " ..." if self.files[3:] else ""
        )


@dataclass(frozen=True, kw_only=True)
class FileOfSpark:
    """A file as Spark sees it."""

    name: str
    n_rows: int
    n_bytes: int
    changed: str


def source_for_spark(source: object) -> SparkSource | None:
    """Say what Spark is to read; None where one machine has to: other formats, databases, tables in memory.

    Args:
        source: As for ``read_events``; also the URL of Parquet files (s3a://, hdfs://, ...) or table://NAME.

    Raises:
        InputError: Nothing is there.
        OptionError: Such a URL stands among others.
    """
    given = list(source) if isinstance(source, list | tuple) else [source]
    addresses = [item for item in given if isinstance(item, str) and _OF_SPARK.match(item)]
    if addresses:
        if len(given) > 1:
            raise OptionError("one such address at a time", where=addresses[0], hint="a folder of all files")
        return SparkSource(address=addresses[0])
    if not all(isinstance(item, str | PathLike) for item in given):
        return None
    found: Found = find_sources(given)
    files = [one.path for one in found.sources if isinstance(one, FileSource) and _is_parquet(one)]
    if len(files) < len(found.sources):
        return None
    return SparkSource(files=tuple(files), left_out=found.left_out)


def _is_parquet(source: FileSource) -> bool:
    return source.format == "parquet" and source.compression == "none" and source.path.stat().st_size > 0


def open_rows(spark: SparkSession, source: SparkSource) -> tuple[DataFrame, list[FileOfSpark]]:
    """Open the rows of a source, each with its number and its file.

    Returns:
        The rows with the columns ``ROW`` and ``FILE``, and the files in reading order.

    Raises:
        InputError: Spark cannot read them together.
    """
    try:
        rows = _rows(spark, source)
        placed = rows.select(
            "*",
            F.col("_metadata.file_path").alias(FILE),
            F.col("_metadata.row_index").alias("place"),
            F.col("_metadata.file_size").alias("size"),
            F.col("_metadata.file_modification_time").cast("string").alias("changed"),
        )
        counted = placed.groupBy(FILE).agg(
            F.max("place").alias("last"), F.first("size").alias("size"), F.first("changed").alias("changed")
        )
        files = [
            FileOfSpark(name=r[0], n_rows=r[1] + 1, n_bytes=r[2], changed=r[3]) for r in counted.collect()
        ]
    except (PySparkException, Py4JJavaError) as error:
        raise InputError(
            f"Spark cannot read it: {_complaint(error)}",
            where=source.names,
            hint="Parquet files with the same types in the same columns, times in microseconds",
        ) from error
    files = _in_order(files, source.files)
    starts, n_before = [], 0
    for file in files:
        starts.append((file.name, n_before + 1))
        n_before += file.n_rows
    if not files:
        raise InputError(
            "no rows, only a header", where=source.names, hint="a log with at least two accounts"
        )
    begins = F.broadcast(spark.createDataFrame(starts, f"`{FILE}` string, start long"))
    numbered = placed.join(begins, FILE).withColumn(ROW, F.col("start") + F.col("place"))
    return numbered.drop("start", "place", "size", "changed"), files


def _complaint(error: Exception) -> str:
    """What Spark says, in one line, without where in its own code it says so."""
    java: Any = getattr(error, "java_exception", None)
    text = str(error) if java is None else str(java.getMessage())
    return " ".join(text.split(" SQLSTATE")[0].split())[:300]


def _rows(spark: SparkSession, source: SparkSource) -> DataFrame:
    if source.address.startswith(_TABLE):
        return spark.table(source.address.removeprefix(_TABLE))
    reader = spark.read.option("mergeSchema", "true")
    if source.address:
        return reader.parquet(source.address)
    folders = {_above_partitions(file) for file in source.files}
    if len(folders) == 1 and (folder := folders.pop()) is not None:  # folders such as day=2026-03-02
        reader = reader.option("basePath", str(folder))
    return reader.parquet(*(_escaped(file) for file in source.files))


def _above_partitions(file: Path) -> Path | None:
    named = [folder for folder in file.resolve().parents if "=" in folder.name]
    return named[-1].parent if named else None


def _escaped(file: Path) -> str:
    """A path so that Spark takes no character of it for a pattern."""
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", str(file.resolve()))


def _in_order(files: Sequence[FileOfSpark], paths: Sequence[Path]) -> list[FileOfSpark]:
    """Files in reading order: as the paths were given, otherwise by name."""
    place = {str(path.resolve()): n for n, path in enumerate(paths)}
    return sorted(files, key=lambda file: (place.get(path_of(file.name), -1), file.name))


def path_of(name: str) -> str:
    """A file's path from what Spark calls it.

    >>> path_of("file:///logs/a%20b.parquet"), path_of("s3a://bucket/a.parquet")
    ('/logs/a b.parquet', 's3a://bucket/a.parquet')
    """
    parsed = urlparse(name)
    return unquote(parsed.path) if parsed.scheme == "file" else name


def fingerprint(files: Sequence[FileOfSpark], more: str) -> str:
    """Name a log by its files, as far as their names, sizes and times tell them apart, and how it is read."""
    told = hashlib.sha256(more.encode())
    for file in files:
        told.update(f"\0{file.name}\0{file.n_bytes}\0{file.changed}".encode())
    return told.hexdigest()[:16]
