from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from samehand.errors import InputError, OptionError
from samehand.events.read import read_events
from tests.events.logs import at, rows, write


@pytest.fixture
def book(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Events"
    sheet.append(["时间", "账号", "目标"])
    sheet.append([datetime(2026, 3, 2, 8, 5), 1001, "x"])
    sheet.append([datetime(2026, 3, 2, 8, 6, 1, 500_000), 1002, None])
    sheet.append([None, None, None])
    sheet.append([date(2026, 3, 3), 1003, "y"])
    other = book.create_sheet("第二页")
    other.append([])
    other.append(["serial", "account"])
    other.append([46083.5, "00123"])
    other.append([46083.75, 7])
    book.create_sheet("empty")
    book.create_sheet("header").append(["time", "account"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_the_first_sheet_is_read_and_the_others_are_named(book: Path) -> None:
    events = read_events(book, timezone="Asia/Shanghai")
    assert [(row["time"], row["account"], row["target"]) for row in rows(events)] == [
        (at(2026, 3, 2, 0, 5), 1001, "x"),
        (at(2026, 3, 2, 0, 6, 1, 500_000), 1002, None),
        (at(2026, 3, 2, 16), 1003, "y"),
    ]
    left_out = {item.what: item for item in events.quality.left_out}
    assert left_out["sheets of a workbook"].count == 3
    assert "第二页, empty, header" in left_out["sheets of a workbook"].why
    assert left_out["rows without a time"].count == 1
    assert events.sources[0].name == "book.xlsx"


def test_a_named_sheet(book: Path) -> None:
    events = read_events(f"{book}#第二页", {"time": "serial"})
    assert [(row["time"], row["account"]) for row in rows(events)] == [
        (at(2026, 3, 2, 12), "00123"),
        (at(2026, 3, 2, 18), "7"),
    ]
    assert events.quality.time_format == "Excel serial dates, taken as UTC"
    assert events.sources[0].name == "book.xlsx#第二页"


def test_a_sheet_that_is_not_there(book: Path) -> None:
    with pytest.raises(OptionError, match=r"(?s)no sheet 'Evnts'.*Events, 第二页, empty, header"):
        read_events(f"{book}#Evnts")


def test_sheets_without_rows(book: Path) -> None:
    with pytest.raises(InputError, match="the sheet is empty"):
        read_events(f"{book}#empty")
    with pytest.raises(InputError, match="no rows, only a header"):
        read_events(f"{book}#header")


def test_a_workbook_that_is_cut_short(book: Path) -> None:
    book.write_bytes(book.read_bytes()[:2000])
    with pytest.raises(InputError, match="no whole workbook"):
        read_events(book)


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole workbook"):
        read_events(write(tmp_path / "log.xlsx", "time,account\n"))
