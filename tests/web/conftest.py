"""The stores of tests/cases, and passwords that are quick to check."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from samehand.cases import people
from samehand.cases.store import CaseStore
from tests.cases.conftest import copy_of, lite, run_folder, sqlite_made
from tests.web.client import TestClient, client_of

__all__ = ["lite", "run_folder", "sqlite_made"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    quick = people.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "_HASHER", quick)
    monkeypatch.setattr(people, "_NOBODY", quick.hash("nobody"))


@pytest.fixture(scope="session")
def untouched(sqlite_made, tmp_path_factory) -> Iterator[tuple[CaseStore, TestClient]]:
    """One store and one app over it, for requests that change nothing: to make an app takes longer than to ask it."""
    with CaseStore.open(copy_of(sqlite_made, tmp_path_factory.mktemp("untouched"))) as store:
        yield store, client_of(store)


@pytest.fixture
def asked(untouched) -> TestClient:
    """The app of ``untouched``, without cookies of earlier tests."""
    untouched[1].cookies.clear()
    return untouched[1]
