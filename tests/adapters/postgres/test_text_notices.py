"""What a provider writes, from node to node: as payloads that PostgreSQL takes, over the connection of the wake-ups."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres import text_notices
from adapters.postgres.text_notices import MAX_PAYLOAD_BYTES, payloads, read
from application.live_text import TextPiece
from tests.adapters.postgres.event_log_rig import connected, opened
from tests.patience import patient

ODD = 'a\x00\x1fü多😀\u2028"\\'


def piece(text: str, offset: int = 7) -> TextPiece:
    return TextPiece(task="task_a", call="task_a.1", offset=offset, text=text)


@given(st.text(alphabet=ODD, max_size=50), st.integers(1, 400))
def test_payloads_are_short_and_join(text: str, times: int) -> None:
    """Each has less bytes than PostgreSQL takes; in order they continue each other, and are the piece."""
    found = [read(payload) for payload in payloads(piece(text * times))]
    offset = 7
    for each in found:
        assert each is not None
        assert each.offset == offset
        assert len(msgspec.json.encode(each)) <= MAX_PAYLOAD_BYTES
        offset += len(each.text)
    assert "".join(each.text for each in found if each) == text * times


@pytest.mark.parametrize("payload", ["", "7", "{}", '{"task": 1}', "null"])
def test_what_another_pixel_writes_otherwise_is_left_out(payload: str) -> None:
    """A payload that can't be read is none."""
    assert read(payload) is None


async def test_text_goes_to_other_nodes(database_url: str) -> None:
    """Every other node hears it, in order and whole, and the one that sends it does not hear itself; after a cut of the
    connections it goes on, and what is no text of ours does no harm."""
    async with opened(database_url, listening=True) as here, opened(database_url, listening=True) as there:
        own, heard = list[TextPiece](), list[TextPiece]()
        here.hear_text(own.append)
        there.hear_text(heard.append)

        async def arrives(text: str) -> None:
            """Send until it is heard: a node may not listen yet, or not again."""
            while not any(each.text == text for each in heard):
                here.send_text(piece(text))
                await asyncio.sleep(0.05)

        async with asyncio.timeout(patient(30)):
            await arrives("first")
            long = piece("多😀\x00" * 4000)
            here.send_text(long)
            expected = [read(payload) for payload in payloads(long)]
            while heard[-1] != expected[-1]:
                await asyncio.sleep(0.01)
            assert heard[-len(expected) :] == expected
            async with connected(database_url) as killer:
                await killer.execute("SELECT pg_notify($1, 'no text')", text_notices.CHANNEL)
                await killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            await arrives("second")
        assert own == []
