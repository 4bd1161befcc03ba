"""Fleets are judged through the interface of engines, so these tests run on every engine, too."""

from __future__ import annotations

from tests.engines.conftest import engine_of  # noqa: F401 - a fixture
