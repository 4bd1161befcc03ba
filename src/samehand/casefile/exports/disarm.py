"""What fleets do, in the terms of the DISARM Red Framework, which other analysts file incidents under.

Ids and names are those of the pages that the DISARM Foundation generates (DISARMFoundation/DISARMframeworks on GitHub,
looked up at the commits 5409c8c, 49df5f6 and 2c4757b). DISARM describes influence operations; a fleet that sells likes
is mapped by what it does on the platform, not by why. T0090 (Create Inauthentic Accounts) of older catalogues is no
longer among the pages; T0146 (Account Asset) and T0150 (Asset Origin) are used for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FRAMEWORK: Final = "DISARM Red Framework"
_PAGES: Final = "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/generated_pages/techniques/"


@dataclass(frozen=True)
class Technique:
    """One technique of the framework."""

    id: str
    name: str
    tactic: str
    """The tactic that it belongs to."""

    @property
    def url(self) -> str:
        """Of its page."""
        return f"{_PAGES}{self.id}.md"


_FLOOD: Final = Technique("T0049", "Flood Information Space", "TA17")
_NETWORK: Final = Technique("T0092", "Build Network", "TA15")
_ALGORITHM: Final = Technique("T0121", "Manipulate Platform Algorithm", "TA17")
_ACCOUNT: Final = Technique("T0146", "Account Asset", "TA15")
_NEW: Final = Technique("T0150.001", "Newly Created Asset", "TA15")
_RENTED: Final = Technique("T0150.007", "Rented Asset", "TA15")

TECHNIQUES: Final[dict[str, tuple[Technique, ...]]] = {
    "boost": (_ALGORITHM,),
    "follow_farm": (_NETWORK, _ALGORITHM),
    "mass_add": (_NETWORK,),
    "mass_message": (_FLOOD,),
    "bulk_registration": (_ACCOUNT, _NEW),
    "rented": (_ACCOUNT, _RENTED),
    "mixed": (),
}
"""Behaviour -> techniques."""


def techniques_of(behaviours: Iterable[str]) -> list[Technique]:
    """Give the techniques of some behaviours, each once, by id; behaviours that are not known have none.

    >>> [one.id for one in techniques_of(["boost", "rented", "mixed"])]
    ['T0121', 'T0146', 'T0150.007']
    """
    found = {one.id: one for name in behaviours for one in TECHNIQUES.get(name, ())}
    return [found[name] for name in sorted(found)]
