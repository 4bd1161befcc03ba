"""Options, schemas of empty results, and the files that are written."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.compat import cnt, coortweet
from samehand.compat.network import network, write_network
from samehand.compat.network_types import NETWORK_TYPES
from samehand.errors import OptionError

PAIR = "x ann c1 0\nx bob c2 1"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"compat": "coornet"}, "compat is 'coornet'"),
        ({"window_s": -1}, "window_s is -1"),
        ({"window_s": float("nan")}, "window_s is nan"),
        ({"window_s": float("inf")}, "window_s is inf"),
        ({"window_s": "60"}, "window_s is '60'"),
        ({"window_s": True}, "window_s is True"),
        ({"min_participation": 0}, "min_participation is 0"),
        ({"min_participation": 1.5}, "min_participation is 1.5"),
        ({"min_weight": 0}, "min_weight is 0"),
        ({"edge_weight": 1.1}, "edge_weight is 1.1"),
        ({"network_type": "co_link"}, "network_type is 'co_link'"),
        ({"compat": "cnt", "min_participation": 2}, "min_participation is set"),
        ({"compat": "cnt", "network_type": "co_similar_tweet"}, "network_type is 'co_similar_tweet'"),
    ],
)
def test_options_out_of_range_are_refused_before_reading(options, found):
    with pytest.raises(OptionError) as error:
        network("no-such-file.csv", **({"compat": "coortweet", "window_s": 10} | options))
    assert error.value.found == found
    assert error.value.hint
    assert error.value.exit_code == 2


def test_numbers_of_numpy_are_numbers(shares):
    found = network(
        shares(PAIR),
        compat="coortweet",
        window_s=np.float32(1),
        min_participation=np.int64(1),
        min_weight=np.int8(1),
    )
    assert found.edges.num_rows == 1


@pytest.mark.parametrize("correct", [False, True])
@pytest.mark.parametrize("keep_loops", [False, True])
def test_an_empty_log_gives_empty_tables_with_the_right_schema(shares, messages, correct, keep_loops):
    log = shares(PAIR).slice(0, 0)
    found = network(log, compat="coortweet", window_s=10, correct=correct, keep_loops=keep_loops)
    text = pa.string()
    assert found.pairs == coortweet.pairs_schema(text, text, text).empty_table()
    assert found.edges == coortweet.edges_schema(text).empty_table()
    log = messages("1 ann r 0").slice(0, 0)
    for kind in NETWORK_TYPES:
        found = network(
            log, compat="cnt", window_s=10, network_type=kind, correct=correct, keep_loops=keep_loops
        )
        assert found.edges == cnt.edges_schema(text).empty_table()
        feature = found.pairs.schema.field("feature").type
        assert found.pairs == cnt.pairs_schema(feature, text, text).empty_table()


def test_a_network_is_written_as_two_files_with_its_notes(shares, tmp_path):
    found = network(shares(PAIR), compat="coortweet", window_s=10, min_participation=1, correct=True)
    write_network(found, tmp_path / "deep" / "net")
    folder = tmp_path / "deep" / "net"
    assert sorted(file.name for file in folder.iterdir()) == ["edges.parquet", "pairs.parquet"]
    assert pq.read_table(folder / "pairs.parquet") == found.pairs
    edges = pq.read_table(folder / "edges.parquet")
    assert edges == found.edges
    assert tuple(json.loads(edges.schema.metadata[b"samehand.notes"])) == found.notes
    assert len(found.notes) == 3


def test_the_same_log_gives_the_same_bytes(shares, tmp_path):
    log = shares("x ann c1 0\nx bob c2 0\nx cid c3 0")
    for name, rows in (("a", [0, 1, 2]), ("b", [2, 0, 1])):
        write_network(
            network(log.take(rows), compat="coortweet", window_s=1, min_participation=1, correct=True),
            tmp_path / name,
        )
    for file in ("pairs.parquet", "edges.parquet"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_an_earlier_network_is_replaced_and_anything_else_is_not(shares, tmp_path):
    small = network(shares("x ann c1 0"), compat="coortweet", window_s=10)
    large = network(shares(PAIR), compat="coortweet", window_s=10, min_participation=1)
    folder = tmp_path / "net"
    folder.mkdir()
    write_network(small, folder)
    write_network(large, str(folder))
    assert pq.read_table(folder / "edges.parquet").num_rows == 1
    (folder / "mine.txt").write_text("keep")
    with pytest.raises(OptionError, match="holds something else"):
        write_network(small, folder)
    with pytest.raises(OptionError, match="holds something else"):
        write_network(small, folder / "mine.txt")
    with pytest.raises(OptionError, match="cannot be written"):
        write_network(small, folder / "mine.txt" / "net")
    assert pq.read_table(folder / "edges.parquet").num_rows == 1


def test_nothing_half_written_is_left(shares, tmp_path, monkeypatch):
    found = network(shares(PAIR), compat="coortweet", window_s=10, min_participation=1)
    write_network(found, tmp_path / "net")
    before = (tmp_path / "net" / "edges.parquet").read_bytes()
    write_table = pq.write_table

    def full_disk(table, path, **options):
        if path.name == "edges.parquet":
            raise OSError(28, "No space left on device")
        write_table(table, path, **options)

    monkeypatch.setattr(pq, "write_table", full_disk)
    for name in ("net", "other"):
        with pytest.raises(OSError, match="No space left"):
            write_network(found, tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ["net"]
    assert (tmp_path / "net" / "edges.parquet").read_bytes() == before
