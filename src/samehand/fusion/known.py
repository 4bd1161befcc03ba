"""How much each family says of fleets and of other groups in made-up logs: candidates at each level.

Written by ``python benchmarks/weights.py``; see docs/decisions/0029-fusion.md. Levels are those of ``weigh``.
"""

from __future__ import annotations

from typing import Final

FLEETS: Final[dict[str, tuple[int, ...]]] = {
    "content": (31, 0, 1, 4, 23),
    "device": (36, 7, 3, 8, 5),
    "innocent_causes": (59, 0, 0),
    "network": (17, 5, 2, 7, 28),
    "registration": (52, 0, 1, 1, 5),
    "timing_and_targets": (0, 0, 2, 3, 54),
}
OTHERS: Final[dict[str, tuple[int, ...]]] = {
    "content": (136, 0, 0, 0, 8),
    "device": (110, 4, 5, 25, 0),
    "innocent_causes": (0, 2, 142),
    "network": (74, 24, 11, 30, 5),
    "registration": (140, 0, 2, 2, 0),
    "timing_and_targets": (0, 2, 38, 48, 56),
}
