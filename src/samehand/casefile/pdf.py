"""A case report as PDF (A4, PDF/A-2b), laid out by Typst; the same report gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import as_file
from importlib.resources import files as resources
from typing import Any

import msgspec
import typst

from samehand.casefile.blocks import Block
from samehand.casefile.case import Case
from samehand.casefile.content import title_of
from samehand.casefile.fonts import find_fonts
from samehand.casefile.glyphs import breakable, drawable, has_ideographs
from samehand.casefile.report import subtitle_of
from samehand.errors import InputError

_SVG = "<svg xmlns="


def render_pdf(case: Case, blocks: Sequence[Block]) -> bytes:
    """Lay out a report.

    Names and texts of the log go in as data and are shown as they are; characters that no font here draws are written
    as their code points.

    Raises:
        InputError: There is no font for Chinese, and the report needs one.
    """
    made = case.info.created_at
    content: dict[str, Any] = {
        "title": title_of(case),
        "subtitle": subtitle_of(case),
        "date": [made.year, made.month, made.day],
        "lang": case.lang,
        "blocks": [asdict(block) for block in blocks],
    }
    content = _drawable(content)
    text = msgspec.json.encode(content).decode()
    fonts = find_fonts(case.lang, has_ideographs(text))
    inputs = {"report": msgspec.json.encode({**content, **fonts.names}).decode()}
    with as_file(resources(__package__).joinpath("report.typ")) as template:
        try:
            made_pdf = typst.compile(
                template,
                sys_inputs=inputs,
                font_paths=fonts.folders,
                ignore_system_fonts=True,
                pdf_standards="a-2b",
                timestamp=int(made.timestamp()),
            )
        except typst.TypstError as error:
            raise InputError(
                f"the report cannot be laid out: {error}", hint="another font: apt-get install fonts-noto-cjk"
            ) from error
    return bytes(made_pdf)


def _drawable(value: Any) -> Any:
    """Write every text within a value with characters that the fonts have; numbers of drawings stay together."""
    match value:
        case str() if value.startswith(_SVG):
            return drawable(value)
        case str():
            return breakable(drawable(value))
        case dict():
            return {name: _drawable(one) for name, one in value.items()}
        case list() | tuple():
            return [_drawable(one) for one in value]
        case _:
            return value
