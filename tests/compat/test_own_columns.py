"""Reading a log by the tool's own column names: kinds of file, of ids and of times, and what is refused."""

from __future__ import annotations

import datetime as dt
import gzip

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.compat.network import network
from samehand.compat.own_columns import seconds
from samehand.errors import InputError

SHARES = """object_id,account_id,content_id,timestamp_share
007,ann,1,100
007,bob,2,104
"""
MESSAGES = """message_id,user_id,username,repost_id,reply_id,message,timestamp,urls
1,ann,Ann,r,,"two
lines",0,
2,bob,Bob,r,,text,5,
"""


def coortweet(source, **options):
    return network(source, compat="coortweet", window_s=10, **({"min_participation": 1} | options))


def write(tmp_path, text, name="log.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def in_seconds(values, kind=None):
    return seconds(pa.chunked_array([pa.array(values, kind)]), "timestamp_share").tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_with_and_without_a_byte_order_mark_keeps_the_text_of_ids(tmp_path, encoding):
    found = coortweet(write(tmp_path, SHARES, encoding=encoding))
    assert found.pairs["object_id"].to_pylist() == ["007"]
    assert found.pairs.schema.field("content_id").type == pa.string()
    messages = write(tmp_path, MESSAGES, encoding=encoding)
    assert network(messages, compat="cnt", window_s=5).edges.num_rows == 2


def test_compressed_csv(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(SHARES.encode()))
    assert coortweet(str(path)).pairs.num_rows == 1


def test_parquet_and_all_kinds_of_tables_give_the_same(tmp_path):
    table = pa.table(
        {
            "object_id": ["x", "x", "y"],
            "account_id": ["ann", "bob", "ann"],
            "content_id": [1, 2, 3],
            "timestamp_share": [0, 4, 8],
            "other": [{"a": 1}] * 3,
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    expected = coortweet(tmp_path / "log.parquet")
    assert expected.pairs["content_id"].to_pylist() == [1]
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    for other in (table, chunked, pl.from_arrow(table), table.to_pandas(), chunked.to_reader()):
        found = coortweet(other)
        assert found.pairs.to_pylist() == expected.pairs.to_pylist()
        assert found.edges.to_pylist() == expected.edges.to_pylist()


@pytest.mark.parametrize(
    ("kind", "out"),
    [
        (pa.string(), pa.string()),
        (pa.large_string(), pa.large_string()),
        (pa.string_view(), pa.string()),
        (pa.dictionary(pa.int8(), pa.string()), pa.string()),
        (pa.int64(), pa.int64()),
        (pa.uint32(), pa.uint32()),
        (pa.float64(), pa.float64()),
    ],
)
def test_ids_keep_their_type_and_text(kind, out):
    ids = pa.array(["10", "9", None])
    ids = ids.dictionary_encode() if pa.types.is_dictionary(kind) else ids.cast(kind)
    log = pa.table(
        {"object_id": ["x"] * 3, "account_id": ids, "content_id": ids, "timestamp_share": [0, 1, 2]}
    )
    found = coortweet(log)
    for table, name in (
        (found.pairs, "account_id"),
        (found.pairs, "content_id_y"),
        (found.edges, "account_b"),
    ):
        assert table.schema.field(name).type == out
    assert found.pairs["account_id"].cast(pa.string()).to_pylist() == ["10"]
    # numbers are in the order of value, text in the order of its letters
    first = "10" if pa.types.is_string(out) or pa.types.is_large_string(out) else "9"
    assert found.edges["account_a"].cast(pa.string()).to_pylist() == [first]


def test_pandas_categories_and_missing_values():
    frame = pd.DataFrame(
        {
            "object_id": pd.Categorical(["x", "x", None]),
            "account_id": [1.0, 2.0, np.nan],
            "content_id": ["c1", "c2", "c3"],
            "timestamp_share": [0.0, 1.0, np.nan],
        }
    )
    found = coortweet(frame)
    assert found.pairs["content_id"].to_pylist() == ["c1"]
    assert found.notes[0] == "1 rows have no time; they are in no pair."


def test_an_object_that_is_the_content_is_found_across_types():
    log = pa.table(
        {
            "object_id": ["5", "5"],
            "account_id": ["ann", "bob"],
            "content_id": [5, 6],
            "timestamp_share": [0, 1],
        }
    )
    assert coortweet(log).pairs.num_rows == 0
    assert coortweet(log, keep_loops=True).pairs.num_rows == 1


def test_blank_and_na_cells_of_csv_are_missing_for_coortweet(tmp_path):
    text = 'object_id,account_id,content_id,timestamp_share\n,ann,1,0\n,bob,2,1\nNA,ann,3,0\n"",bob,4,NA\n'
    found = coortweet(write(tmp_path, text), keep_loops=True)
    assert found.pairs.num_rows == 0
    assert found.notes == (
        "1 rows have no time; they are in no pair.",
        "4 rows lack an object, account or content id; they are in no pair.",
    )


def test_a_quoted_na_of_csv_is_an_id(tmp_path):
    text = 'object_id,account_id,content_id,timestamp_share\nx,"NA",1,0\nx,bob,2,1\n'
    assert coortweet(write(tmp_path, text)).pairs["account_id"].to_pylist() == ["NA"]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1623881091, 5], pa.int64(), [1623881091.0, 5.0]),
        ([1.5, None], pa.float64(), [1.5, None]),
        (["1623881091", " 5.5 ", "1e3", ""], pa.string(), [1623881091.0, 5.5, 1000.0, None]),
        (["inf", "7", "NaN", "NA"], pa.string(), None),
        (["2021-06-16 22:04:51"], pa.string(), [1623881091.0]),
        (["2021-06-16T22:04:51.25Z", "NA"], pa.large_string(), [1623881091.25, None]),
        (["2021-06-17 06:04:51+08:00", "2021-06-16 22:04:51"], pa.string(), [1623881091.0, 1623881091.0]),
        (["2021-06-16 22:04:51 UTC", "2021-06-16"], pa.string(), [1623881091.0, 1623801600.0]),
        ([dt.datetime(2021, 6, 16, 22, 4, 51)], pa.timestamp("ms"), [1623881091.0]),
        ([dt.datetime(2021, 6, 16, 22, 4, 51)], pa.timestamp("ns", "Asia/Shanghai"), [1623881091.0]),
        ([dt.date(2021, 6, 16)], pa.date32(), [1623801600.0]),
        ([None], pa.null(), [None]),
    ],
)
def test_times(values, kind, expected):
    if expected is None:
        with pytest.raises(InputError, match="'inf' is no time"):
            in_seconds(values, kind)
        return
    assert [None if t != t else t for t in in_seconds(values, kind)] == expected


