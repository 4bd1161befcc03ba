"""Open a log in the engine that the settings name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa

from samehand.columns import Role
from samehand.config import Config
from samehand.engines.interface import Engine
from samehand.engines.local import LocalEngine
from samehand.version import __version__

ROWS_A_TASK: Final = 1_000_000
HOT: Final = 1_000_000
"""Events on one feature from which Spark cuts it into blocks of time."""


def open_log(
    files: Sequence[Path],
    roles: Sequence[Role],
    config: Config,
    *,
    added: pa.Table | None = None,
    digest: str | None = None,
) -> Engine:
    """Open normalised events in an engine.

    Args:
        files: Parquet files in samehand's columns.
        roles: Columns that they have.
        config: Which engine, and what it may use.
        added: Rows in memory that follow those of the files.
        digest: Stands for the events; None: the bytes of the files do.

    Raises:
        OptionError: Spark is asked for, and something that it needs is missing.
    """
    if config.engine == "local":
        return LocalEngine.load(
            files, roles, added=added, threads=config.threads, memory_gib=config.memory_gib
        )
    from samehand.engines.spark.session import check, connect

    check(config.spark_master)
    from samehand.engines.spark.engine import SparkEngine
    from samehand.engines.spark.stages import Stages

    spark = connect(config.spark_master, memory_gib=config.memory_gib)
    # Rows that are in no file are tried once and not again.
    private = (
        TemporaryDirectory(prefix="samehand-spark-")
        if config.spark_work is None or added is not None
        else None
    )
    folder = private.name if private else f"{config.spark_work}".rstrip("/")
    stages = Stages(spark, f"{folder}/{name_of(files, roles, digest)}", ROWS_A_TASK, HOT, private)
    return SparkEngine.load(stages, files, roles, added=added)


def name_of(files: Sequence[Path], roles: Sequence[Role], digest: str | None = None) -> str:
    """Name what is worked out of a log: the same for the same events, read by the same version of samehand.

    The events count and not where they came from: with another ``--timezone`` one file gives other events.
    """
    told = hashlib.sha256(json.dumps([__version__, list(roles), digest]).encode())
    for file in files if digest is None else ():
        with file.open("rb") as opened:
            told.update(hashlib.file_digest(opened, "sha256").digest())
    return told.hexdigest()[:16]
