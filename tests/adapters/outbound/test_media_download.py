"""Laws of `adapters.outbound.media_download`: a download is judged by its content, and a failed one has
a reason."""

from collections.abc import AsyncGenerator

import pytest

from adapters.media.decoder_pool import Decoders
from adapters.outbound.media_download import fetch_media, image_fetcher
from adapters.outbound.ssrf_guard import Guard
from application.ports import InputUnavailable
from domain.provider import Input
from tests.adapters.outbound.raw_server import Server, listening, redirect, reply
from tests.samples import sample


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with listening() as server:
        yield server


def trusting(server: Server) -> Guard:
    return Guard(private_hosts=[f"127.0.0.1:{server.port}"])


@pytest.mark.parametrize("header", ["image/png", "image/jpeg", "application/octet-stream", "binary/octet-stream"])
async def test_an_image_is_what_it_is_and_not_what_it_is_called(
    server: Server, decoders: Decoders, header: str
) -> None:
    """The type of a fetched image comes from its bytes, whatever the server calls it."""
    server.answers = {"/cat": reply(sample("image/webp"), media_type=header)}
    got = await image_fetcher(trusting(server), decoders)(f"{server.url}/cat", 100_000)
    assert got == Input(data=sample("image/webp"), media_type="image/webp")


async def refusal(server: Server, decoders: Decoders, path: str, max_bytes: int = 100_000) -> InputUnavailable:
    with pytest.raises(InputUnavailable) as refused:
        await image_fetcher(trusting(server), decoders)(server.url + path, max_bytes)
    return refused.value


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (reply(sample("video/mp4")), "input_not_an_image", False),
        (reply(b"<html>"), "input_not_an_image", False),
        (reply(sample("image/png")[:100]), "input_not_an_image", False),
        (reply(b"<html>", media_type="text/html"), "input_not_an_image", False),
        (reply(b"", status="404 Not Found"), "input_unreachable", False),
        (reply(b"", status="503 Service Unavailable"), "input_unreachable", True),
        (redirect("http://169.254.169.254/latest/meta-data"), "input_blocked_url", False),
        (reply(bytes(100_001)), "input_unreachable", False),
    ],
)
async def test_what_is_no_image_within_the_limits_is_refused(
    server: Server, decoders: Decoders, answer: bytes, code: str, retryable: bool
) -> None:
    """Every way in which a URL leads to no image has a code, words for people, and whether to try again."""
    server.answers = {"/": answer}
    refused = await refusal(server, decoders, "/")
    assert (refused.code, refused.retryable) == (code, retryable)
    assert refused.message.endswith(".")
    assert "169.254" not in refused.message


async def test_a_private_address_is_not_touched(server: Server) -> None:
    """Without being listed, this machine is out of reach."""
    with pytest.raises(InputUnavailable, match="private network") as refused:
        await fetch_media(Guard(), f"{server.url}/cat", 100_000)
    assert refused.value.code == "input_blocked_url"
    assert server.connections == 0


@pytest.mark.parametrize("media_type", ["image/gif", "video/webm", "audio/mpeg"])
async def test_any_medium_may_be_brought(server: Server, media_type: str) -> None:
    """Images, videos and audio come in, byte for byte."""
    server.answers = {"/": reply(sample(media_type), media_type=media_type)}
    assert await fetch_media(trusting(server), f"{server.url}/", 1_000_000) == sample(media_type)
