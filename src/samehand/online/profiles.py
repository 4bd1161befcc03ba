"""What is known of suspected fleets after a look, in a form that an event is held against at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.engines.texts import folding, sketch
from samehand.errors import InputError
from samehand.kernels.fingerprints import N_KEPT, NONE, fingerprints
from samehand.online.leads import Lead, match
from samehand.placing import write_whole
from samehand.run import Run

FORMAT: Final = 1
PROFILES: Final = "profiles.msgpack"
"""File of the state with what ``make_profiles`` gave at the last look that changed a lead."""
RESTLESS: Final = "restless.msgpack"
"""File of the state with the accounts that meet others again and again, by hash."""
_MOST: Final = 20_000
"""Traces of a kind that are kept of a fleet, the most frequent."""

Trace = str | int
"""A target with its action, a device, an address; or a fingerprint of a text."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One suspected fleet."""

    fleet_id: str
    score_bits: float
    behaviours: list[str]
    n_joint: int = 0
    """Events that were made together."""
    accounts: dict[str, float]
    """Account -> bits of its own."""
    shares: dict[str, dict[Trace, float]]
    """Layer -> trace -> share of its joint events that have it."""


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """All fleets of a look, and how common their traces are."""

    format: int = FORMAT
    at: str = ""
    """End of the window that was looked at."""
    fleets: list[Profile] = []
    common: dict[str, dict[Trace, float]] = {}
    """Layer -> trace -> share of all events that have it."""
    n_events: int = 0
    """Of the window."""


def make_profiles(run: Run, leads: list[Lead], window: Path, at: str) -> Profiles:
    """Make the profiles of open leads from the run that reported them.

    Args:
        run: Of the window.
        leads: Open leads; those that the run does not report any more are left out.
        window: Events of the window, in Parquet.
        at: End of the window.
    """
    members: dict[str, dict[str, float]] = {}
    for row in run.tables.members.filter(pc.field("reported")).to_pylist():
        members.setdefault(row["fleet_id"], {})[str(row["account"])] = row["bits"]
    names = list(members)
    fleets, wanted = [], dict[str, set[Trace]]()
    came_from = match([set(lead.accounts) for lead in leads], [set(members[name]) for name in names])
    for place, found in came_from.items():
        lead, name = leads[place], names[found]
        joint = run.tables.member_events.filter((pc.field("fleet_id") == name) & pc.field("coaction"))
        shares = _shares(joint)
        for layer, traces in shares.items():
            wanted.setdefault(layer, set()).update(traces)
        fleets.append(
            Profile(
                fleet_id=lead.fleet_id,
                score_bits=lead.score_bits,
                behaviours=lead.behaviours,
                n_joint=joint.num_rows,
                accounts=members[name],
                shares=shares,
            )
        )
    n_events = run.info.quality.n_events
    return Profiles(at=at, fleets=fleets, common=_common(window, wanted, n_events), n_events=n_events)


def traces_of(event: dict[str, str | None]) -> dict[str, list[Trace]]:
    """Give the traces of one event by layer."""
    found: dict[str, list[Trace]] = {}
    if target := event.get("target"):
        found["co_target"] = [f"{event.get('action') or ''}\x1f{target}"]
    for layer in ("device", "address"):
        if value := event.get(layer):
            found[layer] = [value]
    if content := event.get("content"):
        found["co_content"] = _words(content)
    return found


def _words(content: str) -> list[Trace]:
    """Take the fingerprints of one text, without the threads that many would be worth."""
    letters = np.frombuffer(content.encode("utf-8", "replace") or b"\0", np.uint8)
    out = np.empty((1, N_KEPT), np.int64)
    fingerprints(letters, np.array([0, len(letters)]), *folding(), 0, 1, out)
    return [one for one in out[0].tolist() if one != NONE]


def _shares(joint: pa.Table) -> dict[str, dict[Trace, float]]:
    n = max(joint.num_rows, 1)
    counts: dict[str, Counter[Trace]] = {"co_target": Counter(), "device": Counter(), "address": Counter()}
    for action, target in zip(joint["action"].to_pylist(), joint["target"].to_pylist(), strict=True):
        if target:
            counts["co_target"][f"{action or ''}\x1f{target}"] += 1
    for layer in ("device", "address"):
        counts[layer].update(value for value in joint[layer].to_pylist() if value)
    counts["co_content"] = _fingerprints(joint["content"])
    return {
        layer: {trace: count / n for trace, count in some.most_common(_MOST)}
        for layer, some in counts.items()
        if some
    }


def _fingerprints(content: pa.ChunkedArray[Any]) -> Counter[Trace]:
    texts = content.drop_null()
    if not len(texts):
        return Counter()
    found = sketch(texts, 1)
    return Counter(np.asarray(found[found != NONE]).tolist())


def _common(window: Path, wanted: dict[str, set[Trace]], n_events: int) -> dict[str, dict[Trace, float]]:
    """Count in the window how common traces are."""
    common: dict[str, dict[Trace, float]] = {}
    with duckdb.connect() as database:
        database.read_parquet(str(window)).create_view("events")
        named = {row[0] for row in database.execute("DESCRIBE events").fetchall()}
        columns = {
            "co_target": "coalesce(action, '') || chr(31) || target",
            "device": "device",
            "address": "address",
        }
        if "action" not in named:
            columns["co_target"] = "chr(31) || target"
        for layer, column in columns.items():
            some = [one for one in wanted.get(layer, ()) if isinstance(one, str)]
            if not some:
                continue
            database.register("wanted", pa.table({"trace": some}))
            rows = database.execute(
                f"SELECT trace, count(*) FROM (SELECT {column} AS trace FROM events) JOIN wanted USING (trace) "  # noqa: S608
                "GROUP BY trace"
            ).fetchall()
            database.unregister("wanted")
            common[layer] = {trace: count / max(n_events, 1) for trace, count in rows}
        if words := wanted.get("co_content"):
            texts = database.sql("SELECT content FROM events WHERE content IS NOT NULL").to_arrow_table()[
                "content"
            ]
            counts = _fingerprints(texts)
            common["co_content"] = {trace: counts[trace] / max(n_events, 1) for trace in words}
    return common


def save_profiles(file: Path, profiles: Profiles) -> None:
    """Write profiles, whole or not at all."""
    write_whole(file, msgspec.msgpack.encode(profiles))


def load_profiles(file: Path) -> Profiles:
    """Read profiles.

    Raises:
        InputError: They are missing, damaged or of another version.
    """
    try:
        profiles = msgspec.msgpack.decode(file.read_bytes(), type=Profiles)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            f"no profiles can be read: {error}", where=str(file), hint="samehand watch"
        ) from error
    if profiles.format != FORMAT:
        raise InputError(
            "profiles of another version", where=str(file), hint="samehand watch of this version"
        )
    return profiles
