"""How a process says which step it is at, to another process that shows progress."""

from __future__ import annotations

from typing import Final

STEPS_VARIABLE: Final = "SAMEHAND_STEPS"
"""Of the environment: whoever sets it gets each step as a line of its own on standard error."""
STEP_MARK: Final = "step: "
"""How such a line begins."""
