"""Schemathesis makes up requests from the API's own description: every answer is one that is described there."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from samehand.cases.audit_check import check_audit
from samehand.cases.store import CaseStore
from samehand.web.limits import RateLimit
from tests.cases.conftest import copy_of
from tests.web.client import TestClient, app_of

OPERATIONS = (
    "GET /v1/me",
    "GET /v1/runs",
    "GET /v1/leads",
    "GET /v1/cases/{case_id}",
    "GET /v1/cases/{case_id}/history",
    "POST /v1/cases/{case_id}/decisions",
    "POST /v1/decisions",
    "POST /v1/cases/{case_id}/second",
    "POST /v1/cases/{case_id}/undo",
    "POST /v1/cases/{case_id}/notes",
    "PUT /v1/cases/{case_id}/assignee",
    "GET /v1/agreement",
    "GET /v1/audit",
)
WITHOUT_INPUT = {"GET /v1/me", "GET /v1/runs", "GET /v1/agreement", "GET /v1/audit"}
load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)


@pytest.fixture(scope="module")
def operations(sqlite_made, tmp_path_factory) -> Iterator[dict[str, object]]:
    file = copy_of(sqlite_made, tmp_path_factory.mktemp("fuzz"))
    with CaseStore.open(file) as store, pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr("samehand.web.security.RateLimit", lambda **_: RateLimit(1_000_000, 1e6))
        schema = _without_tokens(app_of(store, hosts=frozenset()))
        yield {found.ok().label: found.ok() for found in schema.get_all_operations()}
        assert check_audit(store.database).problems == ()  # whatever was sent


def _without_tokens(app: FastAPI) -> schemathesis.BaseSchema:
    """The single user needs no token, so one that is missing is no flaw of a request."""
    described = TestClient(app).get("/api/openapi.json").json()
    del described["components"]["securitySchemes"]
    for path in described["paths"].values():
        for operation in path.values():
            del operation["security"]
    schema = schemathesis.openapi.from_dict(described)
    schema.app = app
    return schema


def test_all_of_it_is_tried(operations) -> None:
    assert sorted(operations) == sorted(OPERATIONS)


@pytest.mark.parametrize(
    ("label", "mode"),
    [(label, GenerationMode.POSITIVE) for label in OPERATIONS]
    + [(label, GenerationMode.NEGATIVE) for label in OPERATIONS if label not in WITHOUT_INPUT],
)
@pytest.mark.filterwarnings("ignore")
def test_every_answer_is_as_described(operations, label, mode) -> None:
    @settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operations[label].as_strategy(generation_mode=mode))
    def ask(case) -> None:
        case.call_and_validate(checks=CHECKED)

    ask()
