"""Laws of the guard: no private address is ever contacted, and every answer is bounded."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator, Mapping
from ipaddress import ip_address

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import LogCapture
from structlog.typing import EventDict, Processor

from adapters.outbound import url_policy
from adapters.outbound.ssrf_guard import Blocked, Download, Guard, Unfetchable
from tests.adapters.outbound.raw_server import Answer, Network, Server, listening, redirect, reply

PUBLIC = "93.184.215.14"
SECRET = "wJalrXUtnFEMI"
PNG = b"\x89PNG" + bytes(1000)
CAT = Download(data=PNG, media_type="image/png", content_type="image/png")

HOSTILE_TEXT = [
    # no URL at all, or one that parsers disagree on
    ("", "url"),
    ("example.com/cat.png", "url"),
    ("//127.0.0.1/", "url"),
    ("http:127.0.0.1", "url"),
    ("http:/127.0.0.1/", "url"),
    ("http:\\\\127.0.0.1\\", "url"),
    ("http://example.com\\@127.0.0.1/", "url"),
    ("http://example.com/a\r\nHost: 127.0.0.1", "url"),
    ("http://exa\tmple.com/", "url"),
    (" http://127.0.0.1/", "url"),
    ("http://example.com/\ud800", "url"),
    ("http://example.com/" + "a" * 9000, "url"),
    # other schemes
    ("file:///etc/passwd", "scheme"),
    ("ftp://example.com/cat.png", "scheme"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
    ("data:image/png;base64,AAAA", "scheme"),
    ("javascript:alert(1)", "scheme"),
    ("unix:///var/run/docker.sock", "scheme"),
    ("ws://example.com/", "scheme"),
    # the real host is not the first that a reader sees
    ("http://example.com@127.0.0.1/", "userinfo"),
    (f"http://user:{SECRET}@example.com/", "userinfo"),
    ("http://@127.0.0.1/", "userinfo"),
    ("http://example.com:80@127.0.0.1:80/", "userinfo"),
    ("http://127.0.0.1#@example.com/", "private_address"),
    ("http://127.0.0.1?@example.com/", "private_address"),
    # numbers that some resolvers take for addresses
    ("http://2130706433/", "host"),
    ("http://0x7f000001/", "host"),
    ("http://0x7f.0.0.1/", "host"),
    ("http://017700000001/", "host"),
    ("http://0177.0.0.1/", "host"),
    ("http://127.1/", "host"),
    ("http://127.0.1/", "host"),
    ("http://127.0.0.0x1/", "host"),
    ("http://127.0.0.256/", "host"),
    ("http://0/", "host"),
    ("http://127.0.0.1./", "host"),
    ("http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/", "host"),
    ("http://127\u30020\u30020\u30021/", "host"),
    ("http://\u2460\u2461\u2466.0.0.1/", "host"),
    # hosts that are none
    ("http:///etc/passwd", "host"),
    ("http://:80/", "host"),
    ("http://example.com./", "host"),
    ("http://.example.com/", "host"),
    ("http://exam..ple.com/", "host"),
    ("http://127.0.0.1%2f.example.com/", "host"),
    ("http://[::1/", "host"),
    ("http://::1/", "host"),
    ("http://[fe80::1%25eth0]/", "host"),
    ("http://[fe80::1%eth0]/", "host"),
    ("http://[v1.fe80]/", "host"),
    ("http://[::1]evil.com/", "host"),
    (f"http://{'a' * 64}.com/", "host"),
    ("http://b\u00fccher.de/", "host"),
    # names that mean this machine or this network
    ("http://localhost/", "private_host"),
    ("http://LOCALHOST:8080/", "private_host"),
    ("http://me.localhost/", "private_host"),
    ("http://printer.local/", "private_host"),
    ("http://metadata.google.internal/computeMetadata/v1/", "private_host"),
    ("http://pixel.default.svc.cluster.local/", "private_host"),
    ("http://router.home.arpa/", "private_host"),
    ("http://postgres/", "private_host"),
    # addresses that are not public
    ("http://127.0.0.1/", "private_address"),
    ("http://127.255.255.254/", "private_address"),
    ("http://0.0.0.0/", "private_address"),
    ("http://10.0.0.1/", "private_address"),
    ("http://172.16.0.1/", "private_address"),
    ("http://172.31.255.255/", "private_address"),
    ("http://192.168.1.1/", "private_address"),
    ("http://100.64.0.1/", "private_address"),
    ("http://100.100.100.200/latest/meta-data/", "private_address"),
    ("http://169.254.169.254/latest/meta-data/", "private_address"),
    ("http://168.63.129.16/", "private_address"),
    ("http://192.0.0.192/opc/v2/", "private_address"),
    ("http://192.0.2.1/", "private_address"),
    ("http://192.88.99.1/", "private_address"),
    ("http://198.18.0.1/", "private_address"),
    ("http://198.51.100.1/", "private_address"),
    ("http://203.0.113.1/", "private_address"),
    ("http://224.0.0.1/", "private_address"),
    ("http://239.255.255.250/", "private_address"),
    ("http://240.0.0.1/", "private_address"),
    ("http://255.255.255.255/", "private_address"),
    ("http://[::]/", "private_address"),
    ("http://[::1]/", "private_address"),
    ("http://[0:0:0:0:0:0:0:1]/", "private_address"),
    ("http://[::127.0.0.1]/", "private_address"),
    ("http://[::ffff:127.0.0.1]/", "private_address"),
    ("http://[::ffff:a9fe:a9fe]/", "private_address"),
    ("http://[::ffff:93.184.215.14]/", "private_address"),
    ("http://[::ffff:0:127.0.0.1]/", "private_address"),
    ("http://[64:ff9b::127.0.0.1]/", "private_address"),
    ("http://[64:ff9b::a9fe:a9fe]/", "private_address"),
    ("http://[64:ff9b::e000:1]/", "private_address"),
    ("http://[64:ff9b:1::a00:1]/", "private_address"),
    ("http://[2002:7f00:1::]/", "private_address"),
    ("http://[2002:a9fe:a9fe::1]/", "private_address"),
    ("http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "private_address"),
    ("http://[2001:db8::1]/", "private_address"),
    ("http://[3fff::1]/", "private_address"),
    ("http://[fc00::1]/", "private_address"),
    ("http://[fd00:ec2::254]/", "private_address"),
    ("http://[fe80::1]/", "private_address"),
    ("http://[fec0::1]/", "private_address"),
    ("http://[ff02::1]/", "private_address"),
    ("http://[5f00::1]/", "private_address"),
    ("http://[4000::1]/", "private_address"),
    # ports of something else than the web
    ("http://example.com:22/", "port"),
    ("http://example.com:25/", "port"),
    ("http://example.com:6379/", "port"),
    ("http://example.com:5432/", "port"),
    ("http://example.com:9000/", "port"),
    ("http://example.com:0/", "port"),
    ("http://example.com:/", "port"),
    ("http://example.com:-80/", "port"),
    ("http://example.com:080/", "port"),
    ("http://example.com:80:80/", "port"),
    ("http://example.com:65616/", "port"),
    ("http://example.com:\u0668\u0660/", "port"),
]

HOSTILE_NAMES = [
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["100.64.0.1"],
    ["0.0.0.0"],
    ["224.0.0.251"],
    ["198.18.0.7"],
    ["::1"],
    ["::ffff:10.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["fd00:ec2::254"],
    ["fe80::1%lo"],
    ["2606:4700:4700::1111%lo"],
    [PUBLIC, "192.168.0.1"],
    ["2606:4700:4700::1111", PUBLIC, "::1"],
]

PLAIN = [
    "https://example.com",
    "HTTPS://EXAMPLE.COM/Cat.PNG",
    "http://example.com:80/?a=b#c",
    "https://example.com:8443/a%2Fb/../c?X-Amz-Signature=0%20",
    "http://cdn.example.com:8080/\u732b/\u56fe.png?q=\u732b@x",
    "https://my_bucket.oss-cn-beijing.aliyuncs.com/a@b:c",
    "https://xn--fiqs8s.com/",
    f"http://{PUBLIC}/",
    "https://[2606:4700:4700::1111]/",
    "https://[64:ff9b::5db8:d70e]/",
    "https://1.2.3.4.com/",
    "https://localhost.com/",
]


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with listening() as server:
        yield server


@pytest.fixture
async def second() -> AsyncGenerator[Server]:
    async with listening() as server:
        yield server


@pytest.fixture
async def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch, asyncio.get_running_loop())


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[EventDict]:
    capture = LogCapture()
    bound = structlog.make_filtering_bound_logger("info")
    processors: list[Processor] = [structlog.contextvars.merge_contextvars, capture]
    monkeypatch.setattr(url_policy, "logger", structlog.wrap_logger(None, processors, wrapper_class=bound))
    return capture.entries


def trusting(*servers: Server) -> Guard:
    return Guard(private_hosts=[f"127.0.0.1:{server.port}" for server in servers])


async def fetch(guard: Guard, url: str, headers: Mapping[str, str] = {}, seconds: float = 20) -> Download:
    return await guard.fetch(url, max_bytes=100_000, seconds=seconds, headers=headers)


# --- Refused URLs ---


@pytest.mark.parametrize(("url", "rule"), HOSTILE_TEXT, ids=lambda text: ascii(text)[1:60])
async def test_a_hostile_url_is_refused_untouched(
    network: Network, logged: list[EventDict], url: str, rule: str
) -> None:
    """It is refused by its rule in every way out, without a lookup or a connection, and the log names the rule."""
    guard = Guard()
    with pytest.raises(Blocked) as form:
        guard.check_form(url)
    with pytest.raises(Blocked) as check:
        await guard.check(url)
    with pytest.raises(Blocked) as fetched:
        await fetch(guard, url)
    assert [form.value.rule, check.value.rule, fetched.value.rule] == [rule] * 3
    assert (network.asked, network.reached) == ([], [])
    assert [(entry["event"], entry["rule"], entry["log_level"]) for entry in logged] == [
        ("outgoing request blocked", rule, "warning")
    ] * 3
    assert not any(character in entry["host"] for entry in logged for character in "/?#@")
    assert SECRET not in str(logged)
    assert len(logged[0]["host"]) <= 100


@pytest.mark.parametrize("addresses", HOSTILE_NAMES, ids=lambda addresses: addresses[-1])
async def test_a_name_is_where_it_leads(network: Network, logged: list[EventDict], addresses: list[str]) -> None:
    """One address of a name that is not public is enough to refuse it, before any connection."""
    network.names["cats.example.com"] = [addresses]
    for way in (Guard().check, lambda url: fetch(Guard(), url), Guard().client().get):
        with pytest.raises(Blocked, match="private network") as refused:
            await way(f"http://cats.example.com/{SECRET}?key={SECRET}")
        assert refused.value.rule == "private_address"
        assert "cats" not in str(refused.value)
    assert network.reached == []
    assert [(entry["rule"], entry["host"]) for entry in logged] == [("private_address", "cats.example.com")] * 3
    assert SECRET not in str(logged)


@pytest.mark.parametrize("url", PLAIN)
async def test_a_plain_url_passes(network: Network, url: str) -> None:
    """What people really use is let through."""
    named = url.partition("//")[2].partition("/")[0].partition(":")[0].lower()
    network.names = {named: [[PUBLIC, "2606:4700:4700::1111"]]}
    Guard().check_form(url)
    await Guard().check(url)


@given(st.sampled_from(["", "http://", "https://[", "http://a.example.com:"]), st.text())
def test_no_text_breaks_the_check(start: str, text: str) -> None:
    """Whatever the text, it passes or is refused: no other error, and what passed leads to a host of plain letters."""
    try:
        found = url_policy.read(start + text, url_policy.NONE_LISTED)
    except Blocked:
        return
    assert found.url.raw_host.decode() == found.host
    assert found.host.isascii()


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_not_more_public(address: object) -> None:
    """No way to write an IPv4 address into an IPv6 one makes it public; all but NAT64 make it private."""
    bare = ip_address(str(address))
    for wrapped in (f"::{bare}", f"::ffff:{bare}", f"::ffff:0:{bare}", f"64:ff9b:1::{bare}", f"2001:0:1:1::{bare}"):
        assert not url_policy.is_public(ip_address(wrapped))
    assert url_policy.is_public(ip_address(f"64:ff9b::{bare}")) == url_policy.is_public(bare)


async def test_a_name_without_address_may_be_tried_again(network: Network) -> None:
    """A name that does not resolve is no attack, and may be retried."""
    for way in (Guard().check, lambda url: fetch(Guard(), url)):
        with pytest.raises(Unfetchable) as failed:
            await way("http://nowhere.example.com/")
        assert (failed.value.final, failed.value.status) == (False, None)
    async with Guard().client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://nowhere.example.com/")


# --- Hosts that an administrator allows ---


async def test_this_machine_is_reached_only_when_listed(server: Server, second: Server) -> None:
    """The same server answers the guard that lists it; the other guard does not even connect."""
    server.answers = second.answers = {"/cat.png": reply(PNG)}
    assert await fetch(trusting(server), f"{server.url}/cat.png") == CAT
    for guard in (Guard(), trusting(server), Guard(private_hosts=["localhost"])):
        with pytest.raises(Blocked):
            await fetch(guard, f"{second.url}/cat.png")
        async with guard.client() as client:
            with pytest.raises(Blocked):
                await client.get(f"{second.url}/cat.png")
    assert (server.connections, second.connections) == (1, 0)


@pytest.mark.parametrize(
    ("entry", "url", "passes"),
    [
        ("comfy", "http://comfy:8188/", True),
        ("COMFY:8188", "http://comfy:8188/", True),
        ("comfy:8188", "http://comfy:8189/", False),
        ("comfy", "http://user@comfy/", False),
        ("comfy", "ftp://comfy/", False),
        ("comfy", "http://www.comfy:8188/", False),
        ("10.0.0.5", "http://10.0.0.5:9/", True),
        ("10.0.0.5", "http://10.0.0.6:9/", False),
        ("10.0.0.5", "http://0xa000005:9/", False),
        ("[::1]:80", "http://[0:0::1]/", True),
        ("[::1]", "http://[::2]/", False),
    ],
)
def test_an_entry_allows_its_host_and_port_only(entry: str, url: str, passes: bool) -> None:
    """`host` allows every port, `host:port` that one; the rules on the form of a URL stay."""
    guard = Guard(private_hosts=[entry])
    if passes:
        return guard.check_form(url)
    with pytest.raises(Blocked):
        guard.check_form(url)
    return None


@pytest.mark.parametrize("entry", ["", "http://comfy", "comfy:", "comfy:0", "comfy:70000", "::1", "127.1", "a/b", "*"])
def test_a_wrong_entry_stops_the_start(entry: str) -> None:
    """An entry that is no host stops the start."""
    with pytest.raises(ValueError, match="neither host nor host:port"):
        Guard(private_hosts=[entry])


# --- Names that change ---


async def test_a_name_that_changes_is_asked_once(network: Network, server: Server, second: Server) -> None:
    """A fetch goes to the address that was checked, whatever the name says by then."""
    server.answers = {"/cat.png": reply(PNG)}
    network.ends = {PUBLIC: server.port}
    network.names["turn.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    assert (await fetch(Guard(), "http://turn.example.com/cat.png")).data == PNG
    assert (network.asked, network.reached) == (["turn.example.com"], [(PUBLIC, 80)])
    assert "host: turn.example.com\r\n" in server.requests[0].lower()
    with pytest.raises(Blocked):
        await fetch(Guard(), "http://turn.example.com/cat.png")
    assert len(network.reached) == 1


async def test_no_request_goes_to_an_address_that_came_later(
    network: Network, server: Server, logged: list[EventDict]
) -> None:
    """A client sends nothing to an address that a name got between check and connection."""
    network.ends = {"127.0.0.1": server.port}
    network.names["turn.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    async with Guard().client() as client:
        with pytest.raises(Blocked) as refused:
            await client.post("http://turn.example.com/cat.png", content=SECRET)
    assert refused.value.rule == "private_address"
    assert [entry["host"] for entry in logged] == ["turn.example.com"]
    assert server.requests == []
    assert network.asked == ["turn.example.com"] * 2


async def test_the_next_address_is_tried(network: Network, server: Server) -> None:
    """A dead address of a host is no failure while another one answers; all dead is one that may pass."""
    server.answers = {"/cat.png": reply(PNG)}
    network.ends = {PUBLIC: server.port}
    network.names = {"many.example.com": [["2606:4700:4700::1111", "1.1.1.1", PUBLIC]], "dead.com": [["1.1.1.1"]]}
    assert (await fetch(Guard(), "http://many.example.com:8080/cat.png")).data == PNG
    assert [host for host, _ in network.reached] == ["2606:4700:4700::1111", "1.1.1.1", PUBLIC]
    with pytest.raises(Unfetchable, match="can't be reached") as failed:
        await fetch(Guard(), "http://dead.com/")
    assert not failed.value.final


async def test_the_certificate_is_asked_for_by_name(network: Network, server: Server) -> None:
    """Over TLS the client sends the host of the URL, not the address of the connection."""
    hello = asyncio.get_running_loop().create_future()

    async def read_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not hello.done():
            hello.set_result(await reader.read(4096))
        writer.close()

    listener = await asyncio.start_server(read_hello, "127.0.0.1", 0)
    network.ends = {PUBLIC: listener.sockets[0].getsockname()[1]}
    network.names = {"safe.example.com": [[PUBLIC]]}
    try:
        with pytest.raises(Unfetchable):
            await fetch(Guard(), "https://safe.example.com/")
        assert b"safe.example.com" in await hello
        assert network.reached == [(PUBLIC, 443)]
    finally:
        listener.close()


# --- Redirects ---


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("//127.0.0.1/", "private_address"),
        ("http://169.254.169.254/latest/", "private_address"),
        ("http://[::ffff:169.254.169.254]/", "private_address"),
        ("http://inside.example.com/", "private_address"),
        ("http://localhost/", "private_host"),
        ("http://2130706433/", "host"),
        ("file:///etc/passwd", "scheme"),
        ("http://user@example.com/", "userinfo"),
        ("http:\\\\127.0.0.1/", "url"),
        ("http://[", "url"),
        ("http://example.com:6379/", "port"),
    ],
)
async def test_a_redirect_is_checked_like_a_url(
    network: Network, server: Server, logged: list[EventDict], location: str, rule: str
) -> None:
    """Where a redirect leads is refused by the same rules, and not touched."""
    network.names = {"inside.example.com": [["10.0.0.1"]]}
    server.answers = {"/": redirect(location)}
    with pytest.raises(Blocked) as refused:
        await fetch(trusting(server), f"{server.url}/")
    assert refused.value.rule == rule
    assert [(entry["rule"], entry["redirects"]) for entry in logged] == [(rule, 1)]
    assert network.reached == [("127.0.0.1", server.port)]


async def test_a_redirect_to_another_server_of_this_machine_is_refused(server: Server, second: Server) -> None:
    """A redirect opens no connection to a neighbour that is not listed; for a client it is just an answer."""
    server.answers = {"/": redirect(f"{second.url}/cat.png")}
    with pytest.raises(Blocked):
        await fetch(trusting(server), f"{server.url}/")
    async with trusting(server).client() as client:
        assert (await client.get(f"{server.url}/")).status_code == 302
        with pytest.raises(Blocked):
            await client.get(f"{server.url}/", follow_redirects=True)
    assert second.connections == 0


async def test_a_stranger_can_not_lead_to_a_listed_host(network: Network, server: Server, second: Server) -> None:
    """What is listed may be named, or reached from what is listed, but not by a redirect from outside."""
    server.answers = {"/": redirect(f"{second.url}/cat.png")}
    second.answers = {"/cat.png": reply(PNG)}
    network.ends = {PUBLIC: server.port}
    with pytest.raises(Blocked):
        await fetch(trusting(server, second), f"http://{PUBLIC}/")
    assert second.connections == 0
    assert (await fetch(trusting(server, second), f"{server.url}/")).data == PNG


async def test_five_redirects_are_followed(server: Server, logged: list[EventDict]) -> None:
    """Five redirects, relative or absolute, of each kind are followed; a sixth is not."""
    kinds = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    server.answers = {
        f"/{n}": redirect(f"{n + 1}?a=%2F" if n % 2 else f"{server.url}/{n + 1}", kinds[n]) for n in range(5)
    }
    server.answers |= {"/5": reply(PNG), "/first": redirect("/0"), "/round": redirect("/round")}
    assert (await fetch(trusting(server), f"{server.url}/0")).data == PNG
    assert "GET /4?a=%2F HTTP/1.1" in server.requests[4]
    for path in ("first", "round"):
        server.requests.clear()
        with pytest.raises(Blocked, match="more than 5") as refused:
            await fetch(trusting(server), f"{server.url}/{path}")
        assert refused.value.rule == logged[-1]["rule"] == "too_many_redirects"
        assert len(server.requests) == 6


async def test_keys_stay_with_their_origin(server: Server, second: Server) -> None:
    """The same origin gets the headers again; another one, and whatever follows it, gets none that may be a key."""
    server.answers = {"/": redirect("/again"), "/again": redirect(f"{second.url}/"), "/back": reply(PNG)}
    second.answers = {"/": redirect(f"{server.url}/back")}
    keys = {"Authorization": f"Bearer {SECRET}", "Cookie": SECRET, "X-Goog-Api-Key": SECRET, "User-Agent": "pixel"}
    assert (await fetch(trusting(server, second), f"{server.url}/", keys)).data == PNG
    assert [head.count(SECRET) for head in server.requests] == [3, 3, 0]
    assert [head.count(SECRET) for head in second.requests] == [0]
    assert all("user-agent: pixel" in head.lower() for head in second.requests)


# --- Answers ---


async def endless_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
    while True:
        writer.write(bytes(65536))
        await writer.drain()


async def endless_chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
        await writer.drain()


async def endless_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Cat: " + b"a" * 1000 + b"\r\n")
        await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte from time to time, until nobody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        try:
            async with asyncio.timeout(0.02):
                return await _until_closed(reader)
        except TimeoutError:
            pass


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await _until_closed(reader)


async def _until_closed(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


BAD: dict[str, tuple[Answer, str, bool, int | None]] = {
    "endless body": (endless_body, "larger than 100000 bytes", True, 200),
    "endless chunks": (endless_chunks, "larger than 100000 bytes", True, 200),
    "endless head": (endless_head, "connection broke", False, None),
    "too long by its own word": (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100001\r\n\r\n",
        "larger than 100000 bytes",
        True,
        200,
    ),
    "one byte too long": (reply(bytes(100_001)), "larger than 100000 bytes", True, 200),
    "longer than its word": (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n" + PNG,
        "connection broke",
        False,
        None,
    ),
    "silence": (silence, "too long", False, None),
    "a drip": (drip, "too long", False, None),
    "gzip": (reply(gzip.compress(bytes(5_000_000)), "Content-Encoding: gzip"), "larger than 100000 bytes", True, 200),
    "gzip, unsaid": (reply(gzip.compress(bytes(5_000_000))), "larger than 100000 bytes", True, 200),
    "gzip in gzip": (reply(gzip.compress(gzip.compress(bytes(5_000_000)))), "larger than 100000 bytes", True, 200),
    "not found": (reply(SECRET.encode(), status="404 Not Found"), "status 404", True, 404),
    "forbidden": (reply(SECRET.encode(), status="403 " + SECRET), "status 403", True, 403),
    "gone": (reply(SECRET.encode(), status="410 Gone"), "status 410", True, 410),
    "too many": (reply(SECRET.encode(), status="429 Too Many Requests"), "status 429", False, 429),
    "server error": (reply(SECRET.encode(), status="500 " + SECRET), "status 500", False, 500),
    "unavailable": (reply(SECRET.encode(), status="503 Unavailable"), "status 503", False, 503),
    "nothing": (reply(b"", status="204 No Content"), "status 204", True, 204),
    "a part": (reply(PNG, "Content-Range: bytes 0-9/99", status="206 Partial Content"), "status 206", True, 206),
    "the end": (reply(PNG, "Content-Range: bytes 1-98/99", status="206 Partial Content"), "status 206", True, 206),
    "what part": (reply(PNG, "Content-Range: all of it", status="206 Partial Content"), "status 206", True, 206),
    "not modified": (reply(b"", status="304 Not Modified"), "status 304", True, 304),
    "a redirect to nowhere": (reply(b"", status="302 Found"), "status 302", True, 302),
    "no HTTP": (SECRET.encode() * 100 + b"\r\n\r\n", "connection broke", False, None),
}


@pytest.mark.parametrize(("answer", "reason", "final", "status"), BAD.values(), ids=BAD)
async def test_nothing_bad_comes_in(
    server: Server, answer: Answer, reason: str, final: bool, status: int | None
) -> None:
    """Every answer but a whole file of the right size ends soon; the reason is plain and repeats nothing."""
    server.answers = {"/": answer}
    with pytest.raises(Unfetchable, match=reason) as failed:
        await fetch(trusting(server), f"{server.url}/", seconds=0.5 if reason == "too long" else 20)
    assert (failed.value.final, failed.value.status) == (final, status)
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None


def deflated(data: bytes, window: int) -> bytes:
    engine = zlib.compressobj(wbits=window)
    return engine.compress(data) + engine.flush()


ODD = {
    "gzip": reply(gzip.compress(PNG), "Content-Encoding: gzip"),
    "gzip, said twice": reply(gzip.compress(PNG), "Content-Encoding: gzip, gzip"),
    "gzip, unsaid": reply(gzip.compress(PNG)),
    "gzip, in two members": reply(gzip.compress(PNG[:20]) + gzip.compress(PNG[20:]), "Content-Encoding: x-gzip"),
    "deflate with a frame": reply(deflated(PNG, zlib.MAX_WBITS), "Content-Encoding: deflate"),
    "deflate without a frame": reply(deflated(PNG, -zlib.MAX_WBITS), "Content-Encoding: deflate"),
    **{
        f"only said to be {coding or 'nothing'}": reply(PNG, f"Content-Encoding: {coding}")
        for coding in ("gzip", "deflate", "br", "aws-chunked", "UTF-8", "none", "binary", "identity, gzip", "")
    },
    **{
        f"called {media_type}": reply(PNG, media_type=media_type)
        for media_type in (
            "text/plain",
            "text/html; charset=utf-8",
            "application/x-download",
            "application/force-download",
            "application/json",
            "*/*",
            '"image/png"',
            "png",
            "image/png, image/png",
            "image/",
            "x" * 5000,
        )
    },
    "of no type": reply(PNG, media_type=None),
    "of two types": reply(PNG, "Content-Type: text/html"),
    "not authoritative": reply(PNG, status="203 Non-Authoritative Information"),
    "a part that is all": reply(PNG, f"Content-Range: bytes 0-{len(PNG) - 1}/{len(PNG)}", status="206 Partial Content"),
    "a part of nothing": reply(PNG, status="206 Partial Content"),
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
async def test_a_file_is_what_is_in_it(server: Server, answer: bytes) -> None:
    """What a server says of type, compression and completeness never costs a file that is there."""
    server.answers = {"/": answer}
    got = await fetch(trusting(server), f"{server.url}/")
    assert got.data == PNG
    assert not got.is_page


@pytest.mark.parametrize(
    "text",
    ["<!DOCTYPE html><p>Sign in", "\ufeff\n <html>", '<?xml version="1.0"?><Error/>', '{"error": "gone"}', "{}"],
)
async def test_a_page_is_no_file(server: Server, text: str) -> None:
    """An error page with a status of success is no result, under any media type."""
    server.answers = {"/": reply(text.encode())}
    assert (await fetch(trusting(server), f"{server.url}/")).is_page


async def test_a_file_that_is_cut_off_is_none(server: Server) -> None:
    """Less than the declared length is a failure that may pass, not a short file."""

    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(PNG)[:-10])
        await writer.drain()

    server.answers = {"/": cut}
    with pytest.raises(Unfetchable, match="broke") as failed:
        await fetch(trusting(server), f"{server.url}/")
    assert not failed.value.final


GOOD = {
    "of exactly the size": reply(bytes(100_000)),
    "without a length": b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + bytes(100_000),
    "in chunks": b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n%b"
    % (b"186a0\r\n%b\r\n0\r\n\r\n" % bytes(100_000)),
    "with parameters": reply(bytes(100_000), "Content-Encoding: identity", media_type="IMAGE/PNG; q=1"),
}


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD)
async def test_a_whole_file_comes_in(server: Server, answer: bytes) -> None:
    """A file within the limits comes whole, in whichever way HTTP sends it."""
    server.answers = {"/cat.png": answer}
    got = await fetch(trusting(server), f"{server.url}/cat.png?sign=a%2Fb%3D#here")
    assert (got.data, got.media_type) == (bytes(100_000), "image/png")
    assert got.content_type.encode() in answer
    head = server.requests[0].lower()
    assert head.startswith("get /cat.png?sign=a%2fb%3d http/1.1")
    assert f"host: 127.0.0.1:{server.port}\r\n" in head
    assert "accept-encoding: identity\r\n" in head


# --- The client ---


async def test_a_client_keeps_and_reveals_nothing(
    server: Server, second: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No cookie is kept, no proxy or password is taken from the environment, no compression is asked for."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, second.url)
    server.answers = {"/": reply(b"{}", "Set-Cookie: a=b; Path=/", media_type="application/json")}
    seen: list[str] = []

    async def see(request: httpx.Request) -> None:
        seen.append(request.url.path)

    hooks = {"request": [see]}
    async with trusting(server).client(base_url=server.url, headers={"X-Key": "k"}, event_hooks=hooks) as client:
        for _ in range(2):
            assert (await client.get("/")).json() == {}
    assert seen == ["/", "/"]
    assert second.connections == 0
    assert server.connections == 1
    for head in map(str.lower, server.requests):
        assert "accept-encoding: identity\r\n" in head
        assert "x-key: k\r\n" in head
        assert "cookie" not in head


async def test_a_client_can_not_be_led_around_the_guard() -> None:
    """A transport or proxy of one's own is refused when the client is made."""
    with pytest.raises(ValueError, match="transport"):
        Guard().client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with pytest.raises(ValueError, match="proxy"):
        Guard().client(proxy="http://127.0.0.1:3128")
    with pytest.raises(TypeError):
        Guard().client(trust_env=True)
