"""Settings for logs so small that planning a job is most of it."""

from __future__ import annotations

QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def be_quick(session):
    for name, value in QUICK.items():
        session.conf.set(name, value)
    return session
