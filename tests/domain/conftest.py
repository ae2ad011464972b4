"""How thoroughly the laws are tried, and what a failed `then` shows."""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.spec")

# No deadline and no health check by the clock: a busy machine is no counterexample.
settings.register_profile("laws", deadline=None, max_examples=70, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")
