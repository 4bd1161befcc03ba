"""The tables of the comparison, and where a peer wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from exam.figures import at, fleets_found, share
from harness.cells import Done
from harness.tables import percent, table, wrapped
from harness.writing import Section
from peers.plan import LEVELS, METHODS, SAMEHAND, SPARSE, f1, tuning

Result = dict[str, Any]

WORLDS = (
    "All logs of a level taken together. Precision, recall and F1 of accounts in %, over fleets of all kinds. "
    "Innocents: accounts reported that no fleet holds. Fleets: those of which more than half sits in one reported "
    "group. False groups: less than half of their accounts are in any fleet. Seconds: the mean over logs, from the "
    "table of events in memory to groups. Verdict, against samehand: a peer wins with higher recall at no more "
    "innocents, or the same recall at fewer."
)
WINS = (
    "Single logs where a peer has a higher recall than samehand at no more innocents, or the same recall at fewer (on "
    "logs without fleets: fewer innocents):"
)
KINDS = (
    "Kinds of fleets of which some peer reports more members than samehand, all logs of a level taken together: the "
    "peer with the most, and the innocents that both report at that level:"
)


def level_name(level: int | None) -> str:
    """Name a level of evasion in tables."""
    return "no fleets" if level is None else f"evasion {level}"


def methods_in(done: Sequence[Done]) -> list[str]:
    """Give the methods that were measured, in order."""
    there = {one.cell.settings["method"] for one in done}
    return [method for method in METHODS if method in there]


def _peers_in(done: Sequence[Done]) -> list[str]:
    return [method for method in methods_in(done) if method not in (SAMEHAND, SPARSE)]


def recall(results: Sequence[Result], kind: str | None = None) -> float | None:
    """Members that are reported, of all members, all logs taken together."""
    fleets = [one for result in results for one in result["fleets"] if kind is None or one["kind"] == kind]
    return share(sum(one["n_reported"] for one in fleets), sum(one["size"] for one in fleets))


def verdict(mine: Sequence[Result], samehand: Sequence[Result]) -> str:
    """Compare recall and innocents of two methods on the same logs, the first the peer's."""
    more = (recall(mine) or 0.0) - (recall(samehand) or 0.0)
    wrong = sum(one["n_false"] for one in mine) - sum(one["n_false"] for one in samehand)
    if more == 0 and wrong == 0:
        return "even"
    if more >= 0 and wrong <= 0:
        return "**wins**"
    if more <= 0 and wrong >= 0:
        return "loses"
    return "more of both" if more > 0 else "less of both"


def worlds(done: Sequence[Done]) -> list[Section]:
    """A table for each level of evasion."""
    sections = []
    for level in LEVELS:
        rows = [row for method in methods_in(done) if (row := _row(done, level, method))]
        if rows:
            header = ["method", "precision", "recall", "F1", "innocents", "fleets", "false groups", "seconds"]
            text = table([*header, "verdict"], rows, "<>>>>>>><")
            n_logs = len(at(done, evasion=level, method=SAMEHAND))
            title = f"{level_name(level).capitalize()}: {n_logs} {'log' if n_logs == 1 else 'logs'}"
            sections.append(Section(title, text if sections else f"{wrapped(WORLDS)}\n\n{text}"))
    return sections


def _row(done: Sequence[Done], level: int | None, method: str) -> list[str] | None:
    results = at(done, evasion=level, method=method)
    if not results:
        return None
    good, reported, wrong, groups, false = (
        sum(one[name] for one in results)
        for name in ("n_good", "n_reported", "n_false", "n_fleets_reported", "n_fleets_false")
    )
    kinds = {one["kind"] for result in results for one in result["fleets"]}
    found = [fleets_found(results, kind) for kind in sorted(kinds)]
    return [
        method,
        percent(share(good, reported)),
        percent(recall(results)),
        "-" if level is None else percent(f1(*results)),
        f"{wrong:,}",
        f"{sum(n for n, _ in found)} of {sum(n for _, n in found)}" if found else "-",
        f"{false} of {groups}",
        f"{sum(one['seconds'] for one in results) / len(results):.1f}",
        "" if method == SAMEHAND else verdict(results, at(done, evasion=level, method=SAMEHAND)),
    ]


