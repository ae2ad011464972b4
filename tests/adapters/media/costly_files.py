"""Small files that cost a decoder much: each is a few bytes to a megabyte, and states far more than it holds."""

import io
import struct
import wave
import zlib
from collections.abc import Callable
from functools import cache
from typing import Literal

import av
from PIL import Image

SIDE = 16_000


def wav_of_a_huge_rate() -> bytes:
    """108 bytes that state 1,459,633,792 samples a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(64))
    data = bytearray(file.getvalue())
    struct.pack_into("<II", data, 24, 1_459_633_792, 2 * 1_459_633_792 & 0xFFFFFFFF)
    assert len(data) == 108
    return bytes(data)


def mp4_of_many_samples() -> bytes:
    """Less than a kilobyte whose tables state 80 million samples."""
    many, file = 80_000_000, io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.sample_rate, frame.pts = 8000, 0
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = bytearray(file.getvalue())
    for box, content in (
        (b"stts", struct.pack(">III", 1, many, 1024)),
        (b"stsc", struct.pack(">IIII", 1, 1, many, 1)),
        (b"stsz", struct.pack(">II", 1, many)),
    ):
        begin = data.index(box) + 8
        data[begin : begin + len(content)] = content
    return bytes(data)


@cache
def huge_png() -> bytes:
    """16,000 by 16,000 pixels, all black, in some 30 KB."""
    packer = zlib.compressobj(9)
    rows = bytes(1 + SIDE // 8) * 100
    packed = b"".join(packer.compress(rows) for _ in range(SIDE // 100)) + packer.flush()

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def mov_of_huge_images(tracks: int = 4) -> bytes:
    """A QuickTime file whose tracks are PNG images of 16,000 by 16,000 pixels."""
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as container:
        streams = [container.add_stream("png", rate=1) for _ in range(tracks)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for stream in streams:
            packet = av.Packet(huge_png())
            packet.stream, packet.pts, packet.dts = stream, 0, 0
            packet.is_keyframe = True
            container.mux(packet)
    return file.getvalue()


def behind_a_huge_cover(mp3: bytes) -> bytes:
    """Audio behind an ID3 tag whose cover has 16,000 by 16,000 pixels."""
    cover = b"\x00image/png\x00\x03\x00" + huge_png()
    frame = b"APIC" + struct.pack(">IH", len(cover), 0) + cover
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + frame + mp3


def webp_of_one_colour(width: int = 16_383, height: int = 3906) -> bytes:
    """34 bytes at most: a lossless WebP whose every pixel takes no bit."""
    bits: list[int] = []

    def put(value: int, count: int) -> None:
        bits.extend(value >> place & 1 for place in range(count))

    put(width - 1, 14)
    put(height - 1, 14)
    put(0, 1 + 3)  # no alpha, version 0
    put(0, 1 + 1 + 1)  # no transform, no colour cache, one group of prefix codes
    for _ in range(5):
        put(0b0001, 4)  # a simple code of one symbol, which is 0
    bits += [0] * (-len(bits) % 8)
    body = b"\x2f" + bytes(
        sum(bit << place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)
    )
    body += bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body


def jpeg_of_many_scans(times: int = 1500, side: int = 4000) -> bytes:
    """A progressive JPEG whose last scan, a refinement, is repeated."""
    file = io.BytesIO()
    Image.new("L", (side, side), 90).save(file, "JPEG", progressive=True, quality=90)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    tables = data.rindex(b"\xff\xc4", 0, last) if data.rfind(b"\xff\xc4", 0, last) > 0 else last
    scan = data[min(tables, last) : -2]
    return data[:-2] + scan * times + b"\xff\xd9"


Name = Literal["rate", "samples", "tracks", "webp", "scans"]

FILES: dict[Name, tuple[str, Callable[[], bytes]]] = {
    "rate": ("audio/wav", wav_of_a_huge_rate),
    "samples": ("audio/mp4", mp4_of_many_samples),
    "tracks": ("video/quicktime", mov_of_huge_images),
    "webp": ("image/webp", webp_of_one_colour),
    "scans": ("image/jpeg", jpeg_of_many_scans),
}


@cache
def file(name: Name) -> bytes:
    """One of them."""
    return FILES[name][1]()
