"""Every figure of the ledger that is counted, as one query a figure.

A query gives rows of ``scope`` (a fleet, or all), ``of`` (a kind of action, a target, a day; null: as a whole),
``low``, ``mid`` and ``high``. It is written into harm.sql as it stands here, so that anybody can run it again. It is
made of constants alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from samehand.events.sql import literals
from samehand.verbs import POSITIVE

Head = Literal["platform", "users", "good_faith", "operation", "gain", "intent"]
"""What courts weighed: harm to the platform's interests, to users, to good faith, to normal operation; the infringer's
gain and intent."""
Need = Literal["log", "action", "target", "device", "content", "outcome", "known", "tracks"]
HEADS: Final[tuple[Head, ...]] = ("platform", "users", "good_faith", "operation", "gain", "intent")
CONTACTS: Final = "kind IN ('mass_add', 'mass_message')"
"""Actions that are addressed to a person."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One figure that is counted."""

    item: str
    head: Head
    unit: str
    needs: frozenset[Need] = frozenset()
    """What must be at hand: the log, a column, what was told; without it the figure is not counted."""
    sql: str


_SUMS: Final = "sum(low) AS low, sum(mid) AS mid, sum(high) AS high"
_SHARES: Final = "sum(low) / max(n) AS low, sum(mid) / max(n) AS mid, sum(high) / max(n) AS high"
# Of targets, each is there with the probability that any of its actions was driven.
_ANY: Final = ", ".join(f"1 - product(1 - {name}::DOUBLE) AS {name}" for name in ("low", "mid", "high"))
# Days of UTC, whatever the zone of the session.
_DAY: Final = "CAST(make_timestamp(epoch_us(time)) AS DATE) AS day"
_RANKED: Final = """\
WITH taken AS (
  SELECT scope, coalesce(action, '') AS action, target,
    round(sum(low)) AS low, round(sum(mid)) AS mid, round(sum(high)) AS high
  FROM aimed WHERE target IS NOT NULL GROUP BY ALL
), totals AS (
  SELECT coalesce(action, '') AS action, target, count(*) AS n FROM log WHERE target IS NOT NULL GROUP BY ALL
), ranked AS (   -- within each action, with the fleet and without it
  SELECT s.scope,
    rank() OVER (PARTITION BY s.scope, t.action ORDER BY n DESC) AS seen,
    rank() OVER (PARTITION BY s.scope, t.action ORDER BY n - coalesce(low, 0) DESC) AS low,
    rank() OVER (PARTITION BY s.scope, t.action ORDER BY n - coalesce(mid, 0) DESC) AS mid,
    rank() OVER (PARTITION BY s.scope, t.action ORDER BY n - coalesce(high, 0) DESC) AS high
  FROM (SELECT DISTINCT scope, action FROM taken) s
  JOIN totals t USING (action)
  LEFT JOIN taken USING (scope, action, target)
), changed AS (
  SELECT scope, count(*) FILTER (WHERE {test_low}) AS low, count(*) FILTER (WHERE {test_mid}) AS mid,
    count(*) FILTER (WHERE {test_high}) AS high
  FROM ranked GROUP BY scope
)
SELECT scope, NULL AS of, least(low, mid, high) AS low, mid, greatest(low, mid, high) AS high FROM changed"""
TOP: Final = 10
"""Places of a ranking that people look at."""


def _changed(test: str) -> str:
    """The query of targets whose rank without the fleet, called ``rank``, passes a test."""
    tests = {f"{{test_{one}}}": test.replace("rank", one) for one in ("low", "mid", "high")}
    sql = _RANKED
    for mark, filled in tests.items():
        sql = sql.replace(mark, filled)
    return sql


