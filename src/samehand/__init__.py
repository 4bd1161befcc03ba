"""samehand finds the accounts one hand moves.

>>> import samehand as sh
>>> sh.Config(fdr=0.01).fdr
0.01
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samehand.version import __version__

if TYPE_CHECKING:
    from samehand.config import Config
    from samehand.errors import InputError, OptionError, SamehandError
    from samehand.evaluation.metrics import evaluate
    from samehand.events.read import read_events
    from samehand.harm.ledger import Ledger, count_harm
    from samehand.harm.prices import read_prices
    from samehand.pipeline import detect
    from samehand.pricing.plan import Plan
    from samehand.pricing.price import price
    from samehand.run import Run, open_run
    from samehand.simulation.platform import simulate
    from samehand.tracking.track import Tracking, track

__all__ = [
    "Config",
    "InputError",
    "Ledger",
    "OptionError",
    "Plan",
    "Run",
    "SamehandError",
    "Tracking",
    "__version__",
    "count_harm",
    "detect",
    "evaluate",
    "open_run",
    "price",
    "read_events",
    "read_prices",
    "simulate",
    "track",
]

# Loaded on first use: `samehand --help` must not wait for Numba and DuckDB.
_HOME = {
    "Config": "samehand.config",
    "InputError": "samehand.errors",
    "OptionError": "samehand.errors",
    "SamehandError": "samehand.errors",
    "Run": "samehand.run",
    "open_run": "samehand.run",
    "detect": "samehand.pipeline",
    "Plan": "samehand.pricing.plan",
    "price": "samehand.pricing.price",
    "evaluate": "samehand.evaluation.metrics",
    "read_events": "samehand.events.read",
    "simulate": "samehand.simulation.platform",
    "Tracking": "samehand.tracking.track",
    "track": "samehand.tracking.track",
    "Ledger": "samehand.harm.ledger",
    "count_harm": "samehand.harm.ledger",
    "read_prices": "samehand.harm.prices",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'samehand' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
