"""What does the sandbox provider hand out? Real media, made here: a landscape, a pan over it, a voice, a few words.

Everything is synchronous and deterministic (same arguments, same bytes), so that a demo or a test can be repeated."""

import _ctypes
import ctypes
import io
import os
import re
import tempfile
import textwrap
import unicodedata
import wave
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from math import exp, pi, sin
from pathlib import Path
from random import Random
from threading import Lock
from typing import NamedTuple

import av
import espeakng_loader
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageColor, ImageDraw, ImageFont

FRAMES_PER_SECOND = 15

# id, name, language. Japanese is left out on purpose: eSpeak NG reads every kanji as "Chinese letter".
VOICES: tuple[tuple[str, str, str], ...] = (
    ("en-us", "English (America)", "en-US"),
    ("en-gb", "English (Great Britain)", "en-GB"),
    ("cmn", "Chinese (Mandarin)", "zh-CN"),
    ("de", "German", "de-DE"),
    ("fr", "French", "fr-FR"),
    ("es", "Spanish (Spain)", "es-ES"),
    ("it", "Italian", "it-IT"),
    ("pt-br", "Portuguese (Brazil)", "pt-BR"),
)

# --- Images ---

Colour = tuple[int, int, int]

# The sky from the top down to the horizon, then the nearest hill, then the light. A prompt that names a mood gets it.
MOODS = {
    "dawn": ("#24407f", "#7383c4", "#f2a9a6", "#ffe0b0", "#161f3a", "#fff3d6"),
    "day": ("#2b74c4", "#6fb0e8", "#b9dff5", "#f3f6e6", "#12382c", "#fffbe8"),
    "sunset": ("#1d1b50", "#71306f", "#e3625c", "#ffbb66", "#150e28", "#fff0c4"),
    "desert": ("#2d5f8a", "#86a9b5", "#efc9a0", "#fde3b8", "#4a1f1c", "#fff4da"),
    "night": ("#040a22", "#0a1f47", "#123f5f", "#3c8580", "#02070f", "#7dffc0"),
}


def render_image(*, prompt: str, seed: int, width: int, height: int) -> bytes:
    """A PNG of exactly this size in pixels, from 8x8: a landscape drawn from the prompt and the seed, captioned."""
    png = io.BytesIO()
    _view(_scene(prompt, seed, width, height, pan_seconds=0), seconds=0).save(png, "PNG", compress_level=1)
    return png.getvalue()


class _Ridge(NamedTuple):
    image: Image.Image
    top: int
    pixels_per_second: float


class _Scene(NamedTuple):
    sky: Image.Image
    ridges: list[_Ridge]
    shore: int
    caption: Image.Image


def _scene(prompt: str, seed: int, width: int, height: int, *, pan_seconds: float) -> _Scene:
    """Everything that a view is put together from, with hills wide enough for a pan of so many seconds."""
    rng = _dice(seed, prompt)
    mood = next((name for name in MOODS if name in prompt.lower()), None) or rng.choice(list(MOODS))
    *_, horizon, near, _ = (_rgb(colour) for colour in MOODS[mood])
    shore = round(height * rng.uniform(0.74, 0.8))
    ridges: list[_Ridge] = []
    for nearness in (0.12, 0.3, 0.52, 0.76, 1.0):
        speed = width * (0.01 + 0.05 * nearness**2)
        crest = _mix(horizon, near, 0.15 + 0.85 * nearness)
        haze = _mix(crest, horizon, 0.55 - 0.45 * nearness)
        mask, top = _hills(rng.random(), nearness, (width, round(speed * pan_seconds)), shore)
        hills = _gradient([crest, haze], mask.size)
        hills.putalpha(mask)
        ridges.append(_Ridge(hills, top, speed))
    return _Scene(_sky(rng, mood, (width, height), shore), ridges, shore, _caption(prompt, seed, width, height))


def _sky(rng: Random, mood: str, size: tuple[int, int], shore: int) -> Image.Image:
    *colours, _, light = (_rgb(colour) for colour in MOODS[mood])
    sky = Image.new("RGB", size)
    sky.paste(_gradient(colours, (size[0], shore)), (0, 0))
    waves = [rng.uniform(0, 2 * pi) for _ in range(6)]
    if mood == "night":
        draw = ImageDraw.Draw(sky)
        for _ in range(260):
            x, y, bright = rng.random() * size[0], rng.random() ** 1.5 * shore, rng.random() ** 3
            radius = (0.4 + 0.8 * bright) * size[1] / 720
            star = _mix(colours[1], (255, 255, 255), 0.25 + 0.7 * bright)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), star)
        shine = [
            (_mix(light, (150, 90, 255), 0.75), partial(_aurora, waves, 0.16)),
            (light, partial(_aurora, waves, 0.07)),
        ]
    else:
        centre, aspect = (rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.5)), size[0] / size[1]
        shine = [(light, partial(_sun, centre, aspect)), (_mix(light, (255, 255, 255), 0.4), partial(_clouds, waves))]
    for colour, strength in shine:
        sky.paste(colour, (0, 0), _mask(strength, size))
    return sky


