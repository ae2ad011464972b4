"""Laws of `adapters.media.decoder_pool`: whatever a file states, it costs bounded time and memory, and none of this
process."""

import asyncio
import contextlib
import hashlib
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import get_args

import msgspec
import psutil
import pytest

from adapters.media.decoder_pool import Decoders, DecodersUnavailable, read_answer
from adapters.media.decoder_process import Died, Prepare
from adapters.media.derivatives import POSSIBLE, make
from adapters.media.probe import OUTPUT, Media, UnknownMedia, UnreadableMedia
from adapters.outbound.media_download import UPLOAD
from tests.adapters.media import costly_files
from tests.patience import patient
from tests.samples import sample

MIB = 1024 * 1024


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
async def own() -> AsyncGenerator[Decoders]:
    """Decoders for this test alone."""
    others.clear()
    others.update(process.pid for process in waiting())
    async with Decoders() as decoders:
        yield decoders


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(patient(30)):
        while not holds():
            await asyncio.sleep(0.01)


others: set[int] = set()


def waiting() -> list[psutil.Process]:
    """The waiting processes of this one, without those that are another test's."""
    mine = [each for each in psutil.Process().children() if each.pid not in others]
    return [each for each in mine if "adapters.media.decoder_process" in each.cmdline()]


def jobs() -> list[psutil.Process]:
    return [job for process in waiting() for job in process.children()]


# --- Poison ---


@pytest.mark.parametrize("name", get_args(costly_files.Name))
async def test_a_poisoned_file_is_refused_or_bounded_and_holds_nothing_up(
    decoders: Decoders, name: costly_files.Name
) -> None:
    """A small file that states much is read within the limits or refused as unreadable; meanwhile paid media are read,
    and this process grows by no more than a few files of this size."""
    media_type, data = costly_files.FILES[name][0], costly_files.file(name)
    await decoders.measure(sample("image/png"), sha256(sample("image/png")), OUTPUT, by="tasks")  # it has started
    before = psutil.Process().memory_info().rss

    async def read() -> None:
        try:
            media = await decoders.measure(data, sha256(data), UPLOAD, by="callers")
        except UnreadableMedia:
            return
        assert (media.width or 0) * (media.height or 0) <= UPLOAD.pixels

    async def drawn() -> None:
        variant = POSSIBLE[media_type.partition("/")[0]][0]
        try:
            assert await decoders.draw(data, sha256(data), media_type, variant, 64)
        except UnreadableMedia:
            return

    poisoned = asyncio.gather(read(), drawn())
    media = await decoders.measure(sample("video/mp4"), f"{name}", OUTPUT, by="tasks")
    assert media.media_type == "video/mp4"
    await poisoned
    assert psutil.Process().memory_info().rss - before < 100 * MIB


async def test_a_cover_image_is_not_decoded(decoders: Decoders) -> None:
    """Audio with a huge image in it is audio, and its image is not decoded."""
    data = costly_files.behind_a_huge_cover(sample("audio/mpeg"))
    media = await decoders.measure(data, sha256(data), UPLOAD, by="callers")
    assert (media.media_type, media.width) == ("audio/mpeg", None)


async def test_what_failed_is_not_decoded_again(own: Decoders) -> None:
    """The same question about the same file is answered from memory when the file was at fault; another one is not."""
    broken = sample("image/png")[:100]
    with pytest.raises(UnreadableMedia) as first:
        await own.draw(broken, sha256(broken), "image/png", "thumbnail", 64)
    await own.close()  # from here on nothing can be decoded
    with pytest.raises(UnreadableMedia) as again:
        await own.draw(broken, sha256(broken), "image/png", "thumbnail", 64)
    assert str(again.value) == str(first.value)
    with pytest.raises(DecodersUnavailable):
        await own.draw(broken, sha256(broken), "image/png", "thumbnail", 128)


# --- What becomes of processes ---


async def stopped_job(
    own: Decoders, *, scans: int = 90, other: psutil.Process | None = None
) -> tuple[asyncio.Task[Media], psutil.Process]:
    """A job in the middle of a file that takes two seconds: its process is found and halted. On a busy machine it may
    be found too late, and then another one is made."""
    data = costly_files.jpeg_of_many_scans(scans, side=6000)
    for _ in range(20):
        job = asyncio.create_task(own.measure(data, sha256(data), OUTPUT, by="callers"))
        while not job.done():
            for process in jobs():
                if process == other:
                    continue
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
                    if process.status() == psutil.STATUS_STOPPED and process.cpu_times().user < 1:
                        return job, process
                    process.resume()
            await asyncio.sleep(0.01)
        await job
    raise AssertionError("no job could be halted in time")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGXCPU, signal.SIGALRM])
