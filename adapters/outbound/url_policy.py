"""May Pixel request a URL? Decided by the text of the URL and the addresses of its host, without any network.

A strict grammar reads the URL: text that two parsers could read differently is refused, not interpreted."""

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx
import structlog

from domain.base import Value

Address = IPv4Address | IPv6Address
Listed = frozenset[tuple[str, int | None]]

NONE_LISTED: Final[Listed] = frozenset()
MAX_REDIRECTS: Final = 5
PORTS: Final = frozenset({80, 443, 8080, 8443})

_MAX_CHARACTERS: Final = 8192
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_PRIVATE: Final = "This address belongs to a private network."
_SENTENCES: Final[Mapping[str, str]] = {
    "url": "This is not a complete http or https address.",
    "scheme": "Only http and https addresses can be used.",
    "userinfo": "An address with a user name or a password can't be used.",
    "host": "The host of this address is not written in its usual form.",
    "port": f"Only the ports {', '.join(map(str, sorted(PORTS)))} can be used.",
    "private_host": _PRIVATE,
    "private_address": _PRIVATE,
    "too_many_redirects": f"This address redirects more than {MAX_REDIRECTS} times.",
}

_NEVER_IN_A_URL: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_PLACE: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_PRIVATE_NAME: Final = re.compile(
    r".*\.(?:localhost|localdomain|local|internal|intranet|private|lan|home|corp|svc|arpa|onion|test|invalid|example)"
)

# What Python (3.11 at least) takes for global and Pixel does not.
_NOT_PUBLIC: Final = tuple(
    IPv4Network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, and the metadata service of one cloud
        "192.88.99.0/24",  # relays between IPv4 and IPv6
        "168.63.129.16/32",  # a public address under which each machine of one cloud finds its host
    )
)
_UNICAST: Final = IPv6Network("2000::/3")
# Cut out of that: protocol assignments with Teredo, 6to4, documentation.
_NOT_PUBLIC_IPV6: Final = tuple(IPv6Network(network) for network in ("2001::/23", "2002::/16", "3fff::/20"))
_NAT64: Final = IPv6Network("64:ff9b::/96")

logger = structlog.get_logger("pixel.guard")


class Blocked(Exception):
    """Pixel refuses the URL. `rule` is a code for logs and tests; the text is for people and holds no address."""

    def __init__(self, rule: str) -> None:
        super().__init__(_SENTENCES[rule])
        self.rule = rule


class Target(Value):
    """A URL that passed every rule that needs no network. `listed`: an administrator trusts its host."""

    url: httpx.URL
    host: str  # lower case, IPv6 without brackets
    port: int
    listed: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.host, self.port


def refusal(rule: str, host: str) -> Blocked:
    """A Blocked error to raise. It is logged with the host only, because path and query may hold keys."""
    logger.warning("outgoing request blocked", rule=rule, host=host[:100])
    return Blocked(rule)


def listing(entries: Collection[str]) -> Listed:
    """The trusted hosts from `host` and `host:port`, IPv6 in brackets. Raises ValueError for any other text."""
    return frozenset(_entry(text) for text in entries)


def is_listed(listed: Listed, host: str, port: int) -> bool:
    """Whether a host, or a host with this port, is trusted."""
    return (host, None) in listed or (host, port) in listed


def read(url: str, listed: Listed) -> Target:
    """The parts of a URL, with the host in its canonical form. Raises Blocked."""
    scheme, authority = _split(url)
    match = _PLACE.fullmatch(authority)
    host = canonical(match[1]) if match else None
    if match is None or host is None:
        raise refusal("host", authority)
    port = _DEFAULT_PORTS[scheme] if match[2] is None else _port(match[2])
    if port is None:
        raise refusal("port", host)
    trusted = is_listed(listed, host, port)
    if not trusted:
        _require_public(host, port)
    try:
        # Built from the checked parts, so that httpx requests what was checked even if it parses URLs differently.
        checked = httpx.URL(url).copy_with(scheme=scheme, host=host, port=port)
    except httpx.InvalidURL:
        raise refusal("url", host) from None
    return Target(url=checked, host=host, port=port, listed=trusted)


def canonical(host: str) -> str | None:
    """A host in lower case, IPv6 without brackets; None for a form that resolvers read differently."""
    try:
        if host.startswith("["):
            return None if "%" in host else str(IPv6Address(host[1:-1]))
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(host))
    except ValueError:
        return None
    return host if len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) else None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    # A zone belongs to a link. What else wraps IPv4 (mapped, 6to4, Teredo) is outside of these, or cut out.
    unicast = address.scope_id is None and address in _UNICAST
    return unicast and not any(address in network for network in _NOT_PUBLIC_IPV6)


def _split(url: str) -> tuple[str, str]:
    """Scheme and authority, in lower case."""
    scheme, _, rest = url.partition(":")
    scheme = scheme.lower()
    if len(url) > _MAX_CHARACTERS or _NEVER_IN_A_URL.search(url) or not _SCHEME.fullmatch(scheme) or not rest:
        raise refusal("url", "")
    if scheme not in _DEFAULT_PORTS:
        raise refusal("scheme", "")
    if not rest.startswith("//"):
        raise refusal("url", "")
    _, userinfo, authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0].lower().rpartition("@")
    if userinfo:
        raise refusal("userinfo", authority)
    return scheme, authority


def _require_public(host: str, port: int) -> None:
    try:
        public, rule = is_public(ip_address(host)), "private_address"
    except ValueError:
        public, rule = "." in host and not _PRIVATE_NAME.fullmatch(host), "private_host"
    if not public:
        raise refusal(rule, host)
    if port not in PORTS:
        raise refusal("port", host)


def _port(text: str) -> int | None:
    return int(text) if _PORT.fullmatch(text) and int(text) < 65536 else None


def _entry(text: str) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(text.strip().lower())
    host = canonical(match[1]) if match else None
    port = _port(match[2]) if match and match[2] is not None else None
    if match is None or host is None or (match[2] is not None and port is None):
        raise ValueError(f"{text!r} is neither host nor host:port")
    return host, port
