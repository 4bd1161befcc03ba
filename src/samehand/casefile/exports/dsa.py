"""Decisions as statements of reasons for the DSA Transparency Database (Article 24(5) of Regulation (EU) 2022/2065).

Fields, values and lengths are those of the database's API (transparency.dsa.ec.europa.eu, api-documentation; looked up
in its public source, digital-services-act/transparency-database). Statements hold no personal data: an account is
named by a salted identifier, and which is whose stands in a file of its own, which stays at the platform.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from samehand.casefile.exports.csv_zip import zipped
from samehand.casefile.exports.measures import (
    LONGEST_EXPLANATION,
    Automated,
    Ground,
    MeasureKind,
    wrong_measure,
)
from samehand.casefile.exports.salt import Salt
from samehand.errors import InputError
from samehand.report.csv import cell
from samehand.report.dossier import Fleet, read_fleets
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import say
from samehand.texts.rows import summarise

MOST_IN_A_CALL: Final = 100
"""Statements that the API takes at once."""
MEASURES: Final[dict[str, tuple[str, str | list[str]]]] = {
    "account_suspended": ("decision_account", "DECISION_ACCOUNT_SUSPENDED"),
    "account_terminated": ("decision_account", "DECISION_ACCOUNT_TERMINATED"),
    "content_removed": ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_REMOVED"]),
    "content_disabled": ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_DISABLED"]),
    "content_demoted": ("decision_visibility", ["DECISION_VISIBILITY_CONTENT_DEMOTED"]),
    "payment_suspended": ("decision_monetary", "DECISION_MONETARY_SUSPENSION"),
    "payment_terminated": ("decision_monetary", "DECISION_MONETARY_TERMINATION"),
    "service_partly_suspended": ("decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
    "service_suspended": ("decision_provision", "DECISION_PROVISION_TOTAL_SUSPENSION"),
    "service_partly_terminated": ("decision_provision", "DECISION_PROVISION_PARTIAL_TERMINATION"),
    "service_terminated": ("decision_provision", "DECISION_PROVISION_TOTAL_TERMINATION"),
}
"""What was decided -> the field and value of the statement."""
_ENDS: Final = {
    "decision_account": "end_date_account_restriction",
    "decision_visibility": "end_date_visibility_restriction",
    "decision_monetary": "end_date_monetary_restriction",
    "decision_provision": "end_date_service_restriction",
}
_AUTOMATED: Final = {
    "no": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "partly": "AUTOMATED_DECISION_PARTIALLY",
    "fully": "AUTOMATED_DECISION_FULLY",
}
_PUID: Final = 40
"""Digits of an identifier: as good as unique, and shorter than the 500 that are allowed."""
_FACTS: Final = 5_000
_NAMED_BY_NUMBER: Final = 5
"""Digits of a number in words that is taken for the name of an account; a shorter one may count something."""
_REASON: Final = 500
_HINT: Final = "docs/exports.md shows a file of decisions"


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decided about a fleet, or some of its members."""

    fleet_id: str
    measure: MeasureKind
    decided_on: date
    """The day from which on it holds."""
    ground: Ground
    rule: str
    """The clause of the terms, or the law, that it rests on."""
    reason: str
    """Why the conduct falls under it."""
    territory: tuple[str, ...]
    """Countries of the EU and EEA, by their two letters."""
    automated: Automated
    accounts: tuple[str, ...] = ()
    """Members; none: all of the fleet."""
    until: date | None = None
    """The day on which it ends; None: it does not."""
    rule_url: str | None = None
    account_type: Literal["private", "business"] | None = None
    category: Literal[
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    ] = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    source: Literal[
        "SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION"
    ] = "SOURCE_VOLUNTARY"


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """Read a JSON list of decisions.

    Raises:
        InputError: It cannot be read, or a decision lacks a field, has an unknown one, or says what cannot be.
    """
    try:
        decisions = msgspec.json.decode(path.read_bytes(), type=tuple[Decision, ...])
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(f"cannot be read as decisions: {error}", where=str(path), hint=_HINT) from error
    for number, one in enumerate(decisions, 1):
        wrong = _wrong(one)
        if wrong:
            raise InputError(wrong, where=f"{path.name}, decision {number}", hint=_HINT)
    return decisions


def _wrong(one: Decision) -> str | None:
    """Say what the database would refuse."""
    wrong = wrong_measure(one.territory, one.until, one.decided_on)
    if wrong:
        return wrong
    for name, text, most in (("rule", one.rule, _REASON), ("reason", one.reason, LONGEST_EXPLANATION)):
        if not text.strip() or len(text) > most:
            return f"the {name} has {len(text)} characters; 1 to {most} are allowed"
    return None


