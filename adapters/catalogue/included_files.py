"""Which files does the catalogue include, and what do they hold? Names are relative to the catalogue, or absolute."""

from pathlib import Path
from typing import Any

import msgspec

MAX_BYTES = 256 * 1024  # it becomes a part of the model's revision, and so of the event log


class Unusable(Exception):
    """The file can't be used. The text names it, and says why."""


def read_json(folder: Path, name: object) -> Any:
    """The JSON in a file. `name` is absolute, or relative to `folder` and inside of it. Raises Unusable."""
    if not isinstance(name, str):
        raise Unusable("must be the name of a file")
    path = Path(name)
    if not path.is_absolute():
        path = folder / path
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unusable(f"'{name}' leads out of the catalogue's folder; name such a file in full")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unusable(f"'{name}': {error.strerror}") from None
    except ValueError:
        raise Unusable(f"'{name[:100]}' is no name of a file") from None
    if len(data) > MAX_BYTES:
        raise Unusable(f"'{name}' is larger than {MAX_BYTES} bytes")
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"'{name}' is not JSON: {error}") from None
