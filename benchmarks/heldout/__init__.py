"""Held-out worlds: simulated logs that share no code and no assumption with the project's own simulator.

Detection is tuned on the project's simulator; these worlds are the exam by somebody else's logs. So nothing
here imports ``samehand``, and nobody should tune on them: look at the figures, not at the cases.

    world = make_world("chat", evasion=2, seed=7)

``python -m heldout chat --evasion 2`` from ``benchmarks/`` describes a world in figures.
"""

from .crowds import PLANS
from .evasion import EVASION
from .fleets import KINDS, SHARES_TARGETS
from .styles import STYLES
from .world import World, make_world

CROWD_KINDS = tuple(PLANS)

__all__ = ["CROWD_KINDS", "EVASION", "KINDS", "SHARES_TARGETS", "STYLES", "World", "make_world"]
