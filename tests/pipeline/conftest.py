"""Runs that several tests look at, made once."""

from __future__ import annotations

import pytest

from samehand.run import Run
from tests.pipeline.worlds import found


@pytest.fixture(scope="session")
def run() -> Run:
    """Give what detection finds in the small world."""
    return found()
