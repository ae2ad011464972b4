"""How is a form in OpenAI's form read? Its fields as text, its files on disk, within the limits of an upload."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import msgspec
from litestar.datastructures import UploadFile
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from api.http.request_reader import AnyRequest
from api.openai.fields import Parameters, wrong
from api.routes.asset_upload import chunks, too_large
from domain.base import Rejected

MAX_FILES: Final = 16
_MEMBER: Final = re.compile(r"(\w+)\[(\w+)\]")


class Form(NamedTuple):
    """What a form holds: its fields, and the files of the one field that may have some."""

    fields: dict[str, Any]
    files: list[UploadFile]


@asynccontextmanager
async def received(
    request: AnyRequest, *, max_bytes: int, max_text_bytes: int, takes: str, known: Parameters
) -> AsyncGenerator[Form]:
    """The form, whose files are deleted afterwards. `takes` is the field that may hold files.

    Raises Rejected for a form that is wrong or too large."""
    form = Form({}, [])
    try:
        try:
            texts = await _receive(request, form.files, max_bytes, max_text_bytes, takes=takes, known=known)
        except MultipartError as error:
            raise Rejected("invalid_request", f"The form can't be read: {error}.") from None
        form.fields.update(_fields(texts))
        yield form
    finally:
        for file in form.files:
            await file.close()


async def _receive(
    request: AnyRequest,
    files: list[UploadFile],
    max_bytes: int,
    max_text_bytes: int,
    *,
    takes: str,
    known: Parameters,
) -> dict[str, bytearray]:
    """Write the files while they arrive. Returns the other fields. Raises Rejected and MultipartError."""
    texts: dict[str, bytearray] = {}
    size = text_size = 0
    into: UploadFile | bytearray = bytearray()
    with PushMultipartParser(request.content_type[1].get("boundary", "")) as parser:
        async for chunk in chunks(request, max_bytes):
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    name = str(event.name).removesuffix("[]")
                    if event.filename is None:
                        if name in texts:
                            raise wrong(name[:64], "is there twice")
                        into = texts[name] = bytearray()
                    else:
                        _check_file(name, len(files), takes, known)
                        into = UploadFile(content_type="application/octet-stream", filename="file")
                        files.append(into)
                elif event and isinstance(into, UploadFile):
                    size += len(event)
                    if size > max_bytes:
                        raise too_large(max_bytes)
                    await into.write(bytes(event))
                elif event and isinstance(into, bytearray):
                    text_size += len(event)
                    if text_size > max_text_bytes:
                        raise Rejected("too_large", "The body is too large.")
                    into += event
    return texts


def _check_file(name: str, before: int, takes: str, known: Parameters) -> None:
    if name != takes:
        raise wrong(name[:64], known.refused.get(name, "takes no file"))
    if before >= MAX_FILES:
        raise wrong(name, f"may have {MAX_FILES} files at most")


def _fields(texts: dict[str, bytearray]) -> dict[str, Any]:
    """The fields as a JSON body would have them. `a[b]` is a member of `a`, `pixel` is JSON. Raises Rejected."""
    fields: dict[str, Any] = {}
    for name, raw in texts.items():
        try:
            value: Any = raw.decode()
            if name == "pixel":
                value = msgspec.json.decode(value)
        except UnicodeDecodeError:
            raise wrong(name[:64], "must be text in UTF-8") from None
        except (msgspec.DecodeError, RecursionError):
            raise wrong("pixel", "must be a JSON object") from None
        member = _MEMBER.fullmatch(name)
        if member is None:
            fields[name] = value
        elif isinstance(inner := fields.setdefault(member[1], {}), dict):
            inner[member[2]] = value
    return fields
