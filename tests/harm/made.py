"""A small log and the run that found fleets in it, made by hand or drawn at random; and the ledger counted by loops."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand import columns
from samehand.events.events import Events
from samehand.events.known import KnownUse
from samehand.events.read import read_events
from samehand.run import Run
from samehand.run_folder import Source
from tests.report.fake_run import START, fake_run

KIND = {"like": "boost", "add_friend": "mass_add", "message": "mass_message", "follow": "follow_farm"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row of the log; of a member, also how likely it was driven (0: not in driven.parquet)."""

    id: str
    account: str | int
    minute: int
    action: str | None = "like"
    target: str | None = None
    device: str | None = None
    content: str | None = None
    outcome: str | None = None
    coaction: bool = False
    p: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Member:
    account: str | int
    fleet: str
    part_time: bool | None = False
    known: str | None = None


@dataclass(frozen=True)
class World:
    """A log, and who is suspected in it."""

    events: Sequence[Event]
    members: Sequence[Member]
    unreported: frozenset[str] = frozenset()

    @property
    def fleets(self) -> list[str]:
        return sorted({one.fleet for one in self.members})

    @property
    def reported(self) -> list[str]:
        return [fleet for fleet in self.fleets if fleet not in self.unreported]


def log_table(world: World) -> pa.Table:
    ids = pa.int64() if isinstance(world.events[0].account, int) else pa.string()
    rows = [
        {"event_id": one.id, "time": START + timedelta(minutes=one.minute), "account": one.account}
        | {name: getattr(one, name) for name in ("action", "target", "device", "content", "outcome")}
        for one in world.events
    ]
    schema = columns.events(
        ids, pa.string(), ("event_id", "time", "account", "action", "target", "device", "content", "outcome")
    )
    return pa.Table.from_pylist(rows, schema)


def read_log(world: World, folder: Path) -> tuple[Path, Events]:
    """Write the log and read it, as detect does."""
    file = folder / "log.of.run.parquet"
    pq.write_table(log_table(world), file)
    return file, read_events(file)


def run_of(world: World, events: Events) -> Run:
    """Give the run that found the members of the world in its log."""
    info, tables = fake_run(0, 0, n_unreported=0)
    log = log_table(world)
    ids = log.schema.field("account").type
    fleet_of = {one.account: one.fleet for one in world.members}
    own = [one for one in world.events if one.account in fleet_of]
    logged = {id(one): row for one, row in zip(world.events, log.to_pylist(), strict=True)}
    rows = [{"fleet_id": fleet_of[one.account], "coaction": one.coaction} | logged[id(one)] for one in own]
    schema = columns.member_events(ids, pa.string())
    schema = pa.schema(
        [field for field in schema if field.name in {*log.column_names, "fleet_id", "coaction"}]
    )
    members = [
        {"fleet_id": one.fleet, "account": one.account, "reported": one.fleet not in world.unreported,
         "n_driven": sum(e.p > 0 for e in own if e.account == one.account), "part_time": one.part_time,
         "known": one.known}
        for one in world.members
    ]  # fmt: skip
    driven = [
        {"fleet_id": fleet_of[one.account], "event_id": one.id, "account": one.account, "p_driven": one.p}
        for one in own
        if one.p
    ]
    fleets = [
        {"fleet_id": name, "reported": name not in world.unreported, "n_accounts": 5} for name in world.fleets
    ]
    of_log = [
        Source(name=source.name, n_bytes=source.n_bytes, sha256=source.sha256) for source in events.sources
    ]
    told = KnownUse(name="k.csv", n_bytes=None, sha256=None, n_banned=1, n_cleared=0, n_unknown=0)
    return Run(
        replace(
            info, sources=tuple(of_log), mapping=events.mapping.as_lists(), quality=events.quality, known=told
        ),
        replace(
            tables,
            fleets=pa.Table.from_pylist(fleets, columns.FLEETS),
            members=pa.Table.from_pylist(members, columns.members(ids)),
            member_events=pa.Table.from_pylist(rows, schema),
            driven=pa.Table.from_pylist(driven, columns.driven(ids, pa.string())),
        ),
    )


def random_world(seed: int, *, ints: bool = False) -> World:
    """Two reported fleets and a candidate among 20 others; some actions name two targets."""
    rng = np.random.default_rng(seed)
    members = [
        Member(
            account=number if ints else f"m{number}",
            fleet=f"F000{1 + number % 3}",
            part_time=[False, True, None][rng.integers(3)],
            known=[None, "banned", "cleared"][rng.integers(3)],
        )
        for number in range(12)
    ]
    events: list[Event] = []
    for number in range(300):
        member = rng.random() < 0.5
        account = members[rng.integers(12)].account if member else (100 + rng.integers(20) if ints else "")
        account = int(account) if ints else account or f"o{rng.integers(20)}"
        driven = member and rng.random() < 0.7
        common = {
            "id": f"e{number}",
            "account": account,
            "minute": int(rng.integers(3 * 1440)),
            "action": [*KIND, "view_stats", None][rng.integers(6)],
            "device": [None, "d1", "d2", "d3"][rng.integers(4)],
            "content": [None, "hello", "名字"][rng.integers(3)],
            "outcome": [None, "accepted", "ignored"][rng.integers(3)],
            "p": round(float(rng.choice([0.51, 0.7, 0.96, 1.0])), 6) if driven else 0.0,
            "coaction": bool(member and rng.random() < 0.6),
        }
        targets = rng.choice(15, size=1 + (rng.random() < 0.2), replace=False)
        events += [Event(**common, target=f"t{t}" if t else None) for t in targets.tolist()]
    return World(events, members, frozenset({"F0003"}))


