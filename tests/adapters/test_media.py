"""Laws of `adapters.media`: real files of every kind are recognised, and everything else is refused in one way."""

import contextlib
import io
import math
import struct
import wave
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Literal

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.media import EXTENSIONS, MAX_PIXELS, Limits, Media, UnknownMedia, UnreadableMedia, measure
from domain.provider import FILE

RATE = 48_000


# --- Making real media, one second long, 64 by 48 pixels ---


def image(name: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(file, name)
    return file.getvalue()


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        sound.writeframes(b"\x01\x00" * 24_000)
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
    """The same sound behind an ID3 tag that has a picture in it."""
    picture = b"\x00image/png\x00\x03\x00" + image("PNG")
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
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
SOUNDS: dict[str, Callable[[], bytes]] = {
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
    return (IMAGES | VIDEOS | SOUNDS)[media_type]()


# --- What is kept ---


@pytest.mark.parametrize("media_type", IMAGES)
def test_an_image_is_known_by_its_content(media_type: str) -> None:
    """An image has a type and a size in pixels, and no duration."""
    assert measure(sample(media_type)) == Media(media_type=media_type, width=64, height=48)


@pytest.mark.parametrize("media_type", VIDEOS)
def test_a_video_is_known_by_its_content(media_type: str) -> None:
    """A video has a type, a size in pixels and a duration."""
    media = measure(sample(media_type))
    assert (media.media_type, media.width, media.height) == (media_type, 64, 48)
    assert media.duration_seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("media_type", SOUNDS)
def test_a_sound_is_known_by_its_content(media_type: str) -> None:
    """A sound has a type and a duration, and no size in pixels."""
    media = measure(sample(media_type))
    assert (media.media_type, media.width, media.height) == (media_type, None, None)
    assert media.duration_seconds == pytest.approx(1.0, abs=0.05)


def test_every_kept_type_is_tried_here_and_has_its_own_extension() -> None:
    """Extension and media type tell each other, and no type is listed that these tests do not make."""
    assert set(EXTENSIONS) == {*IMAGES, *VIDEOS, *SOUNDS, FILE}
    assert len(set(EXTENSIONS.values())) == len(EXTENSIONS)


def test_a_cover_picture_does_not_make_a_song_a_video() -> None:
    """A music file with a picture in it is a sound."""
    media = measure(with_cover(sample("audio/mpeg")))
    assert (media.media_type, media.width) == ("audio/mpeg", None)


def test_a_video_that_was_streamed_out_has_a_duration() -> None:
    """Where the header states no duration, the packets tell it."""
    data = video("webm", "libvpx-vp9", Pipe())
    with av.open(io.BytesIO(data), "r") as container:
        assert container.duration is None
    assert measure(data).duration_seconds == pytest.approx(1.0, abs=0.05)


def test_a_wav_that_was_streamed_out_has_a_duration() -> None:
    """A WAV whose sizes were never filled in is as long as its samples."""
    data = bytearray(sample("audio/wav"))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    assert measure(bytes(data)).duration_seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_an_image_is_as_wide_as_it_is_shown(name: str, orientation: int, size: tuple[int, int]) -> None:
    """A photograph that lies on its side in the file is measured upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, name, exif=exif.tobytes())
    media = measure(file.getvalue())
    assert (media.width, media.height) == size


def test_a_video_is_as_wide_as_it_is_shown() -> None:
    """A film from a phone that was held upright is measured upright."""
    data = sample("video/mp4")
    place = data.index(b"tkhd") + 4 + 4 + 20 + 16
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    media = measure(data[:place] + matrix + data[place + 36 :])
    assert (media.width, media.height) == (48, 64)


# --- What is refused ---

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


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_not_media_is_refused(what: str) -> None:
    """Text, markup, playlists and archives are not media, whatever a provider calls them."""
    with pytest.raises(UnreadableMedia):
        measure(OTHERS[what])


@pytest.mark.parametrize(("container", "codec"), [("matroska", "libx264"), ("avi", "mpeg4")])
def test_a_video_that_browsers_do_not_play_is_refused(container: str, codec: Literal["libx264", "mpeg4"]) -> None:
    """Only the containers in the list are kept, though FFmpeg could read more."""
    with pytest.raises(UnreadableMedia):
        measure(video(container, codec))


@pytest.mark.parametrize("brands", [b"avif\0\0\0\0avifmif1", b"mif1\0\0\0\0mif1avif", b"avif\0\0\0\0mif1miaf"])
def test_an_avif_picture_is_known_by_any_of_its_brands(brands: bytes) -> None:
    """A still picture in the MP4 family of files is an image, wherever in its first box it says which."""
    data = sample("image/avif")
    size = int.from_bytes(data[:4], "big")
    first = (b"ftyp" + brands + b"miaf" * 8)[: size - 4]
    assert measure(data[:4] + first + data[size:]) == Media(media_type="image/avif", width=64, height=48)


@pytest.mark.parametrize("media_type", IMAGES | VIDEOS | SOUNDS)
def test_the_first_bytes_alone_are_not_enough(media_type: str) -> None:
    """A right beginning with nothing behind it that decodes is refused."""
    with pytest.raises(UnreadableMedia):
        measure(sample(media_type)[:12])


@pytest.mark.parametrize("media_type", IMAGES)
def test_an_image_that_was_cut_off_is_refused(media_type: str) -> None:
    """An image must decode to its last row."""
    data = sample(media_type)
    with pytest.raises(UnreadableMedia):
        measure(data[: len(data) * 2 // 3])


@pytest.mark.parametrize("size", [(9_000, 9_000), (10_000, 9_000), (20_000, 10_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    """More pixels than the limit are refused, below, above and far above the limits that Pillow has itself."""
    file = io.BytesIO()
    Image.new("1", size).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    with pytest.raises(UnreadableMedia, match=f"{MAX_PIXELS:,}"):
        measure(file.getvalue())


@pytest.mark.parametrize("media_type", IMAGES | VIDEOS)
def test_a_limit_of_pixels_is_the_most(media_type: str) -> None:
    """A picture or a frame may have exactly as many pixels as the limit says, and not one more."""
    assert measure(sample(media_type), Limits(pixels=64 * 48)).width == 64
    with pytest.raises(UnreadableMedia, match="64 by 48 pixels is more than 3,071"):
        measure(sample(media_type), Limits(pixels=64 * 48 - 1))


@pytest.mark.parametrize("media_type", VIDEOS | SOUNDS)
def test_a_limit_of_seconds_is_the_most(media_type: str) -> None:
    """A video or a sound longer than the limit is refused, one within it is read as without a limit."""
    assert measure(sample(media_type), Limits(seconds=1.2)) == measure(sample(media_type))
    with pytest.raises(UnreadableMedia, match="seconds is more than 0"):
        measure(sample(media_type), Limits(seconds=0.5))


def test_a_file_that_states_too_short_a_length_is_found_out() -> None:
    """What counts for the limit is what is in the file, whatever its header says."""
    data = bytearray(sample("video/mp4"))
    for box, place in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        begin = data.index(box) + place
        data[begin : begin + 4] = struct.pack(">I", 1)
    assert (measure(bytes(data)).duration_seconds or 0) < 0.1
    with pytest.raises(UnreadableMedia, match="seconds is more than"):
        measure(bytes(data), Limits(seconds=0.5))


def test_what_no_decoder_is_tried_on_is_told_apart() -> None:
    """Bytes that begin like nothing that is kept are unknown; bytes that do and are broken are not."""
    with pytest.raises(UnknownMedia):
        measure(OTHERS["html"])
    with pytest.raises(UnreadableMedia) as broken:
        measure(sample("image/png")[:50])
    assert not isinstance(broken.value, UnknownMedia)


@settings(max_examples=400, deadline=None)
@given(
    media_type=st.sampled_from(sorted(IMAGES | VIDEOS | SOUNDS)),
    keep=st.floats(0, 1),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=20),
)
def test_any_damage_is_read_or_refused_in_one_way(
    media_type: str, keep: float, damage: list[tuple[float, int]]
) -> None:
    """However a file is cut and changed, the answer is a Media or UnreadableMedia, never another error."""
    data = bytearray(sample(media_type))
    for place, value in damage:
        data[int(place * (len(data) - 1))] = value
    with contextlib.suppress(UnreadableMedia):
        assert measure(bytes(data[: int(keep * len(data))])).media_type in EXTENSIONS
