"""Bounds how often somebody may ask."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_MOST_KEYS: Final = 10_000
"""Keys that are remembered; the one that was not seen for longest goes first."""


class RateLimit:
    """A bucket of tokens for each key: each request takes one, and they come back at a steady rate.

    Args:
        burst: Requests that may come at once.
        per_s: Requests a second that may go on for ever.
        clock: Seconds.
    """

    def __init__(self, burst: int, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take a token; 0 if there was one, else the seconds until there is.

        >>> limit = RateLimit(1, 0.5, clock=lambda: 0.0)
        >>> limit.take("ann"), limit.take("ann"), limit.take("bob")
        (0.0, 2.0, 0.0)
        """
        with self._lock:
            now = self._clock()
            tokens, then = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - then) * self._per_s)
            enough = tokens >= 1
            self._buckets[key] = (tokens - 1 if enough else tokens, now)
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)
            return 0.0 if enough else (1 - tokens) / self._per_s
