"""With the log at hand: every raw row is looked for, and the search finds the fleet again, figure by figure."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from samehand.casefile.against_log import NEEDS_KNOWN, GivenLog
from samehand.casefile.verify import verify_bundle
from samehand.errors import InputError
from tests.casefile.made import resealed


def test_every_figure_is_found_again_and_a_forged_row_is_named(tmp_path, bundle, log):
    """Both in one search: of a forged bundle, all but the forged row is the same."""

    def swap_device(files: dict[str, bytes]) -> None:
        first, *rest = files["raw/events.jsonl"].splitlines(keepends=True)
        row = json.loads(first) | {"device": "another"}
        files["raw/events.jsonl"] = b"".join([json.dumps(row).encode() + b"\n", *rest])
        tell_of_bans(files)

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
    assert found.not_derived == [NEEDS_KNOWN]


def tell_of_bans(files: dict[str, bytes]) -> None:
    """Make a bundle say what only a list of banned accounts gives, as that of a run with --known does."""
    fleet = json.loads(files["tables/fleet.jsonl"])
    fleet["behaviours"] = [*(fleet["behaviours"] or []), "ban_evasion"]
    fleet["n_known_banned"] = 3
    files["tables/fleet.jsonl"] = json.dumps(fleet).encode() + b"\n"
    row = {"fleet_id": fleet["fleet_id"], "behaviour": "ban_evasion", "n_accounts": 4, "p_value": 1e-9}
    files["tables/behaviours.jsonl"] += json.dumps(row).encode() + b"\n"
    run = json.loads(files["run.json"])
    run["known"] = {
        "name": "banned.csv",
        "n_bytes": 9,
        "sha256": "0" * 64,
        "n_banned": 3,
        "n_cleared": 0,
        "n_unknown": 0,
    }
    files["run.json"] = json.dumps(run).encode()


def test_another_list_of_banned_accounts_is_refused(tmp_path, bundle, log):
    other = tmp_path / "banned.csv"
    other.write_text("account,status\nsomebody,banned\n")
    with pytest.raises(InputError, match="was told of no accounts"):
        verify_bundle(bundle, GivenLog(source=str(log), known=other))
    told = tmp_path / "told.zip"
    told.write_bytes(resealed(bundle, tell_of_bans))
    with pytest.raises(InputError, match="was told of others"):
        verify_bundle(told, GivenLog(source=str(log), known=other))


def test_another_log_is_refused(tmp_path, bundle, log):
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(log).slice(1), other)
    with pytest.raises(InputError, match="not one that the run was made from"):
        verify_bundle(bundle, GivenLog(source=str(other)))
    with pytest.raises(InputError):
        verify_bundle(bundle, GivenLog(source=str(tmp_path / "none.parquet")))
