"""The fixture of these tests."""

from pathlib import Path

import pytest

from adapters.media.decoder_pool import Decoders
from tests.application.harness import Harness


@pytest.fixture
def harness(tmp_path: Path, decoders: Decoders) -> Harness:
    """A new harness for each test."""
    return Harness(tmp_path / "harness", decoders)
