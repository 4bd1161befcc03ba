"""A run on disk: one folder, written beside and then renamed, read back whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from samehand import columns
from samehand.errors import InputError
from samehand.events.check import LeftOut, Quality
from samehand.events.known import KnownUse
from samehand.fleets.control_counts import Controls
from samehand.layers import LayerUse
from samehand.placing import check_folder, replaced_folder

FORMAT: Final = 1
"""Raised when a table changes so that an older samehand cannot read it, or a newer one not do without what is new."""
LATER: Final = {
    "stability": columns.STABILITY,
    "controls": columns.CONTROLS,
    "behaviours": columns.BEHAVIOURS,
    "layer_bits": columns.LAYER_BITS,
}
"""Tables that the first runs of this format lack; there, they are read as empty."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file, table or object that was read."""

    name: str
    """File name without its folder, or "in memory", or the URL without its password."""
    n_bytes: int | None
    sha256: str | None
    """Of the file's bytes; None where there is no file."""


@dataclass(frozen=True, kw_only=True)
class FalseDiscovery:
    """How the false-discovery rate was estimated."""

    n_surrogates: int
    """0: not estimated."""
    n_surrogate_clusters: int
    """Candidate fleets found in all the surrogates together."""
    best_surrogate_bits: float | None
    """Highest score of any of them."""


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """What run.json holds: everything about a run that is not a table."""

    format: int
    samehand: str
    """Version."""
    created_at: datetime
    sources: tuple[Source, ...]
    mapping: dict[str, list[str]]
    """Role -> columns of the log."""
    config: dict[str, object]
    quality: Quality
    layers: tuple[LayerUse, ...]
    bounded: tuple[LeftOut, ...]
    """What detection bounded or skipped, with counts."""
    false_discovery: FalseDiscovery
    n_candidates: int
    n_reported: int
    n_accounts_reported: int
    n_events_reported: int
    timings_s: dict[str, float]
    versions: dict[str, str]
    """Of Python and of the libraries that influence the result."""
    controls: Controls | None = None
    """How often innocents would have been accused; null: a run of an older version."""
    known: KnownUse | None = None
    """What was told of accounts that were banned or cleared before (--known), counted; null: nothing."""


@dataclass(frozen=True)
class _Stamp:
    """What run.json holds in every version."""

    format: int
    samehand: str


@dataclass(frozen=True, kw_only=True)
class RunTables:
    """The tables of a run, as in ``columns``."""

    fleets: pa.Table
    members: pa.Table
    evidence: pa.Table
    explanations: pa.Table
    edges: pa.Table
    member_events: pa.Table
    driven: pa.Table
    timeline: pa.Table
    stability: pa.Table
    controls: pa.Table
    behaviours: pa.Table
    layer_bits: pa.Table


def write_run(folder: Path, info: RunInfo, tables: RunTables) -> None:
    """Write run.json and one Parquet file a table into an existing, empty ``folder``."""
    for field in fields(tables):
        pq.write_table(getattr(tables, field.name), folder / f"{field.name}.parquet", compression="zstd")
    text = msgspec.json.format(msgspec.json.encode(info), indent=2)
    (folder / "run.json").write_bytes(text + b"\n")


def read_run(folder: Path) -> tuple[RunInfo, RunTables]:
    """Read a run that ``write_run`` wrote.

    Raises:
        InputError: The folder is missing, is no run, lacks a part, or comes from another version.
    """
    info_file = folder / "run.json"
    if not info_file.is_file():
        raise InputError(
            "no run here (run.json is missing)",
            where=str(folder),
            hint="a folder that `samehand detect` wrote",
        )
    try:
        content = info_file.read_bytes()
        stamp = msgspec.json.decode(content, type=_Stamp)
        if stamp.format != FORMAT:
            raise InputError(
                f"the run has format {stamp.format}, this samehand reads {FORMAT}",
                where=str(folder),
                hint=f"samehand {stamp.samehand}, or run `samehand detect` again",
            )
        info = msgspec.json.decode(content, type=RunInfo)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            f"run.json cannot be read: {error}", where=str(folder), hint="run `samehand detect` again"
        ) from error
    return info, _read_tables(folder)


def _read_tables(folder: Path) -> RunTables:
    """Read all tables; what a run of an older samehand lacks is empty, or null."""
    found = {one.name: _read_table(folder, one.name) for one in fields(RunTables) if one.name != "driven"}
    try:
        account = found["members"].schema.field("account").type
        event_id = found["member_events"].schema.field("event_id").type
    except KeyError as error:
        raise InputError(
            f"a table lacks a column: {error}", where=str(folder), hint="run `samehand detect` again"
        ) from error
    older = "n_driven" not in found["members"].column_names
    driven = columns.driven(account, event_id).empty_table() if older else _read_table(folder, "driven")
    for name, schema in (("fleets", columns.FLEETS), ("members", columns.members(account))):
        found[name] = _completed(found[name], schema)
    return RunTables(driven=driven, **found)


def _read_table(folder: Path, name: str) -> pa.Table:
    file = folder / f"{name}.parquet"
    if name in LATER and not file.exists():
        return LATER[name].empty_table()
    try:
        return pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{file.name} is missing or damaged: {error}",
            where=str(folder),
            hint="run `samehand detect` again",
        ) from error


def _completed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give a table of an earlier run the columns that were added later, without values."""
    for place, field in enumerate(schema):
        if field.name not in table.column_names:
            table = table.add_column(place, field, pa.nulls(table.num_rows, field.type))
    return table


def check_target(folder: Path) -> None:
    """Refuse a folder that cannot be written, or holds something other than a run, before any work is done for it.

    Raises:
        OptionError: It is a file, or a folder with other things in it, or in a place where no folder can be.
    """
    check_folder(folder, _is_run, "a run folder")


def _is_run(folder: Path) -> bool:
    """Tell a run, of whatever version, from a folder that has a run.json of something else."""
    try:
        found = msgspec.json.decode((folder / "run.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return False
    return isinstance(found, dict) and {"samehand", "format"} <= found.keys()


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; on success it takes that folder's place, on failure it is removed.

    An existing folder is replaced only when a run, or nothing, is in it, and stays whole until the new one is.

    Raises:
        OptionError: ``folder`` may not be replaced.
    """
    check_target(folder)
    with replaced_folder(folder) as fresh:
        yield fresh
