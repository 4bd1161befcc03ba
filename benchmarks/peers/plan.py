"""Which detectors are measured, with which settings, on which worlds. START HERE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from harness.cells import Cell, Done
from peers import coortweet, copycatch, fraudar, synchrotrap
from peers.log import Group, Log

EVASIONS = (0, 1, 2, 3, 4)
LEVELS = (*EVASIONS, None)
"""None: a log without fleets."""
TUNING_SEED = 100
"""No world that is reported has this seed."""
TUNED_ON = (1, 2, 3)
"""Levels of evasion of the worlds that settings are searched on."""
SAMEHAND = "samehand"
SPARSE = "samehand, four columns"
"""samehand that is told what the peers are told: time, account, action and target."""
TUNED = "{}, tuned"


@dataclass(frozen=True)
class Peer:
    """A detector beside samehand."""

    find: Callable[[Log, Any], list[Group]]
    settings: Callable[..., Any]
    grid: tuple[dict[str, Any], ...]
    """Settings that are tried on the tuning worlds."""


def _grid(**values: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(values, some, strict=True)) for some in product(*values.values()))


PEERS = {
    "SynchroTrap": Peer(
        synchrotrap.find,
        synchrotrap.Settings,
        _grid(
            window_s=(60.0, 600.0, 3_600.0, 21_600.0),
            least_similarity=(0.1, 0.2, 0.35, 0.5),
            least_matches=(3, 5),
        ),
    ),
    "FRAUDAR": Peer(fraudar.find, fraudar.Settings, _grid(n_blocks=(1, 2, 3, 4, 6))),
    "CopyCatch": Peer(
        copycatch.find,
        copycatch.Settings,
        tuple(
            shape | rest
            for shape in ({"n_targets": 4, "rho": 0.75}, {"n_targets": 6, "rho": 0.5})
            for rest in _grid(delta_s=(60.0, 300.0, 1_800.0, 7_200.0))
        ),
    ),
    "CooRTweet": Peer(
        coortweet.find,
        coortweet.Settings,
        _grid(window_s=(10.0, 60.0, 600.0), edge_weight=(0.5, 0.9, 0.95, 0.99, 0.995)),
    ),
}
METHODS = (SAMEHAND, SPARSE, *(name for peer in PEERS for name in (peer, TUNED.format(peer))))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Size of the comparison."""

    seeds: int = 3
    accounts: int = 20_000
    days: int = 14

    def tuning_cells(self) -> list[Cell]:
        """All settings of all grids on the tuning worlds, world by world."""
        return [
            self._cell("tuning", evasion, TUNING_SEED, name, name, settings)
            for evasion in TUNED_ON
            for name, peer in PEERS.items()
            for settings in peer.grid
        ]

    def cells(self, chosen: dict[str, dict[str, Any]]) -> list[Cell]:
        """All methods on all worlds, world by world.

        Args:
            chosen: The tuned settings of each peer; a peer without them is measured with its defaults only.
        """
        return [
            self._cell("worlds", evasion, seed, method, peer, settings)
            for seed in range(self.seeds)
            for evasion in LEVELS
            for method, peer, settings in _methods(chosen)
        ]

    def _cell(
        self, part: str, evasion: int | None, seed: int, method: str, peer: str, settings: dict[str, Any]
    ) -> Cell:
        world = {"evasion": evasion, "seed": seed, "accounts": self.accounts, "days": self.days}
        return Cell(part, world | {"method": method, "peer": peer, "settings": settings})


def _methods(chosen: dict[str, dict[str, Any]]) -> list[tuple[str, str, dict[str, Any]]]:
    methods: list[tuple[str, str, dict[str, Any]]] = [(SAMEHAND, SAMEHAND, {}), (SPARSE, SPARSE, {})]
    for name in PEERS:
        methods.append((name, name, {}))
        if name in chosen:
            methods.append((TUNED.format(name), name, chosen[name]))
    return methods


def tuning(done: Sequence[Done]) -> dict[str, list[tuple[float, dict[str, Any]]]]:
    """Give for each peer the settings with their mean F1 over the tuning worlds, the best first."""
    scores: dict[str, list[tuple[float, dict[str, Any]]]] = {}
    for name, peer in PEERS.items():
        for settings in peer.grid:
            here = [
                f1(one.result)
                for one in done
                if one.cell.settings["peer"] == name and one.cell.settings["settings"] == settings
            ]
            if len(here) == len(TUNED_ON):
                scores.setdefault(name, []).append((sum(here) / len(here), settings))
        scores.get(name, []).sort(key=lambda scored: -scored[0])
    return scores


def choose(done: Sequence[Done]) -> dict[str, dict[str, Any]]:
    """Give for each peer the settings that were best on the tuning worlds, the first of equals."""
    return {name: scored[0][1] for name, scored in tuning(done).items()}


def f1(*results: dict[str, Any]) -> float:
    """Of accounts, all logs taken together; 0 where nothing is reported and nothing is true."""
    good, wrong = (sum(one[name] for one in results) for name in ("n_good", "n_false"))
    both = good + wrong + sum(one["n_true"] for one in results)
    return 2 * good / both if both else 0.0
