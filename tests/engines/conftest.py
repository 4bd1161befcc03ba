"""Every test of this folder runs on every engine."""

from __future__ import annotations

import pytest

from tests.engines.load import ENGINES, to_table, write_files


@pytest.fixture(params=sorted(ENGINES))
def engine_of(request, tmp_path_factory):
    """Make an engine of a log: rows (dicts) or a table in samehand's columns."""

    def load(events, *, threads=2, n_files=1):
        table = to_table(events) if isinstance(events, list) else events
        files = write_files(table, tmp_path_factory.mktemp("log"), n_files)
        return ENGINES[request.param](files, tuple(table.column_names), threads)

    return load
