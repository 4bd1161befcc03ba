"""What the command line shows of a reading and of a run, at 80 columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from samehand.events.events import Events
from samehand.fleets.control_counts import KNOWN, SURROGATE
from samehand.run import Run
from samehand.texts.lines import columns_of, wrap
from samehand.texts.names import visible

MOST_FLEETS: Final = 25
MOST_CANDIDATES: Final = 5
MOST_BOUNDS: Final = 3
MOST_KNOWN: Final = 5
LEAST_WEIGHT: Final = 0.005
"""Innocent explanations of less weight are not worth a word."""
WIDTH: Final = 80


def _console() -> Console:
    # A pipe has no width of its own; text in it must still read well.
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def show_reading(events: Events) -> None:
    """Show how a log was understood: its columns, its size, its flaws."""
    console, quality = _console(), events.quality
    for line in events.mapping.to_text().splitlines():
        _print(console, line)
    _print(console, "")
    _print(console, f"{quality.n_events:,} events of {quality.n_accounts:,} accounts")
    _print(console, f"{quality.first_time:%Y-%m-%d %H:%M} to {quality.last_time:%Y-%m-%d %H:%M} UTC")
    _print(console, f"times: {quality.time_format}, in steps of {_duration(quality.clock_resolution_us)}")
    if quality.n_rows != quality.n_events:
        _print(console, f"{quality.n_rows:,} rows in the log")
    gaps = ", ".join(f"{role} {n:,}" for role, n in quality.missing.items() if n)
    if gaps:
        _print(console, f"events without a value: {gaps}")
    if quality.n_duplicates:
        _print(console, f"{quality.n_duplicates:,} repeated rows were taken once")
    for left_out in quality.left_out:
        _print(console, f"left out: {left_out.count:,} {left_out.what} ({left_out.why})")
    for hot in quality.hot_targets[:3]:
        _print(console, f"hot target: {visible(hot.target)} with {hot.share:.1%} of the events")
    for warning in quality.warnings:
        _print(console, f"warning: {warning}")


def reading_as_json(events: Events) -> str:
    """Write the same for programs: the columns of each role, how they were found, those without a role, quality."""
    mapping = events.mapping
    answer = {"roles": mapping.roles, "unused": mapping.unused, "quality": events.quality}
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def _print(console: Console, line: str) -> None:
    """Print a line as it is, or broken between words where it is wider than the terminal."""
    if columns_of(line) > console.width:
        line = wrap(line, console.width, rest="  ")
    console.print(line, markup=False, soft_wrap=True)


def _duration(us: int) -> str:
    """Say a length of time in the largest unit that it fills.

    >>> _duration(1), _duration(1000), _duration(1_000_000), _duration(90_000_000)
    ('1 µs', '1 ms', '1 s', '90 s')
    """
    if us < 1000:
        return f"{us} µs"
    return f"{us / 1000:g} ms" if us < 1_000_000 else f"{us / 1e6:g} s"


def show_run(run: Run, folder: Path) -> None:
    """Show the answer of a run: the ranked fleets, what chance gives, and the report to open."""
    console, info = _console(), run.info
    for use in info.layers:
        if not use.used:
            _print(console, f"layer {use.name} not used: {use.reason}")
    for bound in info.bounded[:MOST_BOUNDS]:
        _print(console, f"bounded: {bound.count:,} {bound.what} ({bound.why})")
    if len(info.bounded) > MOST_BOUNDS:
        console.print(f"and {len(info.bounded) - MOST_BOUNDS} more bounds in the report", markup=False)
    console.print()
    suspected = [row for row in run.fleets.to_pylist() if row["reported"]]
    candidates = [row for row in run.fleets.to_pylist() if not row["reported"]]
    rows = [*suspected[:MOST_FLEETS], *candidates[:MOST_CANDIDATES]]
    if rows:
        console.print(_table(rows))
    for line in _known(run, rows):
        _print(console, line)
    hidden = len(suspected) + len(candidates) - len(rows)
    if hidden:
        console.print(f"and {hidden} more in the report", markup=False)
    if rows:
        console.print()
    console.print(_answer(run), markup=False)
    _show_controls(console, run)
    console.print(f"report: {folder / 'report.html'}", markup=False, soft_wrap=True)


def _known(run: Run, rows: list[dict[str, Any]]) -> list[str]:
    """Who was banned or cleared before, in the log and in each fleet that has any such member."""
    known = run.info.known
    if known is None:
        return []
    in_log = f"known before: {known.n_banned:,} banned and {known.n_cleared:,} cleared in the log"
    not_in_log = f"{known.n_unknown:,} accounts of {visible(known.name)} are not in it"
    return [f"{in_log}; {not_in_log}"] + [
        f"{row['fleet_id']}: {row['n_known_banned']:,} of {row['n_accounts']:,} banned before, "
        f"{row['n_known_cleared']:,} cleared"
        for row in rows
        if row["n_known_banned"] or row["n_known_cleared"]
    ]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("fleet", "accounts", "bits", "q"):
        table.add_column(name, justify="right" if name != "fleet" else "left", no_wrap=True)
    for name in ("verdict", "does", "innocent cause"):
        table.add_column(name)
    for row in rows:
        weight = row["innocent_weight"]
        table.add_row(
            row["fleet_id"],
            f"{row['n_accounts']:,}",
            f"{row['score_bits']:,.0f}",
            "-" if row["q_value"] is None else f"{row['q_value']:.3f}",
            Text("suspected", style="bold red") if row["reported"] else Text("candidate", style="dim"),
            ", ".join(_words(name) for name in row["behaviours"] if name != "mixed") or "-",
            f"{_words(row['innocent'])} {weight:.2f}" if weight >= LEAST_WEIGHT else "none fits",
        )
    return table


def _words(name: str) -> str:
    return name.replace("_", " ")


def _show_controls(console: Console, run: Run) -> None:
    """Say how often innocents would have been accused, and name the groups of the user's own that would have been."""
    controls = run.info.controls
    if controls is None:
        return
    for left_out in controls.left_out:
        _print(console, f"not tried: {left_out.count:,} {left_out.what} ({left_out.why})")
    by_chance = [one for one in controls.by_kind if one.kind == SURROGATE]
    others = [one for one in controls.by_kind if one.kind != SURROGATE]
    tried = [
        f"{sum(one.n_accused for one in some):,} of {sum(one.n_groups for one in some):,} {what}"
        for some, what in ((others, "innocent groups"), (by_chance, "groups of chance"))
        if some
    ]
    if tried:
        _print(console, f"negative controls: {' and '.join(tried)} would have been accused")
    accused = [row for row in run.controls.to_pylist() if row["kind"] == KNOWN and row["n_accused"]]
    for row in accused[:MOST_KNOWN]:
        n = row["n_accounts_reported"]
        accounts = "1 account" if n == 1 else f"{n:,} accounts"
        how = f"has {accounts} in suspected fleets" if n else "would have been accused"
        _print(console, f"warning: the group {visible(row['source'])}, known to be innocent, {how}")
    if len(accused) > MOST_KNOWN:
        console.print(f"and {len(accused) - MOST_KNOWN:,} more such groups in controls.parquet", markup=False)


def _answer(run: Run) -> str:
    info, discovery = run.info, run.info.false_discovery
    fleets = "1 suspected fleet" if info.n_reported == 1 else f"{info.n_reported:,} suspected fleets"
    found = (
        f"{fleets} with {info.n_accounts_reported:,} accounts" if info.n_reported else "no suspected fleet"
    )
    if not discovery.n_surrogates:
        return f"{found}\nthe false-discovery rate was NOT estimated (--surrogates 0)"
    n_groups = discovery.n_surrogate_clusters
    groups = "1 such group" if n_groups == 1 else f"{n_groups:,} such groups"
    return (
        f"{found}, at a false-discovery rate of {info.config['fdr']:g}\n"
        f"chance alone gave {groups} in {discovery.n_surrogates} surrogate logs"
    )
