"""Where was a photo or a video taken? Positions in metadata are found, and blanked in place, so that all else stays.

A position may be in the GPS part of EXIF, in XMP, and in the location boxes of MP4 and QuickTime files. Pure; the
changes keep the length. Blocking: `Decoders` calls it in a child process."""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

Change = tuple[int, bytes]
"""From this place on stand these bytes instead."""

_MAX_ENTRIES: Final = 1000
_TIFF: Final = re.compile(rb"II\*\0|MM\0\*")
_GPS: Final = 0x8825
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_XMP: Final = re.compile(rb"exif:GPS\w{1,40}(?:\s*=\s*\"([^\"<]{1,200})\"|\s*=\s*'([^'<]{1,200})'|>([^<]{1,200})<)")
# ISO 6709, as cameras write it: latitude, longitude and often a height, each with its sign, and a slash.
_POINT: Final = re.compile(
    rb"[+-]\d{2,6}(?:\.\d{1,12})?[+-]\d{3,7}(?:\.\d{1,12})?(?:[+-]\d{1,7}(?:\.\d{1,12})?)?[^/\0]{0,20}/"
)
_BOXES: Final = (b"\xa9xyz", b"location.ISO6709")


def changes(data: bytes, media_type: str) -> list[Change]:
    """The changes that blank every position."""
    found: list[Change] = []
    if media_type.startswith("image/"):
        for header in _TIFF.finditer(data):
            found += _gps(data, header.start())
    elif any(box in data for box in _BOXES):
        found += [(point.start(), b" " * len(point[0])) for point in _POINT.finditer(data)]
    found += _3gpp(data)
    if b"exif:GPS" in data:
        for position in _XMP.finditer(data):
            found.append((position.start(position.lastindex or 0), b" " * len(position[position.lastindex or 0])))
    found = [change for change in found if _fits(data, change)]
    if found and media_type == "image/png":
        found += _checksums(data, found)
    return found


def without(data: bytes, found: list[Change]) -> bytes:
    """The data with the changes applied. A change that does not fit is ignored."""
    changed = bytearray(data)
    for begin, new in found:
        if _fits(data, (begin, new)):
            changed[begin : begin + len(new)] = new
    return bytes(changed)


def _fits(data: bytes, change: Change) -> bool:
    return 0 <= change[0] <= len(data) - len(change[1])


def _gps(data: bytes, tiff: int) -> Iterator[Change]:
    """Changes for the GPS directory of a valid TIFF header, and for everything that its entries point to."""
    order = "<" if data[tiff : tiff + 1] == b"I" else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", data, tiff + 4)
        (count,) = struct.unpack_from(f"{order}H", data, tiff + first)
        if not 0 < count <= _MAX_ENTRIES:
            return
        for each in range(count):
            tag, kind, values, at = struct.unpack_from(f"{order}HHII", data, tiff + first + 2 + 12 * each)
            if kind not in _SIZES:
                return  # these are no entries: the header is none
            if (tag, kind, values) == (_GPS, 4, 1):
                yield from _directory(data, tiff, at, order)
    except struct.error:
        return  # it ends within: no reader finds more in it


def _directory(data: bytes, tiff: int, at: int, order: str) -> Iterator[Change]:
    (count,) = struct.unpack_from(f"{order}H", data, tiff + at)
    count = min(count, _MAX_ENTRIES)
    for each in range(count):
        _, kind, values, place = struct.unpack_from(f"{order}HHII", data, tiff + at + 2 + 12 * each)
        size = _SIZES.get(kind, 0) * values
        if 4 < size <= len(data) - tiff - place:
            yield tiff + place, bytes(size)
    yield tiff + at, bytes(2 + 12 * count)  # a directory of no entries


def _3gpp(data: bytes) -> Iterator[Change]:
    """The box "loci" of 3GPP: a place by its name and its position."""
    begin = data.find(b"loci\0\0\0\0")
    while begin >= 4:
        size = int.from_bytes(data[begin - 4 : begin], "big")
        if 20 <= size <= 1000 and begin - 4 + size <= len(data):
            yield begin, b"free".ljust(size - 4, b"\0")
        begin = data.find(b"loci\0\0\0\0", begin + 1)


def _checksums(data: bytes, found: list[Change]) -> Iterator[Change]:
    """Of the chunks of a PNG that have been changed."""
    changed, at = without(data, found), 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 <= len(data) and any(at <= begin < end for begin, _ in found):
            yield end, struct.pack(">I", zlib.crc32(changed[at + 4 : end]))
        at = end + 4
