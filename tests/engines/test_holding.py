"""Who has which values, and who turns to strangers: held against counting one event after the other."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest

from samehand.engines.networks import networks
from samehand.layers import TRAITS
from tests.engines.load import HOUR, SECOND, random_log

CO_DEVICE = next(trait for trait in TRAITS if trait.name == "co_device")


def with_devices(seed, n_devices=8):
    rng = np.random.default_rng(seed)
    return [
        {**row, "device": None if rng.random() < 0.1 else f"d{rng.integers(n_devices)}"}
        for row in random_log(seed)
    ]


def once(rows):
    """Repeats of one act are one event, whatever else they say; the first of them in the log stays."""
    seen, kept = set(), []
    for n, row in enumerate(rows):
        key = tuple(row[name] for name in ("time", "account", "action", "target"))
        if key not in seen:
            seen.add(key)
            kept.append((n, row))
    return kept


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_values_of_groups_are_counted_as_by_hand(engine_of, seed):
    rows = with_devices(seed)
    engine = engine_of(rows)
    names = sorted({row["account"] for row in rows})
    groups = [names[:3], names[2:7], names, names[:0]]
    codes = [np.sort(engine.account_codes(pa.array(group, pa.string()))) for group in groups]
    found = engine.held(CO_DEVICE, codes)
    holders = defaultdict(set)
    for _, row in once(rows):
        if row["device"] is not None:
            holders[row["device"]].add(row["account"])
    assert found.n_pairs == sum(len(some) for some in holders.values())
    assert found.n_accounts == len(set().union(*holders.values()))
    assert found.most_holders == max(len(some) for some in holders.values())
    for group, held in zip(groups, found.groups, strict=True):
        by_hand = Counter((len(holders[d]), sum(a in holders[d] for a in group)) for d in holders)
        counted = Counter(
            (int(held.n_holders[held.value == value][0]), int((held.value == value).sum()))
            for value in np.unique(held.value)
        )
        assert counted == Counter({key: n for key, n in by_hand.items() if key[1] > 0})
        for place, value, event in zip(held.member, held.value, held.event, strict=True):
            row = rows[event]
            assert row["account"] == group[place], "the event shows the value of that account"
            assert holders[row["device"]] & set(group)
            assert len(holders[row["device"]]) == held.n_holders[held.value == value][0]


def contacts_by_hand(rows, accounts):
    first, agreed = {}, set()
    for _, row in sorted(once(rows), key=lambda one: one[1]["time"]):
        pair = row["account"], row["target"]
        if row["target"] in accounts and row["target"] != row["account"]:
            first.setdefault(pair, row)
            if row["outcome"] in ("accepted", " Replied"):
                agreed.add(pair)
    strangers = {
        (a, b): row
        for (a, b), row in first.items()
        if (b, a) not in first or first[b, a]["time"] >= row["time"]
    }
    begin = min(row["time"] for row in rows)
    found = {}
    for one in accounts:
        own = {pair: row for pair, row in strangers.items() if pair[0] == one}
        texts = [
            row["content"] for row in sorted(own.values(), key=lambda row: row["time"]) if row["content"]
        ]
        found[one] = (
            len(own),
            len({(row["time"] - begin) // HOUR for row in own.values()}),
            sum(pair[::-1] in first or pair in agreed for pair in own),
            len(texts),
            sum(text in texts[:n] for n, text in enumerate(texts)),
        )
    return found


TEXTS = [
    "add me and win a prize every day",
    "遇到你真好，一起玩游戏赚钱吧朋友",
    "see you tomorrow at the station",
    None,
]


def counts_of(found, code):
    names = ("n_strangers", "n_hours", "n_answered", "n_written", "n_repeated")
    return tuple(int(getattr(found, name)[code]) for name in names)


@pytest.mark.parametrize("seed", [0, 1])
def test_contacts_are_counted_as_by_hand(engine_of, seed):
    rng = np.random.default_rng(seed)
    names = [f"a{n}" for n in range(8)]
    times = rng.choice(9 * HOUR // SECOND, 120, replace=False) * SECOND
    rows = [
        {
            "time": int(t),
            "account": str(rng.choice(names)),
            "action": "add",
            "target": str(rng.choice([*names, "post"])),
            "outcome": [None, "accepted", " Replied", "ignored", "blocked"][rng.integers(5)],
            "content": TEXTS[rng.integers(len(TEXTS))],
        }
        for t in times
    ]
    engine = engine_of(rows)
    found = engine.contacts()
    codes = engine.account_codes(pa.array(names, pa.string()))
    by_hand = contacts_by_hand(rows, names)
    total = np.array(list(by_hand.values())).sum(0)
    assert total[0] > 20
    assert (total[2:] > 2).all()
    for name, code in zip(names, codes, strict=True):
        if code >= 0:
            assert counts_of(found, code) == by_hand[name]


def test_a_log_without_targets_has_no_contacts(engine_of):
    found = engine_of(
        [{"time": 0, "account": "a", "action": "x"}, {"time": 1, "account": "b", "action": "x"}]
    ).contacts()
    assert counts_of(found, 0) == counts_of(found, 1) == (0, 0, 0, 0, 0)


ADDRESSES = [
    "93.184.216.34", "93.184.216.99", "93.184.9.1", " 93.184.216.34 ", "10.0.0.1", "192.168.1.7", "100.64.3.2",
    "127.0.0.1", "2a00:1450:4001:81b::200e", "2a00:1450:4001:81b:1:2:3:4", "2a00:1450:4001:900::1", "fe80::1", "::1",
    "::ffff:93.184.216.34", "300.1.1.1", "f3a9c0", "", "not:an:address", "1.2.3",
]  # fmt: skip


def test_networks_of_addresses():
    found = networks(pa.array(ADDRESSES))
    same = {name: found[place] for place, name in enumerate(ADDRESSES)}
    first = same["93.184.216.34"]
    assert (same["93.184.216.99"][1:] == first[1:]).all(), "one site"
    assert same["93.184.216.99"][0] != first[0]
    assert (same["93.184.9.1"] == first).tolist() == [False, False, True], "one block of a provider"
    assert (same[" 93.184.216.34 "] == first).all(), "spaces around it"
    assert (same["::ffff:93.184.216.34"] == first).all(), "written as IPv6"
    for private in ("10.0.0.1", "192.168.1.7", "100.64.3.2", "127.0.0.1", "fe80::1", "::1"):
        assert same[private].tolist() == [-1, -1, -1], "private addresses of two homes have nothing in common"
    home, other = same["2a00:1450:4001:81b::200e"], same["2a00:1450:4001:900::1"]
    assert (same["2a00:1450:4001:81b:1:2:3:4"] == home).all(), "one home has 64 bits"
    assert (other == home).tolist() == [False, True, True]
    for text in ("300.1.1.1", "f3a9c0", "", "not:an:address", "1.2.3"):
        assert (same[text][0] >= 0, *same[text][1:]) == (True, -1, -1), "stands for itself"
    own = found[:, 0]
    assert len({int(code) for code in own if code >= 0}) == 10


def test_no_addresses_have_no_networks():
    assert networks(pa.array([], pa.string())).shape == (0, 3)