COUNTED: Final[tuple[Query, ...]] = (
    Query(
        item="actions",
        head="platform",
        unit="action",
        sql=f"SELECT scope, kind AS of, {_SUMS} FROM actions GROUP BY GROUPING SETS ((scope, kind), (scope))",
    ),
    Query(
        item="actions_at_target",
        head="platform",
        unit="action",
        needs=frozenset({"target"}),
        sql=f"""\
SELECT scope, target AS of, {_SUMS} FROM aimed WHERE target IS NOT NULL
GROUP BY scope, target HAVING sum(mid) > 0""",
    ),
    Query(
        item="share_of_traffic",
        head="platform",
        unit="share",
        needs=frozenset({"log"}),
        sql=f"SELECT scope, NULL AS of, {_SHARES} FROM aimed, (SELECT count(*) AS n FROM log) GROUP BY scope",
    ),
    Query(
        item="share_of_day",
        head="platform",
        unit="share",
        needs=frozenset({"log"}),
        sql=f"""\
SELECT scope, strftime(day, '%Y-%m-%d') AS of, {_SHARES}
FROM (SELECT *, {_DAY} FROM aimed)
JOIN (SELECT {_DAY}, count(*) AS n FROM log GROUP BY ALL) USING (day)
GROUP BY scope, day""",
    ),
    Query(
        item="share_of_target",
        head="platform",
        unit="share",
        needs=frozenset({"log", "target"}),
        sql=f"""\
SELECT scope, target AS of, {_SHARES}
FROM aimed JOIN (SELECT target, count(*) AS n FROM log WHERE target IS NOT NULL GROUP BY ALL) USING (target)
GROUP BY scope, target HAVING sum(mid) > 0""",
    ),
    Query(
        item="contacts",
        head="users",
        unit="contact",
        needs=frozenset({"action"}),
        sql=f"SELECT scope, NULL AS of, {_SUMS} FROM aimed WHERE {CONTACTS} GROUP BY scope",
    ),
    Query(
        item="contacted",
        head="users",
        unit="target",
        needs=frozenset({"action", "target"}),
        sql=f"""\
SELECT scope, NULL AS of, {_SUMS}
FROM (SELECT scope, target, {_ANY} FROM aimed WHERE target IS NOT NULL AND {CONTACTS} GROUP BY scope, target)
GROUP BY scope""",
    ),
    Query(
        item="most_contacts",
        head="users",
        unit="contact",
        needs=frozenset({"action", "target"}),
        sql=f"""\
SELECT scope, NULL AS of, max(low) AS low, max(mid) AS mid, max(high) AS high
FROM (SELECT scope, target, {_SUMS} FROM aimed WHERE target IS NOT NULL AND {CONTACTS} GROUP BY scope, target)
GROUP BY scope""",
    ),
    Query(
        item="unanswered",
        head="users",
        unit="contact",
        needs=frozenset({"action", "outcome"}),
        sql=f"""\
SELECT scope, NULL AS of, {_SUMS} FROM aimed
WHERE {CONTACTS} AND outcome IS NOT NULL
  AND lower(trim(outcome)) NOT IN ({literals(sorted(POSITIVE))})
GROUP BY scope""",
    ),
    Query(
        item="rented",
        head="users",
        unit="account",
        sql="""\
SELECT scope, NULL AS of, count(*) FILTER (WHERE part_time) AS low, count(*) FILTER (WHERE part_time) AS mid,
  count(*) FILTER (WHERE own_life) AS high
FROM counted_members GROUP BY scope""",
    ),
    Query(
        item="raised",
        head="good_faith",
        unit="target",
        needs=frozenset({"log", "target"}),
        sql=_changed("rank > seen"),
    ),
    Query(
        item="lowered",
        head="good_faith",
        unit="target",
        needs=frozenset({"log", "target"}),
        sql=_changed("rank < seen"),
    ),
    Query(
        item="top_places",
        head="good_faith",
        unit="target",
        needs=frozenset({"log", "target"}),
        sql=_changed(f"seen <= {TOP} AND rank > {TOP}"),
    ),
    Query(
        item="requests",
        head="operation",
        unit="request",
        sql=f"SELECT scope, NULL AS of, {_SUMS} FROM actions GROUP BY scope",
    ),
    Query(
        item="text_bytes",
        head="operation",
        unit="byte",
        needs=frozenset({"content"}),
        sql="""\
SELECT scope, NULL AS of, sum(low * strlen(content)) AS low, sum(mid * strlen(content)) AS mid,
  sum(high * strlen(content)) AS high
FROM actions WHERE content IS NOT NULL GROUP BY scope""",
    ),
    Query(
        item="accounts",
        head="operation",
        unit="account",
        sql="""\
SELECT scope, NULL AS of, count(*) FILTER (WHERE NOT own_life) AS low, count(*) AS mid, count(*) AS high
FROM counted_members GROUP BY scope""",
    ),
    Query(
        item="orders",
        head="gain",
        unit="order",
        needs=frozenset({"target"}),
        sql="""\
WITH served AS (   -- an order: one target that two members or more served with actions of one kind
  SELECT scope, fleet_id, kind, target, count(DISTINCT account) FILTER (WHERE low > 0) >= 2 AS low,
    count(DISTINCT account) FILTER (WHERE mid > 0) >= 2 AS mid,
    count(DISTINCT account) FILTER (WHERE high > 0) >= 2 AS high
  FROM aimed WHERE target IS NOT NULL GROUP BY ALL
)
SELECT scope, kind AS of, count(*) FILTER (WHERE low) AS low, count(*) FILTER (WHERE mid) AS mid,
  count(*) FILTER (WHERE high) AS high
FROM served GROUP BY GROUPING SETS ((scope, kind), (scope))""",
    ),
    Query(
        item="known_banned",
        head="intent",
        unit="account",
        needs=frozenset({"known"}),
        sql="""\
SELECT scope, NULL AS of, count(*) FILTER (WHERE known = 'banned') AS low,
  count(*) FILTER (WHERE known = 'banned') AS mid, count(*) FILTER (WHERE known = 'banned') AS high
FROM counted_members GROUP BY scope""",
    ),
    Query(
        item="re_armed",
        head="intent",
        unit="link",
        needs=frozenset({"tracks"}),
        sql="""\
SELECT scope, NULL AS of, count(to_fleet) AS low, count(to_fleet) AS mid, count(to_fleet) AS high
FROM scopes LEFT JOIN re_armed_links ON to_fleet = scopes.fleet_id GROUP BY scope""",
    ),
    Query(
        item="shared_devices",
        head="intent",
        unit="account",
        needs=frozenset({"device"}),
        sql="""\
WITH used AS (   -- members that acted from a device which another member used, too
  SELECT scope, account, device, max(low) > 0 AS low, max(mid) > 0 AS mid, max(high) > 0 AS high
  FROM actions WHERE device IS NOT NULL GROUP BY ALL
), shared AS (
  SELECT *, count_if(low) OVER w AS n_low, count_if(mid) OVER w AS n_mid, count_if(high) OVER w AS n_high
  FROM used WINDOW w AS (PARTITION BY scope, device)
)
SELECT scope, NULL AS of, count(DISTINCT account) FILTER (WHERE low AND n_low > 1) AS low,
  count(DISTINCT account) FILTER (WHERE mid AND n_mid > 1) AS mid,
  count(DISTINCT account) FILTER (WHERE high AND n_high > 1) AS high
FROM shared GROUP BY scope""",
    ),
    Query(
        item="active_days",
        head="intent",
        unit="day",
        sql=f"""\
SELECT scope, NULL AS of, count(DISTINCT day) FILTER (WHERE low > 0) AS low,
  count(DISTINCT day) FILTER (WHERE mid > 0) AS mid, count(DISTINCT day) FILTER (WHERE high > 0) AS high
FROM (SELECT *, {_DAY} FROM actions) GROUP BY scope""",
    ),
)
"""In the order of the heads."""
