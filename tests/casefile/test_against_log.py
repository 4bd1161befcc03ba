"""With the log at hand: every raw row is looked for, and the search finds the fleet again, figure by figure."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from samehand.casefile.against_log import GivenLog
from samehand.casefile.verify import verify_bundle
from samehand.errors import InputError
from tests.casefile.made import resealed


def test_every_figure_is_found_again_and_a_forged_row_is_named(tmp_path, bundle, log):
    """Both in one search: of a forged bundle, all but the forged row is the same."""

    def swap_device(files: dict[str, bytes]) -> None:
        first, *rest = files["raw/events.jsonl"].splitlines(keepends=True)
        row = json.loads(first) | {"device": "another"}
        files["raw/events.jsonl"] = b"".join([json.dumps(row).encode() + b"\n", *rest])

    at = tmp_path / "forged.zip"
    at.write_bytes(resealed(bundle, swap_device))
    found = verify_bundle(at, GivenLog(source=str(log)))
    assert [one.name for one in found.from_log if not one.same] == ["raw rows that are in the log, unchanged"]
    rows = found.from_log[0]
    assert rows.derived == rows.stated - 1
    names = [one.name for one in found.from_log]
    assert {"q_value", "score_bits", "n_accounts", "innocent_weight", "chance_count"} <= set(names)
    assert {"members: rows with the same figures", "evidence: rows with the same figures"} <= set(names)
    assert not found.sound
    assert found.not_derived == []


def test_another_log_is_refused(tmp_path, bundle, log):
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(log).slice(1), other)
    with pytest.raises(InputError, match="not one that the run was made from"):
        verify_bundle(bundle, GivenLog(source=str(other)))
    with pytest.raises(InputError):
        verify_bundle(bundle, GivenLog(source=str(tmp_path / "none.parquet")))
