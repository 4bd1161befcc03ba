"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first call of a kernel waits for the compiler; a deadline would only measure that.
settings.register_profile(
    "samehand", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("samehand")
