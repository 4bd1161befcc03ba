"""Finds the fonts of a report. Only these are used: another font on the machine changes no byte."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import typst

from samehand.errors import InputError

LATIN: Final = "Libertinus Serif"
NAMES: Final = "DejaVu Sans Mono"
"""For names from the log: letters that are alike in other fonts differ here. Both are inside the typst package."""
CHINESE: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")


@dataclass(frozen=True)
class Fonts:
    """The fonts of one report."""

    names: dict[str, list[str]]
    """As the template wants them."""
    folders: list[Path]
    """Where fonts are that are not inside typst."""


def find_fonts(lang: str, ideographs: bool) -> Fonts:
    """Find the fonts for a report in ``lang``, with or without Chinese characters in it.

    Raises:
        InputError: There is no font for Chinese and it is needed.
    """
    if lang != "zh" and not ideographs:
        return Fonts({"fonts": [LATIN, NAMES], "name_fonts": [NAMES, LATIN]}, [])
    found = installed()
    for family in CHINESE:
        if family in found:
            main = [family, LATIN, NAMES] if lang == "zh" else [LATIN, family, NAMES]
            return Fonts({"fonts": main, "name_fonts": [NAMES, family, LATIN]}, [found[family]])
    raise InputError(
        f"no font for Chinese is installed; looked for {', '.join(CHINESE)}",
        hint="apt-get install fonts-noto-cjk (dnf install google-noto-sans-cjk-fonts)",
    )


@cache
def installed() -> dict[str, Path]:
    """Give the families on this machine, each with its folder."""
    return {font.family: Path(font.path).parent for font in typst.Fonts().fonts() if font.path is not None}
