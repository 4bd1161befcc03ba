"""Real logs from ``../shared/data``: one campaign whose operator is known, and two logs that nobody labelled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

import samehand as sh
from exam.found import members_of, reported_fleets
from exam.german import describe_german
from harness.machine import ROOT

DATA = ROOT.parent / "shared" / "data"
LOGS = ("stars in retweets", "retweets", "german elections")
RETWEETS = "russian_coord_tweets.parquet"
STARS = "github_star_campaign.parquet"
GERMAN = "german_elections.parquet"
WINDOW_S = 60
LEAST_REPOSITORIES = 2


def available() -> bool:
    """Whether the real logs are there."""
    return all((DATA / name).is_file() for name in (RETWEETS, STARS, GERMAN))


def measure(settings: dict[str, Any], config: sh.Config) -> dict[str, Any]:
    """Run the pipeline on one real log."""
    measures = {"stars in retweets": _stars, "retweets": _retweets, "german elections": _german}
    return measures[settings["log"]](config)


def mixed_log(data: Path = DATA) -> pa.Table:
    """Put the star campaign into the retweets: account, time, action, target.

    Account ids get a prefix, gh_ or tw_. All times of the campaign are shifted by one amount, so that the middle of
    its span is the middle of the retweets' span; nothing else is changed.
    """
    return duckdb.sql(
        f"""
        WITH stars AS (
            SELECT 'gh_' || account AS account, epoch_us(ts) AS us, action, target FROM '{data / STARS}'
        ), retweets AS (
            SELECT 'tw_' || account_id AS account, (timestamp_share * 1e6)::BIGINT AS us, 'retweet' AS action,
                   object_id AS target FROM '{data / RETWEETS}'
        ), shift AS (
            SELECT (SELECT (min(us) + max(us)) // 2 FROM retweets)
                 - (SELECT (min(us) + max(us)) // 2 FROM stars) AS by_us
        )
        SELECT account, make_timestamp(us) AT TIME ZONE 'UTC' AS time, action, target FROM (
            SELECT account, us + by_us AS us, action, target FROM stars, shift
            UNION ALL FROM retweets
        ) ORDER BY time, account, action, target
        """  # noqa: S608 - the paths are our own
    ).to_arrow_table()


def costars(data: Path = DATA) -> set[str]:
    """Accounts that star within 60 s of another account on at least two repositories, with the prefix gh_."""
    found = duckdb.sql(
        f"""
        WITH stars AS (
            SELECT account, target, epoch_us(ts) AS us FROM '{data / STARS}' WHERE action = 'WatchEvent'
        )
        SELECT a.account FROM stars a JOIN stars b USING (target)
        WHERE a.account <> b.account AND abs(a.us - b.us) <= {WINDOW_S} * 1000000
        GROUP BY a.account HAVING count(DISTINCT target) >= {LEAST_REPOSITORIES}
        """  # noqa: S608
    ).fetchall()
    return {f"gh_{account}" for (account,) in found}


def _stars(config: sh.Config) -> dict[str, Any]:
    run = sh.detect(mixed_log(), config)
    wanted = costars()
    fleets = _described(run)
    members = run.tables.members
    reported = {str(a) for a in members.filter(members["reported"])["account"].to_pylist()}
    return {
        "n_costars": len(wanted),
        "n_costars_reported": len(wanted & reported),
        "n_campaign_reported": sum(a.startswith("gh_") for a in reported),
        "n_background_reported": sum(a.startswith("tw_") for a in reported),
        "n_candidates": run.info.n_candidates,
        "fleets": fleets,
        "n_background_fleets": sum(2 * one["n_background"] > one["n_accounts"] for one in fleets),
    }


def _retweets(config: sh.Config) -> dict[str, Any]:
    run = sh.detect(str(DATA / RETWEETS), config)
    return {"fleets": _described(run), "n_candidates": run.info.n_candidates}


def _german(config: sh.Config) -> dict[str, Any]:
    """Links, hashtags and image hashes are targets; domains are only looked at in what was found."""
    mapping = {
        "account": "account_id",
        "time": "timestamp",
        "event_id": "post_id",
        "target": ["url_id", "hashtag_id", "phash_id"],
    }
    with sh.read_events(str(DATA / GERMAN), mapping, threads=config.threads) as events:
        run = sh.detect(events, config)
    described = [
        fleet | describe_german(DATA / GERMAN, members_of(run, fleet["fleet_id"]))
        for fleet in _described(run)
    ]
    return {"fleets": described, "n_candidates": run.info.n_candidates}


def _described(run: sh.Run) -> list[dict[str, Any]]:
    """Each reported fleet with its most frequent joint targets and its accounts from the background."""
    rows = []
    for fleet in reported_fleets(run):
        accounts = members_of(run, fleet["fleet_id"])
        joint = run.tables.member_events
        joint = joint.filter(pc.and_(pc.equal(joint["fleet_id"], fleet["fleet_id"]), joint["coaction"]))
        pairs = zip(
            joint["action"].to_pylist() if "action" in joint.column_names else [None] * joint.num_rows,
            joint["target"].to_pylist(),
            strict=True,
        )
        top = Counter(" ".join(part for part in pair if part) for pair in pairs)
        rows.append(
            fleet
            | {
                "n_background": sum(a.startswith("tw_") for a in accounts),
                "n_targets": len(top),
                "top_targets": top.most_common(5),
            }
        )
    return rows
