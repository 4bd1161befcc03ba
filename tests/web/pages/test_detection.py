"""From a log to the queue in pages: paths are checked, columns guessed and corrected, jobs end when they should."""

import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from samehand.errors import InputError
from samehand.web.detection import Detections
from tests.web.pages.made import plain

SLOW = "import sys, time; print('step: reading', file=sys.stderr, flush=True); time.sleep(60)"
ENDS_S = 60


def wait(done, seconds=ENDS_S):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not end"
        time.sleep(0.02)


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    (folder / "deeper").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a,b\n")
    (folder / "deeper" / "log.csv").write_text("who,when\n")
    (folder / "notes.txt").write_text("")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    return folder


def test_only_logs_below_the_folder_are_offered_and_read(logs):
    detections = Detections(logs)
    assert detections.logs() == [("deeper/log.csv", 9)]
    assert detections.place("deeper/log.csv") == logs / "deeper" / "log.csv"
    for path in (
        "../secret.csv",
        "link.csv",
        "/etc/passwd",
        "",
        "deeper",
        "no.csv",
        "a\0b",
        "deeper/../../secret.csv",
    ):
        with pytest.raises(InputError):
            detections.place(path)
    with pytest.raises(InputError, match="without a folder"):
        Detections(None).place("log.csv")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 99, "a\0", "new\nline"])
def test_names_that_are_no_folders_are_refused(logs, name):
    with pytest.raises(InputError, match="cannot be the name"):
        Detections(logs).start("detect", "deeper/log.csv", {}, name)


def test_columns_are_arguments_of_their_own_and_never_options(logs):
    echo = Detections(logs, (sys.executable, "-c", "import sys; print('|'.join(sys.argv[1:]))"))
    job = echo.start(
        "check", "deeper/log.csv", {"account": "--out=/tmp/x; rm -rf $HOME", "time": " ", "timezone": "UTC"}
    )
    wait(lambda: job.state == "done" and job.answer)
    log = logs / "deeper" / "log.csv"
    assert job.answer == f"check|{log}|--map=account=--out=/tmp/x; rm -rf $HOME|--timezone=UTC|--json"


def test_one_job_at_a_time_and_a_cancelled_one_is_gone(logs):
    detections = Detections(logs, (sys.executable, "-c", SLOW))
    job = detections.start("check", "deeper/log.csv", {})
    wait(lambda: job.steps == ["reading"])
    with pytest.raises(InputError, match="another log"):
        detections.start("check", "deeper/log.csv", {})
    detections.cancel(job)
    assert job.state == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(job.process.pid, 0)
    detections.close()


def test_a_job_that_will_not_end_is_ended(logs, monkeypatch):
    monkeypatch.setattr("samehand.web.detection._PATIENCE_S", 0.2)
    deaf = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {SLOW}"
    detections = Detections(logs, (sys.executable, "-c", deaf))
    job = detections.start("check", "deeper/log.csv", {})
    wait(lambda: job.steps)
    detections.cancel(job)
    wait(lambda: job.process.poll() == -signal.SIGKILL)


def tiny_log(file: Path):
    """Write a log in which six of forty accounts act within seconds of each other."""
    chance, start = np.random.default_rng(0), datetime(2024, 3, 1, tzinfo=UTC)
    lines = ["user_id,created_at,verb,thing"]
    for n in range(25):
        moment = start + timedelta(hours=5 * n, seconds=int(chance.integers(3600)))
        lines += [f"fleet{i},{(moment + timedelta(seconds=i)).isoformat()},like,post{n}" for i in range(6)]
        others = zip(
            chance.integers(34, size=20),
            chance.integers(450_000, size=20),
            chance.integers(60, size=20),
            strict=True,
        )
        lines += [
            f"user{i},{(start + timedelta(seconds=int(s))).isoformat()},like,post{k}" for i, s, k in others
        ]
    file.write_text("\n".join(lines))


def test_a_log_is_picked_checked_searched_and_reviewed(visit, store, tmp_path):
    tiny_log(tmp_path / "logs" / "tiny.csv")
    assert "tiny.csv" in visit.page("/detect")
    visit.send("/detect/check", {"log": "../cases.sqlite"}, 422, page="/detect")

    html = done(visit, visit.send("/detect/check", {"log": "tiny.csv"}, page="/detect"))
    assert "650 events" in plain(html)
    assert "guessed" in html
    assert (
        'name="account" maxlength="300" list="columns" autocomplete="off" spellcheck="false" value="user_id"'
        in html
    )

    wrong = {"log": "tiny.csv", "account": "no<b>thing"}
    assert "no&lt;b&gt;thing" in done(visit, visit.send("/detect/check", wrong, page="/detect"))

    right = {
        "log": "tiny.csv",
        "account": "user_id",
        "time": "created_at",
        "action": "verb",
        "target": "thing",
        "name": "tiny",
    }
    html = done(visit, visit.send("/detect/start", right, page="/detect"))
    assert "Detection is done" in html
    assert [run.folder for run in store.runs()][1:] == [str(tmp_path / "logs" / "runs" / "tiny")]
    visit.send("/detect/start", right, 422, page="/detect")


def done(visit, html):
    """Follow the page of a job until it is done; give the page then."""
    found = {
        "html": html,
        "path": "/detect/" + html.split('action="/detect/')[1].split("/")[0] if "/cancel" in html else "",
    }

    def over():
        if 'http-equiv="refresh"' in found["html"]:
            found["html"] = visit.client.get(found["path"]).text
        return 'http-equiv="refresh"' not in found["html"]

    wait(over, 200)
    return found["html"]
