"""The images that a request refers to: do they exist when it is accepted, and in which form do they go to a provider?

A provider that takes URLs gets one when the image is public. All others get bytes, read from the store or fetched
through the guard. The bytes of one request have a limit together."""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from application.ports import AssetInfo, AssetReader, AssetsUnavailable, Fetcher, InputUnavailable, Preparer
from domain import media_reference
from domain.provider import Input
from domain.request import Problem

MAX_BYTES: Final = 64 * 1024 * 1024
_NO_HOSTS: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


async def check(
    references: Sequence[str],
    *,
    store: AssetReader,
    may_read: Callable[[str], Awaitable[bool]],
    ours: Sequence[str | None],
    refusal: Callable[[str], str | None],
) -> list[Problem]:
    """The problems of well-formed references: assets that Pixel does not have, or that the caller may not read; URLs
    that it does not fetch.

    `ours` are the base URLs of Pixel. `refusal` says why a URL is not allowed, as far as its text shows; None if it is.
    Raises AssetsUnavailable."""
    here = {None, *(base.rstrip("/").lower() for base in ours if base)}
    problems: list[Problem] = []
    for i, reference in enumerate(references):
        asset, base = media_reference.asset_of(reference), media_reference.base_of(reference)
        stored = asset is not None and await store.head(asset) is not None
        if asset and stored and await may_read(asset):
            continue
        # A stored asset counts as missing for whoever may not read it, at any host: it would be taken from the store.
        if asset and (stored or (base and base.lower()) in here):
            message = f"there is no asset '{asset}'. Upload it with POST /api/v1/assets, and use the id that it answers"
            problems.append(Problem(f"imageInputs[{i}]", message))
        elif why := refusal(reference):
            problems.append(Problem(f"imageInputs[{i}]", why))
    return problems


async def resolve(
    references: Sequence[str],
    *,
    store: AssetReader,
    fetch: Fetcher,
    prepare: Preparer,
    public_url: str | None,
    asset_url: Callable[[str], str],
    takes_urls: bool,
) -> tuple[Input, ...]:
    """The input for each reference, in their order, with at most MAX_BYTES together. Raises InputUnavailable.

    An image that `prepare` has to turn or convert goes as bytes even to a provider that takes URLs, because its URL
    serves the original bytes. `asset_url` makes the address of an asset below `public_url`."""
    address = asset_url if public_url and takes_urls and is_public(public_url) else None
    found: list[Input] = []
    left = MAX_BYTES
    for reference in references:
        one = await _resolve(
            reference, store=store, fetch=fetch, prepare=prepare, address=address, takes_urls=takes_urls, left=left
        )
        left -= len(one.data)
        found.append(one)
    return tuple(found)


async def _resolve(
    reference: str,
    *,
    store: AssetReader,
    fetch: Fetcher,
    prepare: Preparer,
    address: Callable[[str], str] | None,
    takes_urls: bool,
    left: int,
) -> Input:
    asset = media_reference.asset_of(reference)
    info = await _find(store, asset) if asset else None
    if info is not None:
        by_address = Input(url=address(info.id), media_type=info.media_type) if address else None
        if by_address and (info.bytes > left or not info.media_type.startswith("image/")):
            return by_address
        found = await _read(store, info, left)
        prepared = await prepare(found)
        if len(prepared.data) > left:
            return by_address or found
        return by_address if by_address and prepared is found else prepared
    if asset and media_reference.base_of(reference) is None:
        raise _gone(asset)
    if takes_urls:
        return Input(url=reference)
    if left <= 0:
        raise _too_large()
    fetched = await fetch(reference, left)
    if len(fetched.data) > left:
        raise _too_large()
    return fetched


async def _find(store: AssetReader, asset: str) -> AssetInfo | None:
    try:
        return await store.head(asset)
    except AssetsUnavailable as error:
        raise _store_unavailable(error) from error


async def _read(store: AssetReader, info: AssetInfo, left: int) -> Input:
    if info.bytes > left:
        raise _too_large()
    try:
        data = b"".join([piece async for piece in store.read(info.id, 0, info.bytes)])
    except LookupError:
        raise _gone(info.id) from None
    except AssetsUnavailable as error:
        raise _store_unavailable(error) from error
    return Input(data=data, media_type=info.media_type)


def is_public(url: str) -> bool:
    """Whether others may reach a URL: its host is neither this machine nor a private name or address."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_NO_HOSTS)


def _gone(asset: str) -> InputUnavailable:
    return InputUnavailable(code="input_missing", message=f"There is no asset '{asset}' any more.", retryable=False)


def _too_large() -> InputUnavailable:
    limit = f"{MAX_BYTES // 1024**2} MiB"
    return InputUnavailable(
        code="input_too_large", message=f"All images together may have {limit} at most.", retryable=False
    )


def _store_unavailable(error: AssetsUnavailable) -> InputUnavailable:
    return InputUnavailable(code="input_unavailable", message=str(error), retryable=True)
