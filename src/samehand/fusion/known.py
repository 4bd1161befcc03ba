"""How much each family says of fleets and of other groups in made-up logs: candidates at each level.

Written by ``python benchmarks/weights.py``; see docs/decisions/0029-fusion.md. Levels are those of ``weigh``.
"""

from __future__ import annotations

from typing import Final

FLEETS: Final[dict[str, tuple[int, ...]]] = {
    "content": (43, 0, 1, 6, 32),
    "device": (51, 8, 5, 11, 7),
    "innocent_causes": (82, 0, 0),
    "network": (20, 9, 4, 10, 39),
    "registration": (72, 0, 1, 1, 8),
    "timing_and_targets": (0, 0, 2, 4, 76),
}
OTHERS: Final[dict[str, tuple[int, ...]]] = {
    "content": (182, 0, 0, 0, 9),
    "device": (147, 4, 5, 35, 0),
    "innocent_causes": (0, 3, 188),
    "network": (101, 28, 11, 44, 7),
    "registration": (187, 0, 2, 2, 0),
    "timing_and_targets": (0, 2, 49, 66, 74),
}
