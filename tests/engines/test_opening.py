"""What Spark worked out of a log is used again for that log alone."""

from __future__ import annotations

from samehand.engines import opening
from tests.engines.load import HOUR, random_log, to_table, write_files


def name_of(rows, folder, n_files=1):
    folder.mkdir()
    table = to_table(rows)
    return opening.name_of(write_files(table, folder, n_files), tuple(table.column_names))


def test_other_events_have_another_name(tmp_path, monkeypatch):
    rows = random_log(0)
    name = name_of(rows, tmp_path / "first")
    assert name_of(rows, tmp_path / "same") == name
    later = [{**row, "time": row["time"] + 8 * HOUR} for row in rows]  # as another time zone makes them
    assert name_of(later, tmp_path / "later") != name
    assert name_of(rows[1:], tmp_path / "fewer") != name
    monkeypatch.setattr(opening, "__version__", "another")
    assert name_of(rows, tmp_path / "version") != name
