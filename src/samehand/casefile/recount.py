"""Derives a fleet's figures again from the raw rows of its bundle, without the code that found it."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final

from samehand.casefile.figures import Figure, count_alike
from samehand.casefile.rows import Row, micros, read_rows
from samehand.errors import InputError
from samehand.fleets.score import MOST_MEMBER_BITS
from samehand.kernels.tail import log_poisson_tail

EVENTS: Final = "raw/events.jsonl"
FLEET: Final = "tables/fleet.jsonl"
MEMBERS: Final = "tables/members.jsonl"
EVIDENCE: Final = "tables/evidence.jsonl"
STABILITY: Final = "tables/stability.jsonl"
ON_TARGETS, IN_STEP = "co_target", "rhythm"


@dataclass(frozen=True)
class Recount:
    """What came out, and what raw rows cannot tell."""

    figures: list[Figure]
    not_derived: list[str]
    """Sentences: the figure, and what it needs."""


def recount(files: Mapping[str, bytes | None], n_log: int) -> Recount:
    """Count events, joint events, members and rows of evidence again, and what chance would have given each row.

    Args:
        files: Of a bundle, by name.
        n_log: Events of the whole log, which the expectation of a row of evidence is a share of.

    Raises:
        InputError: A table is missing or lacks a column.
    """
    try:
        (fleet,), members = read_rows(files, FLEET), read_rows(files, MEMBERS)
        events, evidence = read_rows(files, EVENTS), read_rows(files, EVIDENCE)
        for row in events:
            row["us"] = micros(row["time"])
        whole = len(events) == fleet["n_events"]
        figures = [
            *_totals(fleet, members, events, whole),
            *_by_member(members, events, whole),
            *_by_row(fleet, events, evidence, n_log),
        ]
        joint, not_derived = _joint(files, fleet, events, whole)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"a table of the bundle lacks what is needed: {error!r}",
            hint="the samehand that made the bundle (its version is in case.json)",
        ) from error
    return Recount([*figures, *joint], [*not_derived, NEEDS_LOG])


NEEDS_LOG: Final = (
    "score, q-value, chance count, weights of innocent explanations, accounts outside that did the same: "
    "they need the whole log (--log)"
)


def _totals(fleet: Row, members: list[Row], events: list[Row], whole: bool) -> list[Figure]:
    marked = sum(row["coaction"] for row in events)
    figures = [
        Figure("accounts", fleet["n_accounts"], len({row["account"] for row in events})),
        Figure("accounts in the table of members", fleet["n_accounts"], len(members)),
        Figure("events marked as made together", fleet["n_coactions"], marked),
    ]
    if whole:
        figures += [
            Figure("events", fleet["n_events"], len(events)),
            Figure("first event", fleet["first_time"], min(events, key=_us)["time"]),
            Figure("last event", fleet["last_time"], max(events, key=_us)["time"]),
        ]
    return figures


def _us(row: Row) -> int:
    return int(row["us"])


def _by_member(members: list[Row], events: list[Row], whole: bool) -> list[Figure]:
    every, together = Counter[Any](), Counter[Any]()
    for row in events:
        every[row["account"]] += 1
        together[row["account"]] += row["coaction"]
    figures = [
        count_alike(
            "members: events made together", [(m["n_coactions"], together[m["account"]]) for m in members]
        )
    ]
    if whole:
        figures.append(
            count_alike("members: events", [(m["n_events"], every[m["account"]]) for m in members])
        )
        figures.append(
            count_alike(
                "members: share made together",
                [
                    (m["share_of_events"], min(1.0, together[m["account"]] / max(every[m["account"]], 1)))
                    for m in members
                ],
            )
        )
    return figures


def _by_row(fleet: Row, events: list[Row], evidence: list[Row], n_log: int) -> list[Figure]:
    """Each row of evidence: its events are there, in one window, on one thing; what chance gives; how unlikely."""
    by_id: dict[Any, list[Row]] = {}
    for row in events:
        if row["coaction"]:
            by_id.setdefault(row["event_id"], []).append(row)
    found = [_own_events(row, by_id) for row in evidence]
    pairs = list(zip(evidence, found, strict=True))
    expected = [_expected(row, own, fleet["n_events"], n_log) for row, own in pairs]
    tails = [
        min(-log_poisson_tail(row["n_accounts"], chance) / math.log(2), MOST_MEMBER_BITS)
        for row, chance in zip(evidence, expected, strict=True)
    ]
    return [
        count_alike("evidence: events", [(row["n_events"], len(own)) for row, own in pairs]),
        count_alike(
            "evidence: accounts",
            [(row["n_accounts"], len({one["account"] for one in own})) for row, own in pairs],
        ),
        count_alike(
            "evidence: first and last time",
            [([row["first_time"], row["last_time"]], _span(own)) for row, own in pairs],
        ),
        count_alike("evidence: within its window", [(True, _in_window(row, own)) for row, own in pairs]),
        count_alike(
            "evidence: expected by chance", zip((row["expected"] for row in evidence), expected, strict=True)
        ),
        count_alike("evidence: bits", zip((row["bits"] for row in evidence), tails, strict=True)),
    ]


def _own_events(row: Row, by_id: Mapping[Any, list[Row]]) -> list[Row]:
    """The events behind a row; where a log uses an id more than once, those of its target and time."""
    first, last = micros(row["first_time"]), micros(row["last_time"])
    own: list[Row] = []
    for event_id, n in Counter(row["event_ids"] or ()).items():
        fitting = [
            one
            for one in by_id.get(event_id, ())
            if first <= one["us"] <= last and (row["target"] is None or one["target"] == row["target"])
        ]
        own += fitting[:n]
    return own


def _span(own: list[Row]) -> list[str | None]:
    return [min(own, key=_us)["time"], max(own, key=_us)["time"]] if own else [None, None]


def _in_window(row: Row, own: list[Row]) -> bool:
    """Each event within the window of the one before."""
    times = sorted(one["us"] for one in own)
    return all(later - earlier <= row["scale_us"] for earlier, later in pairwise(times))


def _expected(row: Row, own: list[Row], n_fleet: int, n_log: int) -> float:
    """Members that chance brings there: all they do, times the share of the log that others do there."""
    times = [one["us"] for one in own] or [0]
    windows = 1 + (max(times) - min(times)) / (2 * row["scale_us"])
    return float(n_fleet * (row["n_others"] + 1) * windows / n_log)


def _joint(
    files: Mapping[str, bytes | None], fleet: Row, events: list[Row], whole: bool
) -> tuple[list[Figure], list[str]]:
    """Find the joint events anew, where the rule needs nothing but the members' own rows."""
    layers = {row["layer"] for row in read_rows(files, STABILITY) if row["carries"]}
    name = next(iter(layers), None) if len(layers) == 1 else None
    if not whole or name not in (ON_TARGETS, IN_STEP):
        why = f"the layer is {name}" if whole else "not all events of the members are in the bundle"
        return [], [f"which events were made together, from the rows alone ({why})"]
    found = joint_events(events, fleet["scale_us"], name == IN_STEP)
    marked = {place for place, row in enumerate(events) if row["coaction"]}
    return [
        Figure("events with a partner within the window", len(marked), len(found)),
        Figure("of these, those marked as made together", len(marked), len(found & marked)),
    ], []


