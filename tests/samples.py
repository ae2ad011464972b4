"""Real media for tests, one second long, 64 by 48 pixels, and files that only look like media."""

import io
import math
import struct
import wave
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Literal

import av
from PIL import Image

RATE = 48_000


# --- Making real media, one second long, 64 by 48 pixels ---


def image(name: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(file, name)
    return file.getvalue()


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24_000)
        wav.writeframes(b"\x01\x00" * 24_000)
    return file.getvalue()


class Pipe:
    """An output that can't seek, so that a muxer can't go back and write the duration into its header."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def audio(container_format: str, codec: Literal["aac", "flac", "libmp3lame", "libopus"]) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE, size)
        samples = b"".join(struct.pack("<h", int(8000 * math.sin(n / 20))) for n in range(RATE))
        for begin in range(0, RATE, size):
            count = min(size, RATE - begin)
            frame = av.AudioFrame("s16", "mono", count)
            frame.sample_rate, frame.pts = RATE, begin
            frame.planes[0].update(samples[2 * begin : 2 * (begin + count)].ljust(frame.planes[0].buffer_size, b"\0"))
            for resampled in resampler.resample(frame):
                container.mux(stream.encode(resampled))
        for resampled in resampler.resample(None):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return file.getvalue()


def video(
    container_format: str, codec: Literal["libx264", "libvpx-vp9", "mpeg4"], file: io.BytesIO | Pipe | None = None
) -> bytes:
    file = file or io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(24):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            for plane in frame.planes:
                plane.update(bytes([number * 10]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.data if isinstance(file, Pipe) else file.getvalue()


def with_cover(mp3: bytes) -> bytes:
    """The same audio behind an ID3 tag that has an image in it."""
    cover = b"\x00image/png\x00\x03\x00" + image("PNG")
    frame = b"APIC" + struct.pack(">IH", len(cover), 0) + cover
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + frame + mp3


IMAGES: dict[str, Callable[[], bytes]] = {
    "image/png": lambda: image("PNG"),
    "image/jpeg": lambda: image("JPEG"),
    "image/webp": lambda: image("WEBP"),
    "image/gif": lambda: image("GIF"),
    "image/avif": lambda: image("AVIF"),
    "image/heic": lambda: image("HEIF"),
}
VIDEOS: dict[str, Callable[[], bytes]] = {
    "video/mp4": lambda: video("mp4", "libx264"),
    "video/webm": lambda: video("webm", "libvpx-vp9"),
    "video/quicktime": lambda: video("mov", "libx264"),
}
AUDIO: dict[str, Callable[[], bytes]] = {
    "audio/wav": wav,
    "audio/mpeg": lambda: audio("mp3", "libmp3lame"),
    "audio/ogg": lambda: audio("ogg", "libopus"),
    "audio/flac": lambda: audio("flac", "flac"),
    "audio/aac": lambda: audio("adts", "aac"),
    "audio/mp4": lambda: audio("mp4", "aac"),
    "audio/webm": lambda: audio("webm", "libopus"),
}


@cache
def sample(media_type: str) -> bytes:
    return (IMAGES | VIDEOS | AUDIO)[media_type]()


OTHERS = {
    "nothing": b"",
    "text": "a cat, 一只猫".encode(),
    "json": b'{"error": "rate limited"}',
    "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "bare svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://169.254.169.254/latest\n",
    "concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(64),
    "zeros": bytes(4096),
}


def png() -> bytes:
    """An image unlike any other."""
    file = io.BytesIO()
    Image.effect_noise((40, 30), 50).save(file, "PNG")
    return file.getvalue()
