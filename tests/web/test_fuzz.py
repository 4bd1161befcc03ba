"""Schemathesis makes up requests from the API's own description: every answer is one that is described there."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks

from samehand.cases.audit_check import check_audit
from samehand.cases.store import CaseStore
from samehand.web.limits import RateLimit
from tests.cases.conftest import copy_of
from tests.web.client import app_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Using `httpx`")


@pytest.fixture(scope="module")
def fuzzed(sqlite_made, tmp_path_factory) -> CaseStore:
    with CaseStore.open(copy_of(Path(sqlite_made), tmp_path_factory.mktemp("fuzz"))) as store:
        yield store
        assert check_audit(store.database).problems == ()  # whatever was sent


@pytest.fixture(scope="module")
def api(fuzzed):
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr("samehand.web.security.RateLimit", lambda **_: RateLimit(1_000_000, 1e6))
        return schemathesis.openapi.from_asgi("/api/openapi.json", app_of(fuzzed, hosts=frozenset()))


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case) -> None:
    case.call_and_validate(
        checks=[
            checks.not_a_server_error,
            checks.CHECKS.get_one("status_code_conformance"),
            checks.CHECKS.get_one("content_type_conformance"),
            checks.CHECKS.get_one("response_schema_conformance"),
        ]
    )