# Strengths of light, from 0, at the places (u, v), row by row. What only a column or a row decides is done once for it.


def _sun(centre: tuple[float, float], aspect: float, us: Sequence[float], vs: Sequence[float]) -> Iterator[float]:
    across, along = [((u - centre[0]) * aspect) ** 2 for u in us], [(v - centre[1]) ** 2 for v in vs]
    columns = [(exp(-x / 0.004), exp(-x / 0.09)) for x in across]
    for disc, glow in [(0.75 * exp(-y / 0.004), 0.45 * exp(-y / 0.09)) for y in along]:
        for near, wide in columns:
            yield disc * near + glow * wide


def _clouds(waves: list[float], us: Sequence[float], vs: Sequence[float]) -> Iterator[float]:
    columns = [
        (2 * sin(4 * u + waves[0]) + 1.2 * sin(9 * u + waves[1]) + waves[2], waves[3] - 7 * u, waves[4] + 23 * u)
        for u in us
    ]
    for v in vs:
        strength = 0.3 * exp(-(((v - 0.35) / 0.2) ** 2))
        for a, b, c in columns:
            yield max(0.0, sin(30 * v + a) + sin(17 * v + b) + 0.7 * sin(40 * v + c) - 0.6) * strength


def _aurora(waves: list[float], reach: float, us: Sequence[float], vs: Sequence[float]) -> Iterator[float]:
    """Two curtains of light: a sharp lower edge, and rays that fade upwards."""
    curtains = [
        [
            (
                low + 0.07 * sin(5 * u + a) + 0.03 * sin(13 * u + b),
                0.6 * (0.55 + 0.25 * sin(41 * u + 3 * sin(9 * u + c)) + 0.2 * sin(19 * u + b)),
            )
            for u in us
        ]
        for a, b, c, low in ((*waves[:3], 0.42), (*waves[3:], 0.3))
    ]
    for v in vs:
        for (edge, rays), (other_edge, other_rays) in zip(*curtains, strict=True):
            yield rays * _curtain(v - edge, reach) + other_rays * _curtain(v - other_edge, reach)


def _curtain(below: float, reach: float) -> float:
    return exp(below / reach) if below < 0 else exp(-((below / 0.02) ** 2))


def _hills(key: float, nearness: float, extent: tuple[int, int], shore: int) -> tuple[Image.Image, int]:
    """A mask and its top, `extent` (width and pan) wide: jagged hills far away, round and wooded ones near."""
    rng = Random(key)  # noqa: S311 - decoration; a generator of its own, so that every pan begins with the same hills
    waves = [(rng.uniform(0.8, 1.3) * 2**k, rng.uniform(0, 2 * pi)) for k in range(7)]
    base, tall, wide = shore * (0.62 + 0.33 * nearness), shore * (0.5 - 0.32 * nearness), sum(extent)

    def crest(x: float) -> float:
        u = 2.6 * x / extent[0]
        jagged = sum((1 - abs(sin(f * u + p))) / 1.9**k for k, (f, p) in enumerate(waves)) / 2 - 0.5
        smooth = sum(sin(f * u * 1.3 + p) / 2.2**k for k, (f, p) in enumerate(waves[:4])) / 3
        return base - tall * (jagged * (1 - nearness) + smooth * nearness)

    top = max(0, round(base - 0.62 * tall - 0.07 * shore))  # the highest crest there can be, and a tree on it
    mask = Image.new("L", (2 * wide, 2 * (shore - top)))  # twice as large, for smooth edges
    draw = ImageDraw.Draw(mask)
    line = [(2 * x, 2 * (crest(x) - top)) for x in range(0, wide + 4, 3)]
    draw.polygon([(0, mask.height), *line, (2 * wide + 8, mask.height)], 255)
    x = 0.0
    while nearness > 0.6 and x < wide:
        x += rng.expovariate(1) * shore * 0.03 / nearness
        tree, foot = shore * rng.uniform(0.05, 0.12) * nearness, 2 * (crest(x) - top) + 2
        for part in (0.0, 0.3, 0.6):  # three skirts
            half, low, tip = tree * (0.3 - 0.15 * part), foot - tree * part, foot - tree * (0.4 + part)
            draw.polygon([(2 * x - half, low), (2 * x, tip), (2 * x + half, low)], 255)
    return mask.reduce(2), top


