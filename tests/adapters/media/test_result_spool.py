"""Laws of the spool: a spooled result survives completely or not at all, and only its owner can read it."""

import asyncio
import os
import resource
import stat
import sys
import time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from adapters.media import durable_files
from adapters.media.asset_store import AssetStoreUnavailable, ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.result_spool import FolderSpool
from application.ports import Spooled, SpoolUnavailable
from domain.base import replace
from domain.ids import task_id
from domain.money import Cost
from domain.provider import Finished, Missing, Output

TASK = task_id(UUID(int=7))
NAME = f"{TASK}.1"
WHOLE = Spooled(
    task=TASK,
    call=NAME,
    finished=Finished(
        outputs=(
            Output(index=0, data=b"\x00\n\xff" * 1000),
            Output(index=1, text="two\nlines"),
            Output(index=3, data=b"\n"),
            Output(index=4, url="https://files.example.com/4"),
        ),
        missing=(Missing(index=2, code="not_made", message="no"),),
        usage={"image": 2},
        cost=Cost(amount=Decimal("0.080"), currency="USD", price_revision=3),
        notes=("smaller",),
    ),
    wanted=(64, 48),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "spool"


def opened(folder: Path, max_bytes: int = 2**20) -> FolderSpool:
    return FolderSpool.open(folder, max_bytes)


def sized(count: int, *, call: str = NAME) -> Spooled:
    """A result with so many bytes in it."""
    return Spooled(task=TASK, call=call, finished=Finished(outputs=(Output(index=0, data=b"x" * count),)))


async def test_what_is_put_aside_comes_back_whole(folder: Path) -> None:
    """Every byte of it, for another process too; of the same name, the newest."""
    spool = opened(folder)
    await spool.put(NAME, sized(9))
    await spool.put(NAME, WHOLE)
    again = opened(folder)
    assert again.id == spool.id
    assert await again.read(NAME) == WHOLE
    assert list(await again.names()) == [NAME]
    await again.remove(NAME)
    await again.remove(NAME)
    assert await spool.read(NAME) is None
    assert await spool.names() == {}


async def test_machines_have_names_of_their_own(tmp_path: Path) -> None:
    """An address in one spool is never one in another."""
    assert opened(tmp_path / "a").id != opened(tmp_path / "b").id


async def test_the_oldest_comes_first(folder: Path) -> None:
    """The oldest result is stored first."""
    spool = opened(folder)
    for number in (3, 1, 2):
        await spool.put(f"{TASK}.{number}", sized(1))
        os.utime(folder / f"{TASK}.{number}", (number, number))
    assert list(await spool.names()) == [f"{TASK}.{number}" for number in (1, 2, 3)]


async def test_only_the_owner_reads_it(folder: Path) -> None:
    """Folder and files, whatever the umask."""
    before = os.umask(0)
    try:
        await opened(folder).put(NAME, WHOLE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


async def test_it_takes_no_more_than_it_may(folder: Path) -> None:
    """A result beyond the limit raises an error, and the stored ones stay."""
    spool = opened(folder, 3000)
    await spool.put(f"{TASK}.1", sized(1000))
    with pytest.raises(SpoolUnavailable, match="full"):
        await spool.put(f"{TASK}.2", sized(2000))
    await spool.put(f"{TASK}.2.0", sized(10))
    assert list(await spool.names()) == [f"{TASK}.1", f"{TASK}.2.0"]


async def test_a_write_that_fails_leaves_nothing(folder: Path) -> None:
    """If the disk is full in the middle, no file has half a result."""
    spool = opened(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(SpoolUnavailable, match="File too large"):
            await spool.put(NAME, sized(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in folder.iterdir()] == ["id"]


@pytest.mark.parametrize("gone", ["removed", "a file"])
async def test_a_missing_spool_is_unavailable(folder: Path, gone: str) -> None:
    """It raises an error, and does not come back empty."""
    spool = opened(folder)
    (folder / "id").unlink()
    folder.rmdir()
    if gone == "a file":
        folder.write_text("")
    for broken in (spool.put(NAME, WHOLE), spool.names(), spool.probe()):
        with pytest.raises(SpoolUnavailable, match="the spool can't keep anything"):
            await broken
    assert not folder.is_dir()


async def test_what_was_half_written_is_cleared_away_in_the_end(folder: Path) -> None:
    """A later start removes it, once no process can be writing it any more; nothing else is touched."""
    await opened(folder).put(NAME, WHOLE)
    fresh, old = folder / f"{NAME}#1", folder / f"{NAME}#2"
    for half in (fresh, old):
        half.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    spool = opened(folder)
    assert (fresh.exists(), old.exists()) == (True, False)
    assert list(await spool.names()) == [NAME]


async def test_a_killed_writer_leaves_all_or_nothing(folder: Path) -> None:
    """Processes are killed while they write: whatever has a name is whole."""
    script = (
        "import asyncio, itertools, sys\n"
        "from pathlib import Path\n"
        "from adapters.media.result_spool import FolderSpool\n"
        "from application.ports import Spooled\n"
        "from domain.provider import Finished, Output\n"
        "async def main():\n"
        "    spool = FolderSpool.open(Path(sys.argv[1]), 2**30)\n"
        "    for number in itertools.count(1):\n"
        "        finished = Finished(outputs=(Output(index=0, data=bytes([number % 256]) * 300_000),))\n"
        "        await spool.put(f'{sys.argv[2]}.{number}', Spooled(task='t', call=str(number), finished=finished))\n"
        "        print(number, flush=True)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[3]
    whole = 0
    for _ in range(3):
        writer = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, str(folder), TASK), cwd=root, stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout is not None
        try:
            said = await asyncio.wait_for(writer.stdout.readline(), 60)
            assert said == b"1\n"
        finally:
            writer.kill()
            await writer.communicate()
        spool = opened(folder)
        for name in await spool.names():
            found = await spool.read(name)
            assert found is not None
            data = found.finished.outputs[0].data
            assert data == bytes([int(found.call) % 256]) * 300_000
            whole += 1
            await spool.remove(name)
    assert whole >= 3


# --- What store and spool have in common ---


async def test_a_disk_with_little_left_counts_as_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch, decoders: Decoders
) -> None:
    """However little a probe needs: results need more."""
    assets, spool = ObjectAssetStore.open(str(folder / "assets"), decoders), opened(folder)
    await assets.probe()
    await spool.probe()
    monkeypatch.setattr(durable_files, "LEAST_FREE_BYTES", 2**62)
    with pytest.raises(AssetStoreUnavailable, match="can't keep anything: less than"):
        await assets.probe()
    with pytest.raises(SpoolUnavailable, match="can't keep anything: less than"):
        await spool.probe()


async def test_a_file_system_that_does_not_sync_folders_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, decoders: Decoders
) -> None:
    """After a power cut its names could be gone: a probe finds that out before anything is paid for."""
    assets, spool, real = ObjectAssetStore.open(str(folder / "assets"), decoders), opened(folder), os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    with pytest.raises(AssetStoreUnavailable, match="Invalid argument"):
        await assets.probe()
    with pytest.raises(SpoolUnavailable, match="Invalid argument"):
        await spool.probe()


async def test_a_probe_leaves_nothing(folder: Path, decoders: Decoders) -> None:
    """And works where nothing has to be probed: in memory."""
    assets, spool = ObjectAssetStore.open(str(folder / "assets"), decoders), opened(folder)
    await assets.probe()
    await spool.probe()
    await ObjectAssetStore.open("memory:///", decoders).probe()
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / "id"]


async def test_spooled_costs_are_exact(folder: Path) -> None:
    """Money is not rounded on its way through a file."""
    price = Cost(amount=Decimal("0.1000000000000000000001"), currency="CNY", price_revision=1)
    spool = opened(folder)
    await spool.put(NAME, replace(WHOLE, finished=replace(WHOLE.finished, cost=price)))
    found = await spool.read(NAME)
    assert found is not None
    assert found.finished.cost == price
