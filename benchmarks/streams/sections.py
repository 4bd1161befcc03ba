"""The limits of watching a stream, and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.cells import Done
from harness.limits import Limit
from harness.tables import percent, table, wrapped
from harness.writing import Section

Results = dict[str, list[Done]]
"""Part -> its cells that are done."""

REGISTRATION = (
    "Accounts that signed up in the log, in leads whose behaviours name bulk registration. Precision: of a fleet of "
    "whatever kind, since fleets of other kinds sign up in bulk, too. Recall: of accounts of bulk registration. Held: "
    "those of them in a lead of whatever behaviour. Seeds that no rule of watching was chosen on."
)
DELAY = (
    "Event time from the decisive event to the lead, ticks of 60 s: the first event of a member after which a search "
    "reports half of the lead's accounts with the bits that its look asked for. Seeds that no rule of watching was "
    "chosen on."
)
NULL = (
    "Leads of streams without fleets, the closing look left out; the nominal rate is 0.05 a stream. With none in n "
    "streams, rates above 3 / n are refuted (95 %)."
)


def limits(results: Results) -> list[Limit]:
    """All limits; those of parts that were not run are not measured."""
    ingest = _only(results, "ingest")
    door = _only(results, "door")
    counts = _added(results.get("registration", []))
    delays = _delays(results.get("delay", []))
    null = _added(results.get("null", []))
    n_streams = len(results.get("null", []))
    return [
        _limit(
            "ingest, events a second on one core",
            ingest and ingest["n_events"] / ingest["wall_s"],
            50_000,
            "at least",
            "{:,.0f}",
        ),
        _limit(
            "ingest: memory, GiB, ids at 50,000 a second too",
            ingest and ingest["peak_gib"] + ingest["ids_gib"],
            4,
            "at most",
        ),
        _limit("door, 99th percentile, ms (own client)", door and door["own_ms"]["99"], 5, "at most"),
        _limit(
            "door, 99th percentile, ms (hey)", door and door["hey_ms"] and door["hey_ms"]["99"], 5, "at most"
        ),
        _limit(
            "registration, precision at the end", _over(counts, "right_end", "told_end"), 0.94, "at least"
        ),
        _limit(
            "registration, precision of all ever told",
            _over(counts, "right_ever", "told_ever"),
            0.94,
            "at least",
        ),
        _limit("registration, recall at the end", _over(counts, "found_end", "bulk"), 0.80, "at least"),
        _limit("delay, median, s of event time", float(np.median(delays)) if delays else None, 60, "at most"),
        _limit("false leads a stream", null and null["n_false"] / n_streams, 0.05, "at most"),
    ]


def _limit(name: str, value: Any, limit: float, sense: Any, form: str = "{:.3g}") -> Limit:
    return Limit(
        name=name, value=None if value is None else float(value), limit=limit, sense=sense, form=form
    )


def _only(results: Results, part: str) -> dict[str, Any] | None:
    return results[part][-1].result if results.get(part) else None


def _added(done: Sequence[Done]) -> dict[str, int] | None:
    return {name: sum(one.result[name] for one in done) for name in done[0].result} if done else None


def _over(counts: dict[str, int] | None, part: str, whole: str) -> float | None:
    return counts[part] / counts[whole] if counts and counts[whole] else None


def _delays(done: Sequence[Done]) -> list[float]:
    return [delay for one in done for delay in one.result["delays_s"]]


def sections(results: Results) -> list[Section]:
    """Tables of the parts that were run."""
    makers = {
        "ingest": ("Ingest", _ingest), "door": ("The door", _door), "registration": ("Registration", _registration),
        "delay": ("Delay", _delay), "null": ("Streams without fleets", _null),
    }  # fmt: skip
    return [
        Section(title, make(results[part])) for part, (title, make) in makers.items() if results.get(part)
    ]


def _ingest(done: Sequence[Done]) -> str:
    one, asked = done[-1].result, done[-1].cell.settings
    parts = ", ".join(f"{name} {us:.1f}" for name, us in one["us_an_event"].items())
    return wrapped(
        f"{one['n_events']:,} events of {asked['accounts']:,} accounts within {asked['seconds']:,} s "
        f"of event time, one "
        f"process, from lines of JSON to the journal and the tables of what forms, without looks: "
        f"{one['n_events'] / one['wall_s']:,.0f} a second, {one['n_events'] / one['cpu_s']:,.0f} of "
        f"processor time "
        f"({parts} us an event). Peak memory {one['peak_gib']:.2f} GiB with all places of the tables "
        f"({one['table_bytes_an_account']} bytes an active account) in use; ids of 50,000 events a "
        f"second for a lateness of "
        f"ten minutes take {one['ids_gib']:.2f} GiB more. A checkpoint took {one['checkpoint_s']:.1f} s."
    )


def _door(done: Sequence[Done]) -> str:
    one, asked = done[-1].result, done[-1].cell.settings
    rows = [["own", f"{one['rate']:,.0f}", *(f"{ms:.2f}" for ms in one["own_ms"].values())]]
    if hey := one["hey_ms"]:
        rows.append(["hey", f"{hey['rate']:,.0f}", *(f"{hey[point]:.2f}" for point in one["own_ms"])])
    said = wrapped(
        f"POST /v1/score over 4 connections on 127.0.0.1 for {asked['seconds']} s, {one['n_fleets']} "
        f"fleets known, client and "
        f"server on the same machine; {one['cpu_ms']:.3f} ms of the server's processor time an "
        f"answer. The own client counts "
        "from when a request was due, hey from when it was sent."
    )
    return f"{said}\n\n{table(['client', 'answers a second', *(f'{point} %, ms' for point in one['own_ms'])], rows)}"


def _registration(done: Sequence[Done]) -> str:
    said = wrapped(REGISTRATION)
    shares = {
        f"{figure}, {when}": (f"{part}_{when}", whole.format(when))
        for when in ("end", "ever")
        for figure, part, whole in (
            ("precision", "right", "told_{}"),
            ("recall", "found", "bulk"),
            ("held", "held", "bulk"),
        )
    }
    rows = []
    for level in sorted({one.cell.settings["evasion"] for one in done}):
        n = _added([one for one in done if one.cell.settings["evasion"] == level])
        assert n is not None
        rows.append([
            level, n["signed_up"], n["of_fleets"], n["bulk"], n["n_looks"],
            *(percent(_over(n, part, whole)) for part, whole in shares.values()),
        ])  # fmt: skip
    header = ["evasion", "signed up", "of fleets", "bulk", "looks", *shares]
    return f"{said}\n\n{table(header, rows)}"


def _delay(done: Sequence[Done]) -> str:
    said = wrapped(DELAY)
    rows = []
    for level in sorted({one.cell.settings["evasion"] for one in done}):
        some = [one for one in done if one.cell.settings["evasion"] == level]
        delays = _delays(some)
        points = (
            [f"{point:,.0f}" for point in np.percentile(delays, (25, 50, 75, 90))] if delays else ["-"] * 4
        )
        rows.append([level, len(some), sum(one.result["n_looks"] for one in some), len(delays), *points])
    return (
        f"{said}\n\n{table(['evasion', 'logs', 'looks', 'leads', '25 %, s', 'median', '75 %', '90 %'], rows)}"
    )


def _null(done: Sequence[Done]) -> str:
    rows = []
    for crowds in (True, False):
        some = [one for one in done if one.cell.settings["crowds"] == crowds]
        n = _added(some)
        if n:
            rows.append([str(crowds), len(some), n["n_looks"], n["n_false"]])
    said = wrapped(NULL)
    return f"{said}\n\n{table(['innocent crowds', 'streams', 'looks', 'false leads'], rows)}"
