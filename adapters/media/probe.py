"""What is in these bytes? Media type, size in pixels and duration in seconds, judged by the content alone.

Neither names nor headers count: the first bytes name one format, only that format's decoder is opened, and something
must really decode. FFmpeg never guesses, because its guesses include playlists, which name URLs to open.

A bad file can cost far more than its size: files of others are only opened in a child process (`decoder_process`)."""

import io
import re
import struct
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

from PIL import AvifImagePlugin, Image, UnidentifiedImageError
from PIL.Image import Transpose
from pillow_heif import register_heif_opener  # pyright: ignore[reportUnknownVariableType] - it takes any keywords

from domain.base import Value
from domain.provider import FILE, UnreadableOutput

# An image or a video frame with more pixels is refused before it is decoded: 80 megapixels take 320 MB as
# RGBA, no model makes more, and it stays below the size at which Pillow itself starts to warn.
MAX_PIXELS: Final = 80_000_000

# Scans of a progressive image: each goes over all of it, and encoders make about ten.
MAX_SCANS: Final = 100

# The media types that are kept, and the extensions of their files: one per type, so that each follows from the other.
EXTENSIONS: Final[Mapping[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/webm": "weba",
    FILE: "bin",
}


class Media(Value):
    """The measures of a file. `width` and `height` in pixels, as shown upright; `duration_seconds` of audio and
    video."""

    media_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class UnreadableMedia(UnreadableOutput):
    """The bytes are empty, of a type that is not stored, or do not decode. The message is for people."""


class UnknownMedia(UnreadableMedia):
    """The bytes begin like no type that is stored."""


class Limits(Value):
    """The limits of a file: pixels of an image or a frame, and seconds of audio or video, counted and not as stated."""

    pixels: int = MAX_PIXELS
    seconds: float | None = None


OUTPUT: Final = Limits()

# One thread each: a decoder may take so much memory, and the next one waits for it.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class Container(Value):
    """A file format of streams, which FFmpeg reads: its demuxer, and its media type with video and without."""

    demuxer: str
    video: str | None = None
    audio: str | None = None


# Pillow's name of the format → its media type and first bytes.
_IMAGES: Final = {
    "PNG": ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    "JPEG": ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    "WEBP": ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    "GIF": ("image/gif", re.compile(rb"GIF8[79]a")),
    # Both say what they are in the list of brands of their first box; "mif1" alone says only that it is one of them.
    "AVIF": ("image/avif", re.compile(rb"....ftyp(?:avi[fs]|(?:mif1|msf1|miaf).{4}(?:.{4}){0,14}?avi[fs])", re.DOTALL)),
    "HEIF": ("image/heic", re.compile(rb"....ftyp(?:he[iv][cxms]|mif1|msf1|miaf)", re.DOTALL)),
}

FORMATS: Final[Mapping[str, str]] = {media_type: name for name, (media_type, _) in _IMAGES.items()}

# HEIC and AVIF images are MP4 files too, and FFmpeg would call them video: they have been tried before. A WebM file
# says "webm" in its DocType element (0x4282), where plain Matroska says "matroska".
_CONTAINERS: Final = (
    (re.compile(rb"....ftypqt  ", re.DOTALL), Container(demuxer="mov", video="video/quicktime")),
    (
        re.compile(rb"....ftyp", re.DOTALL),
        Container(demuxer="mov", video="video/mp4", audio="audio/mp4"),
    ),
    (
        re.compile(rb"\x1a\x45\xdf\xa3.{0,64}?\x42\x82.webm", re.DOTALL),
        Container(demuxer="matroska", video="video/webm", audio="audio/webm"),
    ),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), Container(demuxer="wav", audio="audio/wav")),
    (re.compile(rb"OggS"), Container(demuxer="ogg", audio="audio/ogg")),
    (re.compile(rb"fLaC"), Container(demuxer="flac", audio="audio/flac")),
    # MPEG audio frames begin with eleven set bits; layer 3 is MP3, layer 0 is AAC in ADTS.
    (re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), Container(demuxer="mp3", audio="audio/mpeg")),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), Container(demuxer="aac", audio="audio/aac")),
)


DEMUXERS: Final[Mapping[str, str]] = {
    media_type: kind.demuxer for _, kind in _CONTAINERS for media_type in (kind.video, kind.audio) if media_type
}


def measure(data: bytes, limits: Limits = OUTPUT) -> Media:
    """Measure `data`: decode an image completely, and of video or audio the first frame.

    Blocking, and for a bad file without an end: `Decoders` calls it in a child process. Raises UnreadableMedia and
    nothing else; a file beyond the limits is unreadable too."""
    if not data:
        raise UnreadableMedia("There are no bytes")
    for name, (media_type, signature) in _IMAGES.items():
        if signature.match(data):
            with opened_image(data, name, limits) as image:
                turned = orientation(image) >= 5
                image.load()
                width, height = (image.height, image.width) if turned else image.size
                return Media(media_type=media_type, width=width, height=height)
    for signature, container in _CONTAINERS:
        if signature.match(data):
            from adapters.media.streams import measure_stream  # noqa: PLC0415 - it loads FFmpeg, which no image needs

            return measure_stream(data, container, limits)
    raise UnknownMedia("The bytes are not an image, a video or audio in a format that is kept")


def guess(data: bytes) -> Media:
    """The media type by the first bytes alone, without decoding."""
    for media_type, signature in _IMAGES.values():
        if signature.match(data):
            return Media(media_type=media_type)
    for signature, container in _CONTAINERS:
        if signature.match(data):
            return Media(media_type=container.video or container.audio or FILE)
    return Media(media_type=FILE)


@contextmanager
def opened_image(data: bytes, name: str, limits: Limits = OUTPUT) -> Generator[Image.Image]:
    """An image in Pillow's format of this name, not decoded yet. Raises UnreadableMedia, also for errors inside the
    block."""
    if name == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise UnreadableMedia(f"The image is drawn in more than {MAX_SCANS} scans")
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as image:
            refuse_too_large(image.width, image.height, limits)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableMedia(f"The image has more than {limits.pixels:,} pixels") from None
    except UnreadableMedia:
        raise
    except _BROKEN as error:
        why = "its header is broken" if isinstance(error, UnidentifiedImageError) else error
        raise UnreadableMedia(f"The {name} image does not decode: {why}") from error


def orientation(image: Image.Image) -> int:
    """The EXIF orientation: 1 is upright; from 5 on, width and height are swapped."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (ValueError, TypeError, SyntaxError, LookupError, OSError, OverflowError, struct.error):
        return 1  # broken EXIF is no reason to show nothing


def upright(image: Image.Image, held: int) -> Image.Image:
    """The image with its orientation applied."""
    return image.transpose(_TURNS[held]) if held in _TURNS else image


# Pillow's plugins raise all of these for broken files; the limits of libheif come as RuntimeError.
_BROKEN: Final = (OSError, ValueError, SyntaxError, LookupError, EOFError, OverflowError, RuntimeError, struct.error)
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def refuse_too_large(width: int, height: int, limits: Limits = OUTPUT) -> None:
    """Raises UnreadableMedia for more pixels than an image or a frame may have."""
    if width * height > limits.pixels:
        raise UnreadableMedia(f"{width} by {height} pixels is more than {limits.pixels:,}")
