"""What the command line shows of a ledger, at 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samehand.harm.count import PARTS, Figure
from samehand.harm.ledger import Ledger
from samehand.harm.queries import HEADS
from samehand.harm.value import Valuation
from samehand.harm.views import ALL
from samehand.harm.words import amounts, item_name, missing_groups, remarks, unit_name
from samehand.texts import say
from samehand.texts.lines import wrap

WIDTH: Final = 80
MOST_FLEETS: Final = 25
OF_FLEETS: Final = ("accounts", "actions", "contacted", "orders")
"""Counts that each fleet is shown with."""


def show_ledger(ledger: Ledger, folder: Path, lang: str) -> None:
    """Show counts and valuations of all fleets together, each fleet in a line, and the page to open."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    for line in remarks(ledger.info, lang):
        _print(console, line)
    if ledger.info.fleets:
        console.print()
        console.print(_totals(ledger.counts, lang))
        console.print()
        if any(one.missing is None for one in ledger.values):
            console.print(_totals(ledger.values, lang))
            console.print()
        console.print(_fleets(ledger, lang))
        if len(ledger.info.fleets) > MOST_FLEETS:
            console.print(f"... {len(ledger.info.fleets) - MOST_FLEETS}", markup=False)
        console.print()
        for line in missing_groups(ledger, lang):
            _print(console, line)
        _print(console, say("harm.what", lang))
    console.print(say("harm.page", lang, path=str(folder / "harm.html")), markup=False, soft_wrap=True)


def _print(console: Console, line: str) -> None:
    console.print(wrap(line, console.width, rest="  "), markup=False, soft_wrap=True)


def _totals(figures: Sequence[Figure | Valuation], lang: str) -> Table:
    """The figures of all fleets together, by head."""
    valued = any(isinstance(one, Valuation) for one in figures)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(say(f"harm.column_{'value' if valued else 'count'}", lang), no_wrap=True)
    for name in ("low", "mid", "high"):
        table.add_column(say(f"harm.column_{name}", lang), justify="right", no_wrap=True)
    table.add_column(say("harm.column_unit", lang), no_wrap=True)
    for head in HEADS:
        rows = [one for one in figures if one.head == head and _is_total(one)]
        if rows:
            table.add_row(Text(say(f"harm.head_{head}", lang), style="bold"))
        for one in rows:
            table.add_row(f"  {item_name(one.item, lang)}", *amounts(one), unit_name(one, lang))
    return table


def _is_total(one: Figure | Valuation) -> bool:
    part = isinstance(one, Figure) and (one.of is not None or one.item in PARTS)
    return one.scope == ALL and one.missing is None and not part


def _fleets(ledger: Ledger, lang: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(say("harm.column_fleet", lang), no_wrap=True)
    gain = ledger.value("gain_by_order")
    for item in (*OF_FLEETS, *(("gain_by_order",) if gain.missing is None else ())):
        table.add_column(item_name(item, lang), justify="right")
    for scope in ledger.info.fleets[:MOST_FLEETS]:
        cells = [amounts(ledger.count(item, scope))[1] for item in OF_FLEETS]
        if gain.missing is None:
            cells.append(amounts(ledger.value("gain_by_order", scope))[1])
        table.add_row(scope, *cells)
    return table
