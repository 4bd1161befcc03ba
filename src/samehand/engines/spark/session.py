"""A Spark session, or a plain word on what is missing for one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from samehand.errors import OptionError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA: Final = 17
SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.python.worker.reuse": "true",
    "spark.ui.showConsoleProgress": "false",
}
LOCAL: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""On one machine nothing listens beyond it."""


def connect(
    master: str, *, memory_gib: float | None = None, more: Mapping[str, str] | None = None
) -> SparkSession:
    """Start a session, or take the one that runs.

    Args:
        master: URL of a cluster, or local[n].
        memory_gib: Memory of the driver, which on one machine is that of everything; None: a third of the machine's.
        more: Further settings of Spark.

    Raises:
        OptionError: PySpark or Java is missing, or the cluster cannot be reached.
    """
    check(master)
    # Said of data frames in pandas; samehand hands Arrow tables over.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("samehand")
    log = files("samehand.engines.spark").joinpath("log4j2.properties")
    settings = {**SETTINGS, "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{log}"}
    if master.startswith("local"):
        settings |= LOCAL
        os.environ.setdefault(
            "PYSPARK_PYTHON", sys.executable
        )  # otherwise it is whatever python3 is first on the PATH
        settings["spark.driver.memory"] = f"{_driver_mib(memory_gib)}m"
        settings["spark.sql.shuffle.partitions"] = str(2 * (os.cpu_count() or 1))
    for name, value in (settings | dict(more or {})).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise OptionError(
            f"Spark does not start: {_first_line(error)}",
            where="--spark-master",
            hint="local[*], or spark://host:7077",
        ) from error
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def check(master: str) -> None:
    """Say what is missing before anything is started.

    Raises:
        OptionError: PySpark is not installed, or Java is not there or too old.
    """
    if find_spec("pyspark") is None:
        raise OptionError(
            "the Spark engine needs PySpark, which is not installed",
            where="--engine spark",
            hint="pip install 'samehand[spark]'",
        )
    if not master.startswith("local") and "://" not in master:
        raise OptionError(
            f"{master!r} is no master", where="--spark-master", hint="local[*], or spark://host:7077"
        )
    version = java_version()
    if version is None or version < OLDEST_JAVA:
        found = "which is not on the PATH" if version is None else f"this is Java {version}"
        raise OptionError(
            f"the Spark engine needs Java {OLDEST_JAVA} or newer; {found}",
            where="--engine spark",
            hint="install a Java runtime (Debian: openjdk-17-jre-headless), or set JAVA_HOME",
        )


def java_version() -> int | None:
    """The major version of the Java that Spark will use; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else None


def _driver_mib(memory_gib: float | None) -> int:
    if memory_gib is not None:
        return max(512, int(memory_gib * 1024))
    page, n_pages = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    return max(512, page * n_pages // 3 // 2**20)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
