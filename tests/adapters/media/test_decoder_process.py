"""Laws of `adapters.media.decoder_process`: what a job needs is imported before, by the process that waits."""

import asyncio
import io
import subprocess
import sys

import msgspec
import psutil
import pytest
from PIL import Image

from adapters.media.decoder_pool import Decoders
from adapters.media.decoder_process import Draw, Job, Measure, Prepare
from adapters.media.derivatives import POSSIBLE
from adapters.media.probe import EXTENSIONS, FORMATS, OUTPUT
from domain.provider import FILE
from tests.documents import ROOT
from tests.patience import patient
from tests.samples import sample

# Loads as the waiting process does, does the jobs, and tells how each went, and what they have imported.
PROGRAM = """
import sys, msgspec
from adapters.media import decoder_process
jobs = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[tuple[decoder_process.Job, bytes]])
decoder_process.load()
if "streams" in sys.argv:
    decoder_process.load_streams()
loaded = set(sys.modules)
answers = [type(decoder_process.answer(job, data)).__name__ for job, data in jobs]
sys.stdout.buffer.write(msgspec.msgpack.encode((answers, sorted(set(sys.modules) - loaded))))
"""


def saved(name: str, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert(mode).save(file, name, **options)
    return file.getvalue()


def taken(name: str) -> bytes:
    """As a camera saves it: turned, and with its place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return saved(name, exif=exif)


def files(media_type: str) -> list[bytes]:
    """The forms of a type that a library treats each in its own way."""
    name = FORMATS.get(media_type)
    found = [sample(media_type)]
    if name in {"JPEG", "PNG", "WEBP", "AVIF"}:
        found.append(taken(name))
    if name == "JPEG":
        second = Image.new("RGB", (64, 48))
        found += [saved("MPO", save_all=True, append_images=[second]), saved("JPEG", "CMYK")]
    if name == "PNG":
        found += [saved("PNG", "I;16"), saved("PNG", "P")]
    return found


def jobs(media_type: str) -> list[Job]:
    drawn = [Draw(media_type=media_type, name=name, width=64) for name in POSSIBLE[media_type.partition("/")[0]]]
    prepared = [Prepare(media_type=media_type)] if media_type in FORMATS else []
    return [Measure(limits=OUTPUT, places=True), *drawn, *prepared]


@pytest.mark.parametrize("kind", ["images", "streams"])
async def test_no_job_imports_anything(kind: str) -> None:
    """A job that did would take longer, every time. FFmpeg is loaded for video and audio only."""
    types = [each for each in EXTENSIONS if each != FILE and (each in FORMATS) == (kind == "images")]
    asked = [(job, data) for media_type in types for data in files(media_type) for job in jobs(media_type)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, kind), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    answer, _ = await process.communicate(msgspec.msgpack.encode(asked))
    answers, imported = msgspec.msgpack.decode(answer, type=tuple[list[str], list[str]])
    assert len(answers) == len(asked)
    assert set(answers) <= {"Measured", "Drawn", "Prepared"}
    assert imported == []


async def test_the_first_video_loads_ffmpeg_for_all_others() -> None:
    """The process that waits has it only when a job has needed it; an image needs none."""
    async with Decoders() as own:
        for number, media_type in enumerate(("image/png", "video/mp4", "video/mp4", "image/png")):
            media = await own.measure(sample(media_type), f"{number}", OUTPUT, by="tasks")
            assert media.media_type == media_type
            [waiting] = [each for each in psutil.Process().children() if own._waiting and each.pid == own._waiting.pid]
            async with asyncio.timeout(patient(30)):
                while any("libavcodec" in each.path for each in waiting.memory_maps()) != (number > 0):
                    await asyncio.sleep(0.01)
