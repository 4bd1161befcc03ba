"""Measure online detection: ingest, delay, registration, false leads, and the door. Run one part at a time.

    python benchmarks/online.py ingest --accounts 1000000 --events 3000000
    python benchmarks/online.py delay --accounts 4000 --days 5
    python benchmarks/online.py registration --accounts 8000 --days 7
    python benchmarks/online.py null --accounts 2000 --days 5 --streams 20
    python benchmarks/online.py door --rate 1000 --seconds 30

Everything stays on this machine: the door is asked on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from samehand.config import Config
from samehand.online import analysis
from samehand.online.analysis import Analysis
from samehand.online.arriving import LineReader
from samehand.online.forming import BYTES_AN_ACCOUNT
from samehand.online.intake import Intake
from samehand.online.outputs import read_leads
from samehand.online.settings import SECOND_US, StreamSettings, open_settings
from samehand.online.sources.lines import GrowingFile
from samehand.online.watch import Watch
from samehand.pipeline import detect
from samehand.simulation.platform import SimulationConfig, simulate
from samehand.verbs import is_sign_up

LINES_AT_ONCE = 10_000
DOOR_BYTES = 65_536


def ingest(accounts: int, events: int, seconds: int) -> None:
    """Events a second through reading, the journal and the tables of what forms, looks left out; and memory."""
    chance = np.random.default_rng(0)
    lines = made_up_lines(chance, accounts, events, seconds)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        settings = StreamSettings(active_accounts=accounts, look_every_us=365 * 86_400 * SECOND_US)
        intake, reader = Intake(state, settings), LineReader(settings)
        follower = Analysis(state, settings, intake.journal)
        analysis.take_look = lambda *_: None  # what a look costs is a figure of `detect`
        parts: dict[str, float] = {}
        begun, clock = time.perf_counter(), time.process_time()
        for block in lines:
            arrived = timed(parts, "read", reader.read, block)
            timed(parts, "journal", intake.take, arrived, None, "bench")
            timed(parts, "forming", follower.catch_up)
        wall, cpu = time.perf_counter() - begun, time.process_time() - clock
        intake.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{events:,} events of {accounts:,} accounts: {events / wall:,.0f} a second ({events / cpu:,.0f} of CPU time)"
    )
    print(", ".join(f"{name} {1e6 * s / events:.1f} us an event" for name, s in parts.items()))
    print(f"peak memory {peak:.2f} GiB, the tables {BYTES_AN_ACCOUNT} bytes an active account")


def made_up_lines(chance: np.random.Generator, accounts: int, events: int, seconds: int) -> list[bytes]:
    """Make lines of ordinary events: who and what by chance, some targets liked more than others."""
    start = datetime(2026, 3, 2).astimezone()
    at = np.sort(chance.uniform(0, seconds, events))
    who = chance.integers(0, accounts, events)
    what = (chance.pareto(1.2, events) * 1_000).astype(np.int64) % (2 * accounts)
    blocks = []
    for begin in range(0, events, LINES_AT_ONCE):
        rows = [
            msgspec.json.encode(
                {
                    "event_id": f"e{i}",
                    "time": start + timedelta(seconds=float(at[i])),
                    "account": f"u{who[i]}",
                    "action": "like",
                    "target": f"p{what[i]}",
                    "device": f"d{who[i]}",
                    "address": f"10.0.{who[i] % 251}.{who[i] % 241}",
                }
            )
            for i in range(begin, min(begin + LINES_AT_ONCE, events))
        ]
        blocks.append(b"\n".join(rows) + b"\n")
    return blocks


def timed(parts: dict[str, float], name: str, call, *args):
    begun = time.perf_counter()
    result = call(*args)
    parts[name] = parts.get(name, 0.0) + time.perf_counter() - begun
    return result


def watch(events: pa.Table, folder: Path, settings: StreamSettings) -> Watch:
    log = folder / "events.ndjson"
    lines = [
        msgspec.json.encode({k: v for k, v in row.items() if v is not None}) for row in events.to_pylist()
    ]
    log.write_bytes(b"\n".join(lines) + b"\n")
    watching = Watch(folder / "state", open_settings(folder / "state", settings))
    watching.run(GrowingFile(log, settings, follow=False))
    watching.close()
    return watching


def delay(accounts: int, days: int, seed: int) -> None:
    """Event time from the decisive event of each fleet to its lead.

    The decisive event is the last of the first minute from whose end on a look would raise the fleet, found by looking
    at the end of every minute before the lead, backwards, until a look does not find the group.
    """
    made = simulate(SimulationConfig(accounts=accounts, days=days, seed=seed))
    with tempfile.TemporaryDirectory() as folder:
        settings = StreamSettings(config=Config(surrogates=0))
        watching = watch(made.events, Path(folder), settings)
        times = made.events["time"].cast(pa.int64()).to_numpy()
        delays = []
        for lead in read_leads(Path(folder) / "state" / "leads.ndjson"):
            if lead.status != "new" or lead.look == 0:
                continue
            at = int(datetime.fromisoformat(lead.time).timestamp() * SECOND_US)
            decisive = first_found(made.events, times, set(lead.accounts), at, lead.look_bits)
            delays.append((at - decisive) / SECOND_US)
            print(
                f"{lead.fleet_id}: {delays[-1]:.0f} s, look {lead.look}, {lead.score_bits:.0f} bits",
                flush=True,
            )
        print(
            f"{watching.analysis.n_looks} looks; median delay {np.median(delays):.0f} s of {len(delays)} leads"
        )


def first_found(events: pa.Table, times: np.ndarray, members: set[str], at: int, bits: float) -> int:
    """Time of the decisive event: bisection over the members' events before the lead, evidence taken to grow."""
    of_members = np.isin(events["account"].to_numpy(zero_copy_only=False), list(members))
    mine = np.flatnonzero(of_members & (times < at))
    low, high = 0, len(mine) - 1
    while low < high:
        middle = (low + high) // 2
        if found(events.slice(0, int(mine[middle]) + 1), members, bits):
            high = middle
        else:
            low = middle + 1
    return int(times[mine[low]])


