"""The members as one CSV file for a spreadsheet: a row an account, with the columns of its fleet."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from samehand.report.dossier import Fleet, open_dossiers, read_fleets
from samehand.run_folder import RunInfo, RunTables
from samehand.texts.rows import summarise

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""OWASP, "CSV Injection": what makes a spreadsheet take a text for a formula, full-width forms included."""
_FLEET_COLUMNS: Final = (
    "reported", "n_accounts", "score_bits", "q_value", "chance_count", "coordination", "inauthenticity",
    "innocent", "innocent_weight", "n_part_time", "n_known_banned", "n_known_cleared",
)  # fmt: skip
_MEMBER_COLUMNS: Final = (
    "bits", "leave_one_out_bits", "share_of_events", "n_events", "n_coactions", "first_time", "last_time",
    "n_driven", "share_driven", "part_time", "known",
)  # fmt: skip
_SAME_NAME: Final = frozenset({"reported"})


@dataclass(frozen=True)
class MembersCsv:
    """A row a member: ``fleet_id, account``, the member's columns, then ``fleet_...`` and the summary."""

    name: str = "csv"
    suffix: str = ".csv"

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:  # noqa: ARG002
        """Render all candidates, in the order of the ranking; only the summary depends on ``lang``.

        The file is UTF-8 with a byte-order mark, or spreadsheets misread what is not ASCII. A text that a
        spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        fleet_columns = [name if name in _SAME_NAME else f"fleet_{name}" for name in _FLEET_COLUMNS]
        writer.writerow(
            [
                "fleet_id",
                "account",
                *_MEMBER_COLUMNS,
                *fleet_columns,
                "fleet_layers",
                "fleet_behaviours",
                "fleet_summary",
            ]
        )
        for dossier in open_dossiers(tables, read_fleets(tables.fleets)):
            fleet_cells = _fleet_cells(dossier.fleet, lang)
            for row in dossier.members.to_pylist():
                own = [cell(row.get(name)) for name in ("account", *_MEMBER_COLUMNS)]
                writer.writerow([cell(dossier.fleet.fleet_id), *own, *fleet_cells])
        return text.getvalue().encode("utf-8-sig")


def _fleet_cells(fleet: Fleet, lang: str) -> list[str | int | float]:
    lists = [" ".join(fleet.layers), " ".join(fleet.behaviours)]
    return [
        cell(value)
        for value in (*(getattr(fleet, c) for c in _FLEET_COLUMNS), *lists, summarise(asdict(fleet), lang))
    ]


def cell(value: object) -> str | int | float:
    """Write a value so that no spreadsheet runs it.

    >>> [cell(v) for v in ("=1+1", "-x", -2, 0.5, True, None, "user_1")]
    ["'=1+1", "'-x", -2, 0.5, 'true', '', 'user_1']
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            # NUL ends a text for some readers, and is no part of any name that a person could compare.
            text = str(value).replace("\0", "\u2400")
            return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
