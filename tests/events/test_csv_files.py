from __future__ import annotations

from pathlib import Path

import pytest

from samehand.errors import InputError
from samehand.events.formats.encodings import guess_encoding
from samehand.events.read import read_events
from tests.events.logs import rows, write

TIME = "2026-03-02T08:00:00Z"


def read(tmp_path: Path, text: str, name: str = "log.csv", **options: object) -> list[dict[str, object]]:
    return rows(read_events(write(tmp_path / name, text), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, newline: str) -> None:
    lines = [["time", "account", "target"], [TIME, "a", "x"], [TIME, "b", "y"]]
    text = newline.join(separator.join(cells) for cells in lines)
    found = read(tmp_path, text + newline)
    assert [(row["account"], row["target"]) for row in found] == [("a", "x"), ("b", "y")]
    assert read(tmp_path, text) == found  # without the last line's end


def test_a_tab_separated_file_with_quotation_marks_inside(tmp_path: Path) -> None:
    found = read(tmp_path, f'time\taccount\tcontent\n{TIME}\ta\tsaid "hi"\n{TIME}\tb\t\n', "log.tsv")
    assert [row["content"] for row in found] == ['said "hi"', None]


def test_quoted_values(tmp_path: Path) -> None:
    text = f'time,account,content\n{TIME},a,"one, ""two""\nthree"\n{TIME},b,"C:\\"\n'
    assert [row["content"] for row in read(tmp_path, text)] == ['one, "two"\nthree', "C:\\"]


def test_quotation_marks_behind_backslashes(tmp_path: Path) -> None:
    text = f'time,account,content\n{TIME},a,"said \\"hi\\", left"\n{TIME},b,plain\n'
    assert [row["content"] for row in read(tmp_path, text)] == ['said "hi", left', "plain"]


def test_a_quote_far_behind_the_head_of_the_file(tmp_path: Path) -> None:
    filler = "".join(f"{TIME},a{i},x\n" for i in range(20_000))
    found = read(tmp_path, f'time,account,content\n{filler}{TIME},last,"a, b"\n')
    assert found[-1]["content"] == "a, b"
    assert len(found) == 20_001


def test_a_byte_order_mark_comments_and_blank_lines(tmp_path: Path) -> None:
    text = f"\ufeff# exported\n# today\ntime,account\n{TIME},a\n\n{TIME},b\n\n"
    assert [row["account"] for row in read(tmp_path, text)] == ["a", "b"]


def test_hostile_column_names(tmp_path: Path) -> None:
    names = ['"ti""me; DROP TABLE x"', '"a\'; --"', "select", '"from ""x"""']
    text = f"{','.join(names)}\n{TIME},a,x,1\n{TIME},b,y,2\n"
    mapping = {"time": 'ti"me; DROP TABLE x', "account": "a'; --", "target": "select", "device": 'from "x"'}
    found = read(tmp_path, text, mapping=mapping)
    assert [(row["account"], row["target"], row["device"]) for row in found] == [
        ("a", "x", "1"),
        ("b", "y", "2"),
    ]


def test_columns_that_differ_in_case_only(tmp_path: Path) -> None:
    text = f"Time,time,account\nnever,{TIME},a\nnever,{TIME},b\n"
    assert len(read(tmp_path, text, mapping={"time": "time"})) == 2


def test_a_name_that_stands_there_twice(tmp_path: Path) -> None:
    text = f"time,account,account\n{TIME},a,b\n{TIME},c,d\n"
    with pytest.raises(InputError, match=r"each of account, account \(2\) may be the account"):
        read(tmp_path, text)
    assert [row["account"] for row in read(tmp_path, text, mapping={"account": "account (2)"})] == ["b", "d"]


def test_ids_keep_their_text(tmp_path: Path) -> None:
    found = read(tmp_path, f"time,account,target\n{TIME},007,01.50\n{TIME},8,2.0\n")
    assert [(row["account"], row["target"]) for row in found] == [("007", "01.50"), ("8", "2.0")]


def test_ids_written_as_numbers_are_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, f"id,time,account,target\n9,{TIME},7,1\n8,{TIME},-9223372036854775808,2\n")
    assert [(row["event_id"], row["account"], row["target"]) for row in found] == [
        (9, 7, "1"),
        (8, -(2**63), "2"),
    ]


