"""A Spark session on this machine, and logs in both engines."""

from __future__ import annotations

import pytest

from samehand.engines.local import LocalEngine
from tests.engines.load import to_table, write_files
from tests.engines.spark.quick import be_quick


@pytest.fixture(scope="session")
def spark():
    pytest.importorskip("pyspark", reason="needs PySpark: pip install 'samehand[spark]'")
    from samehand.engines.spark.session import OLDEST_JAVA, connect, java_version

    if (java_version() or 0) < OLDEST_JAVA:
        pytest.skip(f"needs Java {OLDEST_JAVA} (apt-get install openjdk-17-jre-headless)")
    session = be_quick(connect("local[2]", memory_gib=2))
    yield session
    session.stop()


@pytest.fixture(scope="module")
def both(spark, tmp_path_factory):
    """Load a log into both engines. Features of more than 40 events are cut into blocks."""
    from samehand.engines.spark.engine import SparkEngine
    from samehand.engines.spark.stages import Stages

    loaded = {}

    def load(name, rows):
        if name not in loaded:
            table = to_table(rows)
            folder = tmp_path_factory.mktemp(name)
            files, roles = write_files(table, folder, 2), tuple(table.column_names)
            stages = Stages(spark, str(folder / "stages"), rows_a_task=200, hot=40)
            loaded[name] = LocalEngine.load(files, roles, threads=1), SparkEngine.load(stages, files, roles)
        return loaded[name]

    return load
