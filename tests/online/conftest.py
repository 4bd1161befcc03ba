"""A watch that was left to run to its end, once for the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.online.streams import lines, watch, write


@pytest.fixture(scope="session")
def log(tmp_path_factory) -> Path:
    """Give the file of lines."""
    return write(tmp_path_factory.mktemp("stream") / "events.ndjson", lines())


@pytest.fixture(scope="session")
def watched(log) -> Path:
    """Give the state of a watch that was never stopped."""
    state = log.parent / "state"
    watch(state, log)
    return state
