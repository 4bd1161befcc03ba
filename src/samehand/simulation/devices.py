"""Devices, one number each: what model they are, which version of the app they run and when they update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.simulation.chance import Floats, Ints

_BRANDS: Final = (
    ("iPhone", ("13", "14", "14 Pro", "15", "15 Pro", "16", "16 Pro", "16e", "SE", "12", "11", "17")),
    ("Redmi", ("Note 12", "Note 13", "Note 13 Pro", "K70", "K80", "12C", "13C", "Note 11", "A3", "Turbo 3")),
    ("Xiaomi", ("13", "14", "14 Pro", "15", "14T", "Civi 4", "MIX Flip")),
    ("HUAWEI", ("Mate 60", "Mate 60 Pro", "Pura 70", "nova 12", "nova 13", "P50", "Mate 70", "Enjoy 60")),
    ("HONOR", ("90", "100", "200", "X50", "Magic6", "X9b", "Play 50")),
    ("OPPO", ("Reno11", "Reno12", "A3", "Find X7", "A58", "K12", "A98")),
    ("vivo", ("Y36", "S18", "X100", "Y100", "iQOO 12", "S19", "Y78", "V30")),
    ("Galaxy", ("S23", "S24", "S24 Ultra", "A15", "A54", "A55", "S22", "A34", "Z Flip5", "M14")),
    ("Pixel", ("7", "7a", "8", "8a", "8 Pro", "9")),
    ("OnePlus", ("11", "12", "Ace 3", "Nord 3")),
    ("realme", ("C55", "12 Pro", "GT5", "11")),
    ("TECNO", ("Spark 10", "Camon 20", "Pop 8")),
    ("moto", ("g54", "g84", "edge 40")),
)  # fmt: skip
PHONES: Final = tuple(f"{brand} {model}" for brand, models in _BRANDS for model in models)
TABLETS: Final = (
    "iPad 9",
    "iPad 10",
    "iPad Air",
    "MatePad 11",
    "Galaxy Tab A9",
    "Xiaomi Pad 6",
    "Lenovo Tab M10",
)
BROWSERS: Final = (
    "Chrome Windows",
    "Chrome macOS",
    "Edge Windows",
    "Safari macOS",
    "Firefox Windows",
    "Chrome Linux",
)
SERVERS: Final = ("PublishDesk", "NewsFlow CMS", "PostPlanner", "BrandSuite", "ServiceDesk")
"""Publishing and service software, used by outlets, brands, call centres and by some creators."""
MODELS: Final = PHONES + TABLETS + BROWSERS + SERVERS
FIRST_TABLET: Final = len(PHONES)
FIRST_BROWSER: Final = FIRST_TABLET + len(TABLETS)
FIRST_SERVER: Final = FIRST_BROWSER + len(BROWSERS)

VERSIONS: Final = ("8.31.0", "8.36.2", "8.38.1", "8.40.0", "8.41.3", "8.42.1", "8.43.0")
"""Versions of the app, oldest first; the last comes out during the log."""
VERSION_SHARES: Final = (0.03, 0.05, 0.06, 0.1, 0.22, 0.54)
"""Shares of the versions before the last when the log begins."""
RELEASE_AT: Final = 0.3
"""When the last version comes out, as a share of the log."""
NEVER_UPDATES: Final = 0.25
UPDATE_AFTER_S: Final = 3 * 86_400.0
MODEL_TAIL: Final = 0.9
"""Popularity of models falls as rank to minus this."""


@dataclass(frozen=True)
class Devices:
    """Devices as arrays, one element a device."""

    model: Ints
    version: Ints
    update_at: Floats
    """Seconds; infinity: never."""

    def client(self, device: Ints, time: Floats) -> Ints:
        """Give the number of the client (in ``client_names``) that a device shows at a time."""
        version = np.where(time >= self.update_at[device], len(VERSIONS) - 1, self.version[device])
        return np.asarray(version.astype(np.int64) * len(MODELS) + self.model[device])


def client_names() -> pa.StringArray:
    """Name every client: version, a slash, model."""
    return pa.array([f"{version}/{model}" for version in VERSIONS for model in MODELS], pa.string())


class Market:
    """Hands out devices. Models are as popular here as on the whole platform."""

    def __init__(self, window_s: float, rng: np.random.Generator) -> None:
        self._window_s = window_s
        self._parts: list[Devices] = []
        self._n = 0
        self._phone_order = rng.permutation(len(PHONES))
        share = np.arange(1, len(PHONES) + 1) ** -MODEL_TAIL
        self._phone_share = share / share.sum()

    def phones(self, n: int, rng: np.random.Generator, best_sellers: int | None = None) -> Ints:
        """Draw phone models by popularity, all or only among the best-selling few."""
        share = self._phone_share[:best_sellers]
        return np.asarray(self._phone_order[rng.choice(len(share), n, p=share / share.sum())])

    def others(self, n: int, rng: np.random.Generator) -> Ints:
        """Draw second devices: tablets and browsers."""
        return rng.integers(FIRST_TABLET, FIRST_SERVER, n)

    def add(
        self, model: Ints, rng: np.random.Generator, *, copies: int = 1, same_version: bool = False
    ) -> Ints:
        """Add devices of the given models; give the number of each, or of the first of its ``copies``.

        ``copies``: ids that one phone goes through when its id is reset. ``same_version``: all are set up as
        one batch and never updated.
        """
        n = len(model)
        version = rng.choice(len(VERSION_SHARES), n, p=VERSION_SHARES)
        update_at = RELEASE_AT * self._window_s + rng.exponential(UPDATE_AFTER_S, n)
        update_at[rng.random(n) < NEVER_UPDATES] = np.inf
        if same_version:
            version, update_at = np.full(n, version[:1].sum()), np.full(n, np.inf)
        self._parts.append(
            Devices(
                np.repeat(model.astype(np.int16), copies),
                np.repeat(version.astype(np.int8), copies),
                np.repeat(update_at, copies),
            )
        )
        first = self._n + np.arange(n) * copies
        self._n += n * copies
        return first

    def copy(self) -> Market:
        """Give a market that goes on from here without changing this one."""
        twin = object.__new__(Market)
        twin.__dict__.update(self.__dict__, _parts=list(self._parts))
        return twin

    def devices(self) -> Devices:
        """Give all devices handed out so far."""
        return Devices(
            np.concatenate([part.model for part in self._parts]),
            np.concatenate([part.version for part in self._parts]),
            np.concatenate([part.update_at for part in self._parts]),
        )
