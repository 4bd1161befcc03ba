"""The stores of tests/cases, and passwords that are quick to check."""

from __future__ import annotations

import pytest

from samehand.cases import people
from tests.cases.conftest import lite, run_folder, sqlite_made

__all__ = ["lite", "run_folder", "sqlite_made"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    quick = people.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "_HASHER", quick)
    monkeypatch.setattr(people, "_NOBODY", quick.hash("nobody"))
