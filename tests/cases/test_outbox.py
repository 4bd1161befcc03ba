"""Messages about decisions: signed, repeated until taken, to nobody else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from samehand.cases.audit_check import check_audit
from samehand.cases.courier import Courier
from samehand.cases.errors import RefusedError
from samehand.cases.model import Action
from samehand.cases.outbox import configure, deliver, delivery, sign
from samehand.cases.schema import OUTBOX
from tests.cases.steps import decide, second, undo


@dataclass
class Receiver:
    """A server on loopback that keeps what it gets and answers as told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    """Statuses of the next answers; then 204."""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((self.path, dict(self.headers), body))
            self.send_response(kept.answers.pop(0) if kept.answers else 204)
            self.send_header("Location", kept.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


def due_now(store) -> None:
    with store.database.writing() as connection:
        connection.execute(update(OUTBOX).values(next_try_us=0))


def test_a_decision_is_told_signed_and_without_accounts(store, receiver) -> None:
    secret = configure(store.database, receiver.url + "/hook", actor="ann")
    assert secret is not None
    decide(store, 1, Action.split_off, accounts=[store.case(1).members[0].account], reason="private words")
    assert deliver(store.database) == 1
    path, headers, body = receiver.got[0]
    assert path == "/hook"
    told = json.loads(body)
    assert told.pop("decided_at").endswith("Z")
    assert told == {
        "what": "decided",
        "decision_id": 1,
        "action": "split",
        "status": "open",
        "case_id": 1,
        "fleet_id": "F0001",
        "run_digest": store.run(1).digest,
        "policy": "spam 3.2",
        "reviewer": "ann",
        "second_reviewer": None,
        "needs_second": False,
        "other_case": 7,
    }
    assert b"private words" not in body
    stamp, _, signature = headers["Samehand-Signature"].partition(",v1=")
    seconds = stamp.removeprefix("t=")
    assert abs(int(seconds) - time.time()) < 60
    expected = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signature, expected)
    assert sign(secret, int(seconds), body) == headers["Samehand-Signature"]
    assert deliver(store.database) == 0


def test_the_check_that_the_docs_show(lite, receiver) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text("utf-8")
    (code,) = re.findall(r"```\n(import hashlib.*?)```", page, re.DOTALL)
    shown: dict[str, Any] = {}
    exec(compile(code, "cases.md", "exec"), shown)  # noqa: S102
    secret = configure(lite.database, receiver.url, actor="ann")
    decide(lite, 1, Action.confirm)
    deliver(lite.database)
    _, headers, body = receiver.got[0]
    assert shown["genuine"](secret, headers["Samehand-Signature"], body)
    assert not shown["genuine"]("other", headers["Samehand-Signature"], body)
    assert not shown["genuine"](secret, headers["Samehand-Signature"], body + b" ")
    assert not shown["genuine"](secret, sign(str(secret), 1_000, body), body)  # of long ago


def test_every_step_is_told_in_order(lite, receiver) -> None:
    configure(lite.database, receiver.url, actor="ann")
    decide(lite, 1, Action.confirm, needs_second=True)
    second(lite, 1, agrees=True)
    undo(lite, 1)
    decide(lite, 1, Action.dismiss, needs_second=True)
    second(lite, 1, agrees=False)
    assert deliver(lite.database) == 5
    told = [json.loads(body) for _, _, body in receiver.got]
    assert [one["what"] for one in told] == ["decided", "agreed", "undone", "decided", "disagreed"]
    assert [one["status"] for one in told] == ["second", "confirmed", "open", "second", "open"]
    assert len({headers["Samehand-Message"] for _, headers, _ in receiver.got}) == 5


@pytest.mark.parametrize("status", [500, 404, 302, 307])
def test_what_is_not_taken_is_sent_again_and_never_elsewhere(lite, receiver, status) -> None:
    configure(lite.database, receiver.url + "/hook", actor="ann")
    receiver.answers = [status]
    decide(lite, 1, Action.confirm)
    decide(lite, 2, Action.confirm)
    assert deliver(lite.database) == 0
    assert delivery(lite.database).last_failure == f"HTTP {status}"
    assert deliver(lite.database) == 1  # the first one waits a while; the second one need not wait for it
    due_now(lite)
    assert deliver(lite.database) == 1
    assert [path for path, _, _ in receiver.got] == ["/hook"] * 3
    assert [json.loads(body)["case_id"] for _, _, body in receiver.got] == [1, 2, 1]
    stands = delivery(lite.database)
    assert (stands.n_delivered, stands.n_waiting, stands.last_failure) == (2, 0, None)


def test_nobody_listens_and_nothing_is_lost(lite, receiver) -> None:
    secret = configure(lite.database, "http://127.0.0.1:1/", actor="ann")
    decide(lite, 1, Action.confirm)
    assert deliver(lite.database) == 0
    assert delivery(lite.database).n_waiting == 1
    assert deliver(lite.database) == 0  # its time has not come
    assert configure(lite.database, receiver.url, actor="ann") != secret
    due_now(lite)
    assert deliver(lite.database) == 1


def test_without_a_webhook_nothing_is_written(lite) -> None:
    decide(lite, 1, Action.confirm)
    assert delivery(lite.database).n_waiting == 0
    assert delivery(lite.database).url is None


def test_off_stops(lite, receiver) -> None:
    configure(lite.database, receiver.url, actor="ann")
    decide(lite, 1, Action.confirm)
    assert configure(lite.database, None, actor="ann") is None
    decide(lite, 2, Action.confirm)
    assert deliver(lite.database) == 0
    assert receiver.got == []
    assert delivery(lite.database).n_waiting == 1
    assert check_audit(lite.database).problems == ()


def test_a_message_belongs_to_its_decision(lite, receiver, monkeypatch) -> None:
    """What fails after the message was written takes the message with it."""
    configure(lite.database, receiver.url, actor="ann")
    monkeypatch.setattr("samehand.cases.reading.case", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lite.decide(1, Action.confirm, reviewer="ann", reason="x", policy="y", expected_version=1)
    assert delivery(lite.database).n_waiting == 0
    assert lite.decisions() == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://127.0.0.1/",
        "127.0.0.1",
        "https://",
        "",
        "http://127.0.0.1.example.org/",
        "http://[",
    ],
)
def test_addresses_that_are_refused(lite, url) -> None:
    with pytest.raises(RefusedError):
        configure(lite.database, url, actor="ann")
    assert delivery(lite.database).url is None


def test_the_courier_delivers_by_itself(lite, receiver) -> None:
    configure(lite.database, receiver.url, actor="ann")
    with Courier(lite.database, look_s=0.02):
        decide(lite, 1, Action.confirm)
        for _ in range(500):
            if receiver.got:
                break
            time.sleep(0.02)
    assert len(receiver.got) == 1
