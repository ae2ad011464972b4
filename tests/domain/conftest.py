"""What a failed `then` shows."""

import pytest

pytest.register_assert_rewrite("tests.spec")
