"""A folder into which Parquet files are put, whole: each is read once, in the order of their names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.columns import REQUIRED_ROLES, ROLES, TIME, Role
from samehand.errors import InputError
from samehand.events.times.zones import find_zone
from samehand.online.arriving import AHEAD_US, SCHEMA, Arrived, Refused, read_time
from samehand.online.settings import StreamSettings
from samehand.online.sources.interface import POLL_S, Batch

_ROWS: Final = 65_536


class ParquetFolder:
    """Files ``*.parquet`` of a folder. Put them there by renaming, under names that sort in order of time."""

    def __init__(self, folder: Path, settings: StreamSettings, *, follow: bool) -> None:
        self.name = str(folder)
        self._folder = folder
        self._settings = settings
        self._follow = follow
        self._zone = find_zone(settings.zone)

    def batches(self, position: dict[str, Any] | None) -> Iterator[Batch]:
        file, n_rows = (position or {}).get("file", ""), (position or {}).get("rows", 0)
        while True:
            waiting = sorted(one.name for one in self._folder.glob("*.parquet") if one.name >= file)
            for name in waiting:
                n_rows = n_rows if name == file else 0
                file = name
                for arrived, done in self._read(self._folder / name, n_rows):
                    yield Batch(arrived, {"file": name, "rows": done})
                    n_rows = done
            if not self._follow:
                return
            yield Batch(None)
            time.sleep(POLL_S)

    def acknowledge(self, batch: Batch) -> None:
        """A folder waits for nobody."""

    def _read(self, file: Path, skip: int) -> Iterator[tuple[Arrived, int]]:
        """Read the rows of a file after the first ``skip``."""
        try:
            content = pq.ParquetFile(file)
            if skip >= content.metadata.num_rows:
                return
            names = {role: self._settings.key_of(role) for role in ROLES}
            present = {role: name for role, name in names.items() if name in content.schema_arrow.names}
            for role in REQUIRED_ROLES:
                if role not in present:
                    raise InputError(
                        f"no column {names[role]!r} for the {role}; the columns are "
                        f"{', '.join(content.schema_arrow.names[:40])}",
                        where=str(file),
                        hint=f"--map {role}=COLUMN",
                    )
            done = 0
            for batch in content.iter_batches(_ROWS, columns=list(present.values())):
                done += batch.num_rows
                if done > skip:
                    part = batch.slice(max(0, batch.num_rows - (done - skip)))
                    yield _arrived(part, present, self._zone), done
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"cannot be read: {error}",
                where=str(file),
                hint="whole Parquet files, renamed into the folder; take this one away to go on",
            ) from error


def _arrived(batch: pa.RecordBatch, names: dict[Role, str], zone: tzinfo) -> Arrived:
    columns: list[pa.Array[Any]] = []
    for role in ROLES:
        column = batch.column(names[role]) if role in names else pa.nulls(batch.num_rows)
        if role == "time" and not pa.types.is_timestamp(column.type):
            columns.append(pa.array([read_time(value, zone) for value in column.to_pylist()], TIME))
        else:
            columns.append(column.cast(TIME if role == "time" else pa.string()))
    events = pa.record_batch(columns, schema=SCHEMA)
    latest = time.time_ns() // 1_000 + AHEAD_US
    times = events.column("time").cast(pa.int64()).to_pylist()
    accounts = events.column("account").to_pylist()
    usable = [t is not None and t <= latest and bool(a) for t, a in zip(times, accounts, strict=True)]
    if all(usable):
        return Arrived(events, [])
    refused = [
        Refused(str(row).encode(), "no time, a time in the future, or no account")
        for row, good in zip(events.to_pylist(), usable, strict=True)
        if not good
    ]
    return Arrived(events.filter(pa.array(usable)), refused)
