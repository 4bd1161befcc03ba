"""Networks of the platform's users: homes, carriers, businesses, hosting. Numbers in, IPv4 addresses out.

The prefixes are drawn at random for each seed and stand for no real network.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation.chance import Ints, generator, scramble

HOME_BITS: Final = 26
CARRIER_BITS: Final = 20
BUSINESS_BITS: Final = 23
HOSTING_BITS: Final = 20
_RESERVED_FIRST: Final = (0, 10, 100, 127, 169, 172, 192, 198, 203)


class Addresses:
    """The address plan of one platform. Each network maps whole numbers one to one to IPv4 addresses."""

    def __init__(self, seed: int) -> None:
        first = np.setdiff1d(np.arange(1, 224), _RESERVED_FIRST)
        prefixes = (first[:, None] * 256 + np.arange(256)).ravel()
        prefixes = generator(seed, "addresses").permutation(prefixes)
        bits = (HOME_BITS, CARRIER_BITS, BUSINESS_BITS, HOSTING_BITS)
        cuts = np.cumsum([1 << (b - 16) for b in bits])
        self._seed = seed
        self._home, self._carrier, self._business, self._hosting = np.split(prefixes, cuts)[: len(bits)]

    def home(self, number: Ints) -> Ints:
        """Give the address of a home's line."""
        return self._address(self._home, number, HOME_BITS)

    def carrier(self, number: Ints) -> Ints:
        """Give an address behind which a carrier hides many phones."""
        return self._address(self._carrier, number, CARRIER_BITS)

    def business(self, number: Ints) -> Ints:
        """Give the address of a school, an office, a campus."""
        return self._address(self._business, number, BUSINESS_BITS)

    def hosting(self, number: Ints) -> Ints:
        """Give the address of a rented server somewhere."""
        return self._address(self._hosting, number, HOSTING_BITS)

    def rack(self, number: Ints, host: Ints) -> Ints:
        """Give the address of a host within rented prefix (/24) ``number``."""
        block = scramble(np.asarray(number), HOSTING_BITS - 8, self._seed).astype(np.int64)
        return np.asarray((self._hosting[block >> 8] << 16) | ((block & 255) << 8) | host)

    def _address(self, prefixes: Ints, number: Ints, bits: int) -> Ints:
        place = scramble(np.asarray(number), bits, self._seed + bits).astype(np.int64)
        return np.asarray((prefixes[place >> 16].astype(np.int64) << 16) | (place & 0xFFFF))
