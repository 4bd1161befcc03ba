"""What a format is, the formats there are, and how a run is rendered in one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from samehand.errors import OptionError
from samehand.placing import write_named
from samehand.report.csv import MembersCsv
from samehand.report.graph_formats import Gexf, GraphMl
from samehand.report.html import HtmlPage
from samehand.report.json import JsonDocument
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import check_lang


class Format(Protocol):
    """A way to write a finished run as one file."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    @property
    def suffix(self) -> str:
        """Of its files, with the dot."""

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:
        """Give the bytes of the file; words in it are in ``lang``."""


FORMATS: Final[tuple[Format, ...]] = (HtmlPage(), JsonDocument(), GraphMl(), Gexf(), MembersCsv())


def format_named(name: str) -> Format:
    """Give the format of that name.

    Raises:
        OptionError: There is none.
    """
    for known in FORMATS:
        if known.name == name:
            return known
    known_names = ", ".join(known.name for known in FORMATS)
    hint = "samehand casefile RUN FLEET" if name == "pdf" else f"one of {known_names}"
    raise OptionError(f"unknown report format {name!r}", hint=hint)


def render_report(
    info: RunInfo,
    tables: RunTables,
    path: Path | None = None,
    format: str = "html",  # noqa: A002
    lang: str = "en",
) -> bytes:
    """Render a run and, where ``path`` is given, write it there whole or not at all.

    Raises:
        OptionError: The format or language is unknown, or the file cannot be written.
    """
    content = format_named(format).render(info, tables, check_lang(lang))
    if path is not None:
        write_named(path, content, "the report")
    return content
