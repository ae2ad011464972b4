"""How does a request refer to an image? By a web URL, or by an asset that Pixel stores.

An asset id in a URL path names the asset, whatever the host and the path before it, because ids are content hashes."""

import re
from typing import Final

MAX_CHARACTERS: Final = 2048
ASSETS_PATH: Final = "/api/v1/assets/"
EXAMPLE_ID: Final = "asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png"
_IMAGE_ID: Final = r"asset_[0-9a-f]{64}\.(?:png|jpg|webp|gif|avif|heic)"
_BASE_PATH: Final = r"(?:/[^/?#\s\\]+)*"  # a proxy may serve Pixel below a path
_QUERY: Final = r"\?expires=[0-9]+&signature=[A-Za-z0-9_-]+"  # of a signed address
# For JSON Schema, so it uses only the syntax that JavaScript has, too.
PATTERN: Final = rf"^https?://|^(?:{_BASE_PATH}{ASSETS_PATH})?{_IMAGE_ID}(?:{_QUERY})?$"
INVALID_MESSAGE: Final = (
    f"must be an http or https URL of up to {MAX_CHARACTERS} characters, or the asset_… id of an image"
)

_ASSET: Final = re.compile(rf"(?:(https?://[^/?#\s\\]+)?({_BASE_PATH}){ASSETS_PATH})?({_IMAGE_ID})(?:{_QUERY})?")


def well_formed(reference: str) -> bool:
    """Whether the text is an http or https URL, an image's asset id, or the path of such an asset."""
    if len(reference) > MAX_CHARACTERS:
        return False
    return reference.startswith(("https://", "http://")) or _ASSET.fullmatch(reference) is not None


def asset_of(reference: str) -> str | None:
    """The id of the image asset that the reference names, at any host; None for any other URL."""
    match = _ASSET.fullmatch(reference)
    return match[3] if match else None


def base_of(reference: str) -> str | None:
    """The part of an asset's URL before its own path: scheme, host, and the path of a proxy.

    None without a host: such a reference means this Pixel."""
    match = _ASSET.fullmatch(reference)
    return match[1] + match[2] if match and match[1] else None
