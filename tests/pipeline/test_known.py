"""`--known`: shown beside the evidence everywhere, and it changes nothing else."""

from __future__ import annotations

import json
from math import comb

import pyarrow as pa
import pytest

from samehand.config import Config
from samehand.fleets.known import by_chance
from samehand.pipeline import detect
from samehand.report.html import HtmlPage
from samehand.run import Run, open_run
from tests.cli.terminal import samehand
from tests.pipeline.worlds import differences, found_without_estimate, world

PLAIN = Config(surrogates=0)


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """Give the first fleet's members: one cleared, the others banned; and two accounts that are nowhere."""
    members = [row for row in found_without_estimate().members.to_pylist() if row["fleet_id"] == "F0001"]
    status = {row["account"]: "banned" for row in members}
    return status | {members[0]["account"]: "cleared", "nobody": "banned", "nothing": "cleared"}


@pytest.fixture(scope="module")
def run(told) -> Run:
    known = pa.table({"account": list(told), "status": list(told.values())})
    return detect(world().events, PLAIN, known=known)


def test_it_changes_nothing_but_its_own_columns(run) -> None:
    assert differences(found_without_estimate(), run) == {
        "fleets": ["n_known_banned", "n_known_cleared"],
        "members": ["known"],
    }


def test_members_are_counted_and_who_is_not_in_the_log_too(run, told) -> None:
    fleets = run.fleets.to_pylist()
    n = fleets[0]["n_accounts"]
    assert (fleets[0]["n_known_banned"], fleets[0]["n_known_cleared"]) == (n - 1, 1)
    assert {(row["n_known_banned"], row["n_known_cleared"]) for row in fleets[1:]} == {(0, 0)}
    assert {row["account"]: row["known"] for row in run.members.to_pylist() if row["known"]} == {
        account: status for account, status in told.items() if account not in {"nobody", "nothing"}
    }
    known = run.info.known
    assert known is not None
    assert (known.n_banned, known.n_cleared, known.n_unknown) == (n - 1, 1, 2)


def test_without_it_the_columns_are_empty() -> None:
    run = found_without_estimate()
    assert run.info.known is None
    assert set(run.fleets["n_known_banned"].to_pylist()) == {None}
    assert set(run.members["known"].to_pylist()) == {None}
    assert "before (" not in run.explain("F0001").text


@pytest.mark.parametrize(
    ("lang", "banned", "cleared"),
    [("en", "were banned before", "1 of the"), ("zh", "曾被封禁", "曾核查为正常")],
)
def test_it_is_said_for_and_against(run, lang, banned, cleared) -> None:
    _, speaks_for, against, *_ = run.explain("F0001", lang).sections
    assert banned in speaks_for.points[-1]
    assert cleared in against.points[0]
    html = HtmlPage().render(run.info, run.tables, lang).decode()
    assert banned in html
    assert ("changed no score" if lang == "en" else "不改变任何得分") in html


def test_an_account_says_what_was_known_of_it(run, told) -> None:
    first, second = list(told)[:2]
    assert "was cleared before" in " ".join(run.explain(first).text.split())
    assert "was banned before" in " ".join(run.explain(second).text.split())
    assert "None of the" in " ".join(run.explain("F0002").text.split())


def test_numbers_are_accounts_in_a_log_of_numbers() -> None:
    number = {name: i for i, name in enumerate(sorted(set(world().events["account"].to_pylist())), 10**12)}
    events = world().events
    accounts = pa.array([number[name] for name in events["account"].to_pylist()])
    events = events.set_column(events.column_names.index("account"), "account", accounts)
    members = detect(events, PLAIN).members.to_pylist()
    one = next(row["account"] for row in members if row["fleet_id"] == "F0001")
    run = detect(events, PLAIN, known=pa.table({"account": [str(one), "x", f"0{one}", "9" * 30]}))
    assert run.fleets.to_pylist()[0]["n_known_banned"] == 1
    assert run.info.known is not None
    assert run.info.known.n_unknown == 3


def test_chance_is_that_of_a_draw() -> None:
    ways = sum(comb(30, k) * comb(970, 12 - k) for k in range(3, 13))
    expected, p = by_chance(3, 12, 30, 1_000)
    assert expected == pytest.approx(0.36)
    assert p == pytest.approx(ways / comb(1_000, 12))


def test_on_the_command_line(tmp_path, told) -> None:
    import pyarrow.parquet as pq

    pq.write_table(world().events, tmp_path / "log.parquet")
    rows = [f"{account},{'封禁' if status == 'banned' else '正常'}" for account, status in told.items()]
    (tmp_path / "known.csv").write_text("\n".join(["账号,状态", *rows]) + "\n", "utf-8")
    done = samehand(
        "detect", tmp_path / "log.parquet", "--known", tmp_path / "known.csv", "--surrogates", 0,
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert done.code == 0, done
    assert "2 accounts of known.csv are not in it" in done.said
    assert "F0001:" in done.said
    assert json.loads((tmp_path / "run" / "run.json").read_text())["known"]["name"] == "known.csv"
    assert open_run(tmp_path / "run").fleets.to_pylist()[0]["n_known_cleared"] == 1


def test_a_bad_file_is_refused_before_the_log_is_read(tmp_path) -> None:
    (tmp_path / "known.csv").write_text("account,status\na,perhaps\n")
    done = samehand("detect", "nowhere.csv", "--known", tmp_path / "known.csv", "--out", tmp_path / "run")
    assert done.code == 2
    assert "'perhaps' in row 1" in done.said
    assert not (tmp_path / "run").exists()
