"""Puts the fleets of a finished run under review, and tells whether a run is still what was registered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from sqlalchemy import Connection, insert, select, update

from samehand.cases import audit
from samehand.cases.audit import Detail
from samehand.cases.clock import from_us, now_us, to_us
from samehand.cases.model import RegisteredRun, Status
from samehand.cases.schema import CASES, LAYER_BITS, MEMBERS, RUNS
from samehand.cases.wording import storable
from samehand.errors import InputError
from samehand.run_folder import RunInfo, RunTables, read_run

_CHUNK: Final = 4096


def digest_of(folder: Path) -> str:
    """SHA-256 of a run: ``sha256sum run.json *.parquet | LC_ALL=C sort -k2 | sha256sum`` gives the same.

    Reports and other files that are made of the run later do not count.

    Raises:
        InputError: A file cannot be read.
    """
    whole = hashlib.sha256()
    try:
        files = sorted([folder / "run.json", *folder.glob("*.parquet")], key=lambda file: file.name.encode())
        for file in files:
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            whole.update(f"{digest}  {file.name}\n".encode())
    except OSError as error:
        raise InputError(
            f"the run cannot be read: {error.strerror}", where=str(folder), hint="run `samehand detect` again"
        ) from error
    return whole.hexdigest()


def read_for_review(folder: Path) -> tuple[str, RunInfo, RunTables]:
    """Read a run and its digest.

    Raises:
        InputError: The folder is missing, lacks a part, is of another version, or is being written.
    """
    info, tables = read_run(folder)
    digest = digest_of(folder)
    if msgspec.json.decode((folder / "run.json").read_bytes(), type=RunInfo) != info:
        raise InputError("the run is being replaced", where=str(folder), hint="again in a moment")
    return digest, info, tables


def register(
    connection: Connection,
    folder: Path,
    read: tuple[str, RunInfo, RunTables],
    actor: str,
    *,
    again: bool = False,
    fleets: frozenset[str] | None = None,
) -> int:
    """Enter a run and one case for each of its candidate fleets; one that is there already stays as it is.

    Args:
        connection: Of ``Database.writing``.
        folder: Where the run is.
        read: Of ``read_for_review``.
        actor: Who registers it.
        again: Whether a folder whose run was replaced since it was registered is entered as a run of its own.
        fleets: Only these become cases, those of a run that is there already too; None: all, when it is entered.

    Returns:
        Its number.

    Raises:
        InputError: The folder holds another run than when it was registered, and ``again`` is not set.
    """
    digest, info, tables = read
    place = str(folder.resolve())
    known = connection.execute(select(RUNS).where(RUNS.c.digest == digest)).one_or_none()
    if known is not None:
        if known.folder != place:  # moved or copied
            connection.execute(update(RUNS).where(RUNS.c.run_id == known.run_id).values(folder=place))
            audit.append(connection, actor, "moved", detail=Detail(run_id=known.run_id, text=place))
        if fleets is not None and _enter_fleets(connection, known.run_id, tables, fleets):
            audit.append(
                connection, actor, "register", detail=Detail(run_id=known.run_id, digest=digest, text=place)
            )
        return int(known.run_id)
    before = connection.execute(select(RUNS.c.run_id).where(RUNS.c.folder == place)).scalars().all()
    if before and not again:
        raise InputError(
            f"the run was changed since it was registered as run {before[-1]}; its decisions are kept",
            where=place,
            hint="put the old run back, or register this one as a new run with --again",
        )
    row = {
        "folder": place,
        "digest": digest,
        "created_at_us": to_us(info.created_at),
        "registered_at_us": now_us(),
        "samehand": info.samehand,
        "n_candidates": info.n_candidates,
        "n_reported": info.n_reported,
    }
    run_id = int(connection.execute(insert(RUNS).values(row).returning(RUNS.c.run_id)).scalar_one())
    _enter_fleets(connection, run_id, tables, fleets)
    audit.append(connection, actor, "register", detail=Detail(run_id=run_id, digest=digest, text=place))
    return run_id


def _enter_fleets(
    connection: Connection, run_id: int, tables: RunTables, fleets: frozenset[str] | None
) -> bool:
    """Enter those of the wanted fleets that have no case yet; tell whether there were any."""
    of_run = select(CASES.c.fleet_id, CASES.c.case_id).where(CASES.c.run_id == run_id)
    known = {row.fleet_id for row in connection.execute(of_run)}
    now = now_us()
    cases = [
        {
            "run_id": run_id,
            "fleet_id": fleet["fleet_id"],
            "part": 1,
            "rank": rank,
            "status": Status.open,
            "version": 1,
            "innocent_weight": fleet["innocent_weight"] or 0.0,
            "first_time_us": to_us(fleet["first_time"]),
            "last_time_us": to_us(fleet["last_time"]),
            "layers": _listed(fleet["layers"]),
            "behaviours": _listed(fleet["behaviours"]),
            "updated_at_us": now,
            **{name: fleet[name] for name in _AS_THEY_ARE},
        }
        for rank, fleet in enumerate(tables.fleets.to_pylist(), start=1)
        if fleet["fleet_id"] not in known and (fleets is None or fleet["fleet_id"] in fleets)
    ]
    _insert(connection, CASES, cases)
    new = {one["fleet_id"] for one in cases}
    ids = {row.fleet_id: row.case_id for row in connection.execute(of_run) if row.fleet_id in new}
    members = (
        {
            "run_id": run_id,
            "account": storable(str(one["account"])),
            "case_id": ids[one["fleet_id"]],
            "fleet_id": one["fleet_id"],
            "bits": one["bits"],
            "removed": False,
        }
        for one in tables.members.select(["fleet_id", "account", "bits"]).to_pylist()
        if one["fleet_id"] in new
    )
    _insert(connection, MEMBERS, members)
    _insert(connection, LAYER_BITS, _layer_bits(run_id, tables.layer_bits, new))
    return bool(cases)


_AS_THEY_ARE: Final = ("reported", "n_accounts", "n_events", "score_bits", "q_value", "posterior", "innocent")


def _layer_bits(run_id: int, layer_bits: pa.Table, fleets: set[str]) -> Iterable[dict[str, Any]]:
    for row in layer_bits.to_pylist():
        if row["counts"] and row["fleet_id"] in fleets:
            weight = {"layer": row["layer"], "bits": row["weight_bits"]}
            yield {"run_id": run_id, "fleet_id": row["fleet_id"], **weight}


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _CHUNK:
            connection.execute(insert(table), waiting)
            waiting = []
    if waiting:
        connection.execute(insert(table), waiting)


def _listed(values: list[str] | None) -> str:
    return msgspec.json.encode(values or []).decode()


def registered(row: Any) -> RegisteredRun:
    """Make a run of a row of ``runs``."""
    return RegisteredRun(
        run_id=row.run_id,
        folder=row.folder,
        digest=row.digest,
        created_at=from_us(row.created_at_us),
        registered_at=from_us(row.registered_at_us),
        samehand=row.samehand,
        n_candidates=row.n_candidates,
        n_reported=row.n_reported,
    )


def check_unchanged(run: RegisteredRun) -> None:
    """Refuse a run whose files are no longer what was registered.

    Raises:
        InputError: A file is gone, or other than it was.
    """
    folder = Path(run.folder)
    if not (folder / "run.json").is_file():
        raise InputError(
            f"the folder of run {run.run_id} is gone; its decisions are kept",
            where=run.folder,
            hint="put it back, or register it where it is now",
        )
    if digest_of(folder) != run.digest:
        raise InputError(
            f"the run was changed since it was registered as run {run.run_id}; its decisions are kept",
            where=run.folder,
            hint="put the old run back, or register this one with `samehand cases register --again`",
        )
