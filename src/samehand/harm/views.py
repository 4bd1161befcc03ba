"""The tables of a run, and its log, as views of a database: what every query of the ledger is asked of.

The same text makes the views for samehand and for whoever checks it (``harm.sql``). Only where the tables come from
differs: here from memory, there from the files of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.events.sql import Session, literal, literals
from samehand.run_folder import RunTables
from samehand.verbs import VERBS, plain_verb

SURE: Final = 0.95
"""Probability from which on a joint event counts in the low figure."""
ALL: Final = "all"
"""The scope of all fleets that are counted; every other scope is a fleet."""
TABLES: Final = ("fleets", "members", "member_events", "driven")
"""Tables of the run that are read."""
OPTIONAL: Final = ("action", "target", "device", "content", "outcome")
"""Columns of the events that a log may lack."""

_OF_RUN: Final = """\
CREATE VIEW hand AS
SELECT fleet_id, account, event_id, max(p_driven) AS p
FROM driven GROUP BY ALL;

CREATE VIEW members_counted AS
SELECT fleet_id, account, known,
  coalesce(part_time, true) AS own_life,   -- where the log cannot tell, nothing that may be an own action counts
  part_time IS TRUE AS part_time,
  n_driven IS NULL AS older                -- a run of a samehand that knew of no driven events: joint ones count
FROM members WHERE fleet_id IN (SELECT fleet_id FROM chosen);

CREATE VIEW weighed AS
SELECT e.*, m.own_life,
  CAST(CASE WHEN m.older THEN e.coaction::INT ELSE coalesce(h.p, 0) END AS DECIMAL(9, 6)) AS p
FROM events e
JOIN members_counted m USING (fleet_id, account)
LEFT JOIN hand h USING (fleet_id, account, event_id);

CREATE TABLE aimed_once AS   -- one row is one event of a member: an action at one target
SELECT w.fleet_id, w.account, w.event_id, w.time, w.action, w.target, w.device, w.content, w.outcome,
  coalesce(k.kind, 'other') AS kind,
  CASE WHEN w.coaction AND w.p >= {sure} THEN w.p ELSE 0 END AS low,
  w.p AS mid,
  CAST(CASE WHEN w.p > 0 OR NOT w.own_life THEN 1 ELSE 0 END AS DECIMAL(9, 6)) AS high
FROM weighed w LEFT JOIN kinds k ON k.action = w.action;

CREATE VIEW scopes AS   -- every fleet is counted by itself, and among all
SELECT fleet_id, fleet_id AS scope FROM chosen
UNION ALL SELECT fleet_id, '{all}' FROM chosen;

CREATE VIEW aimed AS
SELECT s.scope, a.* FROM aimed_once a JOIN scopes s USING (fleet_id);

CREATE TABLE actions AS   -- one row is one action, also where it names several targets
SELECT scope, fleet_id, account, event_id, time,
  min(action) AS action, min(kind) AS kind, min(device) AS device, min(content) AS content, min(outcome) AS outcome,
  max(low) AS low, max(mid) AS mid, max(high) AS high
FROM aimed GROUP BY scope, fleet_id, account, event_id, time;

CREATE VIEW counted_members AS
SELECT s.scope, m.* FROM members_counted m JOIN scopes s USING (fleet_id);
"""


@dataclass(frozen=True)
class Views:
    """The SQL that turns tables into views, and what the tables hold."""

    choice: str
    """Which fleets are counted."""
    kinds: str
    """What each action of the log is."""
    events: str
    """Events of members, with the columns that the log lacks as nulls."""
    rest: str

    @property
    def all(self) -> tuple[str, ...]:
        """The statements in their order."""
        return (self.choice, self.kinds, self.events, self.rest)


def make_views(tables: RunTables, fleet_ids: Sequence[str], everything: bool) -> Views:
    """Write the views for some fleets of a run.

    Args:
        tables: Of the run.
        fleet_ids: The fleets that are counted; they are in the run.
        everything: They are all candidates, or all reported ones where that is False and ``fleet_ids`` is empty.
    """
    which = "" if everything else "WHERE reported"
    if fleet_ids:
        which = f"WHERE fleet_id IN ({literals(fleet_ids)})"
    names = tables.member_events.column_names
    lacking = "".join(f", CAST(NULL AS VARCHAR) AS {name}" for name in OPTIONAL if name not in names)
    return Views(
        choice=f"CREATE VIEW chosen AS SELECT fleet_id FROM fleets {which};\n",  # noqa: S608
        kinds=_kinds(pc.unique(tables.member_events["action"]).to_pylist() if "action" in names else ()),
        events=f"CREATE VIEW events AS SELECT *{lacking} FROM member_events;\n",  # noqa: S608
        rest=_OF_RUN.format(sure=SURE, all=ALL),
    )


def _kinds(actions: Iterable[str | None]) -> str:
    """The actions whose verbs are known, in a fixed order."""
    found = {action: _kind(action) for action in sorted(one for one in actions if one)}
    rows = [f"  ({literal(action)}, {literal(kind)})" for action, kind in found.items() if kind]
    rows = rows or ["  (NULL, NULL)"]
    body = ",\n".join(rows)
    return f"CREATE VIEW kinds AS SELECT * FROM (VALUES\n{body}\n) AS of_actions(action, kind);\n"  # noqa: S608


def _kind(action: str) -> str | None:
    verb = plain_verb(action)
    return next((kind for kind, verbs in VERBS.items() if verb in verbs), None)


def register(session: Session, tables: RunTables, views: Views) -> None:
    """Make the views over the tables of a run in memory."""
    for name in TABLES:
        session.register(name, pa.table(getattr(tables, name)))
    for statement in views.all:
        session.execute(statement)
