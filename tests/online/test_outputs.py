"""Where leads go: each output in order, none twice, none lost, nothing unsigned."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError, OptionError, SamehandError
from samehand.online import outputs, watch
from samehand.online.intake import Intake
from samehand.online.outputs import FileOutput, RedisOutput, Webhook, deliver
from samehand.online.settings import StreamSettings, open_settings
from samehand.online.sources import open_source
from samehand.online.sources.redis_stream import RedisStream, open_client
from tests.online.streams import SETTINGS, events, lines, open_leads, told

SECRET = b"a secret of many bytes"


def test_a_file_goes_on_after_its_last_whole_line(watched, tmp_path) -> None:
    outbox = watched / "leads.ndjson"
    whole = outbox.read_bytes()
    file = tmp_path / "leads.ndjson"
    file.write_bytes(whole.splitlines(keepends=True)[0] + b'{"seq":2,"fl')  # killed while it wrote
    assert deliver(outbox, [FileOutput(file)]) == []
    assert file.read_bytes() == whole
    assert deliver(outbox, [FileOutput(file)]) == []
    assert file.read_bytes() == whole


def test_a_file_of_something_else_stays(tmp_path) -> None:
    (tmp_path / "letter").write_text("dear\n")
    with pytest.raises(OptionError, match="holds no leads"):
        FileOutput(tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "dear\n"


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted; fails as often as it is told first."""

    got: list[tuple[dict[str, str], bytes]] = []  # noqa: RUF012
    failures: list[int] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.failures.pop() if self.failures else 204
        if status == 204:
            self.got.append((dict(self.headers), body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Receiver.got, Receiver.failures = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/leads"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_signed_and_tried_again(watched, tmp_path, receiver) -> None:
    Receiver.failures = [503, 500]
    hook = Webhook(tmp_path, receiver, SECRET)
    assert deliver(watched / "leads.ndjson", [hook]) == []
    leads = told(watched)
    assert [msgspec.json.decode(body)["seq"] for _, body in Receiver.got] == [one.seq for one in leads]
    headers, body = Receiver.got[0]
    seconds, _, given = headers["Samehand-Signature"].removeprefix("t=").partition(",v1=")
    assert abs(int(seconds) - time.time()) < 60
    signed = hmac.new(SECRET, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, signed)
    assert headers["Idempotency-Key"] == f"{leads[0].fleet_id}-1"
    deliver(watched / "leads.ndjson", [Webhook(tmp_path, receiver, SECRET)])
    assert len(Receiver.got) == len(leads)  # it is remembered who was told


def test_what_a_webhook_refuses_waits(watched, tmp_path, receiver, monkeypatch) -> None:
    monkeypatch.setattr(outputs, "_TRIES", 1)
    Receiver.failures = [400]
    hook = Webhook(tmp_path, receiver, SECRET)
    (wrong,) = deliver(watched / "leads.ndjson", [hook])
    assert "leads wait" in wrong
    assert "400" in wrong
    assert SECRET.decode() not in wrong
    assert deliver(watched / "leads.ndjson", [hook]) == []
    assert len(Receiver.got) == len(told(watched))


def test_leads_do_not_travel_in_the_open(tmp_path) -> None:
    with pytest.raises(OptionError, match="https"):
        Webhook(tmp_path, "http://example.org/hook", SECRET)
    with pytest.raises(OptionError, match="https"):
        Webhook(tmp_path, "http://127.0.0.1.example.org/hook", SECRET)
    with pytest.raises(OptionError, match="fewer than 16"):
        Webhook(tmp_path, "https://example.org/hook", b"short")


@contextmanager
def redis_on(port: int, folder: Path, *kept: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Redis of the system's packages, on this machine only."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    process = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", *kept],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    client, _ = open_client(f"redis://127.0.0.1:{port}/x")
    for _ in range(100):
        try:
            client.ping()
            break
        except Exception:  # noqa: BLE001 - not there yet
            time.sleep(0.05)
    client.close()
    yield process
    process.terminate()
    process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    """Give the port of a Redis with nothing kept."""
    port = free_port()
    with redis_on(port, tmp_path_factory.mktemp("redis"), "--appendonly", "no"):
        yield port


def test_a_redis_stream_of_leads_holds_each_once(watched, redis_port) -> None:
    client, stream = open_client(f"redis://127.0.0.1:{redis_port}/leads")
    for _ in range(2):
        assert deliver(watched / "leads.ndjson", [RedisOutput(client, stream)]) == []
    found = [msgspec.json.decode(fields[b"lead"])["seq"] for _, fields in client.xrange(stream)]
    assert found == [one.seq for one in told(watched)]
    client.close()


def run(state, source, settings) -> watch.Watch:
    watching = watch.Watch(state, open_settings(state, settings))
    try:
        watching.run(source)
    finally:
        watching.close()
    return watching


def test_a_redis_stream_gives_again_what_was_not_acknowledged(watched, redis_port, tmp_path) -> None:
    """A first process takes messages and dies before they are on the disk."""
    address = f"redis://127.0.0.1:{redis_port}/events?group=g"
    client, stream = open_client(address)
    with client.pipeline() as pipe:
        for line in lines():
            pipe.xadd(stream, {"event": line})
        pipe.execute()
    died = RedisStream(address, SETTINGS, follow=False)
    assert next(died.batches(None)).arrived.events.num_rows == 2_549
    died.client.close()
    source = open_source(address, SETTINGS, follow=False)
    watching = run(tmp_path / "state", source, SETTINGS)
    assert watching.intake.journal.n_rows == len(lines())
    assert client.xpending(stream, "g")["pending"] == 0
    assert open_leads(told(tmp_path / "state")) == open_leads(told(watched))
    client.close()
    source.client.close()


def test_a_redis_that_was_killed_and_comes_back_is_followed_on(tmp_path) -> None:
    """Killed after messages were given and before they were acknowledged: they come again, and none is lost."""
    port, kept = free_port(), ("--appendonly", "yes", "--appendfsync", "always")
    with redis_on(port, tmp_path, *kept) as first:
        client, stream = open_client(f"redis://127.0.0.1:{port}/events")
        for line in lines()[:20]:
            client.xadd(stream, {"event": line})
        source = open_source(f"redis://127.0.0.1:{port}/events", SETTINGS, follow=False)
        intake = Intake(tmp_path / "state", SETTINGS)
        batches = source.batches(None)
        batch = next(batches)
        first.kill()
        first.wait()
        taken = intake.take(batch.arrived, None, source.name)
        with redis_on(port, tmp_path, *kept):
            source.acknowledge(batch)
            for line in lines()[20:30]:
                client.xadd(stream, {"event": line})
            for batch in batches:
                taken += intake.take(batch.arrived, None, source.name)
                source.acknowledge(batch)
            assert client.xpending(stream, "samehand")["pending"] == 0
    assert taken == intake.journal.n_rows == 30
    for one in (client, source.client):
        one.close()
    intake.close()


def test_a_redis_that_is_away_is_told(monkeypatch) -> None:
    from samehand.online.sources import redis_stream

    monkeypatch.setattr(redis_stream, "_TRIES", 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = RedisStream(f"redis://:geheim@127.0.0.1:{port}/events", SETTINGS, follow=False)
    with pytest.raises(SamehandError, match="does not answer") as error:
        next(source.batches(None))
    assert "geheim" not in str(error.value)
    source.client.close()


def test_a_folder_of_parquet_is_read_once(watched, tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    half = events().num_rows // 2
    pq.write_table(events().slice(0, half), folder / "1.parquet")
    settings = StreamSettings(
        config=SETTINGS.config, tick_us=SETTINGS.tick_us, look_every_us=SETTINGS.look_every_us
    )
    first = run(tmp_path / "state", open_source(str(folder), settings, follow=False), settings)
    assert first.intake.journal.n_rows == half
    pq.write_table(events().slice(half), folder / "2.parquet")
    second = run(tmp_path / "state", open_source(str(folder), settings, follow=False), settings)
    assert (second.intake.journal.n_rows, second.intake.note.n_repeated) == (events().num_rows, 0)
    assert open_leads(told(tmp_path / "state")) == open_leads(told(watched))


def test_a_broken_file_in_the_folder_is_an_error(tmp_path) -> None:
    (tmp_path / "1.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match="cannot be read"):
        list(open_source(str(tmp_path), SETTINGS, follow=False).batches(None))
    pq.write_table(pa.table({"user": ["a"]}), tmp_path / "1.parquet")
    with pytest.raises(InputError, match="no column 'time'"):
        list(open_source(str(tmp_path), SETTINGS, follow=False).batches(None))


def test_a_file_that_is_moved_away_is_read_to_its_end(tmp_path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(lines()[:10]))
    source = open_source(str(log), SETTINGS, follow=True)
    batches = source.batches(None)
    n = next(batches).arrived.events.num_rows
    with open(log, "ab") as more:
        more.write(b"".join(lines()[10:15]))
    log.rename(tmp_path / "log.1")
    log.write_bytes(b"".join(lines()[15:20]))
    while n < 20:
        batch = next(batches)
        n += batch.arrived.events.num_rows if batch.arrived else 0
    assert n == 20
    batches.close()


def test_a_file_that_was_cut_is_an_error(tmp_path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(lines()[:10]))
    (batch,) = open_source(str(log), SETTINGS, follow=False).batches(None)
    log.write_bytes(b"")
    with pytest.raises(InputError, match="it was cut"):
        next(open_source(str(log), SETTINGS, follow=False).batches(batch.position))
