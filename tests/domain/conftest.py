"""How many examples each law gets, and what a failed `then` shows."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.spec")

# No deadline and no health check by the clock: a busy machine is no counterexample.
settings.register_profile("laws", deadline=None, max_examples=70, suppress_health_check=[HealthCheck.too_slow])
# For mutants: the same examples every time, and few, because each mutant runs all of them.
settings.register_profile("mutants", settings.get_profile("laws"), max_examples=20, derandomize=True, database=None)
settings.load_profile(os.environ.get("PIXEL_TEST_LAWS", "laws"))
