"""Small images of large media: a thumbnail of an image or a video, a poster of a video, the waveform of an audio file.

Pure functions from bytes to bytes. They block, for seconds with long media: `Decoders` calls them in a child
process."""

import io
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from PIL import Image, ImageDraw
from PIL.Image import Resampling

from adapters.media.probe import (
    DEMUXERS,
    FORMATS,
    UnreadableMedia,
    opened_image,
    orientation,
    upright,
)

Name: TypeAlias = Literal["thumbnail", "poster", "waveform"]

NAMES: Final[tuple[Name, ...]] = ("thumbnail", "poster", "waveform")
WIDTHS: Final = (64, 128, 256, 512, 1024)
USUAL_WIDTHS: Final[Mapping[Name, int]] = {"thumbnail": 256, "poster": 1024, "waveform": 512}
TYPES: Final[Mapping[Name, str]] = {"thumbnail": "image/webp", "poster": "image/jpeg", "waveform": "image/png"}
POSSIBLE: Final[Mapping[str, tuple[Name, ...]]] = {
    "image": ("thumbnail",),
    "video": ("thumbnail", "poster"),
    "audio": ("waveform",),
    "application": (),
}
RECIPE: Final = 1  # raise it when the same arguments give another image, so that stored derivatives are made anew


def make(data: bytes, media_type: str, name: Name, width: int) -> bytes:
    """One derivative, at most `width` pixels wide; nothing is enlarged. It holds no metadata of the original.

    Raises UnreadableMedia and nothing else, also for a kind that `POSSIBLE` does not have for the media type."""
    if name not in POSSIBLE[media_type.partition("/")[0]]:
        raise UnreadableMedia(f"There is no {name} of {media_type}")
    if name == "waveform":
        return waveform(data, media_type, width)
    if media_type in FORMATS:
        return thumbnail(data, media_type, width)
    return _of_a_video(data, media_type, name, width)


# --- Images ---

_TALLEST: Final = 4  # times the width: a strip of an image does not become a huge thumbnail


def thumbnail(data: bytes, media_type: str, width: int) -> bytes:
    """A thumbnail as WebP, upright; of an animation, its first frame. Raises UnreadableMedia."""
    with opened_image(data, FORMATS[media_type]) as image:
        held = orientation(image)
        small = image if image.format == "JPEG" else _plain(image)  # a JPEG is smaller as soon as it is decoded
        across, down = (width * _TALLEST, width) if held >= 5 else (width, width * _TALLEST)
        small.thumbnail((across, down), Resampling.LANCZOS, reducing_gap=3.0)
        return _webp(_plain(upright(small, held)))


def _plain(image: Image.Image) -> Image.Image:
    """The image in a mode that can be scaled smoothly and written in every format."""
    if image.mode in {"L", "RGB", "RGBA"}:
        return image
    if image.mode == "I;16":  # sixteen bits of grey, the higher eight behind the lower
        return Image.frombytes("L", image.size, image.tobytes()[1::2])
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, method=4, exif=b"", xmp=b"")
    return file.getvalue()


# --- Videos ---


def _of_a_video(data: bytes, media_type: str, name: Name, width: int) -> bytes:
    from adapters.media.streams import first_good_frame  # noqa: PLC0415 - it loads FFmpeg, which no image needs

    image = first_good_frame(data, DEMUXERS[media_type])
    image.thumbnail((width, width * _TALLEST), Resampling.LANCZOS, reducing_gap=3.0)
    if name == "thumbnail":
        return _webp(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()


# --- Audio ---

_COLOUR: Final = (79, 70, 229, 255)


def waveform(data: bytes, media_type: str, width: int) -> bytes:
    """The peaks of the audio over time, as PNG on a transparent background, a quarter as high as wide.

    Full height is full scale, so quiet audio looks quiet; all channels are mixed. Raises UnreadableMedia."""
    from adapters.media.streams import peaks_of  # noqa: PLC0415 - it loads FFmpeg, which no image needs

    peaks = peaks_of(data, DEMUXERS[media_type])
    height = width // 4
    image = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(image)
    for x in range(width):
        part = peaks[x * len(peaks) // width : max((x + 1) * len(peaks) // width, x * len(peaks) // width + 1)]
        low, high = min(low for low, _ in part), max(high for _, high in part)
        draw.line([(x, _row(high, height)), (x, _row(low, height))], fill=_COLOUR)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _row(sample: int, height: int) -> int:
    return round((32767 - sample) / 65535 * (height - 1))
