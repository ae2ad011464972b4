"""How does Pixel open URLs that somebody else wrote? The host is resolved once and checked, and fetches have limits.

A host name proves nothing; only the address of the connection does. So a host is resolved in one place, each of its
addresses has to be public, and the connection goes to a checked address, even if the name resolves to another one a
moment later. Checks on the text of a URL alone are in `url_policy.py`."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, Final, TypeVar
from urllib.parse import urljoin

import httpx
import structlog
from httpx_secure import httpx_ssrf_protection

from adapters.outbound.content_coding import TooLarge, unpacked
from adapters.outbound.url_policy import (
    MAX_REDIRECTS,
    NONE_LISTED,
    Address,
    Blocked,
    Target,
    canonical,
    is_listed,
    is_public,
    listing,
    read,
    refusal,
)
from domain.base import Value

__all__ = ["Blocked", "Download", "Guard", "Unfetchable", "bounded", "described", "stated_bytes", "whole"]

T = TypeVar("T")

_RESOLVE_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 5.0  # for each address of a host
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429})  # and every 5xx
# Another origin gets only headers that can't hold a key: vendors' key headers can't be listed.
_FOR_EVERYBODY: Final = frozenset({"accept", "accept-language", "user-agent"})
_WHOLE: Final = frozenset({200, 203})
_RANGE: Final = re.compile(r"bytes 0-(\d+)/(\d+)")
_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype|<html|<head|<\?xml|<error|\{\s*[\"}])", re.IGNORECASE)


class Unfetchable(Exception):
    """The download failed. The text is for people. `final`: another attempt can't succeed. `status`: the HTTP status,
    if there was one."""

    def __init__(self, reason: str, *, final: bool, status: int | None = None) -> None:
        super().__init__(reason)
        self.final = final
        self.status = status


class Download(Value):
    """A complete body. `content_type` is the server's header; `media_type` is the same in lower case and without
    parameters. Both are claims of the server."""

    data: bytes
    media_type: str
    content_type: str = ""

    @property
    def is_page(self) -> bool:
        """Whether the body is text or a web page, where a file was expected."""
        return _PAGE.match(self.data) is not None


class Guard:
    """Checks and sends all requests to URLs that others wrote. Safe to share between tasks; holds no connection.

    `private_hosts` are `host` or `host:port` (IPv6 in brackets, any case) that an administrator trusts: they may
    resolve to any address and use any port. The guard for the URLs of users should have none. Raises ValueError for a
    malformed entry."""

    def __init__(self, *, private_hosts: Collection[str] = ()) -> None:
        self._listed = listing(private_hosts)

    def client(self, **options: Any) -> httpx.AsyncClient:
        """An httpx client for base URLs, without proxies, redirects, cookies and compression; each request is checked.

        `options` are those of `httpx.AsyncClient`, except transports and proxies. Requests raise Blocked, and
        `httpx.ConnectError` for a name that does not resolve. If a name changes its addresses within milliseconds, a
        connection without any byte may reach a forbidden address and is then refused; `fetch` has no such window."""
        headers = httpx.Headers({"Accept-Encoding": "identity"})
        headers.update(options.pop("headers", None))
        client = _protected(self._admit, headers=headers, **options)
        hooks = client.event_hooks
        client.event_hooks = {**hooks, "request": [*hooks["request"], self._before]}
        return client

    def check_form(self, url: str) -> None:
        """Check the text of a URL. Raises Blocked."""
        read(url, self._listed)

    def trusts(self, url: str) -> bool:
        """Whether the host of a URL is one that an administrator trusts. Raises Blocked."""
        return read(url, self._listed).listed

    async def check(self, url: str) -> None:
        """Check a URL and all addresses of its host. Raises Blocked when one of them is not public, and Unfetchable
        (not final) when the name does not resolve now."""
        await _resolve(read(url, self._listed))

    async def fetch(
        self,
        url: str,
        *,
        max_bytes: int,
        seconds: float,
        headers: Mapping[str, str] = {},
    ) -> Download:
        """GET a file within `seconds` in total. The caller must judge the content: the server's media type and coding
        are claims.

        Up to MAX_REDIRECTS redirects are followed and checked. Headers that may hold a key are not sent to another
        origin. Raises Blocked or Unfetchable, whose texts hold nothing that the server sent."""
        return await self.receive(url, partial(_read_body, max_bytes=max_bytes), seconds=seconds, headers=headers)

    async def receive(
        self,
        url: str,
        read: Callable[[httpx.Response], Awaitable[T]],
        *,
        seconds: float,
        headers: Mapping[str, str] = {},
    ) -> T:
        """The same, but `read` gets the answer of success, and reads its body. Raises also what `read` raises."""
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(url, read, headers)
        except (TimeoutError, httpx.TimeoutException):
            raise Unfetchable("The server took too long.", final=False) from None
        except httpx.HTTPError:
            raise Unfetchable("The connection broke before everything had arrived.", final=False) from None

    async def _follow(
        self, url: str, read_body: Callable[[httpx.Response], Awaitable[T]], headers: Mapping[str, str]
    ) -> T:
        listed = self._listed
        before, origin = "", ("", "", 0)
        for redirects in range(MAX_REDIRECTS + 1):
            with structlog.contextvars.bound_contextvars(redirects=redirects):
                target = read(_joined(before, url), listed)
                if redirects and origin != target.origin:
                    headers = {name: value for name, value in headers.items() if name.lower() in _FOR_EVERYBODY}
                origin = target.origin
                if not target.listed:
                    listed = NONE_LISTED  # an untrusted host must not redirect to a trusted one
                async with self._get(target, headers) as answer:
                    location = answer.extensions.get("location") if answer.status_code in _REDIRECTS else None
                    if location is None:
                        _check_complete(answer)
                        return await read_body(answer)
                before, url = str(target.url), location
        raise refusal("too_many_redirects", origin[1])

    @asynccontextmanager
    async def _get(self, target: Target, headers: Mapping[str, str]) -> AsyncGenerator[httpx.Response]:
        """The answer, with its body still unread. Each host has its own client, because one address may serve many
        hosts."""
        addresses = await _resolve(target)
        everything = httpx.Headers(headers)
        everything.update({"Accept-Encoding": "identity", "Host": target.url.netloc.decode()})
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        async with _protected(
            lambda _, address, __: address in addresses,
            timeout=timeout,
            event_hooks={"response": [_hide_location]},
        ) as client:
            answer = await _first_answer(client, target, addresses, everything)
            try:
                yield answer
            finally:
                await answer.aclose()

    async def _before(self, request: httpx.Request) -> None:
        try:
            await self.check(str(request.url))
        except Unfetchable as error:
            raise httpx.ConnectError(str(error), request=request) from None

    def _admit(self, hostname: str, address: Address, port: int) -> bool:
        host = canonical(f"[{hostname}]" if ":" in hostname else hostname) or hostname
        if not is_public(address) and not is_listed(self._listed, host, port):
            raise refusal("private_address", host)
        return True


# --- Where a connection ends ---


async def _resolve(target: Target) -> list[Address]:
    """The addresses of the host, best first. The only place where a name is resolved."""
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unfetchable("The host of this address can't be found at present.", final=False) from None
    addresses = list(dict.fromkeys(ip_address(str(place[0])) for *_, place in found))
    if not target.listed and not all(map(is_public, addresses)):
        raise refusal("private_address", target.host)
    return addresses


def _protected(admit: Callable[[str, Address, int], bool], **options: Any) -> httpx.AsyncClient:
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    options = {"verify": _trusted_authorities()} | options  # loading them takes longer than a request
    client = httpx.AsyncClient(trust_env=False, follow_redirects=False, cookies=jar, **options)
    # `admit` owns the whole policy: httpx-secure's own knows no listed hosts, and lets multicast pass.
    return httpx_ssrf_protection(client, check_globally_reachable=False, custom_validator=admit)


@cache
def _trusted_authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


# --- What comes back ---


async def _first_answer(
    client: httpx.AsyncClient, target: Target, addresses: list[Address], headers: httpx.Headers
) -> httpx.Response:
    """The answer from the first address that connects. The URL holds the checked address, so nothing resolves again;
    the certificate must be the host's."""
    for address in addresses:
        url = target.url.copy_with(host=str(address))
        request = client.build_request("GET", url, headers=headers, extensions={"sni_hostname": target.host})
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    raise Unfetchable("The host of this address can't be reached at present.", final=False)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise refusal("url", "") from None


