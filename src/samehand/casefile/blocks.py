"""The parts that a case report is made of: data that is laid out as a PDF or written as plain text, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from samehand.texts.lines import columns_of, wrap

_WIDTH = 96


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading; level 1 begins a section."""

    text: str
    level: int = 1
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    text: str
    style: Literal["plain", "muted", "lead", "note"] = "plain"
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, kw_only=True)
class Points:
    """A list."""

    items: Sequence[str]
    kind: Literal["points"] = "points"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; ``widths`` are shares of the line, ``numbers`` the columns that are set flush right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: Sequence[int] = ()
    names: Sequence[int] = ()
    """Columns that hold names from the log, which may be long and may break anywhere."""
    small: bool = False
    kind: Literal["table"] = "table"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart as SVG, with what it shows in words."""

    name: str
    """Of its file in a bundle."""
    title: str
    caption: str
    svg: str
    width: float = 1.0
    """Share of the line."""
    keys: Sequence[tuple[str, str]] = ()
    """Of its marks: colour, meaning."""
    kind: Literal["figure"] = "figure"


Block = Heading | Paragraph | Points | Table | Figure


def facts(rows: Sequence[tuple[str, str]], names: Sequence[int] = ()) -> Table:
    """Make a table of names and values, without a head."""
    return Table(head=(), rows=rows, widths=(1, 2), names=names)


def to_text(blocks: Iterable[Block]) -> str:
    """Write blocks as plain text; figures are named."""
    return "\n\n".join(text for text in map(_text, blocks) if text) + "\n"


def _text(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"{text}\n{('=' if level == 1 else '-') * min(columns_of(text), _WIDTH)}"
        case Paragraph(text=text):
            return wrap(text, _WIDTH)
        case Points(items=items):
            return "\n".join(wrap(item, _WIDTH, "- ", "  ") for item in items)
        case Figure(name=name, title=title, caption=caption):
            return wrap(f"[{name}] {title} {caption}", _WIDTH)
        case Table(head=head, rows=rows):
            lines = [head, *rows] if head else rows
            return "\n".join(" | ".join(cell.replace("\n", " ") for cell in line) for line in lines)
