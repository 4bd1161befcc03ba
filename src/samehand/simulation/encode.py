"""Rows become the log: numbers turn into names that tell nothing, devices and addresses are looked up."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand import columns
from samehand.simulation.chance import Ints, Mask, scramble
from samehand.simulation.devices import Devices, client_names
from samehand.simulation.rows import ACCOUNT_TARGET, ACTIONS, NONE, OUTCOMES, Rows
from samehand.simulation.wording import join_texts, places
from samehand.simulation.world import Platform

ROLES: Final = tuple(role for role in columns.ROLES if role != "risk")
"""The columns of the log: no vendor looked at these devices."""
CHUNK: Final = 1 << 20
"""Rows that are encoded at once."""
_ALPHABET: Final = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", dtype=np.uint8)
_DIGITS: Final = 9
_BITS: Final = 5 * _DIGITS
_TIE_BITS: Final = 18
_FLEET_EVENTS: Final = 1 << 40
"""Events of fleets are numbered from here: those of others keep their ids when fleets are left out."""


def event_table(platform: Platform, ordinary: Rows, fleets: Rows, start_us: int) -> pa.Table:
    """Turn the rows of ordinary people and of fleets into one log, sorted by time."""
    time = np.concatenate([ordinary.time, fleets.time])
    time_us = np.minimum(np.round(time * 1e6), platform.window_s * 1e6 - 1).astype(np.int64)
    number = np.concatenate([np.arange(len(ordinary)), _FLEET_EVENTS + np.arange(len(fleets))])
    # Events of one microsecond follow their ids, which tell nothing.
    key = (time_us << _TIE_BITS) | (
        scramble(number, _BITS, platform.seed + 1) >> np.uint64(_BITS - _TIE_BITS)
    ).astype(np.int64)
    order = np.argsort(key, kind="stable")
    del time, key
    devices = platform.rig.market.devices()
    schema = columns.events(pa.string(), pa.string(), ROLES)
    chunks = []
    for first in range(0, max(len(order), 1), CHUNK):
        chosen = order[first : first + CHUNK]
        arrays = _encode(platform, devices, ordinary, fleets, chosen)
        arrays["event_id"] = _names(b"e", scramble(number[chosen], _BITS, platform.seed + 1))
        arrays["time"] = pa.array(start_us + time_us[chosen], pa.timestamp("us", tz="UTC"))
        chunks.append(pa.table([arrays[name] for name in schema.names], schema=schema))
    return pa.concat_tables(chunks)


def account_names(seed: int, account: Ints) -> pa.StringArray:
    """Name accounts: one letter and nine characters, in no order."""
    return _names(b"u", scramble(account, _BITS, seed + 2))


def fleet_event_ids(seed: int, n_events: int) -> pa.StringArray:
    """Give the ids of the first n events of fleets, in the order of their rows."""
    return _names(b"e", scramble(_FLEET_EVENTS + np.arange(n_events), _BITS, seed + 1))


def _encode(
    platform: Platform, devices: Devices, ordinary: Rows, fleets: Rows, chosen: Ints
) -> dict[str, pa.Array[Any]]:
    """Encode the chosen rows of the two tables, counted as if they were one."""
    from_fleets = chosen >= len(ordinary)
    here, there = np.flatnonzero(~from_fleets), np.flatnonzero(from_fleets)
    first, second = ordinary.take(chosen[here]), fleets.take(chosen[there] - len(ordinary))

    def both(name: str) -> Any:
        values = np.empty(len(chosen), dtype=getattr(first, name).dtype)
        values[here], values[there] = getattr(first, name), getattr(second, name)
        return values

    account, target = both("account"), both("target")
    device, address, client = platform.rig.used(
        platform.people, platform.rhythm, devices, account, both("time")
    )
    content = both("content").astype(np.int64)
    content[there] += np.where(second.content == NONE, 0, len(first.texts))
    return {
        "account": account_names(platform.seed, account),
        "action": _words(pa.array(ACTIONS, pa.string()), both("action")),
        "target": _target_names(platform.seed, target),
        "device": _names(b"d", scramble(device, _BITS, platform.seed + 4)),
        "address": _address_names(address),
        "content": _words(pa.chunked_array([first.texts, second.texts], pa.string()), content),
        "client": _words(client_names(), client),
        "outcome": _words(pa.array(OUTCOMES, pa.string()), both("outcome")),
    }


def _target_names(seed: int, target: Ints) -> pa.StringArray:
    is_account = target >= ACCOUNT_TARGET
    code = np.where(
        is_account,
        scramble(np.where(is_account, target - ACCOUNT_TARGET, 0), _BITS, seed + 2),
        scramble(np.maximum(target, 0), _BITS, seed + 3),
    )
    return _names(np.where(is_account, ord("u"), ord("p")), code, target != NONE)


def _names(letter: bytes | Ints, code: Ints, valid: Mask | None = None) -> pa.StringArray:
    """Spell codes in base 32 behind a letter, each name as long as any other; null where not ``valid``."""
    valid = np.ones(len(code), dtype=bool) if valid is None else valid
    kept = code[valid]
    spelled = np.empty((len(kept), 1 + _DIGITS), dtype=np.uint8)
    spelled[:, 0] = letter[0] if isinstance(letter, bytes) else letter[valid]
    for digit in range(_DIGITS):
        spelled[:, 1 + digit] = _ALPHABET[((kept >> np.uint64(5 * digit)) & np.uint64(31)).astype(np.int64)]
    offsets = np.concatenate([[0], np.cumsum(valid * (1 + _DIGITS))]).astype(np.int32)
    present = np.packbits(valid, bitorder="little")
    buffers = [pa.py_buffer(array.tobytes()) for array in (offsets, spelled, present)]
    return pa.StringArray.from_buffers(len(code), buffers[0], buffers[1], buffers[2])


def _words(words: pa.StringArray | pa.ChunkedArray[Any], place: Ints) -> pa.Array[Any]:
    """Take words by place; null where the place is NONE."""
    taken = words.take(places(place, place != NONE))
    return pa.concat_arrays(taken.chunks) if isinstance(taken, pa.ChunkedArray) else taken


def _address_names(address: Ints) -> pa.StringArray:
    distinct, place = np.unique(address, return_inverse=True)
    octets = pa.array([str(number) for number in range(256)], pa.string())
    dot = pa.array(["."], pa.string()).take(places(np.zeros(len(distinct), dtype=np.int64)))
    a, b, c, d = (octets.take(places((distinct >> shift) & 255)) for shift in (24, 16, 8, 0))
    return join_texts(a, dot, b, dot, c, dot, d).take(places(place))