def render_dsa(
    info: RunInfo, tables: RunTables, lang: str, salt: Salt, decisions: Sequence[Decision]
) -> bytes:
    """Render a ZIP: statements-0001.json and so on, as the API takes them, and puids.csv, which is not to be sent.

    Raises:
        InputError: A decision is of a fleet or account that is not in ``tables``, or its words name an account.
    """
    fleets = {fleet.fleet_id: fleet for fleet in read_fleets(tables.fleets)}
    statements: list[dict[str, Any]] = []
    whose: list[tuple[str, str, str, str]] = []
    for decision in decisions:
        if decision.fleet_id not in fleets:
            raise InputError(
                f"a decision is of {decision.fleet_id!r}, which is not exported",
                where="--decisions",
                hint="name the fleet, or --all",
            )
        _check_names(tables, decision)
        for account, since in _members(tables, decision):
            puid = salt.name("statement", info.created_at, *_what(decision), account)[:_PUID]
            statements.append(_statement(decision, fleets[decision.fleet_id], puid, since, lang))
            whose.append((puid, decision.fleet_id, account, decision.measure))
    parts = [statements[i : i + MOST_IN_A_CALL] for i in range(0, len(statements), MOST_IN_A_CALL)]
    files = {
        f"statements-{number:04d}.json": json.dumps(
            {"statements": part}, ensure_ascii=False, indent=1
        ).encode()
        for number, part in enumerate(parts, 1)
    }
    return zipped(files | {"puids.csv": _whose(whose)}, info.created_at)


def _what(decision: Decision) -> tuple[str, str, date]:
    """What tells one decision from another."""
    return decision.fleet_id, decision.measure, decision.decided_on


def _check_names(tables: RunTables, decision: Decision) -> None:
    """Refuse words that name an account of the fleets: what is sent is published."""
    words = f"{decision.rule} {decision.reason}"
    for account in {str(one) for one in tables.members["account"].to_pylist()}:
        plain_number = account.isdecimal() and len(account) < _NAMED_BY_NUMBER
        if account in words and not plain_number and re.search(rf"(?<!\w){re.escape(account)}(?!\w)", words):
            raise InputError(
                f"the rule or reason of a decision about {decision.fleet_id} names the account {account!r}",
                where="decisions",
                hint="statements are published; say it without names",
            )


def _members(tables: RunTables, decision: Decision) -> list[tuple[str, date]]:
    """The accounts that a decision is about, and the day of the first event of each."""
    rows = [row for row in tables.members.to_pylist() if row["fleet_id"] == decision.fleet_id]
    first = {str(row["account"]): row["first_time"].astimezone(UTC).date() for row in rows}
    strangers = [one for one in decision.accounts if one not in first]
    if strangers:
        raise InputError(
            f"a decision is of the account {strangers[0]!r}, which is no member of {decision.fleet_id}",
            where="--decisions",
            hint=_HINT,
        )
    return [(one, first[one]) for one in sorted(decision.accounts or first)]


def _statement(decision: Decision, fleet: Fleet, puid: str, since: date, lang: str) -> dict[str, Any]:
    field, value = MEASURES[decision.measure]
    ground = (
        {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": decision.rule,
            "illegal_content_explanation": decision.reason,
        }
        if decision.ground == "law"
        else {
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "incompatible_content_ground": decision.rule,
            "incompatible_content_explanation": decision.reason,
        }
    )
    optional = {
        "decision_ground_reference_url": decision.rule_url,
        "account_type": f"ACCOUNT_TYPE_{decision.account_type.upper()}" if decision.account_type else None,
        _ENDS[field]: decision.until.isoformat() if decision.until else None,
    }
    facts = " ".join([say("export.dsa_facts", lang), summarise(asdict(fleet), lang)])
    return {
        field: value,
        **ground,
        **{name: text for name, text in optional.items() if text is not None},
        "content_type": ["CONTENT_TYPE_OTHER"],
        "content_type_other": "account",
        "content_date": since.isoformat(),
        "category": decision.category,
        "category_specification": ["KEYWORD_INAUTHENTIC_ACCOUNTS"],
        "territorial_scope": sorted(set(decision.territory)),
        "application_date": decision.decided_on.isoformat(),
        "decision_facts": facts[:_FACTS],
        "source_type": decision.source,
        "automated_detection": "Yes",
        "automated_decision": _AUTOMATED[decision.automated],
        "puid": puid,
    }


def _whose(rows: Sequence[tuple[str, str, str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["puid", "fleet_id", "account", "measure"])
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
