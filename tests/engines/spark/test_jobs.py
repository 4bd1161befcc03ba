"""What a job does when it is killed, when it loses a worker, and where something is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from samehand.engines.local import LocalEngine
from samehand.errors import OptionError
from tests.engines.load import random_log, to_table, write_files
from tests.engines.spark.test_parity import ALL, CO_TARGET, LOOKS, plain_log


def test_a_killed_job_goes_on_where_it_was(spark, tmp_path):
    from samehand.engines.spark.engine import SparkEngine
    from samehand.engines.spark.stages import Stages

    table = to_table(random_log(3))
    files, roles = write_files(table, tmp_path), tuple(table.column_names)

    def pairs():
        engine = SparkEngine.load(Stages(spark, str(tmp_path / "work"), 200, 40), files, roles)
        return engine.candidate_pairs(CO_TARGET, LOOKS["10 min"][2], ALL)

    first = pairs()
    whole = tmp_path / "work" / "events"
    kept = {part: part.stat().st_mtime_ns for part in whole.iterdir()}
    left = tmp_path / "work" / "traces-co_target"
    (left / "_SUCCESS").unlink()  # as a kill leaves it: some parts are there
    next(left.glob("part-*")).unlink()
    again = pairs()
    assert {part: part.stat().st_mtime_ns for part in whole.iterdir()} == kept
    assert (left / "_SUCCESS").exists()
    assert again.account_a.tolist() == first.account_a.tolist()
    assert again.log_p.tolist() == first.log_p.tolist()


@pytest.mark.slow
def test_a_lost_worker_changes_nothing(spark, tmp_path):
    table = to_table(plain_log())
    files = write_files(table, tmp_path)
    local = LocalEngine.load(files, tuple(table.column_names), threads=1)
    expected = local.candidate_pairs(CO_TARGET, LOOKS["10 min"][2], ALL)
    told = subprocess.run(
        [sys.executable, "-m", "tests.engines.spark.lost_worker", str(tmp_path)],
        capture_output=True, text=True, timeout=600, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-3000:]
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["killed"] == 1
    assert found["a"] == expected.account_a.tolist()
    np.testing.assert_allclose(found["log_p"], expected.log_p, rtol=1e-9)


def test_what_is_missing_is_named(monkeypatch):
    from samehand.engines.spark import session

    monkeypatch.setattr(session, "find_spec", lambda _: None)
    with pytest.raises(OptionError, match="PySpark, which is not installed"):
        session.check("local[*]")
    monkeypatch.setattr(session, "find_spec", lambda _: object())
    monkeypatch.setattr(session, "java_version", lambda: None)
    with pytest.raises(OptionError, match="which is not on the PATH"):
        session.check("local[*]")
    monkeypatch.setattr(session, "java_version", lambda: 11)
    with pytest.raises(OptionError, match="this is Java 11"):
        session.check("local[*]")
    with pytest.raises(OptionError, match="'cluster' is no master"):
        session.check("cluster")


@pytest.mark.parametrize(
    ("told", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_402"', 1), ("no java here", None)],
)
def test_the_version_of_java_is_read(monkeypatch, tmp_path, told, version):
    from samehand.engines.spark import session

    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{told}' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert session.java_version() == version
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert session.java_version() is None
