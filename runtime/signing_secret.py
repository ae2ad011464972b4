"""What signs sessions and the addresses of assets? PIXEL_SIGNING_SECRET, or a secret that is made once and kept in the
data folder."""

import os
import secrets
from pathlib import Path

import structlog

from runtime.data_folder import data_dir
from services.settings import Settings

FILE = "signing-secret"

logger = structlog.get_logger("pixel")


def signing_secret(settings: Settings) -> bytes:
    """The secret of this installation. Blocks for a moment, for a file.

    Where no file can be kept it is of this process alone, with a warning: other processes do not know its signatures,
    and a restart ends them."""
    if settings.signing_secret is not None:
        return settings.signing_secret.encode()
    try:
        return _kept(data_dir(settings))
    except OSError as error:
        logger.warning("no signing secret can be kept; set PIXEL_SIGNING_SECRET", error=error.strerror)
        return secrets.token_bytes(32)


def _kept(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    if not path.exists():
        made = folder / f"{FILE}.{secrets.token_hex(8)}"
        made.touch(mode=0o600)
        try:
            made.write_text(secrets.token_hex(32))
            os.link(made, path)  # never half a file, and of two processes that start at once the first one's
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes().strip()
