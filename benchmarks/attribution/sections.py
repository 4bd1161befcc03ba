"""The tables of the measurement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.cells import Done
from harness.tables import percent, table
from harness.writing import Section

NAMES = {"full": "all columns", "sparse": "no device, address, text or outcome"}


def sections(done: Sequence[Done]) -> list[Section]:
    """Write what is known: events by level of evasion, how far the probabilities hold, part-time accounts."""
    return [
        Section("Events, in %", _events(done)),
        Section("Are the probabilities right?", _reliability(done)),
        Section("Part-time accounts", _part_time(done)),
    ]


def _groups(done: Sequence[Done]) -> dict[tuple[str, int, str], dict[str, Any]]:
    """Counts of (log, evasion, whose accounts), over all seeds."""
    sums: dict[tuple[str, int, str], dict[str, Any]] = {}
    for one in done:
        for whose, counts in one.result.items():
            key = one.cell.settings["log"], one.cell.settings["evasion"], whose
            sums[key] = counts if key not in sums else _added(sums[key], counts)
    return {key: sums[key] for key in sorted(sums)}


def _added(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    bins = [
        [x + y for x, y in zip(one, other, strict=True)]
        for one, other in zip(a["bins"], b["bins"], strict=True)
    ]
    return {name: a[name] + b[name] for name in a if name != "bins"} | {"bins": bins}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def calibration_error(bins: Sequence[Sequence[float]]) -> float | None:
    """Expected calibration error: how far the mean probability of ten bins is from the share that was driven.

    >>> calibration_error([[10, 1.0, 2], [10, 9.0, 9]])
    0.05
    """
    n = sum(one[0] for one in bins)
    return sum(abs(one[1] - one[2]) for one in bins) / n if n else None


def _events(done: Sequence[Done]) -> str:
    rows = []
    for (log, level, whose), one in _groups(done).items():
        if not one["n_fleets"]:
            continue
        rows.append(
            [
                NAMES[log], level, whose, f"{one['driven']:,}", f"{one['own']:,}",
                percent(_share(one["joint_hits"], one["joint_hits"] + one["joint_false"])),
                percent(_share(one["joint_hits"], one["driven"])),
                percent(_share(one["hits"], one["hits"] + one["false"])),
                percent(_share(one["hits"], one["driven"])),
                one["joint_false"] + one["driven"] - one["joint_hits"],
                one["false"] + one["driven"] - one["hits"],
                percent(calibration_error(one["bins"])),
            ]
        )  # fmt: skip
    head = ["log", "evasion", "accounts", "driven", "own", "joint: precision", "recall", "precision", "recall",
            "joint: wrong", "wrong", "calibration error"]  # fmt: skip
    how = (
        "The first precision and recall are those of a simple rule: what was made together was driven. The others are "
        "those of p_driven of 0.5 or more. Wrong: events that are told wrongly, in either direction."
    )
    return f"{how}\n\n{table(head, rows, '<><' + '>' * 9)}"


def _reliability(done: Sequence[Done]) -> str:
    rows = []
    logs = dict.fromkeys(one.cell.settings["log"] for one in done)
    for log in logs:
        groups = [one for key, one in _groups(done).items() if key[0] == log]
        bins = [
            [sum(values) for values in zip(*each, strict=True)]
            for each in zip(*(g["bins"] for g in groups), strict=True)
        ]
        rows += [
            [
                NAMES[log],
                f"{number / 10:.1f} to {(number + 1) / 10:.1f}",
                f"{n:,}",
                percent(_share(p, n)),
                percent(_share(k, n)),
            ]
            for number, (n, p, k) in enumerate(bins)
        ]
    return table(["log", "p_driven", "events", "mean p, %", "driven, %"], rows, "<<>>>")


def _part_time(done: Sequence[Done]) -> str:
    rows = [
        [
            NAMES[log],
            level,
            whose,
            one["n_members"],
            one["n_part_time"],
            percent(_share(one["n_part_time"], one["n_members"])),
        ]
        for (log, level, whose), one in _groups(done).items()
        if one["n_fleets"]
    ]
    return table(["log", "evasion", "accounts", "members", "part-time", "%"], rows, "<><>>>")
