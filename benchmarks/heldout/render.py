"""How each platform writes its log: ids, clock, addresses, devices and clients in its own form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from . import texts
from .fleets import CLONED, OWN
from .population import HOUR_S, SPACE_SIZE, STRANGERS_PER_ACCOUNT, Platform
from .rows import NONE, Floats, Ints, Rows, mix, uniform
from .style import Clock, Space

_LETTERS = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
_FIRST, _SECOND, _SITES = (
    line.split()
    for line in """
quiet rapid solar tiny royal misty cosmic brave static lunar fuzzy plain lucky iron velvet north
otter parser beacon kettle lambda falcon pixel badger rivet comet willow socket tundra ember quark moss
kurier-blatt.example tagespost.example landbote.example politikmagazin.example videoportal.example
""".strip().splitlines()
)
_OUTCOMES = pa.array(["忽略", "通过"])


def account_ids(style: str, accounts: int, rng: np.random.Generator) -> pa.Array[Any]:
    """Draw an id for each account and stranger, in no order that means anything."""
    people = accounts * STRANGERS_PER_ACCOUNT
    number = rng.permutation(people * 2)[:people]
    if style == "forum":
        return pa.array(100_003 + number * 7, pa.int64())
    if style == "code_host":
        return pa.array([f"{_FIRST[n % 16]}-{_SECOND[n // 16 % 16]}{n // 256}" for n in number.tolist()])
    return pa.array([_ACCOUNT_ID[style](n) for n in number.tolist()])


_ACCOUNT_ID: dict[str, Callable[[int], str]] = {
    "shop": lambda n: f"B{n:08d}",
    "chat": lambda n: f"wxid_{_base36(n * 2_147_483_647 + 987_654_321)}",
    "news_share": lambda n: f"{100_000_000_000 + n * 7_919}",
}


def events_table(platform: Platform, rows: Rows, accounts: pa.Array[Any]) -> pa.Table:
    """Write rows, sorted by time, as the platform's own table."""
    style, people = platform.style, accounts.to_pylist()
    written: dict[str, Callable[[], pa.Array[Any]]] = {
        "event_id": lambda: _event_ids(style.name, rows),
        "time": lambda: _clock(style.clock, style.start, rows.time, style.zones[0][0]),
        "account": lambda: accounts.take(rows.account),
        "action": lambda: pa.array([a.name for a in style.actions]).take(rows.action),
        "target": lambda: _per_value(rows.target, lambda t: _target_id(style.name, t, people)),
        "device": lambda: _device_ids(rows.device),
        "address": lambda: _per_value(
            rows.address, lambda a: ".".join(str(a >> s & 255) for s in (24, 16, 8, 0))
        ),
        "client": lambda: _clients(style.name, rows.device),
        "outcome": lambda: _OUTCOMES.take(pa.array(rows.outcome, pa.int64(), mask=rows.outcome == NONE)),
        "content": lambda: texts.write(style.name, rows.text, platform.texts),
    }
    return pa.table({column: written[role]() for role, column in style.columns.items()})


def _clock(clock: Clock, start: str, time: Floats, zone: float) -> pa.Array[Any]:
    seconds: Ints = np.datetime64(start, "s").astype(np.int64) + np.floor(time).astype(np.int64)
    if clock == "epoch s":
        return pa.array(seconds)
    if clock == "epoch ms":
        return pa.array(seconds * 1000 + np.floor(time % 1 * 1000).astype(np.int64))
    if clock == "minutes, Arrow timestamp":
        return pa.array(seconds // 60 * 60).cast(pa.timestamp("s", tz="UTC"))
    if clock == "naive local text":
        return _text_of(seconds + round(zone * HOUR_S), " ", "")
    return _text_of(seconds, "T", "Z")


def _text_of(seconds: Ints, separator: str, suffix: str) -> pa.Array[Any]:
    moments, place = np.unique(seconds, return_inverse=True)
    text = [
        t.replace("T", separator) + suffix
        for t in np.datetime_as_string(moments.astype("datetime64[s]")).tolist()
    ]
    written: pa.Array[Any] = pa.array(text)
    return written.take(place)


def _per_value(values: Ints, write: Callable[[int], str]) -> pa.Array[Any]:
    """Write each value that occurs once, and null for NONE."""
    unique, place = np.unique(values, return_inverse=True)
    written = [None if value == NONE else write(value) for value in unique.tolist()]
    return pa.array(written, pa.string()).take(place)


def _event_ids(style: str, rows: Rows) -> pa.Array[Any]:
    """Number the events so that the number tells nothing and does not depend on other rows."""
    number = mix(np.floor(rows.time * 1000), rows.account, rows.action, rows.target) >> np.uint64(3)
    return pa.array([f"{'p' if style == 'news_share' else ''}{n}" for n in number.tolist()])


def _target_id(style: str, target: int, people: list[Any]) -> str:
    space, number = Space(target // SPACE_SIZE), target % SPACE_SIZE
    if space is Space.PERSON:
        return str(people[number])
    if style == "forum":
        return f"t3_{_base36(number + 1_300_000)}"
    if style == "shop":
        return f"SKU-{number:06d}" if space is Space.POST else f"store-{number}"
    if style == "chat":
        names = {Space.POST: "文章", Space.PAGE: "公众号", Space.GROUP: "群"}
        return f"{names[space]}_{number:06d}"
    if style == "code_host":
        owner = f"{_FIRST[number % 16]}-{_SECOND[number // 16 % 16]}{number // 700}"
        return f"{owner}/{_SECOND[number * 7 % 16]}-{number % 977}"
    return f"https://www.{_SITES[number % 5]}/{2022 - number % 2}/{number * 7_919 % 1_000_003}-{number}.html"


def _device_ids(device: Ints) -> pa.Array[Any]:
    unique, place = np.unique(device, return_inverse=True)
    return pa.array([f"{number:016x}" for number in mix(unique).tolist()]).take(place)


def _clients(style: str, device: Ints) -> pa.Array[Any]:
    """Name the client by the device; cloned phones of a fleet have one and the same."""
    cloned = (device >= CLONED) & (device < OWN)
    key = np.where(cloned, device // 1_000_000, device)
    rank = (24 * uniform(17, key) ** 2.2).astype(np.int64)
    if style == "chat":
        names = [f"{('Android', 'iOS', 'Windows', 'HarmonyOS')[i % 4]} 8.0.{49 - i}" for i in range(24)]
    else:
        names = [f"{('git-web', 'desktop', 'cli', 'mobile')[i % 4]}/{3 + i % 5}.{i}" for i in range(24)]
    return pa.array(names).take(rank)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = str(_LETTERS[digit]) + digits
    return digits
