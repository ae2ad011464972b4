"""Real media for the simulators' answers, the same for the same text: small, so that a thousand jobs are no work."""

import hashlib
import io
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Concatenate, ParamSpec

import av
from PIL import Image

from adapters.media import probe
from adapters.media.probe import Media
from adapters.providers.sandbox import media

P = ParamSpec("P")
_FAULTS = re.compile(r"\s*\[\[.*?\]\]")


def _kept(count: int) -> Callable[[Callable[Concatenate[str, P], bytes]], Callable[Concatenate[str, P], bytes]]:
    """Make each of so many media once: those of a text with faults in it are those of the text without."""

    def keep(make: Callable[Concatenate[str, P], bytes]) -> Callable[Concatenate[str, P], bytes]:
        cached = lru_cache(maxsize=count)(make)

        def kept(text: str, /, *arguments: P.args, **named: P.kwargs) -> bytes:
            return cached(_FAULTS.sub("", text), *arguments, **named)  # type: ignore[arg-type]

        return kept

    return keep


@lru_cache(maxsize=32)
def measure(data: bytes) -> Media:
    """What these bytes are. The same ones come again and again."""
    return probe.measure(data)


@_kept(64)
def png(text: str, width: int, height: int) -> bytes:
    """An image of sixteen fields, whose colours come from the text: made in a sixth of the time of a landscape."""
    packed = io.BytesIO()
    _fields(text, width, height).save(packed, "PNG", compress_level=1)
    return packed.getvalue()


@_kept(64)
def jpeg(text: str, width: int, height: int) -> bytes:
    """The same as a JPEG."""
    packed = io.BytesIO()
    _fields(text, width, height).save(packed, "JPEG", quality=60)
    return packed.getvalue()


def _fields(text: str, width: int, height: int) -> Image.Image:
    colours = hashlib.shake_128(text.encode()).digest(3 * 16)
    return Image.frombytes("RGB", (4, 4), colours).resize((width, height), Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - numpy's type is in it


@_kept(16)
def mp4(text: str, width: int, height: int, seconds: float) -> bytes:
    """A video with two frames a second; a real one would take a second to make."""
    scene = Image.new("RGB", (width + width % 2, height + height % 2), f"hsl({_seed(text) % 360}, 60%, 50%)")
    packed = io.BytesIO()
    with av.open(packed, "w", format="mp4") as container:
        video = container.add_stream("libx264", 2, {"preset": "ultrafast"})  # pyright: ignore[reportUnknownMemberType] - **kwargs
        video.width, video.height, video.pix_fmt = *scene.size, "yuv420p"
        for number in range(max(1, round(2 * seconds))):
            frame = av.VideoFrame.from_image(scene)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, 2)
            container.mux(video.encode(frame))  # pyright: ignore[reportUnknownMemberType] - a generic left open
        container.mux(video.encode(None))  # pyright: ignore[reportUnknownMemberType] - a generic left open
    return packed.getvalue()


@_kept(16)
def wav(text: str, speed: float = 1.0) -> bytes:
    """A voice."""
    return media.speech(text=text[:200], voice="en-us", speed=speed)


@_kept(16)
def mp3(text: str, speed: float = 1.0) -> bytes:
    """A voice, in the format that most vendors send."""
    packed = io.BytesIO()
    with av.open(io.BytesIO(wav(text, speed)), "r") as source, av.open(packed, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=24000)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return packed.getvalue()


def _seed(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)
