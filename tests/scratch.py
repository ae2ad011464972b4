"""Where the PostgreSQL servers of tests keep their data."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOMY_BYTES = 8 * 2**30


def scratch(purpose: str) -> Path:
    """A new folder, which root's servers may enter too: in memory where there is room, for a database is hundreds of
    files, and some disks take a millisecond for each."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOMY_BYTES
    folder = Path(tempfile.mkdtemp(prefix=f"pixel-{purpose}-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user
    return folder
