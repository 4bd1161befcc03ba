"""All tables as CSV files in one ZIP, for those whose tools read no Parquet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Final

import msgspec
import pyarrow as pa

from samehand.casefile.exports.disarm import FRAMEWORK, techniques_of
from samehand.report.csv import cell
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import say

_ROWS_AT_ONCE: Final = 10_000
_EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""The first time that a ZIP can say."""


def render_csv_zip(info: RunInfo, tables: RunTables, lang: str) -> bytes:
    """Render one CSV file a table, the techniques of each fleet (disarm.csv), run.json and a README.

    CSV files are UTF-8 with a byte-order mark; lists are written as JSON, and no text is a formula.
    """
    files: dict[str, bytes] = {
        "README.txt": _read_me(info, lang).encode(),
        "run.json": msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n",
        "disarm.csv": _csv(_techniques(tables.fleets)),
    }
    files |= {f"{one.name}.csv": _csv(getattr(tables, one.name)) for one in fields(tables)}
    return zipped(files, info.created_at)


def zipped(files: Mapping[str, bytes], time: datetime) -> bytes:
    """Put files into a ZIP, by name and all of one time, so that the same files give the same bytes."""
    buffer = io.BytesIO()
    stamp = max(time.astimezone(UTC), _EPOCH)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, stamp.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _csv(table: pa.Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            writer.writerow([_value(value) for value in row.values()])
    return text.getvalue().encode("utf-8-sig")


def _value(value: object) -> str | int | float:
    return cell(msgspec.json.encode(value).decode() if isinstance(value, list) else value)


def _techniques(fleets: pa.Table) -> pa.Table:
    rows = [
        {"fleet_id": row["fleet_id"], "framework": FRAMEWORK, "technique": one.id, "name": one.name,
         "tactic": one.tactic, "url": one.url}
        for row in fleets.select(["fleet_id", "behaviours"]).to_pylist()
        for one in techniques_of(row["behaviours"] or ())
    ]  # fmt: skip
    names = ("fleet_id", "framework", "technique", "name", "tactic", "url")
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))


def _read_me(info: RunInfo, lang: str) -> str:
    return "\n\n".join(
        [
            say("export.made", lang, time=info.created_at, version=info.samehand),
            say("export.files", lang),
            say("page.caution", lang),
            "",
        ]
    )
