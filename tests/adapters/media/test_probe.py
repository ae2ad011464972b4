"""Laws of `adapters.media.probe`: real files of every kind are recognised, and everything else is refused in one
way."""

import contextlib
import io
import struct
from typing import Literal

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.media.probe import EXTENSIONS, MAX_PIXELS, Limits, Media, UnknownMedia, UnreadableMedia, measure
from domain.provider import FILE
from tests.samples import AUDIO, IMAGES, OTHERS, VIDEOS, Pipe, sample, video, with_cover

# --- Media ---


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


@pytest.mark.parametrize("media_type", AUDIO)
def test_audio_is_known_by_its_content(media_type: str) -> None:
    """Audio has a type and a duration, and no size in pixels."""
    media = measure(sample(media_type))
    assert (media.media_type, media.width, media.height) == (media_type, None, None)
    assert media.duration_seconds == pytest.approx(1.0, abs=0.05)


def test_every_stored_type_is_tested_here_and_has_its_own_extension() -> None:
    """Extension and media type map one to one, and these tests make a file of every listed type."""
    assert set(EXTENSIONS) == {*IMAGES, *VIDEOS, *AUDIO, FILE}
    assert len(set(EXTENSIONS.values())) == len(EXTENSIONS)


def test_a_cover_image_does_not_make_audio_a_video() -> None:
    """A music file with an image in it is audio."""
    media = measure(with_cover(sample("audio/mpeg")))
    assert (media.media_type, media.width) == ("audio/mpeg", None)


def test_a_video_that_was_streamed_out_has_a_duration() -> None:
    """If the header states no duration, it comes from the packets."""
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
    """A video from a phone that was held upright is measured upright."""
    data = sample("video/mp4")
    place = data.index(b"tkhd") + 4 + 4 + 20 + 16
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    media = measure(data[:place] + matrix + data[place + 36 :])
    assert (media.width, media.height) == (48, 64)


# --- Refused files ---


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_not_media_is_refused(what: str) -> None:
    """Text, markup, playlists and archives are not media, whatever a provider calls them."""
    with pytest.raises(UnreadableMedia):
        measure(OTHERS[what])


@pytest.mark.parametrize(("container", "codec"), [("matroska", "libx264"), ("avi", "mpeg4")])
def test_a_video_that_browsers_do_not_play_is_refused(container: str, codec: Literal["libx264", "mpeg4"]) -> None:
    """Only the listed containers are accepted, though FFmpeg could read more."""
    with pytest.raises(UnreadableMedia):
        measure(video(container, codec))


@pytest.mark.parametrize("brands", [b"avif\0\0\0\0avifmif1", b"mif1\0\0\0\0mif1avif", b"avif\0\0\0\0mif1miaf"])
def test_an_avif_image_is_known_by_any_of_its_brands(brands: bytes) -> None:
    """A still image in the MP4 family of files is an image, with its brand at any place of the first box."""
    data = sample("image/avif")
    size = int.from_bytes(data[:4], "big")
    first = (b"ftyp" + brands + b"miaf" * 8)[: size - 4]
    assert measure(data[:4] + first + data[size:]) == Media(media_type="image/avif", width=64, height=48)


@pytest.mark.parametrize("media_type", IMAGES | VIDEOS | AUDIO)
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
    """An image or a frame may have exactly as many pixels as the limit says, and not one more."""
    assert measure(sample(media_type), Limits(pixels=64 * 48)).width == 64
    with pytest.raises(UnreadableMedia, match="64 by 48 pixels is more than 3,071"):
        measure(sample(media_type), Limits(pixels=64 * 48 - 1))


@pytest.mark.parametrize("media_type", VIDEOS | AUDIO)
def test_a_limit_of_seconds_is_the_most(media_type: str) -> None:
    """A video or audio longer than the limit is refused, one within it is read as without a limit."""
    assert measure(sample(media_type), Limits(seconds=1.2)) == measure(sample(media_type))
    with pytest.raises(UnreadableMedia, match="seconds is more than 0"):
        measure(sample(media_type), Limits(seconds=0.5))


def test_a_file_that_states_too_short_a_length_is_found_out() -> None:
    """The content counts for the limit, not the header."""
    data = bytearray(sample("video/mp4"))
    for box, place in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        begin = data.index(box) + place
        data[begin : begin + 4] = struct.pack(">I", 1)
    assert (measure(bytes(data)).duration_seconds or 0) < 0.1
    with pytest.raises(UnreadableMedia, match="seconds is more than"):
        measure(bytes(data), Limits(seconds=0.5))


def test_bytes_without_a_decoder_have_an_error_of_their_own() -> None:
    """Bytes of an unknown signature are unknown; broken bytes of a known signature are unreadable."""
    with pytest.raises(UnknownMedia):
        measure(OTHERS["html"])
    with pytest.raises(UnreadableMedia) as broken:
        measure(sample("image/png")[:50])
    assert not isinstance(broken.value, UnknownMedia)


@settings(max_examples=400, deadline=None)
@given(
    media_type=st.sampled_from(sorted(IMAGES | VIDEOS | AUDIO)),
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