def found(events: pa.Table, members: set[str], bits: float) -> bool:
    try:
        run = detect(events, Config(surrogates=0))
    except Exception:  # noqa: BLE001 - too short a log
        return False
    strong = {r["fleet_id"] for r in run.fleets.to_pylist() if r["reported"] and r["score_bits"] >= bits}
    groups: dict[str, set[str]] = {}
    for row in run.members.to_pylist():
        groups.setdefault(row["fleet_id"], set()).add(row["account"])
    return any(2 * len(groups[name] & members) >= len(members) for name in strong)


def registration(accounts: int, days: int, seed: int) -> None:
    """Precision and recall among accounts that signed up in the log: in a lead at the end, and ever."""
    made = simulate(SimulationConfig(accounts=accounts, days=days, seed=seed))
    signed_up = {row["account"] for row in made.events.to_pylist() if is_sign_up(row["action"])}
    truth = signed_up & set(made.truth["account"].to_pylist())
    with tempfile.TemporaryDirectory() as folder:
        settings = StreamSettings(config=Config(surrogates=0), tick_us=1_800 * SECOND_US)
        watching = watch(made.events, Path(folder), settings)
        at_the_end = signed_up & set(watching.analysis.leads.accounts())
        leads = read_leads(Path(folder) / "state" / "leads.ndjson")
        ever = signed_up & {account for lead in leads for account in lead.accounts}
    print(f"{len(signed_up)} accounts signed up, {len(truth)} of fleets; {watching.analysis.n_looks} looks")
    for name, told in (("in a lead at the end", at_the_end), ("ever in a lead", ever)):
        right = len(told & truth)
        print(f"{name}: precision {right / max(len(told), 1):.3f}, recall {right / max(len(truth), 1):.3f}")


