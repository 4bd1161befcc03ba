"""The engines under test, and small logs for them. A new engine is one line in ``ENGINES``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand import columns
from samehand.columns import ROLES
from samehand.engines.local import LocalEngine

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def load_local(files, roles, threads):
    return LocalEngine.load(files, roles, threads=threads)


ENGINES = {"local": load_local}


def to_table(rows: list[dict[str, Any]], roles=None) -> pa.Table:
    """Events in samehand's columns. ``time`` in microseconds; event ids are numbers from 1 where rows have none."""
    roles = roles or tuple(role for role in ROLES if role == "event_id" or role in rows[0])
    has_ids = any("event_id" in row for row in rows)
    named = [{"event_id": None if has_ids else n, **row} for n, row in enumerate(rows, start=1)]
    account = pa.string() if isinstance(rows[0]["account"], str) else pa.int64()
    event_id = pa.string() if isinstance(named[0]["event_id"], str) else pa.int64()
    schema = columns.events(account, event_id, roles)
    arrays = [pa.array([row.get(field.name) for row in named]).cast(field.type) for field in schema]
    return pa.table(arrays, schema=schema)


def write_files(table: pa.Table, folder: Path, n_files: int = 1) -> list[Path]:
    """Write a log as one or more Parquet files."""
    files = []
    for n, rows in enumerate(np.array_split(np.arange(table.num_rows), n_files)):
        files.append(folder / f"events-{n}.parquet")
        pq.write_table(table.take(pa.array(rows)), files[-1])
    return files


def random_log(
    seed, *, n_events=150, n_accounts=12, n_targets=6, span=3 * HOUR, n_bursts=4, actions=("like", "share")
):
    """Rows of a small log: bursts, ties in time, repeats on a target, events without one, three fleets, and talk."""
    rng = np.random.default_rng(seed)
    bursts = rng.integers(0, span, n_bursts)
    rows = []
    for _ in range(n_events):
        time = int(
            rng.choice(bursts) + rng.integers(0, 90) * SECOND if rng.random() < 0.5 else rng.integers(span)
        )
        target = f"t{rng.integers(n_targets)}" if rng.random() < 0.9 else None
        account = f"a{rng.zipf(1.5) % n_accounts:02d}"
        rows.append({"time": time, "account": account, "action": str(rng.choice(actions)), "target": target})
    for fleet in range(2):
        for target in range(n_targets):
            at = int(rng.integers(span))
            rows += [
                {"time": at + int(rng.integers(20)) * SECOND, "account": f"f{fleet}{n}", "action": "like",
                 "target": f"t{target}"}
                for n in range(4)
            ]  # fmt: skip
    for moment in range(7):  # a console: everybody steps at once, each on another target
        at = int(rng.integers(span))
        rows += [
            {
                "time": at + int(rng.integers(3)) * SECOND // 2,
                "account": f"r{n}",
                "action": "add",
                "target": f"v{moment}{n}" if rng.random() < 0.8 else None,
            }
            for n in range(5)
        ]
    for talk in range(6):  # two write to each other, and now and then to others at the same time
        at = int(rng.integers(span))
        rows += [
            {"time": at + n * SECOND // 2, "account": f"w{n}", "action": "write", "target": whom}
            for n, whom in enumerate(["w1", "w0"] if talk % 3 else ["w1", "r0"])
        ]
    return rows


def with_posts(rows, seed):
    """The same rows with event ids; some posts name a second and a third target, as a link and hashtags do."""
    rng = np.random.default_rng(seed)
    seen = {(r["time"], r["account"], r["action"], r["target"]) for r in rows}
    targets = sorted({r["target"] for r in rows if r["target"] is not None})
    found = []
    for n, row in enumerate(rows):
        found.append({**row, "event_id": f"p{n}"})
        for _ in range(2):
            more = {**found[-1], "target": str(rng.choice(targets))}
            key = tuple(more[name] for name in ("time", "account", "action", "target"))
            if row["target"] is not None and rng.random() < 0.4 and key not in seen:
                seen.add(key)
                found.append(more)
    return found
