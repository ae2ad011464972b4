"""Law of `adapters.media.decoder_process`: what a job needs is imported before, by the process that waits."""

import asyncio
import io
import subprocess
import sys

import msgspec
from PIL import Image

from adapters.media.decoder_process import Draw, Job, Measure, Prepare
from adapters.media.derivatives import POSSIBLE
from adapters.media.probe import EXTENSIONS, FORMATS, OUTPUT
from domain.provider import FILE
from tests.documents import ROOT
from tests.samples import sample

# Loads as the waiting process does, does the jobs, and tells how each went, and what they have imported.
PROGRAM = """
import sys, msgspec
from adapters.media import decoder_process
jobs = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[tuple[decoder_process.Job, bytes]])
decoder_process.load()
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


async def test_no_job_imports_anything() -> None:
    """A job that did would take longer, every time."""
    types = [media_type for media_type in EXTENSIONS if media_type != FILE]
    asked = [(job, data) for kind in types for data in files(kind) for job in jobs(kind)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    answer, _ = await process.communicate(msgspec.msgpack.encode(asked))
    answers, imported = msgspec.msgpack.decode(answer, type=tuple[list[str], list[str]])
    assert (len(answers), set(answers)) == (len(asked), {"Measured", "Drawn", "Prepared"})
    assert imported == []
