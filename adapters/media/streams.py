"""What is in a video or audio file? FFmpeg reads it: its measures, a frame that shows something, and how loud it is.

Importing this loads FFmpeg, which takes as long as all the rest of a decoder, so it is imported when it is needed.
Everything here blocks, and for a bad file without an end: `Decoders` calls it in a child process."""

import io
from array import array
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final, cast

import av
import av.container
import av.subtitles.stream  # pyright: ignore[reportUnusedImport] - PyAV would import it with the first video
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from adapters.media.probe import MAX_PIXELS, Container, Limits, Media, UnreadableMedia, refuse_too_large

# What no file needs more of, checked before anything is decoded: tracks, samples a second, channels.
MAX_STREAMS: Final = 32
MAX_RATE: Final = 768_000
MAX_CHANNELS: Final = 32

# The decoders that may open a stream: what browsers play and what vendors and cameras make. FFmpeg has 500 others.
_CODECS: Final = frozenset(
    {
        *("h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "mpeg4", "mjpeg", "prores"),
        *("aac", "mp3", "mp3float", "flac", "vorbis", "opus", "libopus", "alac", "ac3", "eac3"),
        *("pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw", "adpcm_ms", "adpcm_ima_wav"),
        *(f"pcm_{form}{order}" for form in ("s16", "s24", "s32", "f32", "f64") for order in ("le", "be")),
    }
)


def measure_stream(data: bytes, kind: Container, limits: Limits) -> Media:
    """Decode the first frame, of video or else of audio. Raises UnreadableMedia."""
    with _opened_stream(data, kind.demuxer) as container:
        moving = _moving_stream(container)
        if moving and kind.video:
            return _measure_video(container, moving, kind.video, limits)
        audio = None if moving else _audio_stream(container)
        if audio and kind.audio:
            return _measure_audio(container, audio, kind.audio, limits)
    raise UnreadableMedia(f"The {kind.demuxer} file has no stream of a kind that is kept")


def _measure_video(
    container: av.container.InputContainer, stream: VideoStream, media_type: str, limits: Limits
) -> Media:
    refuse_too_large(stream.codec_context.width, stream.codec_context.height, limits)
    frame = next(container.decode(stream), None)
    if frame is None:
        raise UnreadableMedia("The video has no frame that decodes")
    seconds = _seconds(container, stream, frame.pts, limits)
    width, height = (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)
    return Media(media_type=media_type, width=width, height=height, duration_seconds=seconds)


def _measure_audio(
    container: av.container.InputContainer, stream: AudioStream, media_type: str, limits: Limits
) -> Media:
    frame = next(container.decode(stream), None)
    if frame is None:
        raise UnreadableMedia("The audio has no frame that decodes")
    return Media(media_type=media_type, duration_seconds=_seconds(container, stream, frame.pts, limits))


def _seconds(
    container: av.container.InputContainer, stream: VideoStream | AudioStream, begin: int | None, limits: Limits
) -> float | None:
    """The length that the file states; for one that was streamed out and states none, the end of its last packet.

    With a limit both count: a header is quickly written."""
    stated = counted = None
    if container.duration and container.duration > 0:
        stated = round(container.duration / av.time_base, 3)
    if stated is None or limits.seconds is not None:
        ends = (packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts is not None)
        end = max(ends, default=None)
        if end is not None and stream.time_base is not None:
            counted = round(float((end - (begin or 0)) * stream.time_base), 3)
    if limits.seconds is not None and (longest := max(stated or 0, counted or 0)) > limits.seconds:
        raise UnreadableMedia(f"{longest:,.1f} seconds is more than {limits.seconds:,.0f}")
    return counted if stated is None else stated


@contextmanager
def _opened_stream(data: bytes, demuxer: str) -> Generator[av.container.InputContainer]:
    """A video or audio file in FFmpeg's format of this name. Raises UnreadableMedia, also for errors inside the
    block."""
    try:
        options = {"max_streams": str(MAX_STREAMS), "max_pixels": str(MAX_PIXELS), "codec_whitelist": ",".join(_CODECS)}
        opened = av.open(io.BytesIO(data), "r", format=demuxer, options=options, metadata_errors="replace")
        with opened as container:
            yield container
    except UnreadableMedia:
        raise
    except (FFmpegError, OSError, ValueError, EOFError, OverflowError) as error:
        why = error.strerror if isinstance(error, FFmpegError) else error
        raise UnreadableMedia(f"The {demuxer} file does not decode: {why}") from error


def _moving_stream(container: av.container.InputContainer) -> VideoStream | None:
    """The video stream; None when there is none. The cover image of a music file is none. Raises UnreadableMedia for an
    unknown codec."""
    covers = Disposition.attached_pic
    stream = next((each for each in container.streams.video if not each.disposition & covers), None)
    if stream is not None:
        _checked(stream)
    return stream


def _audio_stream(container: av.container.InputContainer) -> AudioStream | None:
    """The audio stream; None when there is none. Raises UnreadableMedia for an unknown codec, and for a rate or
    channels out of range."""
    stream = next(iter(container.streams.audio), None)
    if stream is not None:
        _checked(stream)
        context = stream.codec_context
        if not 0 < context.sample_rate <= MAX_RATE or not 0 < context.channels <= MAX_CHANNELS:
            raise UnreadableMedia(f"There is no audio of {context.sample_rate:,} Hz in {context.channels} channels")
    return stream


def _checked(stream: VideoStream | AudioStream) -> None:
    # PyAV's types do not say it, but a stream that FFmpeg has no decoder for has no codec context.
    context = cast("VideoCodecContext | None", stream.codec_context)
    if context is None or context.codec.name not in _CODECS:
        raise UnreadableMedia("It is in a coding that is not read")
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}


# --- A frame that shows something ---

_MAX_FRAMES: Final = 120  # how far to look for it
_FLAT: Final = 6.0  # standard deviation of the grey values, of 256, below which a frame shows nothing


def first_good_frame(data: bytes, demuxer: str) -> Image.Image:
    """The first frame that is not a uniform colour, as many videos begin with; else the least uniform one. Raises
    UnreadableMedia."""
    best: av.VideoFrame | None = None
    best_contrast = -1.0
    with _opened_stream(data, demuxer) as container:
        stream = _moving_stream(container)
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


# --- How loud it is ---

_RATE: Final = 16_000
_BLOCK: Final = _RATE // 100
_MAX_SECONDS: Final = 3600


def peaks_of(data: bytes, demuxer: str) -> list[tuple[int, int]]:
    """The lowest and the highest sample of each hundredth of a second, of all channels together. Raises
    UnreadableMedia."""
    peaks: list[tuple[int, int]] = []
    waiting = array("h")
    with _opened_stream(data, demuxer) as container:
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
    stream = _audio_stream(container)
    if stream is None:
        return
    resampler = av.AudioResampler("s16", "mono", _RATE)
    for frame in container.decode(stream):
        for each in resampler.resample(frame):
            yield bytes(each.planes[0])[: 2 * each.samples]
    for each in resampler.resample(None):
        yield bytes(each.planes[0])[: 2 * each.samples]