def weights(event: Event, member: Member) -> tuple[float, float, float]:
    """Low, mid and high of an event, as the page says."""
    sure = event.p if event.coaction and event.p >= 0.95 else 0.0
    return sure, event.p, 1.0 if event.p or member.part_time is False else 0.0


Three = tuple[float, float, float]


def count_slowly(world: World, scopes: dict[str, list[str]]) -> dict[tuple[str, str, str | None], Three]:
    """Give (scope, item, of) -> low, mid, high, by loops; parts that are 0 in the high figure are left out."""
    found: dict[tuple[str, str, str | None], Three] = {}
    for scope, fleets in scopes.items():
        for item, of, three in _count_scope(world, [m for m in world.members if m.fleet in fleets]):
            found[scope, item, of] = three
    return found


def _count_scope(world, members):
    by_account = {one.account: one for one in members}
    rows = [(one, weights(one, by_account[one.account])) for one in world.events if one.account in by_account]
    acts = {}
    for event, three in rows:
        act = acts.setdefault((event.account, event.id), (event, []))
        act[1].append(three)
    acts = [(event, tuple(max(w[i] for w in all_w) for i in range(3))) for event, all_w in acts.values()]

    def kind(event):
        return KIND.get(event.action, "other")

    def total(weighed):
        return tuple(sum(three[i] for _, three in weighed) for i in range(3))

    def parts(weighed, of):
        groups = defaultdict(list)
        for event, three in weighed:
            groups[of(event)].append((event, three))
        return groups

    yield "actions", None, total(acts)
    yield "requests", None, total(acts)
    for name, group in parts(acts, kind).items():
        if total(group)[2]:
            yield "actions", name, total(group)
    for name, group in parts(rows, lambda e: e.target).items():
        if name is not None and total(group)[1]:
            yield "actions_at_target", name, total(group)
    yield "share_of_traffic", None, tuple(x / len(world.events) for x in total(rows))
    for item, of in (("share_of_day", _day), ("share_of_target", lambda e: e.target)):
        for name, group in parts(rows, of).items():
            n = sum(of(event) == name for event in world.events)
            least = total(group)[1 if item == "share_of_target" else 2]
            if name is not None and least:
                yield item, name, tuple(x / n for x in total(group))
    contacts = [(e, w) for e, w in rows if kind(e) in {"mass_add", "mass_message"}]
    yield "contacts", None, total(contacts)
    aimed = {t: g for t, g in parts(contacts, lambda e: e.target).items() if t is not None}
    yield (
        "contacted",
        None,
        tuple(sum(1 - math.prod(1 - w[i] for _, w in group) for group in aimed.values()) for i in range(3)),
    )
    yield (
        "most_contacts",
        None,
        tuple(max((total(g)[i] for g in aimed.values()), default=0) for i in range(3)),
    )
    yield "unanswered", None, total([(e, w) for e, w in contacts if e.outcome == "ignored"])
    texts = [(e, tuple(x * len(e.content.encode()) for x in w)) for e, w in acts if e.content]
    yield "text_bytes", None, total(texts)
    rented = sum(m.part_time is True for m in members)
    yield "rented", None, (rented, rented, sum(m.part_time is not False for m in members))
    yield "accounts", None, (sum(m.part_time is False for m in members), len(members), len(members))
    banned = sum(m.known == "banned" for m in members)
    yield "known_banned", None, (banned,) * 3
    yield "active_days", None, tuple(len({_day(e) for e, w in acts if w[i]}) for i in range(3))
    yield "shared_devices", None, tuple(_sharing(acts, i) for i in range(3))
    orders = parts(
        [(e, w) for e, w in rows if e.target is not None],
        lambda e: (by_account[e.account].fleet, kind(e), e.target),
    )
    served = {
        key: tuple(len({e.account for e, w in group if w[i]}) >= 2 for i in range(3))
        for key, group in orders.items()
    }
    yield "orders", None, tuple(sum(three[i] for three in served.values()) for i in range(3))
    for name in {key[1] for key in served}:
        three = tuple(sum(v[i] for key, v in served.items() if key[1] == name) for i in range(3))
        if three[2]:
            yield "orders", name, three
    yield from _rankings(world, rows)


def _day(event):
    return f"{START + timedelta(minutes=event.minute):%Y-%m-%d}"


def _sharing(acts, i):
    users = defaultdict(set)
    for event, three in acts:
        if event.device is not None and three[i]:
            users[event.device].add(event.account)
    return len({account for accounts in users.values() if len(accounts) > 1 for account in accounts})


def _rankings(world, rows):
    raised, lowered, top = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    for action in {event.action or "" for event, _ in rows if event.target is not None}:
        n = defaultdict(float)
        for event in world.events:
            if event.target is not None and (event.action or "") == action:
                n[event.target] += 1
        for i in range(3):
            taken = defaultdict(float)
            for event, three in rows:
                if event.target is not None and (event.action or "") == action:
                    taken[event.target] += three[i]
            without = {target: n[target] - _half_up(taken[target]) for target in n}
            for target in n:
                seen = 1 + sum(other > n[target] for other in n.values())
                then = 1 + sum(other > without[target] for other in without.values())
                raised[i] += then > seen
                lowered[i] += then < seen
                top[i] += seen <= 10 < then
    for item, three in (("raised", raised), ("lowered", lowered), ("top_places", top)):
        yield item, None, (min(three), three[1], max(three))


def _half_up(value):
    return math.floor(round(value, 6) + 0.5)
