"""Settings of all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import postgres

__all__ = ["postgres"]

# The first call of a kernel waits for the compiler; a deadline would only measure that.
settings.register_profile(
    "samehand", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("samehand")

SPARK = "tests/engines/spark/"
NOT_OURS = "../shared/data"
"""Real logs are no part of the project: a copy of it may lie where they are not, and its tests say so."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a file to one worker, so that it is made ready once, and all that share a Spark session, too."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return SPARK if nodeid.startswith(SPARK) else nodeid.partition("::")[0]

    return Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail a test that skips itself under CI=true: nothing may go untested unseen."""
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Fail a module that skips itself, likewise."""
    return _fail_if_skipped((yield))


def _fail_if_skipped(report):
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if NOT_OURS not in reason:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may be skipped under CI=true. {reason}"
    return report
