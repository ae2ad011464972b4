"""Laws of `adapters.media.derivatives`: small, upright, true images of large media, and nothing of the original
besides."""

import contextlib
import io
import math
import struct
import wave
from collections.abc import Callable
from fractions import Fraction

import av
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.media.derivatives import NAMES, POSSIBLE, TYPES, USUAL_WIDTHS, WIDTHS, make
from adapters.media.probe import MAX_PIXELS, UnreadableMedia
from tests.samples import AUDIO, IMAGES, VIDEOS, sample

RED, BLUE = (220, 20, 20), (20, 20, 220)


def halves(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """An image whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    return image.convert(mode)


def saved(image: Image.Image, name: str, **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **more)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel[:3], colour, strict=True))


def video(*images: Image.Image) -> bytes:
    """An MP4 of these images, ten frames a second."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *images[0].size, "yuv420p"
        for number, image in enumerate(images):
            frame = av.VideoFrame(image.width, image.height, "rgb24")
            frame.planes[0].update(
                b"".join(
                    image.tobytes()[3 * image.width * row : 3 * image.width * (row + 1)].ljust(
                        frame.planes[0].line_size, b"\0"
                    )
                    for row in range(image.height)
                )
            )
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def turned_clockwise(mp4: bytes) -> bytes:
    """The same video with the note of a phone that was held upright: to be shown a quarter turn to the right."""
    place = mp4.index(b"tkhd") + 4 + 4 + 20 + 16
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    return mp4[:place] + matrix + mp4[place + 36 :]


def audio(*loudness: float, channels: int = 1) -> bytes:
    """A WAV of one second for each loudness, 0 to 1."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(8000)
        for level in loudness:
            samples = (int(32767 * level * math.sin(n / 3)) for n in range(8000))
            out.writeframes(b"".join(struct.pack("<h", each) * channels for each in samples))
    return file.getvalue()


# --- Thumbnails of images ---


@pytest.mark.parametrize("width", WIDTHS)
def test_a_thumbnail_is_a_small_webp_of_the_same_shape(width: int) -> None:
    """A thumbnail is as wide as asked for, and shows the whole image."""
    small = opened(make(saved(halves(2000, 1000), "PNG"), "image/png", "thumbnail", width))
    assert (small.format, small.size) == ("WEBP", (width, width // 2))
    assert near(small.getpixel((width // 4, width // 4)), RED)
    assert near(small.getpixel((width * 3 // 4, width // 4)), BLUE)


def test_nothing_is_enlarged() -> None:
    """An image that is smaller than the width keeps its size."""
    assert opened(make(saved(halves(50, 40), "PNG"), "image/png", "thumbnail", 512)).size == (50, 40)


def test_a_strip_becomes_no_huge_thumbnail() -> None:
    """However tall an image, its thumbnail is at most four times as high as the width that was asked for."""
    assert opened(make(saved(halves(100, 9000), "PNG"), "image/png", "thumbnail", 64)).height == 256


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_has_a_thumbnail(mode: str) -> None:
    """Palettes, grey in 1, 8 or 16 bits and transparency: bright stays bright, dark stays dark."""
    grey = Image.new("L", (200, 100), 30)
    grey.paste(220, (0, 0, 100, 100))
    image = grey.convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else grey.convert(mode)
    small = opened(make(saved(image, "PNG"), "image/png", "thumbnail", 64)).convert("L")
    left, right = small.getpixel((16, 16)), small.getpixel((48, 16))
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    assert left > 190
    assert right < 60


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_any_mode_has_a_thumbnail(mode: str) -> None:
    """A photograph, a grey one, and one from a printing house."""
    small = opened(make(saved(halves(800, 400, mode), "JPEG"), "image/jpeg", "thumbnail", 128))
    assert small.size == (128, 64)


def test_transparency_stays() -> None:
    """What is transparent in the image is transparent in its thumbnail."""
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    small = opened(make(saved(image, "PNG"), "image/png", "thumbnail", 64))
    assert small.mode == "RGBA"
    assert small.getpixel((32, 32))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_upright_and_has_no_metadata(name: str) -> None:
    """The rotation from EXIF is applied in the right direction, and EXIF is removed."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "at home"  # to be shown a quarter turn to the right: left becomes up
    data = make(saved(halves(800, 400), name, exif=exif), f"image/{name.lower()}", "thumbnail", 128)
    small = opened(data)
    assert small.size == (128, 256)
    assert near(small.getpixel((64, 40)), RED)
    assert near(small.getpixel((64, 216)), BLUE)
    assert b"at home" not in data
    assert not small.getexif()


def test_an_animation_is_shown_by_its_first_frame() -> None:
    """The thumbnail of an animated GIF is a still image."""
    first, second = Image.new("RGB", (80, 60), RED), Image.new("RGB", (80, 60), BLUE)
    data = saved(first, "GIF", save_all=True, append_images=[second])
    small = opened(make(data, "image/gif", "thumbnail", 64))
    assert getattr(small, "n_frames", 1) == 1
    assert near(small.convert("RGB").getpixel((30, 20)), RED)


# --- Videos ---


@pytest.mark.parametrize("name", ["thumbnail", "poster"])
def test_a_video_is_shown_by_the_first_frame_that_shows_something(name: str) -> None:
    """Black frames at the beginning are passed over."""
    data = video(*[Image.new("RGB", (320, 180), (0, 0, 0))] * 5, halves(320, 180), Image.new("RGB", (320, 180), RED))
    shown = opened(make(data, "video/mp4", name, 256))  # type: ignore[arg-type] # parametrize knows no literals
    assert (shown.format, shown.size) == ({"thumbnail": "WEBP", "poster": "JPEG"}[name], (256, 144))
    assert near(shown.getpixel((40, 70)), RED)
    assert near(shown.getpixel((210, 70)), BLUE)


def test_a_video_of_one_shade_has_a_poster_all_the_same() -> None:
    """When no frame shows more than another, one of them is shown."""
    data = video(*[Image.new("RGB", (64, 48), RED)] * 3)
    assert near(opened(make(data, "video/mp4", "poster", 64)).getpixel((30, 20)), RED)


def test_a_video_from_a_phone_is_upright() -> None:
    """The rotation from the container is applied in the right direction."""
    shown = opened(make(turned_clockwise(video(halves(320, 180))), "video/mp4", "poster", 128))
    assert shown.width < shown.height
    assert near(shown.getpixel((60, 30)), RED)
    assert near(shown.getpixel((60, shown.height - 30)), BLUE)


# --- Audio ---


def heights(data: bytes) -> list[int]:
    """How many pixels of each column of a waveform are drawn."""
    image = opened(data)
    assert (image.format, image.mode) == ("PNG", "RGBA")
    drawn = image.getchannel("A").point(lambda alpha: alpha and 1)
    return [sum(drawn.crop((x, 0, x + 1, image.height)).tobytes()) for x in range(image.width)]


@pytest.mark.parametrize("channels", [1, 2])
def test_a_waveform_shows_where_it_is_loud(channels: int) -> None:
    """Silence is a line, full scale is full height, half of it half, each where it is heard."""
    columns = heights(make(audio(0, 1, 0.5, channels=channels), "audio/wav", "waveform", 512))
    assert len(columns) == 512
    assert max(columns[:160]) == 1
    assert min(columns[180:330]) > 115
    assert all(50 < height < 75 for height in columns[350:500])


def test_audio_shorter_than_the_waveform_has_one() -> None:
    """Audio of a few samples fills the width."""
    data = audio(1)
    with wave.open(io.BytesIO(data)) as whole:
        frames = whole.readframes(40)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(frames)
    assert min(heights(make(file.getvalue(), "audio/wav", "waveform", 256))) > 30


# --- Every kind, and damage ---


def test_the_tables_agree() -> None:
    """Every variant has a type, a usual width of the set, and a kind of media that it can be made of."""
    assert set(NAMES) == set(TYPES) == set(USUAL_WIDTHS) == {name for names in POSSIBLE.values() for name in names}
    assert set(USUAL_WIDTHS.values()) <= set(WIDTHS)


@pytest.mark.parametrize("media_type", IMAGES | VIDEOS | AUDIO)
def test_every_stored_type_has_its_variants(media_type: str) -> None:
    """For each stored media type, every variant of its kind can be made."""
    for name in POSSIBLE[media_type.partition("/")[0]]:
        made = opened(make(sample(media_type), media_type, name, 64))
        assert Image.MIME[made.format or ""] == TYPES[name]
        assert made.width == 64


def bomb() -> bytes:
    return saved(Image.new("1", (10_000, 9_000)), "PNG")


@pytest.mark.parametrize(
    ("media_type", "data"),
    [("image/png", lambda: b""), ("image/png", bomb), ("image/png", lambda: sample("image/jpeg")[:2000])],
)
def test_what_is_not_what_it_should_be_is_refused(media_type: str, data: Callable[[], bytes]) -> None:
    """Nothing, another format and a decompression bomb are all unreadable."""
    assert MAX_PIXELS < 10_000 * 9_000
    with pytest.raises(UnreadableMedia):
        make(data(), media_type, "thumbnail", 64)


@example(media_type="image/heic", last=False, keep=1.0, damage=[(0.16, 1)])  # a side of 16,777,280 pixels
@settings(max_examples=150, deadline=None)
@given(
    media_type=st.sampled_from(sorted(IMAGES | VIDEOS | AUDIO)),
    last=st.booleans(),
    keep=st.floats(0, 1),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=20),
)
def test_any_damage_is_shown_or_refused_in_one_way(
    media_type: str, last: bool, keep: float, damage: list[tuple[float, int]]
) -> None:
    """However a file is cut and changed, the answer is an image or UnreadableMedia, never another error."""
    data = bytearray(sample(media_type))
    for place, value in damage:
        data[int(place * (len(data) - 1))] = value
    name = POSSIBLE[media_type.partition("/")[0]][-1 if last else 0]
    with contextlib.suppress(UnreadableMedia):
        assert opened(make(bytes(data[: int(keep * len(data))]), media_type, name, 64)).width <= 256
