"""Which networks addresses are in: by the text of each distinct address."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import BOOL, I32, I64
from samehand.kernels.order import small_codes

_BITS: Final = (1 << 61) - 1
N_LENGTHS: Final = 3
"""The address itself, its site and its provider's block."""
V4_LENGTHS: Final = (32, 24, 16)
V6_LENGTHS: Final = (64, 48, 32)
"""A home has 64 bits of its own, of which its devices change the rest daily."""
_PRIVATE_V4: Final = (
    ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16), ("172.16.0.0", 12),  # noqa: S104
    ("192.168.0.0", 16), ("224.0.0.0", 3),
)  # fmt: skip
_QUAD: Final = r"^\s*(?P<a>\d{1,3})\.(?P<b>\d{1,3})\.(?P<c>\d{1,3})\.(?P<d>\d{1,3})\s*$"


def networks(addresses: pa.ChunkedArray[Any] | pa.Array[Any]) -> I32:
    """Give the networks of distinct addresses.

    Addresses of private networks are in none: those of two homes that are equal have nothing in common. Texts that
    are no addresses, such as salted ones, stand for themselves and are in no wider network.

    Args:
        addresses: Texts, each once, without nulls.

    Returns:
        Codes (addresses x ``N_LENGTHS``), the address itself first; -1: none.
    """
    keys = network_keys(addresses, np.arange(len(addresses)))
    found = np.full(keys.shape, -1, np.int32)
    for place in range(N_LENGTHS):
        known = keys[:, place] != -1
        found[known, place] = small_codes(keys[known, place])
    return found


def network_keys(addresses: pa.ChunkedArray[Any] | pa.Array[Any], own: I64) -> I64:
    """Give numbers that are the same for the same network, in whatever part of a log.

    Args:
        addresses: As in ``networks``.
        own: Number of each address, for those that are no addresses.

    Returns:
        Keys (addresses x ``N_LENGTHS``); -1: none.
    """
    texts = addresses.cast(pa.string())
    n = len(texts)
    quad, value = _as_v4(texts)
    keys = np.stack([own + (np.int64(1) << 62), np.full(n, -1), np.full(n, -1)], axis=1)
    for place, length in enumerate(V4_LENGTHS):
        keys[quad, place] = (value[quad] >> (32 - length)) | np.int64(length) << 40
    keys[quad & _private(value)] = -1
    for row in np.flatnonzero(pc.match_substring(texts, ":").to_numpy(zero_copy_only=False)):
        keys[row] = _v6_keys(texts[int(row)].as_py(), keys[row])
    return keys


def _as_v4(texts: pa.ChunkedArray[Any] | pa.Array[Any]) -> tuple[BOOL, I64]:
    """Whether each text is four numbers with dots, and the address as a number."""
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    parts = pc.extract_regex(array, _QUAD)
    quad = parts.is_valid().to_numpy(zero_copy_only=False).copy()
    found = parts.filter(parts.is_valid())
    pieces = np.stack([pc.struct_field(found, name).cast(pa.int64()).to_numpy() for name in "abcd"])
    value = np.zeros(len(array), np.int64)
    value[quad] = np.array([1 << 24, 1 << 16, 1 << 8, 1]) @ pieces
    quad[np.flatnonzero(quad)[(pieces > 255).any(axis=0)]] = False
    return quad, value


def _private(value: I64) -> BOOL:
    inside = np.zeros(len(value), np.bool_)
    for start, length in _PRIVATE_V4:
        inside |= value >> (32 - length) == int(IPv4Address(start)) >> (32 - length)
    return inside


def _v6_keys(text: str, otherwise: I64) -> I64:
    """Keys of the networks of one IPv6 address, or of the IPv4 address that it stands for."""
    try:
        address = IPv6Address(text.strip().split("%")[0])
    except AddressValueError:
        return otherwise
    inner = address.ipv4_mapped
    if inner is not None:
        if inner.is_private:
            return np.full(N_LENGTHS, -1, np.int64)
        return np.array([int(inner) >> (32 - length) | length << 40 for length in V4_LENGTHS], np.int64)
    if not address.is_global:
        return np.full(N_LENGTHS, -1, np.int64)
    # Hashes of up to 64 bits of a prefix: a number that is the same for the same network, apart from those of IPv4.
    return np.array(
        [hash((length, int(address) >> (128 - length))) & _BITS | 1 << 61 for length in V6_LENGTHS], np.int64
    )