def null(accounts: int, days: int, streams: int) -> None:
    """False leads on streams without fleets: with innocent crowds, and without anything but ordinary lives."""
    for crowds in (True, False):
        n_looks = n_leads = n_streams = 0
        for seed in range(streams):
            made = simulate(
                SimulationConfig(accounts=accounts, days=days, seed=100 + seed, fleets=False, crowds=crowds)
            )
            with tempfile.TemporaryDirectory() as folder:
                settings = StreamSettings(
                    config=Config(surrogates=0), tick_us=600 * SECOND_US, look_every_us=7_200 * SECOND_US
                )
                watching = watch(made.events, Path(folder), settings)
                told = [one for one in read_leads(Path(folder) / "state" / "leads.ndjson") if one.look > 0]
            n_looks += watching.analysis.n_looks
            n_leads += sum(one.status == "new" for one in told)
            n_streams += any(one.status == "new" for one in told)
        print(
            f"crowds {crowds}: {streams} streams, {n_looks} looks, {n_leads} false leads in {n_streams} streams",
            flush=True,
        )


def door(rate: int, seconds: int) -> None:
    """Ask the door at a steady rate over eight connections; say how long it took, from when each was due."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        made = simulate(SimulationConfig(accounts=500, days=1, seed=3, kinds=("boost", "follow_farm")))
        watch(
            made.events, Path(folder), StreamSettings(config=Config(surrogates=0), tick_us=7_200 * SECOND_US)
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "samehand",
            "door",
            "--state",
            str(state),
            "--listen",
            f"127.0.0.1:{port}",
        ]
        process = subprocess.Popen(command)
        try:
            rows = [{k: v for k, v in row.items() if v is not None} for row in made.events.to_pylist()]
            took = asyncio.run(ask(port, [msgspec.json.encode(row) for row in rows], rate, seconds))
        finally:
            process.terminate()
            process.wait()
    points = np.percentile(np.array(took) * 1_000, [50, 95, 99, 99.9])
    print(
        f"{len(took):,} answers at {rate} a second: "
        + ", ".join(f"{p:.2f}" for p in points)
        + " ms (50, 95, 99, 99.9 %)"
    )


async def ask(port: int, bodies: list[bytes], rate: int, seconds: int) -> list[float]:
    took: list[float] = []
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.2)
    n = 8
    warm: list[float] = []
    await asyncio.gather(
        *(connection(port, bodies, n, i, n, 200, time.perf_counter(), warm) for i in range(n))
    )
    begun = time.perf_counter() + 0.5
    each = [connection(port, bodies, rate, i, n, rate * seconds // n, begun, took) for i in range(n)]
    await asyncio.gather(*each)
    return took


async def connection(
    port: int, bodies: list[bytes], rate: int, first: int, step: int, n: int, begun: float, took: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for k in range(n):
        number = first + k * step
        due = begun + number / rate if rate > step else time.perf_counter()
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent = time.perf_counter()
        body = bodies[number % len(bodies)]
        head = f"POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - min(due, sent))
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="part", required=True)
    for name, options in {
        "ingest": {"accounts": 1_000_000, "events": 3_000_000, "seconds": 3_600},
        "delay": {"accounts": 4_000, "days": 5, "seed": 3},
        "registration": {"accounts": 8_000, "days": 7, "seed": 0},
        "null": {"accounts": 2_000, "days": 5, "streams": 20},
        "door": {"rate": 1_000, "seconds": 30},
    }.items():
        part = parts.add_parser(name)
        for option, default in options.items():
            part.add_argument(f"--{option}", type=int, default=default)
    given = vars(parser.parse_args())
    measures = {"ingest": ingest, "delay": delay, "registration": registration, "null": null, "door": door}
    measures[given.pop("part")](**given)


if __name__ == "__main__":
    main()