@pytest.mark.parametrize(
    ("values", "found", "where"),
    [
        (["5", "7", "soon"], "'soon' is no time", "column timestamp_share, row 3"),
        (["2021-06-16", "16.6.2021"], "'16.6.2021' is no time", "column timestamp_share, row 2"),
        (["2021-06-16 10:00:00Z", "2021-13-01 10:00:00Z"], "'2021-13-01 10:00:00Z' is no time", "row 2"),
        (["x"], "'x' is no time", "row 1"),
    ],
)
def test_a_text_that_is_no_time_is_named_with_its_row(values, found, where):
    with pytest.raises(InputError) as error:
        in_seconds(values)
    assert error.value.found == found
    assert error.value.where.endswith(where)


def test_times_of_another_type_are_refused():
    with pytest.raises(InputError, match="the column timestamp_share is of type bool"):
        in_seconds([True])


def test_milliseconds_are_remarked_upon(shares):
    found = coortweet(shares("x ann c1 1623881091000\nx bob c2 1623881091001"))
    assert "look like milliseconds" in found.notes[0]


def test_the_older_name_of_the_account_column_is_read(shares):
    log = shares("x ann c1 0\nx bob c2 1").rename_columns(
        ["object_id", "id_user", "content_id", "timestamp_share"]
    )
    found = coortweet(log)
    assert found.pairs.num_rows == 1
    assert found.notes == ("The column id_user was read as account_id: CooRTweet renamed it.",)


