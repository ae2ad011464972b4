"""Real media for the simulators' answers, the same for the same text: small, so that a thousand jobs are no work."""

import hashlib
from functools import lru_cache

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
def wav(text: str) -> bytes:
    """A voice."""
    return sandbox_media.speech(text=text[:200], voice="en-us", speed=1.0)


def _seed(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)
