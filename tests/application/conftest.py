"""The ground on which the reaction is tried."""

from pathlib import Path

import pytest

from adapters.media.decoder_pool import Decoders
from tests.application.ground import Ground


@pytest.fixture
def ground(tmp_path: Path, decoders: Decoders) -> Ground:
    """New for each test."""
    return Ground(tmp_path / "ground", decoders)