def _caption(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    size = max(8, min(width, height) // 46)
    # The built-in font, the only one that is everywhere, draws little but ASCII: other letters would come out as boxes.
    plain = unicodedata.normalize("NFKD", prompt[:400].replace("\u2019", "'")).encode("ascii", "ignore").decode()
    lines = textwrap.wrap(plain, max(8, round(width * 1.1 / size)), max_lines=2, placeholder=" ...")
    lines.append(f"sandbox · seed {seed} · {width}x{height}")
    caption = Image.new("RGBA", (width, min(height, round(size * (1.4 * len(lines) + 1)))))
    draw, font = ImageDraw.Draw(caption), ImageFont.load_default(size)
    for row, line in enumerate(lines):
        x, y, strength = size * 1.2, size * 1.4 * row, 205 if line is not lines[-1] else 150
        draw.text((x + 1, y + 1), line, (0, 0, 0, strength // 2), font)
        draw.text((x, y), line, (255, 255, 255, strength), font)
    return caption


def _view(scene: _Scene, seconds: float) -> Image.Image:
    """The scene after so many seconds of panning: near hills pass faster than far ones, and the lake mirrors them."""
    view = scene.sky.copy()
    for image, top, pixels_per_second in scene.ridges:
        left = round(pixels_per_second * seconds)
        hills = image.crop((left, 0, left + view.width, image.height))
        view.paste(hills, (0, top), hills)
    lake = view.height - scene.shore
    mirror = view.crop((0, scene.shore - 2 * lake, view.width, scene.shore)).reduce((1, 2))
    mirror = Image.blend(mirror, Image.new("RGB", mirror.size, (8, 16, 30)), 0.35)
    mirror = mirror.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    view.paste(mirror, (0, scene.shore))
    for y in range(0, lake, 2):
        depth = (y + 1) / lake
        ripple = sin(60 * depth**0.5 + 2.5 * seconds) * (1 + sin(9 * depth + seconds))
        row = mirror.crop((0, y, view.width, min(lake, y + 2)))
        view.paste(row, (round(0.003 * view.width * depth * ripple), scene.shore + y))
    view.paste(scene.caption, (0, view.height - scene.caption.height), scene.caption)
    return view


def _mask(
    strength: Callable[[Sequence[float], Sequence[float]], Iterator[float]], size: tuple[int, int]
) -> Image.Image:
    """A mask from the strengths at (0..1, 0..1), sampled coarsely and smoothed: cheap, and soft as light should be."""
    columns, rows = (max(16, min(most, pixels // 8)) for most, pixels in zip((120, 68), size, strict=True))
    samples = strength([x / columns for x in range(columns)], [y / rows for y in range(rows)])
    return _smooth("L", (columns, rows), bytes([255 if s >= 1 else round(255 * s) for s in samples]), size)


def _gradient(colours: list[Colour], size: tuple[int, int]) -> Image.Image:
    column = _smooth("RGB", (1, len(colours)), b"".join(bytes(colour) for colour in colours), (1, size[1]))
    return column.resize(size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - numpy's type is in it


def _smooth(mode: str, coarse: tuple[int, int], data: bytes, size: tuple[int, int]) -> Image.Image:
    small = Image.frombytes(mode, coarse, data)
    return small.resize(size, Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType] - numpy's type is in it


def _rgb(colour: str) -> Colour:
    return ImageColor.getrgb(colour)[:3]


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue


# --- Videos ---


def render_video(*, prompt: str, seed: int, width: int, height: int, seconds: float) -> bytes:
    """An MP4 of this size in pixels and this length, to the nearest frame: a slow pan from the image of `render_image`.

    Odd sizes are rounded up: yuv420p, the one format that every browser plays, has no odd ones."""
    width, height, frames = width + width % 2, height + height % 2, max(1, round(seconds * FRAMES_PER_SECOND))
    mp4 = io.BytesIO()
    # Room for the index at the start, so that a browser plays before it has all: what `faststart` does by reading the
    # file again under its name, which a buffer does not have.
    with av.open(mp4, "w", format="mp4", options={"moov_size": str(4096 + 16 * frames)}) as container:
        h264 = "libx264" in av.codecs_available
        options = {"preset": "ultrafast", "crf": "24"} if h264 else {"qscale": "4"}
        video = container.add_stream("libx264" if h264 else "mpeg4", FRAMES_PER_SECOND, options)  # pyright: ignore[reportUnknownMemberType] - **kwargs
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.thread_count = 1  # the bytes must not depend on how many cores there are
        video.codec_context.colorspace, video.codec_context.color_range = Colorspace.ITU709, ColorRange.MPEG
        for frame in _frames(_scene(prompt, seed, width, height, pan_seconds=seconds), frames):
            container.mux(video.encode(frame))  # pyright: ignore[reportUnknownMemberType] - a generic left open
    return mp4.getvalue()


def _frames(scene: _Scene, count: int) -> Iterator[av.VideoFrame | None]:
    """Frames in the colours of HD video, then the None that flushes an encoder."""
    for index in range(count):
        view = _view(scene, index / FRAMES_PER_SECOND)
        rgb = av.VideoFrame.from_bytes(view.tobytes("raw", "RGBX"), view.width, view.height, "rgba")
        frame = rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        frame.pts, frame.time_base = index, Fraction(1, FRAMES_PER_SECOND)
        yield frame
    yield None


# --- Speech ---

_Collect = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_one_at_a_time = Lock()  # eSpeak NG keeps its state in global variables


def speech(*, text: str, voice: str, speed: float) -> bytes:
    """A WAV (16 bit, mono, 22,050 Hz) of the text read aloud; speed 1.0 is 175 words a minute, the limits 80 and 450.

    Raises ValueError for a voice that is not in `VOICES`."""
    known = [name for name, _, _ in VOICES]
    if voice not in known:
        raise ValueError(f"unknown voice {voice!r}: known are {', '.join(known)}")
    # A control character would start an eSpeak command, a NUL would end the text.
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text).encode("utf-8", "replace")
    with _one_at_a_time, tempfile.TemporaryDirectory() as folder:
        # eSpeak refuses a data path of 160 bytes or more, and a virtualenv may well lie that deep.
        data = Path(folder, "espeak-ng-data")
        data.symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
        rate, samples = _speak(plain, voice, max(80, min(450, round(175 * speed))), data)
    wav = io.BytesIO()
    with wave.open(wav, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples)
    return wav.getvalue()


def _speak(text: bytes, voice: str, words_per_minute: int, data: Path) -> tuple[int, bytes]:
    """The sample rate and the samples, from an eSpeak NG loaded for this call alone.

    It keeps the phase of its pitch and its wave in static variables that neither `espeak_Terminate` nor a new random
    seed resets; unloading the library does, and costs 6 ms."""
    samples = bytearray()

    def collect(block: int | None, count: int, _events: int | None) -> int:
        if block:
            samples.extend(ctypes.string_at(block, 2 * count))
        return 0  # go on

    collector = _Collect(collect)  # named, so that it lives as long as C may call it
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        # 2: hand over the samples on this thread, play nothing. 0x8000: when data are missing return, do not exit.
        rate = int(espeak.espeak_Initialize(2, 0, os.fsencode(data), 0x8000))
        name = {"en-gb": "gmw/en"}.get(voice, voice)  # British English is found by its file only
        if rate <= 0 or espeak.espeak_SetVoiceByName(name.encode()):
            raise RuntimeError(f"eSpeak NG cannot load the voice {voice} from {espeakng_loader.get_data_path()}")
        espeak.espeak_SetSynthCallback(collector)
        espeak.espeak_SetParameter(1, words_per_minute, 0)
        status = espeak.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 1, 0, 1, None, None)  # from 0 to 0; UTF-8
        espeak.espeak_Terminate()
    finally:
        _ctypes.dlclose(espeak._handle)
    if status:
        raise RuntimeError(f"eSpeak NG failed with status {status}")
    return rate, bytes(samples)


# --- Text ---

OPENINGS = (
    "What a good thing to ask.",
    "Let us look at it from the window of a slow train.",
    "Here is a thought, freshly made.",
)
THOUGHTS = (
    "Begin with the smallest part that works, and let the rest grow around it.",
    "Most of the beauty is in what was left out.",
    "The light changes every minute, so look twice before you decide.",
    "A map is most useful where the road is not yet finished.",
    "Write down what happened, in order, and half of the questions answer themselves.",
    "If two ways are equally good, take the one that is easier to walk back.",
    "Somewhere a kettle has just begun to sing, which is always a good sign.",
)
CLOSING = "This came from the sandbox model: no provider was called and nothing was paid."

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")  # a run without spaces, or one Chinese, Japanese or Korean character


def words(*, prompt: str, seed: int, max_tokens: int) -> tuple[str, int, int]:
    """A pleasant answer cut after `max_tokens` words, with the tokens (here: words) of the prompt and of the answer."""
    rng = _dice(seed, prompt)
    asked = " ".join(prompt.split())
    subject = f"“{asked[:80]}{'…' if len(asked) > 80 else ''}”:"
    answer = " ".join([subject, rng.choice(OPENINGS), *rng.sample(THOUGHTS, 3), CLOSING])
    ends = [token.end() for token in _TOKEN.finditer(answer)][: max(0, max_tokens)]
    return answer[: ends[-1]] if ends else "", len(_TOKEN.findall(prompt)), len(ends)


def _dice(seed: int, prompt: str) -> Random:
    return Random(f"{seed}/{prompt}".encode("utf-8", "replace"))  # noqa: S311 - media that must repeat, not a secret
