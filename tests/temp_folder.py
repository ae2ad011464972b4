"""Temporary folders for the PostgreSQL servers of tests, in memory where there is room."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOMY_BYTES = 8 * 2**30


def temp_folder(purpose: str) -> Path:
    """A new folder that servers of other users may enter. It is in memory where there is room: a database has hundreds
    of files, and some disks take a millisecond for each."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOMY_BYTES
    folder = Path(tempfile.mkdtemp(prefix=f"pixel-{purpose}-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user
    return folder
