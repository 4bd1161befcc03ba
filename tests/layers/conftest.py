"""Layers are checked on every engine, too."""

from __future__ import annotations

from tests.engines.conftest import engine_of  # noqa: F401 - a fixture