def test_missing_columns_are_named_with_those_found_and_wanted(shares):
    log = shares("x ann c1 0").rename_columns(["url", "account_id", "post", "timestamp_share"])
    with pytest.raises(InputError) as error:
        coortweet(log)
    assert error.value.found == (
        "no column object_id, content_id; found url, account_id, post, timestamp_share"
    )
    assert "object_id, account_id, content_id, timestamp_share" in error.value.hint
    assert error.value.exit_code == 2


def test_cnt_needs_only_the_columns_of_its_network(messages):
    log = messages("1 ann r 0\n2 bob r 1")
    few = log.select(["timestamp", "repost_id", "user_id", "message_id"])
    assert network(few, compat="cnt", window_s=1).edges.num_rows == 2
    with pytest.raises(InputError, match="no column urls; found timestamp"):
        network(few, compat="cnt", window_s=1, network_type="co_link")


def test_cnt_reads_eight_columns_by_position(messages):
    log = messages("1 ann r 0\n2 bob r 1").rename_columns(
        ["id", "author", "name", "repost_id", "reply_id", "text", "date", "links"]
    )
    found = network(log, compat="cnt", window_s=1)
    assert found.edges.num_rows == 2
    assert found.notes == (
        (
            "Columns were read by position, as coordination-network-toolkit does: message_id from id, "
            "user_id from author, timestamp from date."
        ),
    )


def test_cnt_does_not_read_by_position_where_a_name_stands_elsewhere(messages):
    log = messages("1 ann r 0").rename_columns(
        ["user_id", "author", "name", "repost_id", "reply_id", "text", "timestamp", "links"]
    )
    with pytest.raises(InputError, match="no column message_id"):
        network(log, compat="cnt", window_s=1)


def test_a_column_that_stands_there_twice_is_refused(shares):
    log = shares("x ann c1 0")
    twice = log.append_column("account_id", log["account_id"])
    with pytest.raises(InputError, match="the column 'account_id' stands there twice"):
        coortweet(twice)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("log.csv", b"", "no column .*; found none"),
        ("log.csv", b"object_id,account_id,content_id,timestamp_share\nx,ann\n", "Expected 4 columns, got 2"),
        ("log.csv", SHARES.replace("ann", "\xe4").encode("latin-1"), "utf-8"),
        ("log.parquet", b"PAR1 and no more", "cannot be read"),
        ("log.xlsx", b"", "neither .parquet nor .csv"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, found):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=found) as error:
        coortweet(tmp_path / name)
    assert error.value.where == str(tmp_path / name)


def test_what_is_no_source(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        coortweet(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no such file"):
        coortweet(tmp_path)
    with pytest.raises(InputError, match="cannot read a list"):
        coortweet([1])


def test_ids_and_texts_of_another_type_are_refused(shares, messages):
    log = shares("x ann c1 0")
    listed = log.set_column(0, "object_id", pa.array([["x"]]))
    with pytest.raises(InputError, match="the column object_id is of type list"):
        coortweet(listed)
    log = messages("1 ann - 0", message=[5])
    with pytest.raises(InputError, match="the column message is of type int64"):
        network(log, compat="cnt", window_s=1, network_type="co_tweet")
    log = messages("1 ann - 0", urls=[{"a": 1}])
    with pytest.raises(InputError, match="the column urls is of type struct"):
        network(log, compat="cnt", window_s=1, network_type="co_link")


@pytest.mark.parametrize("text", [SHARES.splitlines()[0], SHARES.splitlines()[0] + "\n"])
def test_an_empty_csv_log_gives_empty_tables(tmp_path, text):
    found = coortweet(write(tmp_path, text))
    assert (found.pairs.num_rows, found.edges.num_rows) == (0, 0)
    assert found.pairs.schema.field("account_id").type == pa.string()
