"""The tables of the store. Migrations make them; a test compares both.

Times are whole microseconds since 1970, UTC. Lists are JSON text.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("run_id", Integer, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at_us", BigInteger, nullable=False),
    Column("registered_at_us", BigInteger, nullable=False),
    Column("samehand", Text, nullable=False),
    Column("n_candidates", Integer, nullable=False),
    Column("n_reported", Integer, nullable=False),
)

CASES: Final = Table(
    "cases",
    METADATA,
    Column("case_id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
    Column("fleet_id", Text, nullable=False),
    Column("part", Integer, nullable=False),  # 1: the fleet; 2, 3, ...: what was split off it
    Column("rank", Integer, nullable=False),
    Column("reported", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("assignee", Text),
    Column("n_accounts", Integer, nullable=False),
    Column("n_events", BigInteger, nullable=False),
    Column("first_time_us", BigInteger, nullable=False),
    Column("last_time_us", BigInteger, nullable=False),
    Column("score_bits", Float, nullable=False),
    Column("q_value", Float),
    Column("posterior", Float),
    Column("innocent", Text),
    Column("innocent_weight", Float, nullable=False),
    Column("layers", Text, nullable=False),
    Column("behaviours", Text, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("merged_into", ForeignKey("cases.case_id")),
    UniqueConstraint("run_id", "fleet_id", "part"),
    Index("ix_cases_status", "status", "run_id", "rank"),
)

LAYER_BITS: Final = Table(  # what a layer adds to the log2 odds of a fleet, for `samehand calibrate`
    "layer_bits",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("fleet_id", Text, primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("bits", Float, nullable=False),
)

MEMBERS: Final = Table(  # an account is in at most one fleet of a run, so in one case
    "members",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("account", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("fleet_id", Text, nullable=False),
    Column("bits", Float, nullable=False),
    Column("removed", Boolean, nullable=False),
    Index("ix_members_account", "account"),
)

DECISIONS: Final = Table(
    "decisions",
    METADATA,
    Column("decision_id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("decided_at_us", BigInteger, nullable=False),
    Column("accounts", Text, nullable=False),
    Column("other_case", ForeignKey("cases.case_id")),
    Column("status_before", String(16), nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("agreed", Boolean),
    Column("second_reviewer", Text),
    Column("second_reason", Text),
    Column("second_at_us", BigInteger),
    Column("undone_by", Text),
    Column("undone_at_us", BigInteger),
    Column("measure", Text),  # as JSON
)

NOTES: Final = Table(
    "notes",
    METADATA,
    Column("note_id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at_us", BigInteger, nullable=False),
)

AUDIT: Final = Table(  # triggers refuse to change or delete a row
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("case_id", Integer, index=True),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

AUDIT_HEAD: Final = Table(  # one row; whoever writes locks it first, so that all writing is in one order
    "audit_head",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

SALTS: Final = Table(  # one row: the salt of redacted ids
    "salts",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(64), nullable=False),
)

USERS: Final = Table(
    "users",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)

SESSIONS: Final = Table(  # the token itself is only in the browser
    "sessions",
    METADATA,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", ForeignKey("users.name"), nullable=False, index=True),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
)

TOKENS: Final = Table(  # of the API; the token itself is only with its owner
    "tokens",
    METADATA,
    Column("token_id", Integer, primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("name", ForeignKey("users.name"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
)

WEBHOOKS: Final = Table(  # at most one row
    "webhooks",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
)

OUTBOX: Final = Table(  # written with the decision, in one transaction, so that no message is lost
    "outbox",
    METADATA,
    Column("message_id", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("next_try_us", BigInteger, nullable=False, index=True),
    Column("n_tries", Integer, nullable=False),
    Column("delivered_at_us", BigInteger),
    Column("last_failure", Text),
)
