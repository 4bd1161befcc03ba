"""The papers of a bundle that are no report: a statement to sign, what is in the bundle, custody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from samehand.casefile.case import Case
from samehand.casefile.rows import write_csv
from samehand.errors import InputError
from samehand.texts import say, visible
from samehand.texts.lines import wrap

WIDTH: Final = 80
CUSTODY: Final = ("time", "who", "what", "sha256")
"""Columns of the custody log."""
_FILES: Final = (
    "report", "statement", "manifest", "verify", "case", "run", "texts", "custody", "lock", "exhibits", "tables", "raw"
)  # fmt: skip


def statement(case: Case, root: str, stamped: bool) -> bytes:
    """Write a statement to sign, which names the Merkle root, and so all files of the bundle."""
    lang, fleet = case.lang, case.fleet
    what = say("casefile.statement_what", lang, fleet=fleet.fleet_id, n_accounts=fleet.n_accounts,
               time=case.info.created_at, version=case.info.samehand)  # fmt: skip
    sources = [
        f"{visible(one.name)}  {one.sha256 or say('casefile.no_hash', lang)}" for one in case.info.sources
    ]
    asked = ("origin", "run", "checked", "limits")
    parts = [
        say("casefile.statement", lang),
        _wrapped(what),
        f"{say('casefile.statement_root', lang)}\n{root}",
        "\n".join([say("casefile.statement_sources", lang), *sources]),
        _wrapped(say("casefile.caution", lang)),
        _wrapped(say("casefile.statement_say", lang)),
        *(wrap(say(f"casefile.statement_{one}", lang), WIDTH, "", "    ") for one in asked),
        say("casefile.statement_sign", lang),
        say("casefile.statement_date", lang),
        _wrapped(say("casefile.statement_keep", lang)),
        *([_wrapped(say("casefile.statement_stamp", lang))] if stamped else []),
    ]
    return _text(parts)


def readme(case: Case, stamped: bool) -> bytes:
    """Say what is in the bundle and how it is verified."""
    lang, fleet = case.lang, case.fleet
    files = [*_FILES, *(["harm"] if case.harm else []), *(["stamp"] if stamped else [])]
    steps = ("files", "rows", "log", "versions")
    parts = [
        say("casefile.readme", lang),
        say("casefile.title", lang, fleet=fleet.fleet_id),
        _wrapped(say("casefile.caution", lang)),
        _wrapped(say("casefile.readme_first", lang)),
        "\n".join(
            [
                say("casefile.readme_files", lang),
                *(wrap(say(f"casefile.file_{one}", lang), WIDTH, "  ", "    ") for one in files),
            ]
        ),
        say("casefile.verify", lang),
        *(_wrapped(say(f"casefile.verify_{step}", lang)) for step in steps),
        *_bounded(case),
    ]
    return _text(parts)


def _bounded(case: Case) -> list[str]:
    n, total = case.dossier.event_rows.num_rows, case.fleet.n_events
    return [_wrapped(say("casefile.bounded", case.lang, n=n, total=total))] if n < total else []


def custody(case: Case, before: Iterable[dict[str, str]]) -> bytes:
    """Write the custody log: what was told of the time before, then what samehand did."""
    lang, info = case.lang, case.info
    at, who = f"{info.created_at:%Y-%m-%dT%H:%M:%SZ}", f"samehand {info.samehand}"
    read = [
        {
            "time": at,
            "who": who,
            "what": say("casefile.custody_read", lang, name=one.name),
            "sha256": one.sha256,
        }
        for one in info.sources
    ]
    found = {
        "time": at,
        "who": who,
        "what": say("casefile.custody_run", lang),
        "sha256": case.run_hashes["run.json"],
    }
    made = {"time": "", "who": "", "what": say("casefile.custody_bundle", lang), "sha256": ""}
    return write_csv([*before, *read, found, made], list(CUSTODY))


def read_custody(path: Path) -> list[dict[str, str]]:
    """Read what happened to the data before samehand: a CSV file with the columns time, who, what and maybe sha256.

    Raises:
        InputError: It cannot be read, or has other columns.
    """
    hint = f"a CSV file with the columns {', '.join(CUSTODY)}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the custody log cannot be read: {error}", where=str(path), hint=hint) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = reader.fieldnames or ()
        rows = list(reader)
    except csv.Error as error:
        raise InputError(f"the custody log is no CSV: {error}", where=str(path), hint=hint) from error
    if not set(CUSTODY[:3]) <= set(names) <= set(CUSTODY):
        raise InputError(f"the custody log has the columns {', '.join(names)}", where=str(path), hint=hint)
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise InputError(
                f"line {number} of the custody log has not as many cells as the head",
                where=str(path),
                hint=hint,
            )
    return rows


def _wrapped(text: str) -> str:
    return wrap(text, WIDTH)


def _text(parts: Iterable[str]) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()
