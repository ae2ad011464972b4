"""Small images of large media: a thumbnail of an image or a video, a poster of a video, the waveform of an audio file.

Pure functions from bytes to bytes. They block, for seconds with long media: `Decoders` calls them in a child
process."""

import io
from array import array
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import av
import av.container
from av.error import FFmpegError
from PIL import Image, ImageDraw, ImageStat
from PIL.Image import Resampling

from adapters.media.probe import (
    DEMUXERS,
    FORMATS,
    UnreadableMedia,
    audio_stream,
    moving_stream,
    opened_image,
    opened_stream,
    orientation,
    refuse_too_large,
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

_MAX_FRAMES: Final = 120  # how far to look for a frame that shows something
_FLAT: Final = 6.0  # standard deviation of the grey values, of 256, below which a frame shows nothing


def _of_a_video(data: bytes, media_type: str, name: Name, width: int) -> bytes:
    image = _first_good_frame(data, media_type)
    image.thumbnail((width, width * _TALLEST), Resampling.LANCZOS, reducing_gap=3.0)
    if name == "thumbnail":
        return _webp(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()


def _first_good_frame(data: bytes, media_type: str) -> Image.Image:
    """The first frame that is not a uniform colour, as many videos begin with; else the least uniform one."""
    best: av.VideoFrame | None = None
    best_contrast = -1.0
    with opened_stream(data, DEMUXERS[media_type]) as container:
        stream = moving_stream(container)
        if stream is None:
            raise UnreadableMedia("The video has no image")
        try:
            for number, frame in enumerate(container.decode(stream)):
                refuse_too_large(frame.width, frame.height)
                contrast = _contrast(frame)
                if contrast > best_contrast:
                    best, best_contrast = frame, contrast
                if contrast >= _FLAT or number + 1 >= _MAX_FRAMES:
                    break
        except FFmpegError:
            if best is None:  # what is broken further on does not matter
                raise
        if best is None:
            raise UnreadableMedia("The video has no frame that decodes")
        image = _image(best, "rgb24", "RGB")
        return image.rotate(best.rotation, expand=True) if best.rotation else image


def _contrast(frame: av.VideoFrame) -> float:
    return ImageStat.Stat(_image(frame, "gray", "L", 64, 64)).stddev[0]


def _image(
    frame: av.VideoFrame, pixels: str, mode: str, width: int | None = None, height: int | None = None
) -> Image.Image:
    """A frame for Pillow, which calls the same pixels by another name."""
    given = frame.reformat(width=width, height=height, format=pixels)
    plane = given.planes[0]
    return Image.frombytes(mode, (given.width, given.height), bytes(plane), "raw", mode, plane.line_size)


# --- Audio ---

_RATE: Final = 16_000
_BLOCK: Final = _RATE // 100
_MAX_SECONDS: Final = 3600
_COLOUR: Final = (79, 70, 229, 255)


def waveform(data: bytes, media_type: str, width: int) -> bytes:
    """The peaks of the audio over time, as PNG on a transparent background, a quarter as high as wide.

    Full height is full scale, so quiet audio looks quiet; all channels are mixed. Raises UnreadableMedia."""
    peaks = _peaks(data, media_type)
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


def _peaks(data: bytes, media_type: str) -> list[tuple[int, int]]:
    """The lowest and the highest sample of each hundredth of a second."""
    peaks: list[tuple[int, int]] = []
    waiting = array("h")
    with opened_stream(data, DEMUXERS[media_type]) as container:
        try:
            for samples in _samples(container):
                waiting.frombytes(samples)
                complete = len(waiting) // _BLOCK * _BLOCK
                blocks = (waiting[begin : begin + _BLOCK] for begin in range(0, complete, _BLOCK))
                peaks += [(min(block), max(block)) for block in blocks]
                del waiting[:complete]
                if len(peaks) > _MAX_SECONDS * 100:
                    raise UnreadableMedia(f"The audio is longer than {_MAX_SECONDS} seconds")
        except FFmpegError:
            if not peaks:
                raise
    if waiting:
        peaks.append((min(waiting), max(waiting)))
    if not peaks:
        raise UnreadableMedia("The audio has no frame that decodes")
    return peaks


def _samples(container: av.container.InputContainer) -> Iterable[bytes]:
    stream = audio_stream(container)
    if stream is None:
        return
    resampler = av.AudioResampler("s16", "mono", _RATE)
    for frame in container.decode(stream):
        for each in resampler.resample(frame):
            yield bytes(each.planes[0])[: 2 * each.samples]
    for each in resampler.resample(None):
        yield bytes(each.planes[0])[: 2 * each.samples]
