"""How does a file survive a power cut? Its content reaches the disk before its name, so a name always means all of the
content. Only the owner can read these files."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
LEAST_FREE_BYTES = 16 * 1024 * 1024  # a disk with less is full, whatever still fits


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents. The folder is readable by its owner only. Raises OSError."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    for path in made:
        sync_folder(path.parent)


def write_durably(folder: Path, key: str, pieces: Iterable[bytes], size: int) -> None:
    """Write a file of so many bytes below a folder. An existing file with another length is replaced; one with the same
    length is synced again, because its writer may have been interrupted. Raises OSError."""
    target = folder / key
    between = [folder / part for part in list(Path(key).parents)[-2::-1]]
    for each in between:
        each.mkdir(
            mode=FOLDER_MODE, exist_ok=True
        )  # not the folder itself: one that went away must not come back empty
    if not target.exists() or target.stat().st_size != size:
        staged = target.with_name(f"{target.name}#{secrets.randbits(63)}")  # obstore does not list `#digits`
        try:
            with open(staged, "xb", opener=_private) as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)
    for each in (*reversed(between), folder):
        sync_folder(each)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def probe(folder: Path) -> None:
    """Check that a folder accepts files and has free space. Raises OSError."""
    name = f"probe#{secrets.randbits(63)}"
    try:
        write_durably(folder, name, [name.encode()], len(name))
    finally:
        (folder / name).unlink(missing_ok=True)
    disk = shutil.disk_usage(folder)
    if disk.total > 0 and disk.free < LEAST_FREE_BYTES:
        raise OSError(errno.ENOSPC, f"less than {LEAST_FREE_BYTES // 2**20} MiB are free")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)
