"""What the command line shows of a tracking, at 80 columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samehand.texts import label, say, visible
from samehand.texts.lines import wrap
from samehand.tracking.track import Tracking

MOST_ROWS: Final = 40
WIDTH: Final = 80


def show_tracking(tracking: Tracking, folder: Path) -> None:
    """Show the runs, the tracks with what became of them, and the page to open."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    info = tracking.info
    for run in info.runs:
        span = f"{run.first_time:%Y-%m-%d %H:%M} to {run.last_time:%Y-%m-%d %H:%M}"
        _print(console, f"R{run.run} {visible(run.name, 40)}: {span} UTC, {run.n_tracked} fleets followed")
    for one, other in info.overlaps[:3]:
        _print(console, "warning: " + say("track.overlap", one=one, other=other))
    for run in info.runs:
        if not run.estimated:
            _print(console, "warning: " + say("track.no_estimate", run=run.run))
    console.print()
    rows = tracking.tracks.to_pylist()
    if rows:
        console.print(_table(rows[-MOST_ROWS:], tracking.links.to_pylist()))
    if len(rows) > MOST_ROWS:
        console.print(f"and {len(rows) - MOST_ROWS} earlier rows in the page", markup=False)
    n_re_armed = sum(row["re_armed"] for row in tracking.links.to_pylist())
    _print(console, f"\n{info.n_tracks} tracks, {info.n_links} links, {n_re_armed} suspected re-armed")
    console.print(f"page: {folder / 'track.html'}", markup=False, soft_wrap=True)


def _table(rows: list[dict[str, Any]], links: list[dict[str, Any]]) -> Table:
    before: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for link in links:
        before.setdefault((link["to_run"], link["to_fleet"]), []).append(link)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("track", "run", "fleet"):
        table.add_column(name, no_wrap=True)
    table.add_column("accounts", justify="right", no_wrap=True)
    table.add_column("status")
    table.add_column("from")
    table.add_column("shared", justify="right", no_wrap=True)
    table.add_column("bits", justify="right", no_wrap=True)
    for row in rows:
        own = before.get((row["run"], row["fleet_id"]), [])
        table.add_row(
            row["track_id"],
            f"R{row['run']}",
            row["fleet_id"] or "-",
            f"{row['n_accounts']:,}" if row["fleet_id"] else "-",
            Text(label("track_status", row["status"], "en"), style=_style(row)),
            ", ".join(f"R{link['from_run']} {link['from_fleet']}" for link in own) or "-",
            f"{sum(link['n_shared'] for link in own):,}" if own else "-",
            f"{max(link['bits'] for link in own):,.0f}" if own else "-",
        )
    return table


def _style(row: dict[str, Any]) -> str:
    return {"re_armed": "bold red", "gone": "dim"}.get(row["status"], "" if row["reported"] else "dim")


def _print(console: Console, line: str) -> None:
    console.print(wrap(line, console.width, rest="  "), markup=False, soft_wrap=True)
