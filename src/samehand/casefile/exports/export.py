"""START HERE: some fleets of a run in one of the forms that others take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from samehand.casefile.exports.csv_zip import render_csv_zip
from samehand.casefile.exports.dsa import Decision, render_dsa
from samehand.casefile.exports.minimum import render_minimum
from samehand.casefile.exports.part import part_of, told_of
from samehand.casefile.exports.salt import Salt
from samehand.casefile.exports.stix import render_stix
from samehand.errors import OptionError
from samehand.placing import write_named
from samehand.report.interface import format_named
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import check_lang

SUFFIXES: Final = {
    "json": ".json",
    "csv": ".csv",
    "csvzip": ".zip",
    "graphml": ".graphml",
    "gexf": ".gexf",
    "stix": ".stix.json",
    "dsa": ".dsa.zip",
    "minimum": ".minimum.json",
}
"""Format -> the ending of its files."""
SALTED: Final = frozenset({"dsa", "minimum"})
"""Formats that name accounts under a salt."""


def check_format(name: str) -> str:
    """Give the name of a format back.

    Raises:
        OptionError: There is none.
    """
    if name not in SUFFIXES:
        raise OptionError(f"unknown format {name!r}", where="--format", hint=f"one of {', '.join(SUFFIXES)}")
    return name


def export(
    info: RunInfo,
    tables: RunTables,
    form: str,
    fleets: Sequence[str] = (),
    *,
    everything: bool = False,
    lang: str = "en",
    salt: Salt | None = None,
    decisions: Sequence[Decision] = (),
) -> bytes:
    """Render some fleets of a run.

    Args:
        info: Of the run.
        tables: Of the run.
        form: One of ``SUFFIXES``.
        fleets: The fleets; none: all that are reported.
        everything: Without ``fleets``: the candidates that are not reported, too.
        lang: Language of the words.
        salt: For the formats of ``SALTED``.
        decisions: For ``dsa``.

    Raises:
        OptionError: The format, language or a fleet is unknown, or a salt is wanted.
        InputError: A decision does not fit the fleets.
    """
    form, language = check_format(form), check_lang(lang)
    info, part = told_of(info), part_of(tables, fleets, everything)
    if form in SALTED:
        if salt is None:
            raise OptionError(
                f"{form} names accounts under a salt", where="--salt", hint="a file of random bytes"
            )
        if form == "minimum":
            return render_minimum(info, part, language, salt)
        return render_dsa(info, part, language, salt, decisions)
    if form == "csvzip":
        return render_csv_zip(info, part, language)
    if form == "stix":
        return render_stix(info, part, language)
    return format_named(form).render(info, part, language)


def write_export(path: Path, content: bytes) -> Path:
    """Write the file whole or not at all.

    Raises:
        OptionError: It cannot be written.
    """
    write_named(path, content, "the export")
    return path
