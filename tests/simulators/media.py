"""Real media for the simulators' answers, the same for the same text: small, so that a thousand jobs are no work."""

import hashlib
import io
from functools import lru_cache

import av

from adapters.providers import sandbox_media


@lru_cache(maxsize=64)
def png(text: str, width: int, height: int) -> bytes:
    """A picture."""
    return sandbox_media.picture(prompt=text, seed=_seed(text), width=width, height=height)


@lru_cache(maxsize=16)
def mp4(text: str, width: int, height: int, seconds: float) -> bytes:
    """A film."""
    return sandbox_media.clip(prompt=text, seed=_seed(text), width=width, height=height, seconds=seconds)


@lru_cache(maxsize=16)
def wav(text: str, speed: float = 1.0) -> bytes:
    """A voice."""
    return sandbox_media.speech(text=text[:200], voice="en-us", speed=speed)


@lru_cache(maxsize=16)
def mp3(text: str, speed: float = 1.0) -> bytes:
    """A voice, as most vendors send it."""
    packed = io.BytesIO()
    with av.open(io.BytesIO(wav(text, speed)), "r") as source, av.open(packed, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=24000)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return packed.getvalue()


def _seed(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)
