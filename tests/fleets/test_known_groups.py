"""Groups that the user knows to be innocent: what is read, and what is refused."""

from __future__ import annotations

import gzip

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError
from samehand.fleets.known_groups import find_known_groups, read_known_groups

ROWS = [("a", "choir"), ("b", "choir"), ("a", "choir"), ("b", "shift"), ("名字", "shift")]
GROUPS = {"choir": ("a", "b"), "shift": ("b", "名字")}
TABLE = pa.table({"account": [a for a, _ in ROWS], "group": [g for _, g in ROWS]})
CSV = "\n".join(["account,note,group", *(f"{a},x,{g}" for a, g in ROWS)]).encode()


def test_csv_parquet_and_tables_say_the_same(tmp_path):
    (tmp_path / "one.csv").write_bytes(CSV)
    (tmp_path / "two.csv").write_bytes(b"\xef\xbb\xbf" + CSV)
    (tmp_path / "three.csv.gz").write_bytes(gzip.compress(CSV))
    pq.write_table(TABLE, tmp_path / "four.parquet")
    for name in ("one.csv", "two.csv", "three.csv.gz", "four.parquet"):
        for path in (tmp_path / name, str(tmp_path / name)):
            known = read_known_groups(path)
            assert (known.source, dict(known.accounts)) == (name, GROUPS)
    for table in (TABLE, pd.DataFrame(TABLE.to_pydict())):
        known = read_known_groups(table)
        assert (known.source, dict(known.accounts)) == ("in memory", GROUPS)


def test_columns_may_have_chinese_names_and_other_separators(tmp_path):
    (tmp_path / "one.txt").write_text("账号;群组\na;choir\nb;choir\n")
    assert dict(read_known_groups(tmp_path / "one.txt").accounts) == {"choir": ("a", "b")}


def test_leading_zeros_stay_and_numbers_become_text(tmp_path):
    (tmp_path / "ids.csv").write_text("account,group\n007,1\n12,1\n")
    assert dict(read_known_groups(tmp_path / "ids.csv").accounts) == {"1": ("007", "12")}
    table = pa.table({"account": [7, 2**60], "group": [1, 1]})
    assert dict(read_known_groups(table).accounts) == {"1": ("7", str(2**60))}
    floats = pa.table({"account": [7.0, 12.0], "group": ["g", "g"]})
    assert dict(read_known_groups(floats).accounts) == {"g": ("7", "12")}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"account,team\na,x\n", "the column 'group' is missing (found: account, team)"),
        ("a.csv", b"user,group\na,x\n", "the column 'account' is missing (found: user, group)"),
        ("a.csv", b"account,group\n", "there is no group in it"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"account,group\na,x\nb\n", "cannot be read"),
        ("a.csv", b"account,group\na,x\n\xff\xfe,x\n", "not UTF-8"),
        ("a.csv.gz", b"\x1f\x8b and no more", "cannot be read"),
        ("a.csv", b"account,group\na,x\n,x\nb,\n", "the column 'account' has 1 rows without a value"),
        ("a.csv", b"account,group\na,x\nb,x\nc,\n", "the column 'group' has 1 rows without a value"),
        ("a.csv", b"account,group\na,x\na,x\nb,y\nc,y\nd,z\n", "the group 'x' has one account (and 1 more)"),
        ("a.csv", b"account,group\nb,y\nc,y\nd,z\n", "the group 'z' has one account"),
        ("a.parquet", b"PAR1 and no more", "cannot be read"),
        ("missing.csv", None, "cannot be read"),
    ],
)
def test_a_bad_file_is_named_and_what_to_try(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_known_groups(tmp_path / name)
    assert message in caught.value.found
    assert caught.value.where.startswith(str(tmp_path / name))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (7, "cannot take a int"),
        (pa.table({"account": [[1]], "group": ["x"]}), "holds no ids or names"),
        (pa.table({"account": [1.5, 2.0], "group": ["x", "x"]}), "holds no ids or names"),
        (pa.table({"account": ["a", None], "group": ["x", "x"]}), "1 rows without a value"),
    ],
)
def test_a_bad_table_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        read_known_groups(table)


def log_of(accounts):
    return [{"time": n, "account": account, "target": "x"} for n, account in enumerate(accounts)]


def test_accounts_that_the_log_lacks_are_counted(engine_of):
    known = read_known_groups(pa.table({"account": list("cabxay"), "group": list("ggghhh")}))
    found = find_known_groups(engine_of(log_of("abcd")), known)
    assert {name: codes.tolist() for name, codes in found.codes.items()} == {"g": [0, 1, 2], "h": [0]}
    assert (found.n_accounts, found.n_unknown) == (5, 2)


def test_ids_that_are_numbers_are_found_as_they_are_written(engine_of):
    ids = ["-5", "12", "012", "1_2", "٣", "3", "x", str(2**63), "9" * 30, "1.0"]
    known = read_known_groups(pa.table({"account": ids, "group": ["g"] * len(ids)}))
    found = find_known_groups(engine_of(log_of([12, -5, 3, 1, 0])), known)
    assert found.codes["g"].tolist() == [0, 3, 4], "-5, 3, 12 in the order of ids"
    assert found.n_unknown == 7


def test_groups_of_strangers_are_an_error(engine_of):
    known = read_known_groups(pa.table({"account": ["x", "y"], "group": ["g", "g"]}))
    with pytest.raises(InputError, match="none of its 2 accounts is in the log, such as 'x'"):
        find_known_groups(engine_of(log_of("ab")), known)
