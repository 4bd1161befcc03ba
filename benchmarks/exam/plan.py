"""Which cells the exam consists of, and what is done in each. START HERE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exam import calibration, real_logs, simulated
from harness.cells import Cell
from heldout import STYLES

PARTS = ("calibration", "fleets", "sparse", "heldout", "real")
EVASIONS = (0, 1, 2, 3, 4)
FDR = 0.05


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Size of the exam."""

    seeds: int = 20
    heldout_seeds: int = 3
    accounts: int = 10_000
    days: int = 14
    surrogates: int = 20

    def cells(self, part: str) -> list[Cell]:
        """List the cells of a part."""
        return [Cell(part, settings) for settings in self._settings(part)]

    def _settings(self, part: str) -> list[dict[str, Any]]:
        common = {"accounts": self.accounts, "surrogates": self.surrogates}
        own = common | {"days": self.days}
        if part == "calibration":
            return [{"seed": seed} | own for seed in range(self.seeds)]
        if part == "fleets":
            return [{"evasion": level, "seed": s} | own for s in range(self.seeds) for level in EVASIONS]
        if part == "sparse":
            levels = (None, *EVASIONS)
            return [
                {"evasion": level, "seed": s} | own for s in range(self.heldout_seeds) for level in levels
            ]
        if part == "heldout":
            return [
                {"style": style, "evasion": level, "seed": seed} | common
                for seed in range(self.heldout_seeds)
                for style in STYLES
                for level in (None, *EVASIONS)
            ]
        return [{"log": log, "surrogates": self.surrogates} for log in real_logs.LOGS]

    def in_order(self, parts: list[str]) -> list[Cell]:
        """All cells of some parts: the few real logs first, then seed by seed, so that a part of them is balanced."""
        cells = [cell for part in PARTS if part in parts for cell in self.cells(part)]
        return sorted(cells, key=lambda cell: cell.settings.get("seed", -1))


WORK = {
    "calibration": calibration.measure,
    "fleets": simulated.measure_own,
    "sparse": simulated.measure_sparse,
    "heldout": simulated.measure_heldout,
    "real": real_logs.measure,
}


@dataclass(frozen=True)
class Worker:
    """Runs a cell; in a process of its own it is sent there as it is."""

    threads: int

    def __call__(self, cell: Cell) -> dict[str, Any]:
        """Run a cell with a number of threads, which does not change its result."""
        from samehand.config import Config

        config = Config(fdr=FDR, surrogates=cell.settings["surrogates"], threads=self.threads)
        return WORK[cell.part](cell.settings, config)