def wins(done: Sequence[Done]) -> Section:
    """Say plainly where a peer is better."""
    logs = sorted({one.cell.settings["seed"] for one in done})
    lines = []
    for level in LEVELS:
        for seed in logs:
            ours = at(done, evasion=level, seed=seed, method=SAMEHAND)
            for method in _peers_in(done):
                theirs = at(done, evasion=level, seed=seed, method=method)
                if ours and theirs and verdict(theirs, ours) == "**wins**":
                    lines.append(f"- {level_name(level)}, seed {seed}: {method} ({_both(theirs, ours)})")
    kinds = _kinds_won(done)
    blocks = [wrapped(WINS), "\n".join(lines) or "none.", wrapped(KINDS), kinds or "none."]
    return Section("Where a peer wins", "\n\n".join(blocks))


def _both(theirs: Sequence[Result], ours: Sequence[Result]) -> str:
    parts = [
        f"{percent(recall(results))} % and {sum(one['n_false'] for one in results)}"
        for results in (theirs, ours)
    ]
    return f"recall and innocents {parts[0]}; samehand {parts[1]}"


def _kinds_won(done: Sequence[Done]) -> str:
    rows = []
    for level in LEVELS:
        ours = at(done, evasion=level, method=SAMEHAND)
        peers = {method: at(done, evasion=level, method=method) for method in _peers_in(done)}
        for kind in sorted({one["kind"] for result in ours for one in result["fleets"]}):
            recalls = {method: recall(results, kind) or 0.0 for method, results in peers.items()}
            best = max(recalls, key=lambda method: recalls[method], default=SAMEHAND)
            mine = recall(ours, kind) or 0.0
            if recalls.get(best, 0.0) > mine:
                wrong = [sum(one["n_false"] for one in results) for results in (peers[best], ours)]
                figures = [percent(recalls[best]), percent(mine), *(f"{n:,}" for n in wrong)]
                rows.append([level_name(level), kind, best, *figures])
    header = ["level", "kind", "peer", "recall", "samehand's", "innocents", "samehand's"]
    return table(header, rows, "<<<>>>>") if rows else ""


def kinds(done: Sequence[Done]) -> Section:
    """Recall by kind of fleet, levels with fleets taken together."""
    results = {
        method: [one for level in LEVELS[:-1] for one in at(done, evasion=level, method=method)]
        for method in methods_in(done)
    }
    names = sorted({one["kind"] for some in results.values() for result in some for one in result["fleets"]})
    rows = [[method, *(percent(recall(some, kind)) for kind in names)] for method, some in results.items()]
    text = "Recall in % of members, all levels of evasion and logs taken together."
    return Section("By kind of fleet", f"{text}\n\n{table(['method', *names], rows)}")


def causes(done: Sequence[Done]) -> Section:
    """Innocents reported, by the crowd that they are in."""
    counts: dict[str, Counter[str]] = {}
    for method in methods_in(done):
        counts[method] = Counter()
        for one in at(done, method=method):
            counts[method].update(one["false_by_cause"])
    names = [name for name, _ in sum(counts.values(), Counter()).most_common()]
    methods = methods_in(done)
    short = [f"({number})" for number in range(1, len(methods) + 1)]
    rows = [[name, *(f"{counts[method][name]:,}" for method in methods)] for name in names]
    rows.append(["all", *(f"{counts[method].total():,}" for method in methods)])
    key = "; ".join(f"{number} {method}" for number, method in zip(short, methods, strict=True))
    lead = wrapped(
        f"Accounts reported that no fleet holds, all logs taken together, by kind of innocent crowd. {key}."
    )
    return Section("Innocents accused, by cause", f"{lead}\n\n{table(['cause', *short], rows)}")


def settings(tuned: Sequence[Done], chosen: dict[str, dict[str, Any]], defaults: dict[str, Any]) -> Section:
    """Say which settings were used, and how the tuned ones were found."""
    scores = tuning(tuned)
    rows = []
    for name, default in defaults.items():
        rows.append([name, "default", _told(vars(default)), "-"])
        if name in chosen:
            score = scores[name][0][0]
            rows.append([name, f"best of {len(scores[name])}", _told(chosen[name]), f"{100 * score:.1f}"])
    return Section("Settings", table(["peer", "settings", "", "F1"], rows, "<<<>"))


def _told(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())
