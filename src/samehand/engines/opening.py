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
    files: Sequence[Path], roles: Sequence[Role], config: Config, *, added: pa.Table | None, read_from: str
) -> Engine:
    """Open normalised events in an engine.

    Args:
        files: Parquet files in samehand's columns.
        roles: Columns that they have.
        config: Which engine, and what it may use.
        added: Rows in memory that follow those of the files.
        read_from: What tells the log from others: what Spark worked out of the same before is used again.

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
    private = TemporaryDirectory(prefix="samehand-spark-") if config.spark_work is None else None
    folder = config.spark_work or (private.name if private else "")
    told = json.dumps([__version__, read_from, [str(role) for role in roles]])
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    stages = Stages(spark, f"{folder.rstrip('/')}/{name}", ROWS_A_TASK, HOT, private)
    return SparkEngine.load(stages, files, roles, added=added)
