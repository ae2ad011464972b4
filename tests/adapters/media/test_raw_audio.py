"""Laws of `adapters.media.raw_audio`: samples stay unchanged, and files of other types are left alone."""

import io
import wave

import pytest

from adapters.media.probe import measure
from adapters.media.raw_audio import playable

SAMPLES = bytes(range(200))


@pytest.mark.parametrize(
    ("media_type", "rate", "channels"),
    [
        ("audio/L16;codec=pcm;rate=24000", 24_000, 1),
        ("audio/l16; rate=44100; channels=2", 44_100, 2),
        ("audio/pcm;rate=8000", 8000, 1),
        ('audio/x-pcm; rate="16000"', 16_000, 1),
    ],
)
def test_raw_samples_become_a_file(media_type: str, rate: int, channels: int) -> None:
    """The header has the rate of the media type, the samples stay unchanged, and the file can be measured."""
    made = playable(media_type, SAMPLES)
    with wave.open(io.BytesIO(made)) as recording:
        assert (recording.getframerate(), recording.getnchannels()) == (rate, channels)
        assert recording.readframes(1000) == SAMPLES
    assert measure(made).media_type == "audio/wav"


def test_a_vendors_usual_rate_is_the_default() -> None:
    """If the vendor documents the rate, the media type need not have it."""
    with wave.open(io.BytesIO(playable("audio/pcm", SAMPLES, rate=24_000))) as recording:
        assert recording.getframerate() == 24_000


@pytest.mark.parametrize(
    "media_type", ["", "audio/L16", "audio/mpeg;rate=24000", "audio/pcmu;rate=8000", "L16;rate=8000"]
)
def test_what_is_no_raw_audio_or_has_no_rate_stays_as_it_is(media_type: str) -> None:
    """Nothing is guessed."""
    assert playable(media_type, SAMPLES) == SAMPLES


def test_a_file_that_is_called_raw_stays_a_file() -> None:
    """Some vendors send a WAV file with the media type of raw samples."""
    made = playable("audio/pcm;rate=8000", SAMPLES)
    assert playable("audio/L16;rate=24000", made) == made
