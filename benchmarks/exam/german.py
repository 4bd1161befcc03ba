"""The German election posts: what the accounts of a reported fleet have in common, as far as the log says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa


def describe_german(file: Path, accounts: list[str]) -> dict[str, Any]:
    """Look at all posts of some accounts: platform, domains, how much of it is links, hashtags, images."""
    members = pa.table({"account_id": accounts})
    with duckdb.connect() as database:
        database.register("members", members)
        database.execute(
            f"CREATE TABLE posts AS SELECT * FROM '{file}' SEMI JOIN members USING (account_id)"  # noqa: S608
        )
        counts = database.execute(
            "SELECT count(DISTINCT post_id), count(DISTINCT url_id), count(DISTINCT hashtag_id), "
            "count(DISTINCT phash_id), count(DISTINCT post_id) FILTER (url_id IS NOT NULL), "
            "count(DISTINCT post_id) FILTER (hashtag_id IS NOT NULL), "
            "count(DISTINCT post_id) FILTER (phash_id IS NOT NULL), "
            "count(DISTINCT post_id) FILTER (domain_id IS NOT NULL) FROM posts"
        ).fetchall()[0]
        database.execute(
            "CREATE TABLE own AS SELECT domain_id, count(DISTINCT post_id) AS n, count(DISTINCT account_id) AS k "
            "FROM posts WHERE domain_id IS NOT NULL GROUP BY domain_id ORDER BY n DESC, domain_id LIMIT 5"
        )
        domains = database.execute(
            f"SELECT domain_id, n, k, count(DISTINCT post_id) FROM own JOIN '{file}' USING (domain_id) "  # noqa: S608
            "GROUP BY ALL ORDER BY n DESC, domain_id"
        ).fetchall()
        hours = database.execute(
            "SELECT (hour(make_timestamp((timestamp * 1e6)::BIGINT)) + 2) % 24 AS hour, "
            "count(DISTINCT post_id) FROM posts GROUP BY hour ORDER BY hour"
        ).fetchall()
    names = (
        "posts",
        "urls",
        "hashtags",
        "images",
        "posts_url",
        "posts_hashtag",
        "posts_image",
        "posts_domain",
    )
    platforms = Counter(account.split("_")[0] for account in accounts)
    return {
        "platforms": dict(platforms.most_common()),
        "german_counts": dict(zip(names, counts, strict=True)),
        "domains": [list(row) for row in domains],
        "hours": dict(hours),
    }


def read_fleet(fleet: dict[str, Any]) -> str:
    """Say in words what the figures of a fleet suggest: a reading by rules, no proof."""
    counts = fleet["german_counts"]
    parts = []
    platforms = fleet["platforms"]
    if len(platforms) == 1:
        parts.append(f"all accounts are of one platform ({_platform(next(iter(platforms)))})")
    else:
        parts.append(
            "accounts of both platforms: " + ", ".join(f"{_platform(p)} {n}" for p, n in platforms.items())
        )
    parts.append(_read_domain(fleet))
    if counts["posts"]:
        kinds = (("link", "url"), ("hashtag", "hashtag"), ("image", "image"))
        shares = ", ".join(
            f"{word} {100 * counts[f'posts_{name}'] / counts['posts']:.0f} %" for word, name in kinds
        )
        parts.append(f"posts with a {shares}")
    return "; ".join(parts)


def _read_domain(fleet: dict[str, Any]) -> str:
    n_posts = fleet["german_counts"]["posts_domain"]
    if not n_posts:
        return "no post names a domain"
    domain, n, n_accounts, n_all = fleet["domains"][0]
    said = (
        f"{n:,} of their {n_posts:,} posts with a domain lead to domain {domain} ({n_accounts} of "
        f"{fleet['n_accounts']} accounts; {100 * n / n_all:.0f} % of all posts in the log that lead there are theirs)"
    )
    if n < fleet["n_accounts"] or 2 * n < n_posts or 2 * n_accounts < fleet["n_accounts"]:
        return said + ": no common site"
    if 2 * n >= n_all:
        return said + ": as a publisher's, party's or office's own pages do"
    return said + ": one site that many others link to as well"


def _platform(prefix: str) -> str:
    return {"fb": "Facebook", "tw": "Twitter"}.get(prefix, prefix)


LEAD = (
    "{n_fleets} suspected fleets of {n_candidates} candidates, {n_accounts:,} accounts. The log is "
    "unlabelled and its ids are numbers, so domains, links and images cannot be opened: the readings "
    "below rest on counts. Hours are German summer time. Co-ordination is not guilt."
)


def german_document(fleets: list[dict[str, Any]], n_candidates: int, lead: str) -> str:
    """Write the page on all reported fleets."""
    n_accounts = sum(fleet["n_accounts"] for fleet in fleets)
    blocks = [
        "# German election posts: every reported fleet, described",
        lead,
        LEAD.format(n_fleets=len(fleets), n_candidates=n_candidates, n_accounts=n_accounts),
        *(_fleet_block(fleet) for fleet in fleets),
    ]
    return "\n\n".join(blocks) + "\n"


def _fleet_block(fleet: dict[str, Any]) -> str:
    points = {
        "accounts": _accounts(fleet),
        "time": _time(fleet),
        "evidence": _evidence(fleet),
        "best innocent explanation": f"{fleet['innocent'] or 'none'} (weight {_number(fleet['innocent_weight'])})",
        "posts": _posts(fleet["german_counts"]),
        "joint targets": _targets(fleet),
        "domains": ", ".join(
            f"{name} ({n} of {n_all} posts, {k} accounts)" for name, n, k, n_all in fleet["domains"]
        )
        or "none",
        "reading": read_fleet(fleet),
        "samehand says": fleet["summary"],
    }
    return f"## {fleet['fleet_id']}\n\n" + "\n".join(f"- {name}: {text}" for name, text in points.items())


def _accounts(fleet: dict[str, Any]) -> str:
    platforms = ", ".join(f"{_platform(name)} {n}" for name, n in fleet["platforms"].items())
    return f"{fleet['n_accounts']} ({platforms}) with {fleet['n_events']:,} events, {fleet['n_coactions']:,} together"


def _time(fleet: dict[str, Any]) -> str:
    busiest = sorted(fleet["hours"].items(), key=lambda item: -item[1])[:4]
    hours = ", ".join(f"{int(hour):02d} h ({n} posts)" for hour, n in busiest)
    return f"{fleet['first_time']} to {fleet['last_time']}; busiest hours {hours}"


def _evidence(fleet: dict[str, Any]) -> str:
    return (
        f"{fleet['score_bits']:.0f} bits, q {_number(fleet['q_value'])}; {', '.join(fleet['layers'])} at "
        f"{fleet['scale_us'] / 1e6:g} s; behaviours: {', '.join(fleet['behaviours']) or 'none named'}"
    )


def _posts(counts: dict[str, int]) -> str:
    return (
        f"{counts['posts']:,} with {counts['urls']:,} different links, {counts['hashtags']:,} hashtags, "
        f"{counts['images']:,} images"
    )


def _targets(fleet: dict[str, Any]) -> str:
    names = ", ".join(f"{name.removeprefix('post:')} ({n})" for name, n in fleet["top_targets"])
    return f"{fleet['n_targets']}, most frequent {names}"


def _number(value: float | None) -> str:
    return "not estimated" if value is None else f"{value:.3g}"
