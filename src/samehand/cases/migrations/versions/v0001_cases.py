"""The first tables, and triggers that keep the audit log as it was written."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_GENESIS = "0" * 64
"""What the first entry of the audit log follows."""


def upgrade() -> None:
    """Make all tables."""
    _make_runs_and_cases()
    _make_decisions()
    _make_people()
    _make_webhooks()
    _make_audit()
    op.create_table(
        "salts",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_salts"),
    )
    op.execute(
        sa.text("INSERT INTO salts VALUES (1, :salt)").bindparams(sa.bindparam("salt", secrets.token_hex(32)))
    )


def _make_runs_and_cases() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("registered_at_us", sa.BigInteger, nullable=False),
        sa.Column("samehand", sa.Text, nullable=False),
        sa.Column("n_candidates", sa.Integer, nullable=False),
        sa.Column("n_reported", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        sa.UniqueConstraint("digest", name="uq_runs_digest"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("fleet_id", sa.Text, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("reported", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("n_accounts", sa.Integer, nullable=False),
        sa.Column("n_events", sa.BigInteger, nullable=False),
        sa.Column("first_time_us", sa.BigInteger, nullable=False),
        sa.Column("last_time_us", sa.BigInteger, nullable=False),
        sa.Column("score_bits", sa.Float, nullable=False),
        sa.Column("q_value", sa.Float),
        sa.Column("posterior", sa.Float),
        sa.Column("innocent", sa.Text),
        sa.Column("innocent_weight", sa.Float, nullable=False),
        sa.Column("layers", sa.Text, nullable=False),
        sa.Column("behaviours", sa.Text, nullable=False),
        sa.Column("updated_at_us", sa.BigInteger, nullable=False),
        sa.Column("merged_into", sa.Integer),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_cases_run_id"),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.case_id"], name="fk_cases_merged_into"),
        sa.UniqueConstraint("run_id", "fleet_id", "part", name="uq_cases_run_id"),
    )
    op.create_index("ix_cases_status", "cases", ["status", "run_id", "rank"])
    op.create_table(
        "layer_bits",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("fleet_id", sa.Text, nullable=False),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("bits", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "fleet_id", "layer", name="pk_layer_bits"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_layer_bits_run_id"),
    )
    op.create_table(
        "members",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("fleet_id", sa.Text, nullable=False),
        sa.Column("bits", sa.Float, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "account", name="pk_members"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_members_run_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_members_case_id"),
    )
    op.create_index("ix_members_case_id", "members", ["case_id"])
    op.create_index("ix_members_account", "members", ["account"])


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("decided_at_us", sa.BigInteger, nullable=False),
        sa.Column("accounts", sa.Text, nullable=False),
        sa.Column("other_case", sa.Integer),
        sa.Column("status_before", sa.String(16), nullable=False),
        sa.Column("needs_second", sa.Boolean, nullable=False),
        sa.Column("agreed", sa.Boolean),
        sa.Column("second_reviewer", sa.Text),
        sa.Column("second_reason", sa.Text),
        sa.Column("second_at_us", sa.BigInteger),
        sa.Column("undone_by", sa.Text),
        sa.Column("undone_at_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decisions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_decisions_case_id"),
        sa.ForeignKeyConstraint(["other_case"], ["cases.case_id"], name="fk_decisions_other_case"),
    )
    op.create_index("ix_decisions_case_id", "decisions", ["case_id"])
    op.create_table(
        "notes",
        sa.Column("note_id", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("note_id", name="pk_notes"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_notes_case_id"),
    )
    op.create_index("ix_notes_case_id", "notes", ["case_id"])


def _make_people() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sessions"),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="fk_sessions_name"),
    )
    op.create_index("ix_sessions_name", "sessions", ["name"])
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Integer, nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
        sa.UniqueConstraint("token_sha256", name="uq_tokens_token_sha256"),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="fk_tokens_name"),
    )


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_webhooks"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("next_try_us", sa.BigInteger, nullable=False),
        sa.Column("n_tries", sa.Integer, nullable=False),
        sa.Column("delivered_at_us", sa.BigInteger),
        sa.Column("last_failure", sa.Text),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_next_try_us", "outbox", ["next_try_us"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("case_id", sa.Integer),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id"])
    op.create_table(
        "audit_head",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_audit_head"),
    )
    op.execute(
        sa.text("INSERT INTO audit_head VALUES (1, 0, :hash)").bindparams(sa.bindparam("hash", _GENESIS))
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION samehand_audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION samehand_audit_stays()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stays_{what.lower()} BEFORE {what} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
