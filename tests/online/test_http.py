"""The door: verdicts with reasons, events taken in, and what it says when it knows nothing or is busy."""

from __future__ import annotations

import asyncio
import socket
import threading

import msgspec
import pytest

from samehand.errors import OptionError, SamehandError
from samehand.online.answering import Service
from samehand.online.arriving import LineReader
from samehand.online.door import Door
from samehand.online.http import make_app
from samehand.online.ingest import Busy, Ingest
from samehand.online.intake import Intake
from samehand.online.profiles import PROFILES, Profile, Profiles, load_profiles, save_profiles
from samehand.online.serve import check_listen
from tests.online.served import served
from tests.online.streams import SETTINGS, events, lines, told

NOW = "2026-03-02T12:00:00Z"


def client_of(state, **given):
    ingest = given.pop("ingest", None)
    service = Service(state, SETTINGS, ingest=ingest, **({"fail": "open", "token": None} | given))
    return served(make_app(service))


@pytest.fixture
def client(watched):
    with client_of(watched) as found:
        yield found


def test_a_member_is_named_with_its_fleet(watched, client) -> None:
    lead = told(watched)[-1]
    answer = client.post("/v1/score", json={"time": NOW, "account": lead.accounts[0]}).json()
    assert (answer["verdict"], answer["fleet_id"]) == ("member", lead.fleet_id)
    assert answer["bits"] == answer["bits_by_layer"]["member"] > 5
    assert lead.fleet_id in answer["reasons"][0]


def test_a_newcomer_on_a_fleets_device_and_target_resembles_it(watched, client) -> None:
    lead = told(watched)[-1]
    row = next(r for r in events().to_pylist() if r["account"] in lead.accounts and r["action"] == "like")
    event = {"time": NOW, "account": "newcomer"} | {
        k: row[k] for k in ("action", "target", "device", "address")
    }
    answer = client.post("/v1/score?lang=zh", json=event).json()
    assert (answer["verdict"], answer["fleet_id"]) == ("resembles", lead.fleet_id)
    assert set(answer["bits_by_layer"]) == {"co_target", "device", "address"}
    assert all("疑似" in reason for reason in answer["reasons"])


def test_ordinary_accounts_are_hardly_ever_thought_to_resemble_one(watched, client) -> None:
    members = {a for one in told(watched) for a in one.accounts}
    others = [
        line for line, row in zip(lines(), events().to_pylist(), strict=True) if row["account"] not in members
    ]
    verdicts = [client.post("/v1/score", content=line).json()["verdict"] for line in others[::8]]
    assert len(verdicts) > 200
    assert verdicts.count("resembles") <= 0.01 * len(verdicts)
    assert "member" not in verdicts


