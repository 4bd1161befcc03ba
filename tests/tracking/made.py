"""Runs made by hand: a few fleets with what they show, in a log of so many accounts on so many days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa

from samehand import columns
from samehand.run import Run
from tests.report.fake_run import START, fake_run

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fleet:
    """One candidate: its accounts, and what all of them show in joint events."""

    accounts: Sequence[str]
    devices: Sequence[str] = ()
    addresses: Sequence[str] = ()
    texts: Sequence[str] = ()
    targets: Sequence[str] = ()
    pause_s: float = 7_200.0
    """Between two events of an account; more than an hour is no script."""
    action: str = "like"
    reported: bool = True


def names(prefix: str, first: int, last: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(first, last)]


def run(*fleets: Fleet, day: int = 0, n_days: int = 7, n_accounts: int = 5_000) -> Run:
    """Give a run of a log that begins on ``day``; fleets are F0001, F0002, ..."""
    info, tables = fake_run(0, 0, n_unreported=0)
    start = START + day * DAY
    rows, members, events = [], [], []
    for rank, fleet in enumerate(fleets, 1):
        fleet_id = f"F{rank:04d}"
        own = _events(fleet, fleet_id, start, n_days)
        times = [event["time"] for event in own]
        n = len(fleet.accounts)
        rows.append(
            {"fleet_id": fleet_id, "reported": fleet.reported, "n_accounts": n, "n_events": len(own),
             "n_coactions": len(own), "first_time": min(times), "last_time": max(times), "score_bits": 100.0,
             "layers": ["co_target"], "behaviours": ["boost"], "summary": ""}
        )  # fmt: skip
        members += [
            {"fleet_id": fleet_id, "account": account, "reported": fleet.reported, "bits": 30.0,
             "leave_one_out_bits": 28.0, "share_of_events": 1.0, "n_events": len(own) // n,
             "n_coactions": len(own) // n, "first_time": min(times), "last_time": max(times)}
            for account in fleet.accounts
        ]  # fmt: skip
        events += own
    quality = replace(
        info.quality,
        first_time=start,
        last_time=start + n_days * DAY - timedelta(seconds=1),
        n_accounts=n_accounts,
    )
    info = replace(
        info, quality=quality, n_candidates=len(fleets), n_reported=sum(f.reported for f in fleets)
    )
    text = pa.string()
    return Run(
        info,
        replace(
            tables,
            fleets=pa.Table.from_pylist(rows, columns.FLEETS),
            members=pa.Table.from_pylist(members, columns.members(text)),
            member_events=pa.Table.from_pylist(events, columns.member_events(text, text)),
        ),
    )


def _events(fleet: Fleet, fleet_id: str, start, n_days: int) -> list[dict]:
    """Every account shows everything once, one thing after the other."""
    things = max(map(len, (fleet.devices, fleet.addresses, fleet.texts, fleet.targets, [0])))

    def one(values: Sequence[str], i: int) -> str | None:
        return values[i % len(values)] if values else None

    return [
        {"fleet_id": fleet_id, "coaction": True, "event_id": f"{fleet_id}-{account}-{i}", "account": account,
         "time": start + timedelta(hours=1, seconds=i * fleet.pause_s + place), "action": fleet.action,
         "device": one(fleet.devices, i), "address": one(fleet.addresses, i), "content": one(fleet.texts, i),
         "target": one(fleet.targets, i)}
        for place, account in enumerate(fleet.accounts)
        for i in range(things)
    ]  # fmt: skip


def others(n: int, run_name: str, *, reported: bool = False) -> list[Fleet]:
    """Give candidates that have nothing in common with anybody, of this run or another."""
    return [
        Fleet(
            names(f"{run_name}o{k}a", 0, 6),
            devices=names(f"{run_name}o{k}d", 0, 6),
            addresses=[f"{run_name}o{k}ip"],
            targets=names(f"{run_name}o{k}t", 0, 6),
            reported=reported,
        )
        for k in range(n)
    ]