def joint_events(events: list[Row], scale_us: int, in_step: bool) -> set[int]:
    """Give the places of events that another account's event stands beside.

    Args:
        events: With account, action, target, and us, the µs of the time.
        scale_us: How near in time.
        in_step: The same action on another target, and not on each other; else the same action on the same target.
    """

    def feature(place: int) -> tuple[str, str]:
        row = events[place]
        return str(row["action"]), "" if in_step else str(row["target"])

    usable = [place for place, row in enumerate(events) if in_step or row["target"] is not None]
    order = sorted(usable, key=lambda place: (feature(place), events[place]["us"]))
    found: set[int] = set()
    for _, group in groupby(order, key=feature):
        places = list(group)
        found |= _with_partner(events, places, scale_us, in_step)
        found |= _with_partner(events, places[::-1], scale_us, in_step)
    return found


def _with_partner(events: list[Row], places: Iterable[int], scale_us: int, in_step: bool) -> set[int]:
    """Those that follow a partner, in this direction of time; of each account and target the nearest is enough."""
    nearest: OrderedDict[tuple[Any, Any], int] = OrderedDict()
    found: set[int] = set()
    for place in places:
        row = events[place]
        for (account, target), us in reversed(nearest.items()):
            if abs(row["us"] - us) > scale_us:
                break
            if account == row["account"]:
                continue
            answers = str(target) == str(row["account"]) and str(row["target"]) == str(account)
            if not in_step or not (target == row["target"] or answers):
                found.add(place)
                break
        nearest[row["account"], row["target"]] = row["us"]
        nearest.move_to_end((row["account"], row["target"]))
    return found