async def _hide_location(answer: httpx.Response) -> None:
    # httpx parses Location even when it does not follow, against the numeric URL, and raises if it can't.
    answer.extensions["location"] = answer.headers.pop("Location", None)


def _check_complete(answer: httpx.Response) -> None:
    if not _is_complete(answer):
        status = answer.status_code
        final = status < 500 and status not in _WORTH_ANOTHER_TRY
        raise Unfetchable(f"The server answered with status {status}.", final=final, status=status)


async def _read_body(answer: httpx.Response, max_bytes: int) -> Download:
    data = bytearray()
    async for chunk in bounded(answer, max_bytes):
        data += chunk
    return await whole(answer, bytes(data), max_bytes)


async def bounded(answer: httpx.Response, max_bytes: int) -> AsyncGenerator[bytes]:
    """The body as it arrives. Raises Unfetchable when it is larger."""
    size = stated_bytes(answer) or 0
    if size <= max_bytes:
        size = 0
        async for chunk in answer.aiter_raw():
            size += len(chunk)  # the stated length may be wrong
            if size > max_bytes:
                break
            yield chunk
    if size > max_bytes:
        raise _too_large(answer, max_bytes)


async def whole(answer: httpx.Response, data: bytes, max_bytes: int) -> Download:
    """A body that has arrived, uncompressed. Raises Unfetchable when it is larger."""
    try:
        return described(answer, await unpacked(data, answer.headers.get("Content-Encoding", ""), max_bytes))
    except TooLarge:
        raise _too_large(answer, max_bytes) from None


def stated_bytes(answer: httpx.Response) -> int | None:
    """The length that the server states; None when it does not."""
    stated = answer.headers.get("Content-Length", "")
    return int(stated) if stated.isdecimal() else None


def _too_large(answer: httpx.Response, max_bytes: int) -> Unfetchable:
    return Unfetchable(f"The file is larger than {max_bytes} bytes.", final=True, status=answer.status_code)


def described(answer: httpx.Response, data: bytes) -> Download:
    """These bytes with the claims of the server."""
    content_type = answer.headers.get("Content-Type", "")[:200]
    media_type = content_type.partition(";")[0].strip().lower()
    return Download(data=data, media_type=media_type[:100], content_type=content_type)


def _is_complete(answer: httpx.Response) -> bool:
    """Whether the body is the complete file. Some servers send a complete file as a range (206)."""
    if answer.status_code != 206:
        return answer.status_code in _WHOLE
    claimed = answer.headers.get("Content-Range")
    part = _RANGE.fullmatch(claimed.strip()) if claimed else None
    return claimed is None or (part is not None and int(part[1]) + 1 == int(part[2]))