def test_those_who_come_where_a_fleet_is_at_work() -> None:
    """Four of five members within a minute, then a stranger; on another target there is nobody."""
    fleet = Profile(
        fleet_id="L1", score_bits=100.0, behaviours=[], accounts=dict.fromkeys("abcde", 9.0), shares={}
    )
    door = Door()
    door.learn(Profiles(at="t", fleets=[fleet], n_events=10_000), {})
    for i, member in enumerate("abcd"):
        assert (
            door.score({"account": member, "action": "like", "target": "x"}, i * 1_000_000).verdict
            == "member"
        )
    there = door.score({"account": "new", "action": "like", "target": "x"}, 5_000_000)
    assert (there.verdict, list(there.bits_by_layer)) == ("resembles", ["now"])
    assert door.score({"account": "new", "action": "like", "target": "y"}, 5_000_000).verdict == "none"
    later = door.score({"account": "new", "action": "like", "target": "x"}, 3_600_000_000)
    assert later.verdict == "none"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 400), (b"no", 400), (b"", 400), (b'{"time": 1, "account": [1]}', 400), (b"x" * 2_000_000, 413)],
)
def test_what_is_no_event_is_an_error_and_no_verdict(client, body, status) -> None:
    answer = client.post("/v1/score", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_it_fails_as_it_was_told(tmp_path) -> None:
    event = {"time": NOW, "account": "a"}
    for fail, status in (("open", 200), ("closed", 503)):
        with client_of(tmp_path, fail=fail) as client:
            assert client.post("/v1/score", json=event).status_code == status
            assert client.get("/health").status_code == 200
            assert client.get("/ready").status_code == 503


def test_damaged_profiles_leave_what_was_known(watched, tmp_path) -> None:
    save_profiles(tmp_path / PROFILES, load_profiles(watched / PROFILES))
    service = Service(tmp_path, SETTINGS, ingest=None, fail="closed", token=None)
    service.reload()
    n = len(service.door.profiles.fleets)
    assert n > 0
    assert service.failure == ""
    (tmp_path / PROFILES).write_bytes(b"\x00")
    service.reload()
    assert len(service.door.profiles.fleets) == n
    assert "cannot be read" in service.failure


def test_events_go_in_one_by_one_and_in_batches(tmp_path) -> None:
    intake = Intake(tmp_path, SETTINGS)
    some = [line.strip() for line in lines()[:30]]
    with client_of(tmp_path, ingest=Ingest(intake)) as client:
        assert client.post("/v1/events", content=some[0]).json() == {
            "new": 1,
            "repeated_or_late": 0,
            "refused": 0,
        }
        assert client.post("/v1/events", content=b"[" + b",".join(some[:10]) + b"]").json()["new"] == 9
        answer = client.post("/v1/events", content=b"\n".join([*some[10:], b"no"]))
        assert (answer.status_code, answer.json()["new"], answer.json()["refused"]) == (202, 20, 1)
        assert client.post("/v1/events", content=b"[1").status_code == 400
        assert 'samehand_events_total{fate="new"} 30.0' in client.get("/metrics").text
    assert intake.journal.n_rows == 30
    intake.close()
    again = Intake(tmp_path, SETTINGS)
    assert again.journal.n_rows == 30
    assert again.note.n_refused == 1


def test_a_sender_that_breaks_off_has_sent_nothing(tmp_path) -> None:
    """Half of a body, then the line is dead: nothing of it counts, and the next sender is served."""
    intake = Intake(tmp_path, SETTINGS)
    content = b"".join(lines()[:10])
    with client_of(tmp_path, ingest=Ingest(intake)) as client:
        host, port = client.base.removeprefix("http://").split(":")
        for path in ("/v1/events", "/v1/score"):
            with socket.create_connection((host, int(port))) as line:
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
                line.sendall(head.encode() + content[: len(content) // 2])
        assert client.post("/v1/events", content=lines()[20]).json()["new"] == 1
    assert intake.journal.n_rows == 1
    intake.close()


def test_who_comes_too_fast_has_to_wait_and_loses_nothing() -> None:
    """The disk is slow: beyond what may wait all are turned away; who was not is on the disk."""

    class Slow:
        taken = 0
        go = threading.Event()

        def take_several(self, some, *_):
            self.go.wait(10)
            self.taken += len(some)
            return [1] * len(some)

    arrived = LineReader(SETTINGS).read(lines()[0])

    async def many() -> list[object]:
        ingest = Ingest(Slow(), most_waiting=5)
        ingest.start()
        asked = [asyncio.create_task(ingest.take(arrived)) for _ in range(20)]
        await asyncio.sleep(0.05)
        Slow.go.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await ingest.stop()
        return answers

    answers = asyncio.run(many())
    turned_away = [one for one in answers if isinstance(one, Busy)]
    assert len(turned_away) >= 14
    assert answers.count(1) == 20 - len(turned_away) >= 5


def test_a_busy_door_and_a_full_disk_say_so(tmp_path, monkeypatch) -> None:
    intake = Intake(tmp_path, SETTINGS)
    ingest = Ingest(intake)
    for error, status in ((Busy(), 429), (SamehandError("the disk is full"), 503)):

        async def fails(_, error=error) -> int:
            raise error

        monkeypatch.setattr(ingest, "take", fails)
        with client_of(tmp_path, ingest=ingest) as client:
            answer = client.post("/v1/events", content=lines()[0])
            assert answer.status_code == status
            assert answer.headers["Retry-After"]


def test_a_token_is_asked_for(watched) -> None:
    with client_of(watched, token="t0ken") as client:  # noqa: S106 - of the test
        event = {"time": NOW, "account": "a"}
        assert client.post("/v1/score", json=event).status_code == 401
        wrong = {"Authorization": "Bearer t0ke"}
        assert client.post("/v1/score", json=event, headers=wrong).status_code == 401
        right = {"Authorization": "Bearer t0ken"}
        assert client.post("/v1/score", json=event, headers=right).status_code == 200


def test_only_this_machine_comes_in_without_a_token() -> None:
    assert check_listen("127.0.0.1:80", None) == ("127.0.0.1", 80)
    assert check_listen("0.0.0.0:80", "t") == ("0.0.0.0", 80)  # noqa: S104 - with a token
    with pytest.raises(OptionError, match="reached by others"):
        check_listen("0.0.0.0:80", None)
    with pytest.raises(OptionError, match="no HOST:PORT"):
        check_listen("here", None)


def test_the_description_tells_all_that_is_answered(client) -> None:
    described = client.get("/openapi.json").json()
    score = described["paths"]["/v1/score"]["post"]
    assert {"200", "400", "401", "413", "503"} <= score["responses"].keys()
    answer = score["responses"]["200"]["content"]["application/json"]["schema"]
    got = client.post("/v1/score", json={"time": NOW, "account": "a"}).json()
    assert got.keys() <= answer["properties"].keys()
    assert msgspec.json.encode(described)