async def test_a_job_that_is_killed_is_the_files_fault(own: Decoders, number: signal.Signals) -> None:
    """If the process of a job dies in any way, the file is reported as unreadable, and the next one is read."""
    job, process = await stopped_job(own)
    process.send_signal(number)
    with contextlib.suppress(psutil.NoSuchProcess):  # SIGKILL does not wait until it goes on
        process.resume()
    with pytest.raises(UnreadableMedia):
        await job
    assert own.problem is None
    assert (await own.measure(sample("image/png"), "next", OUTPUT, by="callers")).width == 64


async def test_a_job_that_dies_before_it_reads_its_question_is_not_repeated() -> None:
    """The kernel resets a socket that is closed with unread bytes in it. What came before the reset is the answer."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answer = asyncio.create_task(read_answer(ours, Prepare(media_type="image/png")))
        await asyncio.sleep(0.01)  # the question is sent
        theirs.sendall(msgspec.msgpack.encode(Died(signal=9)))
        theirs.close()
        assert await answer == Died(signal=9)


async def test_a_waiting_process_that_is_killed_is_started_anew(own: Decoders) -> None:
    """The waiting process opens no file itself, so no file is blamed: the next one does its jobs."""
    job, process = await stopped_job(own)
    (parent,) = waiting()
    parent.kill()
    with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended with its parent
        process.kill()
    assert (await job).media_type == "image/jpeg"
    assert parent.pid not in {each.pid for each in waiting()}


async def test_closing_waits_for_no_job(own: Decoders) -> None:
    """Closing ends a job that never ends; its caller gets an error that does not blame the file."""
    job, process = await stopped_job(own)
    await own.close(0.1)
    with pytest.raises(DecodersUnavailable):
        await job
    assert not waiting()
    await until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


async def test_a_caller_that_goes_away_leaves_no_room_for_another_job(own: Decoders) -> None:
    """A caller who gives up does not let more jobs run at once than may."""
    job, process = await stopped_job(own)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    second, other = await stopped_job(own, scans=89, other=process)
    third = asyncio.create_task(own.measure(sample("image/gif"), "third", OUTPUT, by="callers"))
    assert (await own.measure(sample("image/gif"), "fourth", OUTPUT, by="tasks")).width == 64
    assert not third.done()
    process.kill()
    assert (await third).width == 64
    other.kill()
    with pytest.raises(UnreadableMedia):
        await second


async def test_no_process_outlives_one_that_is_killed() -> None:
    """When the service is killed as by a power cut, the waiting process and its jobs end by themselves."""
    script = (
        "import asyncio, sys\n"
        "from adapters.media.decoder_pool import Decoders\n"
        "from adapters.media.probe import OUTPUT\n"
        "from tests.adapters.media.costly_files import jpeg_of_many_scans\n"
        "async def main():\n"
        "    decoders = Decoders()\n"
        "    await decoders.measure(jpeg_of_many_scans(90, side=6000), 'x', OUTPUT, by='tasks')\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=Path(__file__).parents[3])
    family: list[psutil.Process] = []
    try:
        service = psutil.Process(process.pid)
        await until(lambda: len(service.children(recursive=True)) == 2)
        family = service.children(recursive=True)
        assert family[0].cmdline()[-2] == "adapters.media.decoder_process"
    finally:
        process.kill()
        await process.wait()
    await until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family))


async def test_a_decoder_knows_no_key(own: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    """What opens files from outside has no provider's key in its environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    await own.measure(sample("image/png"), "one", OUTPUT, by="tasks")
    (process,) = waiting()
    assert process.environ()["PYTHONPATH"]
    assert "sk-very-secret" not in str(process.environ())


async def test_a_decoder_that_can_not_start_is_reported(own: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    """Health reports it, no file is blamed, and the next decoder that starts repairs it."""
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        with pytest.raises(DecodersUnavailable):
            await own.measure(sample("image/png"), "one", OUTPUT, by="tasks")
        assert own.problem
    assert (await own.measure(sample("image/png"), "one", OUTPUT, by="tasks")).width == 64
    assert own.problem is None


# --- What is answered ---


@pytest.mark.parametrize("media_type", ["image/png", "video/mp4", "audio/mpeg"])
async def test_a_variant_is_the_one_that_would_be_made_here(decoders: Decoders, media_type: str) -> None:
    """Made in a child process or in this one: the same bytes."""
    data, name = sample(media_type), POSSIBLE[media_type.partition("/")[0]][0]
    made = await decoders.draw(data, sha256(data), media_type, name, 64)
    assert made == make(data, media_type, name, 64)


async def test_unknown_bytes_have_an_error_of_their_own(decoders: Decoders) -> None:
    """Bytes of an unknown signature are unknown in a child process, too."""
    with pytest.raises(UnknownMedia):
        await decoders.measure(b"<html>", sha256(b"<html>"), OUTPUT, by="callers")
    with pytest.raises(UnreadableMedia) as empty:
        await decoders.measure(b"", sha256(b""), OUTPUT, by="callers")
    assert not isinstance(empty.value, UnknownMedia)
