"""Laws of `adapters.media.geolocation`: a stored file contains no position, and nothing else is changed."""

import io
import random
import struct
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.geolocation import changes, without
from adapters.media.probe import measure
from tests.samples import sample

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/avif": "AVIF", "image/heic": "HEIF"}
GPS = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2), 29: "2026:11:27"}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.4933N" rdf:about="">'
    b"<exif:GPSLongitude>2,17.67E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)
POINT = "+48.8583+002.2945+035.0/"


def photo(media_type: str, **more: Any) -> bytes:
    """A photograph with a position, a camera and a description in its EXIF."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.ImageDescription] = "Pixelcam", "a tower in a town"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    Image.effect_noise((64, 48), 50).convert("RGB").save(file, FORMATS[media_type], exif=exif.tobytes(), **more)
    return file.getvalue()


def clip(container_format: str) -> bytes:
    """A video with a position in its metadata."""
    file, options = io.BytesIO(), {"movflags": "use_metadata_tags"} if container_format == "mov" else {}
    source = av.open(io.BytesIO(sample("video/mp4")), "r")
    target = av.open(file, "w", format=container_format, options=options)
    with source, target:
        name = "com.apple.quicktime.location.ISO6709" if container_format == "mov" else "location"
        target.metadata[name] = POINT
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return file.getvalue()


def cleaned(data: bytes, media_type: str) -> bytes:
    return without(data, changes(data, media_type))


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_photograph_has_no_position(media_type: str) -> None:
    """The GPS part of EXIF is empty; the image, the camera and the description are as they were."""
    data = photo(media_type)
    before, plain = Image.open(io.BytesIO(data)), cleaned(data, media_type)
    after = Image.open(io.BytesIO(plain))
    assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)[2] == GPS[2]
    assert dict(after.getexif().get_ifd(ExifTags.IFD.GPSInfo)) == {}
    assert after.getexif()[ExifTags.Base.Make] == "Pixelcam"
    assert after.getexif()[ExifTags.Base.ImageDescription] == "a tower in a town"
    assert after.tobytes() == before.tobytes()
    assert len(plain) == len(data)
    assert measure(plain) == measure(data)
    assert cleaned(plain, media_type) == plain
    assert b"2026:11:27" not in plain


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_xmp_has_no_position(media_type: str) -> None:
    """Neither as an attribute nor as an element."""
    more: dict[str, Any] = {"xmp": XMP}
    if media_type == "image/png":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more = {"pnginfo": info}
    data = photo(media_type, **more)
    assert b"48,51.4933N" in data
    plain = cleaned(data, media_type)
    assert b"48,51.4933N" not in plain
    assert b"2,17.67E" not in plain
    assert measure(plain) == measure(data)


@pytest.mark.parametrize("container_format", ["mp4", "mov"])
def test_a_video_has_no_position(container_format: str) -> None:
    """The boxes that cameras write it into are blank, and the video is as it was."""
    data = clip(container_format)
    assert POINT.encode() in data or b"loci" in data
    media = measure(data)
    plain = cleaned(data, media.media_type)
    assert POINT[:8].encode() not in plain
    assert b"loci" not in plain
    assert plain != data
    assert measure(plain) == media


def test_a_box_of_3gpp_has_no_position() -> None:
    """The name of a place becomes free space."""
    place = (
        struct.pack(">I", 0) + b"\x15\xc7Paris\0" + b"\0" + struct.pack(">iii", 2 << 16, 48 << 16, 35 << 16) + b"\0\0"
    )
    box = struct.pack(">I4s", 8 + len(place), b"loci") + place
    data = sample("video/mp4") + struct.pack(">I4s", 8 + len(box), b"udta") + box
    plain = cleaned(data, "video/mp4")
    assert b"Paris" not in plain
    assert len(plain) == len(data)


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/heic", "video/mp4", "audio/wav"])
def test_a_file_without_a_position_stays_byte_for_byte(media_type: str) -> None:
    """Nothing to hide, nothing changed."""
    assert changes(sample(media_type), media_type) == []


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(), media_type=st.sampled_from(sorted(FORMATS)))
def test_damage_raises_nothing_and_changes_stay_inside(seed: int, media_type: str) -> None:
    """However the metadata are broken, the changes fit into the file."""
    data, dice = bytearray(photo(media_type)), random.Random(seed)
    for _ in range(20):
        data[dice.randrange(min(len(data), 600))] = dice.randrange(256)
    found = changes(bytes(data), media_type)
    assert all(begin >= 0 and begin + len(new) <= len(data) for begin, new in found)


@pytest.mark.parametrize("keep", [True, False])
async def test_a_setting_decides(decoders: Decoders, keep: bool) -> None:
    """A file is stored unchanged or without its position; the id is that of the stored bytes."""
    assets = ObjectAssetStore.open("memory:///", decoders, keep_places=keep)
    data = photo("image/jpeg")
    asset = await assets.keep(data, by="callers")
    stored = b"".join([piece async for piece in assets.read(asset.id, 0, asset.bytes)])
    assert (stored == data) is keep
    assert (b"2026:11:27" in stored) is keep
    assert await assets.keep(data) == asset
