"""Small logs for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.events.read import Events, read_events


def table(times: Sequence[Any] | pa.Array, **columns: Any) -> pa.Table:
    """A log with a column of times, and accounts a0, a1, ... unless others are given."""
    columns = {"account": [f"a{i}" for i in range(len(times))]} | columns
    return pa.table({"time": times, **columns})


def read_times(times: Sequence[Any] | pa.Array, **options: Any) -> tuple[list[datetime | None], Events]:
    """The times that a column is read as, None where the row was skipped; and the events."""
    events = read_events(table(times, account=[f"a{i}" for i in range(len(times))]), **options)
    found = {row["event_id"]: row["time"] for row in rows(events)}
    return [found.get(i + 1) for i in range(len(times))], events


def rows(events: Events) -> list[dict[str, Any]]:
    """All events, with times as plain UTC datetimes."""
    result = events.to_arrow()
    time = result.column("time").cast(pa.timestamp("us")).to_pylist()
    return [
        row | {"time": t.replace(tzinfo=UTC)}
        for row, t in zip(result.drop(["time"]).to_pylist(), time, strict=True)
    ]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A text file, written as it is."""
    path.write_bytes(text.encode(encoding))
    return path


def at(*parts: int) -> datetime:
    """A time in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
