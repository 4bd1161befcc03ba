"""The ledger on disk: one folder, written beside and then renamed, with everything that it takes to doubt a figure."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow.parquet as pq

from samehand.columns import ROLES
from samehand.harm.ledger import HarmInfo, Ledger
from samehand.harm.views import TABLES
from samehand.placing import check_folder, replaced_folder
from samehand.report.csv import cell

FILES: Final = frozenset({"ledger.parquet", "harm.json", "harm.csv", "harm.sql", "harm.html"})


def check_target(folder: Path) -> None:
    """Refuse a folder with other things in it, before any work is done for it.

    Raises:
        OptionError: It is a file, or a folder with other things in it, or in a place where no folder can be.
    """
    check_folder(folder, lambda one: {file.name for file in one.iterdir()} <= FILES, "a ledger of harm")


def write_ledger(ledger: Ledger, folder: Path, lang: str) -> Path:
    """Write all files, whole or not at all; an earlier ledger there is replaced.

    Raises:
        OptionError: ``folder`` may not be replaced.
    """
    from samehand.harm.page import render

    page = render(ledger, lang)
    check_target(folder)
    with replaced_folder(folder) as fresh:
        pq.write_table(ledger.table.table, fresh / "ledger.parquet", compression="zstd")
        (fresh / "harm.json").write_bytes(render_json(ledger))
        (fresh / "harm.csv").write_bytes(render_csv(ledger))
        (fresh / "harm.sql").write_text(render_sql(ledger.info), encoding="utf-8")
        (fresh / "harm.html").write_bytes(page)
    return folder


def render_json(ledger: Ledger) -> bytes:
    """Everything that the ledger holds, as one document."""
    document = {"info": ledger.info, "counts": ledger.counts, "values": ledger.values}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def render_csv(ledger: Ledger) -> bytes:
    """The rows of the ledger for a spreadsheet: UTF-8 with a byte-order mark, texts that no spreadsheet runs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    table = ledger.table
    writer.writerow(table.columns)
    for row in table.to_pylist():
        writer.writerow([cell(_inputs(value) if name == "inputs" else value) for name, value in row.items()])
    return text.getvalue().encode("utf-8-sig")


def _inputs(rows: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{row['name']} {row['low']:g} / {row['mid']:g} / {row['high']:g} {row['unit']}"
        f" ({row['source']}{', as of ' + row['date'] if row['date'] else ''})"
        for row in rows
    )


def render_sql(info: HarmInfo) -> str:
    """All views and queries as one script for DuckDB, to be run in the folder of the run."""
    lines = [
        '-- The counts of the harm ledger, to be run again: duckdb -c ".read harm.sql" in the folder of the run.',
        "-- A run of an older samehand lacks columns: samehand.open_run(DIR).save(NEW) writes them.",
        "",
        *(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{name}.parquet');" for name in TABLES),  # noqa: S608
        "",
        *(_log(info) if info.log is None else ()),
        *(_tracks(info.track_run) if info.track_run is not None else ()),
        *info.views,
    ]
    for name, query in info.queries.items():
        lines += [f"-- {name}", f"{query}\nORDER BY ALL;", ""]
    return "\n".join(lines)


def _log(info: HarmInfo) -> list[str]:
    """How the log comes into the columns that the queries ask: as samehand reads it."""
    sources = [source.name for source in info.sources]
    mapping = {role: info.mapping.get(role) for role in ROLES}
    nulls = "".join(
        f", CAST(NULL AS VARCHAR) AS {name}" for name in ("action", "target") if name not in info.mapping
    )
    return [
        "-- The log as samehand reads it (with the preset and time zone of `samehand detect`, where there were any):",
        "--   import samehand, pyarrow.parquet",
        f"--   log = samehand.read_events({sources!a}, {mapping!a})",
        "--   pyarrow.parquet.write_table(log.to_arrow(), 'log.parquet')",
        f"CREATE VIEW log AS SELECT *{nulls} FROM read_parquet('log.parquet');",  # noqa: S608
        "",
    ]


def _tracks(number: int) -> list[str]:
    return [
        f"-- Of the folder of tracks: the links that lead to this run, which has number {number} there.",
        "CREATE VIEW re_armed_links AS",
        f"SELECT * FROM read_parquet('links.parquet') WHERE re_armed AND to_run = {number};",  # noqa: S608
        "",
    ]
