"""What a source is: it gives events in batches, each with the place from which it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from samehand.online.arriving import Arrived

POLL_S: Final = 0.2
"""Between two looks for more."""


@dataclass(frozen=True)
class Batch:
    """Events that came together; None: nothing came for a moment."""

    arrived: Arrived | None
    position: dict[str, Any] | None = None
    """Where the source goes on after it; None: it cannot be read again, and who sends must send again."""
    handle: Any = None
    """What the source needs to acknowledge it."""


class Source(Protocol):
    """A source of events, at least once each."""

    @property
    def name(self) -> str:
        """For messages, without secrets."""

    def batches(self, position: dict[str, Any] | None) -> Iterator[Batch]:
        """Give batches from a position on, until the source ends.

        Raises:
            InputError: It is not what was read before, or holds no events.
            SamehandError: It disconnected, and did not come back.
        """

    def acknowledge(self, batch: Batch) -> None:
        """Say that a batch is safe."""
