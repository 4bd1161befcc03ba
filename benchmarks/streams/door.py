"""The door under a steady load on this machine: how long answers take, and what the server pays for one."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import uvloop

from harness.cells import Cell
from samehand.config import Config
from samehand.online.settings import SECOND_US, StreamSettings
from samehand.simulation.platform import SimulationConfig, simulate
from streams.replay import replay

CONNECTIONS = 4
WARM_UP_S = 3
PERCENT = (50, 95, 99, 99.9)


def measure_door(cell: Cell) -> dict[str, Any]:
    """Ask ``POST /v1/score`` so many times a second, with events of a log whose fleets the door knows.

    ``own``: the client here, which rotates through all events and counts from when a request was due; ``hey``, a public
    tool (apt-get install hey), sends one event again and again and counts from when it was sent.
    """
    rate, seconds = cell.settings["rate"], cell.settings["seconds"]
    with tempfile.TemporaryDirectory() as folder:
        made = simulate(SimulationConfig(accounts=500, days=1, seed=3, kinds=("boost", "follow_farm")))
        settings = StreamSettings(config=Config(surrogates=0), tick_us=7_200 * SECOND_US)
        watching = replay(made.events, Path(folder), settings)
        rows = [{k: v for k, v in row.items() if v is not None} for row in made.events.to_pylist()]
        bodies = [msgspec.json.encode(row) for row in rows]
        with serving(Path(folder) / "state") as (server, port):
            uvloop.run(ask(port, bodies, rate, WARM_UP_S))
            before = cpu_s(server)
            took = np.array(uvloop.run(ask(port, bodies, rate, seconds)))
            spent = cpu_s(server) - before
            hey = _ask_with_hey(port, bodies[len(bodies) // 2], Path(folder), rate, seconds)
        n_fleets = len(watching.analysis.leads.open)
    return {
        "n_fleets": n_fleets,
        "n_answers": len(took),
        "rate": len(took) / seconds,
        "cpu_ms": 1_000 * spent / len(took),
        "own_ms": dict(zip(map(str, PERCENT), np.percentile(took * 1_000, PERCENT).tolist(), strict=True)),
        "hey_ms": hey,
    }


@contextmanager
def serving(state: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve a state in a process of its own, as a user does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "samehand", "door", "--state", str(state)]
    server = subprocess.Popen([*command, "--listen", f"127.0.0.1:{port}"])
    try:
        for _ in range(600):
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield server, port
    finally:
        server.terminate()
        server.wait()


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time of a process so far, user and system."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def ask(port: int, bodies: list[bytes], rate: int, seconds: int) -> list[float]:
    """Ask at a steady rate over a few connections; give seconds from when each request was due to its answer."""
    took: list[float] = []
    begun = time.perf_counter() + 0.2
    each = rate * seconds // CONNECTIONS
    await asyncio.gather(*(_connection(port, bodies, rate, i, each, begun, took) for i in range(CONNECTIONS)))
    return took


async def _connection(
    port: int, bodies: list[bytes], rate: int, first: int, n: int, begun: float, took: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for k in range(n):
        number = first + k * CONNECTIONS
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = bodies[number % len(bodies)]
        head = f"POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        await reader.readexactly(int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        took.append(time.perf_counter() - due)
    writer.close()


def _ask_with_hey(port: int, body: bytes, folder: Path, rate: int, seconds: int) -> dict[str, float] | None:
    program = shutil.which("hey")
    if program is None:
        return None
    (folder / "body.json").write_bytes(body)
    command = [
        program,
        "-z",
        f"{seconds}s",
        "-c",
        str(CONNECTIONS),
        "-q",
        str(rate / CONNECTIONS),
        "-o",
        "csv",
    ]
    asked = ["-m", "POST", "-D", str(folder / "body.json"), f"http://127.0.0.1:{port}/v1/score"]
    said = subprocess.run([*command, *asked], check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(said.splitlines()))
    assert all(row["status-code"] == "200" for row in rows)
    took = np.array([float(row["response-time"]) for row in rows]) * 1_000
    points = dict(zip(map(str, PERCENT), np.percentile(took, PERCENT).tolist(), strict=True))
    return points | {"n": len(rows), "rate": len(rows) / seconds}
