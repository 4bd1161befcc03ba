"""Run by a test: work on a log in a local cluster, one of whose workers is killed in the middle.

Usage: python -m tests.engines.spark.lost_worker FOLDER; prints the pairs as JSON and whether a worker was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from samehand.engines.spark.engine import SparkEngine
from samehand.engines.spark.session import connect
from samehand.engines.spark.stages import Stages
from tests.engines.spark.quick import be_quick
from tests.engines.spark.test_parity import ALL, CO_TARGET, LOOKS


def workers(driver):
    """Process ids of the executors that a driver has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in command and parent == driver:
            found.append(int(folder.name))
    return found


def kill_one(driver, folder, killed):
    """Kill a worker as soon as traces are being taken."""
    for _ in range(6000):
        victims = workers(driver) if (folder / "taken-co_target").exists() else []
        if victims:
            os.kill(victims[0], signal.SIGKILL)
            killed.append(victims[0])
            return
        time.sleep(0.02)


def main():
    folder = Path(sys.argv[1])
    spark = be_quick(connect("local-cluster[2,1,1024]", memory_gib=1))
    files = sorted(folder.glob("*.parquet"))
    killed: list[int] = []
    driver = spark.sparkContext._gateway.proc.pid
    threading.Thread(target=kill_one, args=(driver, folder / "stages", killed), daemon=True).start()
    stages = Stages(spark, str(folder / "stages"), rows_a_task=200, hot=40)
    engine = SparkEngine.load(
        stages, files, ("event_id", "time", "account", "action", "target", "address", "content", "outcome")
    )
    pairs = engine.candidate_pairs(CO_TARGET, LOOKS["10 min"][2], ALL)
    print(json.dumps({"killed": len(killed), "a": pairs.account_a.tolist(), "log_p": pairs.log_p.tolist()}))  # noqa: T201
    spark.stop()


if __name__ == "__main__":
    main()
