"""How does an image go to a provider? Upright, and in a format that all providers read.

Few providers apply the EXIF orientation, and none reads AVIF and HEIC for certain. Pure and blocking: `Decoders` calls
it in a child process."""

import io
from typing import Final

from PIL import Image

from adapters.media.probe import FORMATS, opened_image, orientation, upright

_TAKEN: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


def sendable(data: bytes, media_type: str) -> tuple[bytes, str] | None:
    """The converted image with its media type; None when the image may go as it is. Raises UnreadableMedia.

    A converted image keeps its colour profile and no other metadata."""
    with opened_image(data, FORMATS[media_type]) as image:
        held = orientation(image)
        if held not in range(2, 9) and media_type in _TAKEN:
            return None
        image.load()
        profile = image.info.get("icc_profile")
        turned = upright(image, held)
        file = io.BytesIO()
        if media_type == "image/png" or image.has_transparency_data:
            turned.save(file, "PNG", icc_profile=profile, compress_level=3)
            return file.getvalue(), "image/png"
        plain: Image.Image = turned if turned.mode in {"L", "RGB", "CMYK"} else turned.convert("RGB")
        plain.save(file, "JPEG", quality=95, subsampling=0, icc_profile=profile)
        return file.getvalue(), "image/jpeg"
