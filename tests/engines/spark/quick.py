"""Settings for logs so small that planning a job is most of it."""

from __future__ import annotations

import os

QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


# Compiled well, code that runs once costs more than it saves; one thread collects a small heap soonest.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData")


def be_quick(session):
    for name, value in QUICK.items():
        session.conf.set(name, value)
    return session
