"""What does the sandbox provider hand out? Real media, made here, free: a landscape, a pan over it, a voice, a few words.

Everything is synchronous and deterministic (same arguments, same bytes), so that a demo or a test can be repeated."""

import _ctypes
import ctypes
import io
import os
import re
import tempfile
import textwrap
import wave
from collections.abc import Callable
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

Colour = tuple[int, int, int]

# Sky from the top down to the horizon, then the nearest hill and the light (sun, moon or aurora).
# A prompt that names a mood gets it.
MOODS = {
    "dawn": ("#24407f", "#7383c4", "#f2a9a6", "#ffe0b0", "#161f3a", "#fff3d6"),
    "day": ("#2b74c4", "#6fb0e8", "#b9dff5", "#f3f6e6", "#12382c", "#fffbe8"),
    "sunset": ("#1d1b50", "#71306f", "#e3625c", "#ffbb66", "#150e28", "#fff0c4"),
    "desert": ("#2d5f8a", "#86a9b5", "#efc9a0", "#fde3b8", "#4a1f1c", "#fff4da"),
    "night": ("#040a22", "#0a1f47", "#123f5f", "#3c8580", "#02070f", "#7dffc0"),
}

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


# --- A picture ---


def picture(*, prompt: str, seed: int, width: int, height: int) -> bytes:
    """A PNG of exactly this size in pixels: a landscape drawn from the seed and the prompt, with a small caption."""
    scene = _scene(prompt, seed, width, height, travel=0)
    png = io.BytesIO()
    _view(scene, seconds=0).save(png, "PNG", compress_level=1)
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


def _scene(prompt: str, seed: int, width: int, height: int, *, travel: float) -> _Scene:
    """All that one view needs. `travel` is how many seconds of panning the hills must be wide enough for."""
    rng = Random(f"{seed}/{prompt}")  # noqa: S311 - decoration that must repeat, not a secret
    mood = next((name for name in MOODS if name in prompt.lower()), None) or rng.choice(list(MOODS))
    *sky, near, light = (_rgb(colour) for colour in MOODS[mood])
    shore = round(height * rng.uniform(0.74, 0.8))
    ridges: list[_Ridge] = []
    for nearness in (0.12, 0.3, 0.52, 0.76, 1.0):
        speed = width * (0.01 + 0.05 * nearness**2)
        colour = _mix(sky[-1], near, 0.15 + 0.85 * nearness)
        haze = _mix(colour, sky[-1], 0.45 * (1 - nearness) + 0.1)
        wide = width + round(speed * travel) + 1
        ridges.append(_ridge(rng.random(), nearness, wide, width, shore, (colour, haze), speed))
    return _Scene(_sky(rng, mood, sky, light, (width, height), shore), ridges, shore, _caption(prompt, seed, width, height))


def _sky(
    rng: Random, mood: str, colours: list[Colour], light: Colour, size: tuple[int, int], shore: int
) -> Image.Image:
    column = Image.new("RGB", (1, len(colours)))
    column.putdata(colours)
    sky = Image.new("RGB", size, colours[-1])
    sky.paste(column.resize((size[0], shore), Image.Resampling.BICUBIC), (0, 0))
    u0, v0, aspect = rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.5), size[0] / size[1]
    waves = [rng.uniform(0, 2 * pi) for _ in range(9)]
    if mood == "night":
        draw = ImageDraw.Draw(sky)
        for _ in range(260):
            x, y, bright = rng.random() * size[0], rng.random() ** 1.5 * shore, rng.random() ** 3
            radius = (0.4 + 0.8 * bright) * size[1] / 720
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), _mix(colours[1], (255, 255, 255), 0.25 + 0.7 * bright))
        sky.paste(_mix(light, (150, 90, 255), 0.75), (0, 0), _field(partial(_aurora, waves, 0.16), size))
        sky.paste(light, (0, 0), _field(partial(_aurora, waves, 0.07), size))
        return sky

    def glow(u: float, v: float) -> float:
        distance = ((u - u0) * aspect) ** 2 + (v - v0) ** 2
        return 0.75 * exp(-distance / 0.004) + 0.45 * exp(-distance / 0.09)

    sky.paste(light, (0, 0), _field(glow, size))
    sky.paste(_mix(light, (255, 255, 255), 0.4), (0, 0), _field(partial(_clouds, waves), size))
    return sky


def _aurora(waves: list[float], reach: float, u: float, v: float) -> float:
    """Two curtains of light: a sharp lower edge, rays that fade upwards."""
    total = 0.0
    for a, b, c, low in ((*waves[0:3], 0.42), (*waves[3:6], 0.3)):
        edge = low + 0.07 * sin(5 * u + a) + 0.03 * sin(13 * u + b)
        rays = 0.55 + 0.25 * sin(41 * u + 3 * sin(9 * u + c)) + 0.2 * sin(19 * u + b)
        total += rays * (exp(-((edge - v) / reach)) if v < edge else exp(-(((v - edge) / 0.02) ** 2)))
    return 0.6 * total


def _clouds(waves: list[float], u: float, v: float) -> float:
    bend = 0.5 * sin(4 * u + waves[0]) + 0.3 * sin(9 * u + waves[1])
    streaks = sin(30 * v + 4 * bend + waves[2]) + sin(17 * v - 7 * u + waves[3]) + 0.7 * sin(23 * u + 40 * v + waves[4])
    return max(0.0, streaks - 0.6) * 0.3 * exp(-(((v - 0.35) / 0.2) ** 2))


