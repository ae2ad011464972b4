"""What a task says of an output that is odd."""

import pytest

from domain.provider import FILE, Asset, output_note


@pytest.mark.parametrize(
    ("media_type", "width", "odd"),
    [
        (FILE, None, "it does not decode, so it is kept as it came, as a file"),
        ("image/png", None, "it could not be measured, so it is kept as it came"),
        ("video/mp4", None, "it could not be measured, so it is kept as it came"),
        ("image/png", 512, None),
        ("audio/mpeg", None, None),
    ],
)
def test_an_odd_output_has_a_note(media_type: str, width: int | None, odd: str | None) -> None:
    """One that does not decode, or has no known size; a sound has none, and that is not odd."""
    asset = Asset(id="asset_1", sha256="00", media_type=media_type, bytes=1, width=width, height=width)
    assert output_note(2, asset) == (odd and f"output 2: {odd}")
