"""Tables that read well in a terminal and are Markdown as they stand."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def table(header: Sequence[str], rows: Sequence[Sequence[object]], align: str = "") -> str:
    """Draw a table; ``align`` has a ``<`` or ``>`` for each column (the first left, the others right).

    >>> print(table(["kind", "n"], [["boost", 12], ["mixed", 7]]))
    | kind  |  n |
    |-------|---:|
    | boost | 12 |
    | mixed |  7 |
    """
    align = align or "<" + ">" * (len(header) - 1)
    cells = [[str(value) for value in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    rule = [
        "-" * (w + 1) + ":" if side == ">" else "-" * (w + 2) for w, side in zip(widths, align, strict=True)
    ]
    lines = [f"|{'|'.join(_cells(row, widths, align))}|" for row in cells]
    return "\n".join([lines[0], f"|{'|'.join(rule)}|", *lines[1:]])


def _cells(row: list[str], widths: list[int], align: str) -> list[str]:
    return [f" {value:{side}{width}} " for value, side, width in zip(row, align, widths, strict=True)]


def wrapped(text: str, indent: str = "") -> str:
    """Wrap a paragraph; further lines are indented."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def percent(value: float | None, digits: int = 1) -> str:
    """Write a rate, rounded towards zero, so that only a whole is 100 %.

    >>> percent(0.99996), percent(1.0), percent(None)
    ('99.9', '100.0', '-')
    """
    if value is None:
        return "-"
    scale = 10**digits
    return f"{int(value * 100 * scale + 1e-9) / scale:.{digits}f}"
