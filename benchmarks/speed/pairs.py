"""The pair stage against self-joins in DuckDB: same events, same pairs, in turns, in one process."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import samehand as sh
from samehand.engines.answers import Pairs
from samehand.engines.local import LocalEngine
from samehand.layers.co_target import CO_TARGET, take

WINDOW_US = 60_000_000
AS_WRITTEN = f"""
    SELECT a.account AS x, b.account AS y, count(DISTINCT a.feature)::INTEGER AS n
    FROM traces a JOIN traces b
      ON a.feature = b.feature AND b.time BETWEEN a.time - {WINDOW_US} AND a.time + {WINDOW_US}
     AND a.account < b.account
    GROUP BY ALL HAVING n >= 2
"""  # noqa: S608 - only our own number is put in
"""The windowed self-join with grouping, as anybody would write it."""
IN_BUCKETS = f"""
    WITH a AS (SELECT account, feature, time, time // {WINDOW_US} AS bucket FROM traces),
    b AS (
        SELECT account, feature, time,
               unnest([time // {WINDOW_US} - 1, time // {WINDOW_US}, time // {WINDOW_US} + 1]) AS bucket FROM traces
    ), together AS (
        SELECT DISTINCT a.account AS x, b.account AS y, feature FROM a JOIN b USING (feature, bucket)
        WHERE a.account < b.account AND b.time BETWEEN a.time - {WINDOW_US} AND a.time + {WINDOW_US}
    )
    SELECT x, y, count(*)::INTEGER AS n FROM together GROUP BY ALL HAVING n >= 2
"""  # noqa: S608
"""The fastest of five formulations that were tried: equality on buckets of time, so that a hash join can use them."""
QUERIES = {"DuckDB, as written": AS_WRITTEN, "DuckDB, in buckets": IN_BUCKETS}


def measure_pairs(log: Path, runs: int) -> dict[str, Any]:
    """Time the pair stage and the self-joins in turns; check that all give the same pairs and counts."""
    with sh.read_events(str(log)) as events:
        engine = LocalEngine.load(events.files, events.roles)
        database = _load_traces(engine)
        times: dict[str, list[float]] = {}
        answers: dict[str, bytes] = {}
        for _ in range(runs):
            ways: dict[str, Callable[[], pa.Table]] = {"samehand": lambda: _stage(_fresh(engine))}
            for name, query in QUERIES.items():
                ways[name] = lambda query=query: database.sql(query).to_arrow_table()
            for name, way in ways.items():
                since = perf_counter()
                table = way()
                times.setdefault(name, []).append(perf_counter() - since)
                answers[name] = _fingerprint(table)
                n_pairs = table.num_rows
        crowded = _fresh(engine).candidate_pairs(CO_TARGET, WINDOW_US, 0.0).n_events_crowded
    return {
        "n_events": engine.size.n_events,
        "n_accounts": engine.size.n_accounts,
        "n_pairs": n_pairs,
        "n_events_crowded": crowded,
        "same_pairs": len(set(answers.values())) == 1,
        "seconds": times,
        "median_s": {name: median(seconds) for name, seconds in times.items()},
    }


def _load_traces(engine: LocalEngine) -> duckdb.DuckDBPyConnection:
    """Put the same traces into a table of DuckDB, in order of time, with features already made to whole numbers."""
    taken = take(engine.columns)
    _, feature = np.unique(taken.feature, return_inverse=True)
    traces = pa.table(
        {
            "account": engine.columns.account[taken.event],
            "feature": feature.astype(np.int32),
            "time": engine.columns.time_us[taken.event],
        }
    )
    database = duckdb.connect(config={"threads": engine.n_threads})
    database.register("given", traces)
    database.execute("CREATE TABLE traces AS SELECT * FROM given")
    database.unregister("given")
    return database


def _fresh(engine: LocalEngine) -> LocalEngine:
    """The same log with nothing worked out yet: no traces taken, none sorted."""
    known = {field.name: getattr(engine, field.name) for field in dataclasses.fields(engine)}
    return LocalEngine(**{name: value for name, value in known.items() if not name.startswith("_")})


def _stage(engine: LocalEngine) -> pa.Table:
    """Take the traces, sort them, count, find and test all pairs with two co-actions or more."""
    pairs: Pairs = engine.candidate_pairs(CO_TARGET, WINDOW_US, 0.0)
    return pa.table({"x": pairs.account_a, "y": pairs.account_b, "n": pairs.n_features})


def _fingerprint(table: pa.Table) -> bytes:
    """The same for the same pairs with the same counts, in any order."""
    x, y, n = (table[name].to_numpy().astype(np.int64) for name in ("x", "y", "n"))
    order = np.lexsort((y, x))
    return b"".join(column[order].tobytes() for column in (x, y, n))
