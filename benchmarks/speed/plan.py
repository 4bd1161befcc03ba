"""Which parts the benchmark of speed has. START HERE."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cells import Cell
from speed.logs import all_columns, big_log
from speed.pairs import measure_pairs
from speed.start import measure_start
from speed.whole import measure_detect

PARTS = ("start", "pairs", "detect", "columns", "surrogates", "hot", "large")
"""``large`` only where it is asked for."""
SURROGATES = 20
CORE = "co_target,rhythm"
"""The layers that all others are measured against."""
HOT_PART = 10
"""The hot target has one event for so many of the log."""
LARGER = 10
"""The large log has so many times the events and accounts."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Size of the benchmark."""

    events: int = 10_000_000
    accounts: int = 1_000_000
    runs: int = 3

    def cell(self, part: str) -> Cell:
        """The cell of a part."""
        return Cell(part, {"events": self.events, "accounts": self.accounts, "runs": self.runs})


@dataclass(frozen=True)
class Worker:
    """Runs a cell."""

    work: Path

    def __call__(self, cell: Cell) -> dict[str, Any]:
        """Run a cell; logs are written first and not timed."""
        n_events, n_accounts = cell.settings["events"], cell.settings["accounts"]
        if cell.part == "start":
            self.work.mkdir(parents=True, exist_ok=True)
            return measure_start(self.work)
        if cell.part == "large":
            log = big_log(self.work, LARGER * n_events, LARGER * n_accounts)
            return measure_detect(log, self.work, 0)
        log = big_log(self.work, n_events, n_accounts)
        if cell.part == "pairs":
            return measure_pairs(log, cell.settings["runs"])
        if cell.part == "columns":
            core = measure_detect(log, self.work, 0, "--layers", CORE)
            return {"core": core, "all": measure_detect(all_columns(self.work, log), self.work, 0)}
        if cell.part == "hot":
            hot = big_log(self.work, n_events, n_accounts, n_events // HOT_PART)
            return {
                "without": measure_detect(log, self.work, 0),
                "with": measure_detect(hot, self.work, 0),
            }
        return measure_detect(log, self.work, SURROGATES if cell.part == "surrogates" else 0)
