"""How do raw samples become a file? They get the WAV header that they lack, by the rate that their media type
declares."""

import io
import re
import wave
from typing import Final

_RAW: Final = re.compile(r"(?i)\s*audio/(?:x-)?(?:l16|pcm)\b")
_RATE: Final = re.compile(r"(?i)rate=\"?([1-9][0-9]{3,5})(?![0-9])")
_CHANNELS: Final = re.compile(r"(?i)channels=\"?([12])(?![0-9])")


def is_raw(media_type: str) -> bool:
    """Whether a media type says that there is no file but samples."""
    return _RAW.match(media_type) is not None


def playable(media_type: str, data: bytes, *, rate: int | None = None) -> bytes:
    """A WAV file of 16-bit little-endian samples. Vendors send those, although RFC 2586 defines L16 as big-endian.

    `rate` is the vendor's default. Data that is no raw audio, or has no known rate, is returned unchanged."""
    declared, channels = _RATE.search(media_type), _CHANNELS.search(media_type)
    hertz = int(declared[1]) if declared else rate
    if hertz is None or not is_raw(media_type) or data.startswith(b"RIFF"):
        return data
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(int(channels[1]) if channels else 1)
        recording.setsampwidth(2)
        recording.setframerate(hertz)
        recording.writeframes(data)
    return file.getvalue()
