from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def shared_log():
    """Give the path of a real log, or skip."""

    def find(name):
        if not (SHARED / name).is_file():
            pytest.skip(f"needs ../shared/data/{name}, which is not here")
        return SHARED / name

    return find


@pytest.fixture
def shares():
    """Read "object account content seconds" lines into CooRTweet's columns."""

    def read(text):
        rows = [line.split() for line in text.strip().splitlines()]
        names = ("object_id", "account_id", "content_id")
        columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)}
        return pa.table(
            columns | {"timestamp_share": pa.array([float(row[3]) for row in rows], pa.float64())}
        )

    return read


@pytest.fixture
def messages():
    """Read "id user repost seconds" lines, "-" for no repost, into the toolkit's columns."""

    def read(text, **columns):
        rows = [line.split() for line in text.strip().splitlines()]
        own = {
            "message_id": [row[0] for row in rows],
            "user_id": [row[1] for row in rows],
            "username": ["someone"] * len(rows),
            "repost_id": [row[2].replace("-", "") for row in rows],
            "reply_id": [""] * len(rows),
            "message": ["text"] * len(rows),
            "timestamp": [float(row[3]) for row in rows],
            "urls": [""] * len(rows),
        }
        return pa.table(own | columns)

    return read