def _field(strength: Callable[[float, float], float], size: tuple[int, int]) -> Image.Image:
    """A mask from a function of (0..1, 0..1), sampled coarsely and smoothed: cheap, and soft as light should be."""
    columns, rows = 120, 68
    samples = (strength(x / columns, y / rows) for y in range(rows) for x in range(columns))
    small = Image.frombytes("L", (columns, rows), bytes(max(0, min(255, round(255 * s))) for s in samples))
    return small.resize(size, Image.Resampling.BICUBIC)


def _ridge(
    key: float, nearness: float, wide: int, width: int, shore: int, colours: tuple[Colour, Colour], speed: float
) -> _Ridge:
    """One row of hills: jagged and pale far away, round, dark and wooded near."""
    rng = Random(key)  # noqa: S311 - decoration; its own, so that a longer pan begins like a shorter one
    waves = [(rng.uniform(0.8, 1.3) * 2**k, rng.uniform(0, 2 * pi)) for k in range(7)]
    base, tall = shore * (0.62 + 0.33 * nearness), shore * (0.5 - 0.32 * nearness)

    def crest(x: float) -> float:
        u = 2.6 * x / width
        peaks = sum((1 - abs(sin(f * u + p))) / 1.9**k for k, (f, p) in enumerate(waves)) / 2 - 0.5
        round_ = sum(sin(f * u * 1.3 + p) / 2.2**k for k, (f, p) in enumerate(waves[:4])) / 3
        return base - tall * (peaks * (1 - nearness) + round_ * nearness)

    line = [(2 * x, crest(x)) for x in range(0, wide + 4, 3)]
    top = max(0, round(min(y for _, y in line) - shore * 0.08))
    mask = Image.new("L", (2 * wide, 2 * max(1, shore - top)))
    draw = ImageDraw.Draw(mask)
    draw.polygon([(0, mask.height), *((x, 2 * (y - top)) for x, y in line), (2 * wide + 8, mask.height)], 255)
    x = 0.0
    while nearness > 0.6 and x < wide:
        x += rng.expovariate(1) * shore * 0.03 / nearness
        tree, foot = shore * rng.uniform(0.025, 0.06) * nearness, crest(x) - top
        for part in (0.0, 0.3, 0.6):
            half, tip = tree * (0.3 - 0.15 * part), foot - tree * (0.4 + part)
            draw.polygon([(2 * (x - half), 2 * (foot - tree * part) + 2), (2 * x, 2 * tip), (2 * (x + half), 2 * (foot - tree * part) + 2)], 255)
    fill = Image.new("RGB", (1, 2))
    fill.putdata(colours)
    half_size = mask.reduce(2)
    image = fill.resize(half_size.size, Image.Resampling.BICUBIC)
    image.putalpha(half_size)
    return _Ridge(image, top, speed)


def _caption(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """White on nothing, lower left. The built-in font knows Latin only, and a row of boxes would say less than nothing."""
    size = max(8, min(width, height) // 46)
    font = ImageFont.load_default(size)
    unknown = bytes(font.getmask("\uffff"))
    known = "".join(c for c in " ".join(prompt.split())[:400] if c == " " or bytes(font.getmask(c)) != unknown)
    lines = textwrap.wrap(known, max(8, round(width * 1.1 / size)), max_lines=2, placeholder=" …")
    lines.append(f"sandbox · seed {seed} · {width}×{height}")
    caption = Image.new("RGBA", (width, min(height, round(size * (1.4 * len(lines) + 1)))))
    draw = ImageDraw.Draw(caption)
    for row, line in enumerate(lines):
        at = (size * 1.2, size * 1.4 * row)
        draw.text((at[0] + 1, at[1] + 1), line, (0, 0, 0, 110), font)
        draw.text(at, line, (255, 255, 255, 205 if row < len(lines) - 1 else 150), font)
    return caption


def _view(scene: _Scene, seconds: float) -> Image.Image:
    """The scene after so many seconds: near hills pass faster than far ones, and the lake mirrors them."""
    view = scene.sky.copy()
    for image, top, speed in scene.ridges:
        left = round(speed * seconds)
        part = image.crop((left, 0, left + view.width, image.height))
        view.paste(part, (0, top), part)
    lake = view.height - scene.shore
    mirror = view.crop((0, max(0, scene.shore - 2 * lake), view.width, scene.shore))
    mirror = mirror.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((view.width, lake), Image.Resampling.BILINEAR)
    mirror = Image.blend(mirror, Image.new("RGB", mirror.size, (8, 16, 30)), 0.35)
    for y in range(0, lake, 2):
        depth = (y + 1) / lake
        shift = round(view.width * 0.006 * depth * sin(60 * depth**0.5 + 2.5 * seconds) * (1 + sin(9 * depth + seconds)) / 2)
        row = mirror.crop((0, y, view.width, min(lake, y + 2)))
        view.paste(row, (0, scene.shore + y))
        view.paste(row, (shift, scene.shore + y))
    view.paste(scene.caption, (0, view.height - scene.caption.height), scene.caption)
    return view


def _rgb(colour: str) -> Colour:
    return ImageColor.getrgb(colour)[:3]


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue
