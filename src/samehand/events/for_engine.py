"""Reads a log where it will be searched: on this machine, or with Spark on many."""

from __future__ import annotations

from samehand.config import Config
from samehand.events.events import Events
from samehand.events.mapping import GivenMapping
from samehand.events.read import Progress, read_events


def read_for(
    config: Config,
    source: object,
    mapping: GivenMapping | None = None,
    *,
    preset: str | None = None,
    timezone: str | None = None,
    progress: Progress | None = None,
) -> Events:
    """Read a log into events for the engine of the settings.

    Spark reads Parquet by itself. Other formats, databases and tables in memory are read by this machine.

    Args:
        config: Which engine, and what may be used.
        source, mapping, preset, timezone, progress: As for ``read_events``.

    Raises:
        InputError: The log cannot be used as it is.
        OptionError: An argument is unknown or contradicts the log, or something that Spark needs is missing.
    """
    if config.engine == "spark":
        from samehand.engines.spark.session import check, connect

        check(config.spark_master)
        from samehand.events.spread.read import read_with_spark
        from samehand.events.spread.sources import source_for_spark

        readable = source_for_spark(source)
        if readable is not None:
            return read_with_spark(
                connect(config.spark_master, memory_gib=config.memory_gib),
                readable,
                mapping,
                preset=preset,
                timezone=timezone,
                work=config.spark_work,
                progress=progress,
            )
    return read_events(
        source,
        mapping,
        preset=preset,
        timezone=timezone,
        memory_gib=config.memory_gib,
        threads=config.threads,
        progress=progress,
    )