def test_files_that_disagree_on_ids(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", f"time,account\n{TIME},1\n{TIME},2\n")
    write(tmp_path / "b.csv", f"time,account\n{TIME},x\n{TIME},2\n")
    events = read_events(tmp_path)
    assert [row["account"] for row in rows(events)] == ["1", "2", "x"]
    assert "numbers in " in events.quality.warnings[0]
    assert "text in " in events.quality.warnings[0]
    assert not read_events(tmp_path / "b.csv").quality.warnings


def test_files_without_a_header_have_numbered_columns(tmp_path: Path) -> None:
    text = "a,x,1772438701\nb,y,1772438702\n"
    with pytest.raises(InputError, match=r"column1 \(a\), column2 \(x\), column3 \(1772438701\)"):
        read(tmp_path, text)
    found = read(tmp_path, text, mapping={"account": "column1", "target": "column2", "time": "column3"})
    assert [(row["account"], row["target"]) for row in found] == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{TIME},b,x,extra", r"line 4: 4 values where the header has 3: '2026-03-02T08:00:00Z,b,x,extra'"),
        (f"{TIME},b", r"line 4: 2 values where the header has 3"),
        (f'{TIME},b,"open', r"line 4: a quotation mark that is not closed"),
        (f'{TIME},b,"x"y', r"line 4: a quotation mark that is not closed, or has text after it"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, line: str, message: str) -> None:
    text = f"time,account,target\n{TIME},a,x\n{TIME},c,x\n{line}\n{TIME},d,x\n"
    with pytest.raises(InputError, match=message) as raised:
        read(tmp_path, text)
    assert str(tmp_path / "log.csv") in raised.value.where


def test_the_file_with_the_bad_row_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", f"time,account\n{TIME},a\n")
    write(tmp_path / "b.csv", f"time,account\n{TIME},b,c\n")
    with pytest.raises(InputError, match=r"b\.csv, line 2"):
        read_events(tmp_path)


def test_lines_that_end_in_different_ways(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the lines end in different ways"):
        read(tmp_path, f"time,account\r\n{TIME},a\n{TIME},b\r\n")


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("张三丰", "gbk", "GB18030"),
        ("用户一二三四五六", "gb18030", "GB18030"),
        ("José,Müller", "cp1252", "WINDOWS-1252"),
        ("さくらテスト", "shift_jis", "SHIFT_JIS"),
        ("김철수이영희", "cp949", "CP949"),
        ("繁體中文的測試帳號", "big5", "BIG5"),
    ],
)
def test_a_file_that_is_not_utf8(tmp_path: Path, text: str, encoding: str, said: str) -> None:
    log = write(tmp_path / "log.csv", f"time,account\n{TIME},a\n{TIME},{text.split(',')[0]}\n", encoding)
    with pytest.raises(InputError, match=rf"line 3: the text is not UTF-8; it seems to be {said}") as raised:
        read_events(log)
    assert f"iconv -f {said} -t UTF-8" in raised.value.hint
    assert guess_encoding(text.encode(encoding)) == said


def test_bytes_that_are_not_utf8_behind_the_head_of_the_file(tmp_path: Path) -> None:
    filler = "".join(f"{TIME},a{i},x\n" for i in range(20_000))
    log = write(tmp_path / "log.csv", f"time,account,target\n{filler}{TIME},José,x\n", "cp1252")
    with pytest.raises(InputError, match=r"line 20,002: the text is not UTF-8; it seems to be WINDOWS-1252"):
        read_events(log)


def test_utf16_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it seems to be UTF-16"):
        read_events(write(tmp_path / "log.csv", f"time,account\n{TIME},a\n", "utf-16"))


def test_a_separator_that_nobody_uses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)only one column: 'time\^account'.*separated by '\^'"):
        read(tmp_path, f"time^account\n{TIME}^a\n")


@pytest.mark.parametrize("text", ["time,account\n", "time,account", "time,account\r\n\r\n"])
def test_a_header_without_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"log\.csv: no rows, only a header"):
        read(tmp_path, text)


@pytest.mark.parametrize("text", ["\n\n", "# nothing\n", "\ufeff"])
def test_a_file_without_lines(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="the file holds no line"):
        read(tmp_path, text)


def test_missing_values(tmp_path: Path) -> None:
    text = f'time,account,target,content\n{TIME},a,,""\n{TIME},b,null,null\n{TIME},c,-, \n'
    text += f"{TIME},d,NaN,-\n{TIME},e,x,y\n"
    events = read_events(write(tmp_path / "log.csv", text))
    found = rows(events)
    assert [row["target"] for row in found] == [None, None, None, None, "x"]
    assert [row["content"] for row in found] == [None, "null", None, "-", "y"]
    said = "Words such as null, NaN and - stand where values should be, and count as missing: target 3."
    assert events.quality.warnings == (said,)
