"""Holds a bundle against the log that it says it comes from: every raw row, and the search done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from samehand.casefile.figures import Figure, alike, count_alike
from samehand.casefile.recount import EVENTS, EVIDENCE, FLEET, MEMBERS
from samehand.casefile.rows import Row, read_rows, rows_of, write_rows
from samehand.config import Config
from samehand.errors import InputError
from samehand.events.events import Events
from samehand.events.known import KnownAccounts, read_known
from samehand.fleets.ban_evasion import BAN_EVASION
from samehand.pipeline import detect
from samehand.pricing.log import read_again
from samehand.run import Run
from samehand.run_folder import RunInfo

_TOLD: Final = frozenset({"n_known_banned", "n_known_cleared", "known"})
"""Columns that come from --known, which a bundle does not hold; they change no other figure."""
NEEDS_KNOWN: Final = (
    "who was banned or cleared before, and ban evasion: they need the list of the run (--known FILE)"
)
_NAMES: Final = frozenset({"fleet_id", "sentence", "summary"})
"""The place in a ranking, and sentences, which are made of the other columns."""


@dataclass(frozen=True, kw_only=True)
class GivenLog:
    """The log of a run, and how it is read and searched."""

    source: object
    """As ``read_events`` takes it."""
    preset: str | None = None
    timezone: str | None = None
    """As they were given to ``detect``."""
    threads: int | None = None
    memory_gib: float | None = None
    """Both change no figure."""
    known: Path | None = None
    """The accounts banned or cleared before that ``detect`` was told of, where they are at hand."""


def hold_against_log(
    files: Mapping[str, bytes | None], log: GivenLog, progress: Callable[[str], None]
) -> list[Figure]:
    """Look for every raw row of a bundle in the log, search again with the settings of the run, and compare.

    Args:
        files: Of the bundle, by name.
        log: The log.
        progress: Told the name of each step as it begins.

    Raises:
        InputError: The log, or the list of known accounts, is not the one of the run, or the bundle holds no run.
    """
    info = info_of(files)
    known = None if log.known is None else _read_known(log.known, info)
    # Which machines searched changes no figure either.
    machine = {"threads": log.threads, "memory_gib": log.memory_gib, "engine": "local", "spark_work": None}
    config = Config.from_dict({**info.config, **machine}, where="run.json")
    with read_again(
        info, log.source, None, config, preset=log.preset, timezone=log.timezone, progress=progress
    ) as events:
        figures = _raw_rows(files, events)
        run = detect(events, config, known=known, progress=progress)
    return [*figures, *_compare_fleet(files, run, told=known is not None)]


def info_of(files: Mapping[str, bytes | None]) -> RunInfo:
    """Give what the run of a bundle says about itself.

    Raises:
        InputError: The bundle holds no run, or one of another version.
    """
    try:
        return msgspec.json.decode(files.get("run.json") or b"", type=RunInfo)
    except msgspec.DecodeError as error:
        raise InputError(
            f"the bundle holds no run that this samehand reads: {error}",
            where="run.json",
            hint="the samehand that made the bundle (its version is in case.json)",
        ) from error


def _raw_rows(files: Mapping[str, bytes | None], events: Events) -> list[Figure]:
    """Compare the raw rows with the rows of the same accounts in the log, each as often as it is there."""
    (fleet,), rows = read_rows(files, FLEET), read_rows(files, EVENTS)
    names = [field.name for field in events.schema]
    accounts = pa.array([row["account"] for row in read_rows(files, MEMBERS)], events.account_type)
    table = events.to_arrow()
    mine = rows_of(table.filter(pc.is_in(table["account"], value_set=accounts)))
    in_log: dict[bytes, int] = {}
    for row in mine:
        key = write_rows([row])
        in_log[key] = in_log.get(key, 0) + 1
    found = 0
    for row in rows:
        key = write_rows([{name: row.get(name) for name in names}])
        if in_log.get(key):
            in_log[key] -= 1
            found += 1
    figures = [Figure("raw rows that are in the log, unchanged", len(rows), found)]
    if len(rows) == fleet["n_events"]:
        figures.append(Figure("events of the members in the log", len(rows), len(mine)))
    return figures


def _read_known(file: Path, info: RunInfo) -> KnownAccounts:
    known = read_known(file)
    if info.known is None or (info.known.sha256 and known.sha256 != info.known.sha256):
        why = "was told of no accounts" if info.known is None else "was told of others (the SHA-256 differs)"
        raise InputError(
            f"the run {why}", where=file.name, hint="the file that `samehand detect --known` was given"
        )
    return known


def _compare_fleet(files: Mapping[str, bytes | None], run: Run, *, told: bool) -> list[Figure]:
    """Compare the fleet that is found again; ``told``: also what comes from --known."""
    (stated,), members = read_rows(files, FLEET), read_rows(files, MEMBERS)
    behaviours = read_rows(files, "tables/behaviours.jsonl")
    skipped = _NAMES if told else _NAMES | _TOLD
    if not told:
        named = [name for name in stated.get("behaviours") or () if name != BAN_EVASION]
        stated = {**stated, "behaviours": named or None}
        behaviours = [row for row in behaviours if row["behaviour"] != BAN_EVASION]
    wanted = {row["account"] for row in members}
    fleet_id = _same_fleet(run, wanted)
    if fleet_id is None:
        return [Figure("fleets found again", 1, 0)]
    (fleet,) = _plain(
        rows_of(run.tables.fleets.filter(pc.equal(run.tables.fleets["fleet_id"], pa.scalar(fleet_id))))
    )
    figures = [
        Figure("fleets found again", 1, 1),
        Figure("reported", stated["reported"], fleet["reported"]),
        *(
            Figure(name, _short(value), _short(fleet.get(name)))
            for name, value in stated.items()
            if name not in skipped | {"reported"}
        ),
    ]
    tables = (
        ("members", members, run.tables.members, "account"),
        ("evidence", read_rows(files, EVIDENCE), run.tables.evidence, None),
        (
            "explanations",
            read_rows(files, "tables/explanations.jsonl"),
            run.tables.explanations,
            "explanation",
        ),
        ("behaviours", behaviours, run.tables.behaviours, "behaviour"),
        ("layer bits", read_rows(files, "tables/layer_bits.jsonl"), run.tables.layer_bits, "layer"),
    )
    for name, rows, table, key in tables:
        again = _plain(rows_of(table.filter(pc.equal(table["fleet_id"], pa.scalar(fleet_id)))))
        figures += _compare_rows(name, rows, again, key, skipped)
    return figures


def _same_fleet(run: Run, wanted: set[Any]) -> str | None:
    """The fleet that shares most members with those wanted, more than half."""
    shared: dict[str, int] = {}
    for row in run.members.to_pylist():
        if row["account"] in wanted:
            shared[row["fleet_id"]] = shared.get(row["fleet_id"], 0) + 1
    best = max(shared, key=lambda fleet: shared[fleet], default=None)
    return best if best is not None and 2 * shared[best] > len(wanted) else None


def _compare_rows(
    name: str, stated: list[Row], again: list[Row], key: str | None, skipped: frozenset[str]
) -> list[Figure]:
    """Compare rows of the same key, or of the same place; all columns but some."""
    if key is None:
        pairs = list(zip(stated, again, strict=False))
    else:
        by_key = {row[key]: row for row in again}
        pairs = [(row, by_key[row[key]]) for row in stated if row[key] in by_key]
    same = [
        all(alike(row[column], other.get(column)) for column in row.keys() - skipped) for row, other in pairs
    ]
    return [
        Figure(f"{name}: rows", len(stated), len(again)),
        count_alike(f"{name}: rows with the same figures", ((True, one) for one in same)),
    ]


def _plain(rows: list[Row]) -> list[Row]:
    """Rows as they are after they were written and read."""
    return [msgspec.json.decode(line) for line in write_rows(rows).splitlines()]


def _short(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
