"""Where are Pixel's files? In the folder that is set, or in the usual place of this system."""

import os
from pathlib import Path

from services.settings import Settings, WrongSetting


def data_dir(settings: Settings) -> Path:
    """The folder of Pixel's files. Raises WrongSetting when none is set and the user has no home."""
    try:
        return Path(settings.data_dir).expanduser() if settings.data_dir else default_data_dir()
    except RuntimeError:
        raise WrongSetting("PIXEL_DATA_DIR: name a folder; whoever runs Pixel has no home here") from None


def default_data_dir() -> Path:
    """Below the user's home. As root it is elsewhere: PostgreSQL runs as another user, who can't enter home folders.

    Raises RuntimeError when the user has no home."""
    if os.geteuid() == 0:
        return Path("/var/lib/pixel")
    shared = os.environ.get("XDG_DATA_HOME", "")
    return (Path(shared) if shared.startswith("/") else Path.home() / ".local/share") / "pixel"


def spool_folder(settings: Settings) -> Path:
    """The place of the spool, and of large outputs until they are stored."""
    folder = Path(settings.spool_path).expanduser() if settings.spool_path else data_dir(settings) / "spool"
    return folder.absolute()
