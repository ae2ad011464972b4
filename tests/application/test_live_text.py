"""The text of a call on its way: the first piece at once, few pieces, and no more than may wait."""

import asyncio

import pytest

from application import live_text
from application.live_text import TextPiece, TextSender


async def sent_after(sent: list[TextPiece], count: int) -> list[tuple[int, str]]:
    """The offsets and the texts, once there are so many."""
    while len(sent) < count:
        await asyncio.sleep(0.005)
    return [(piece.offset, piece.text) for piece in sent]


async def test_the_first_piece_goes_at_once_and_others_together() -> None:
    """What comes soon after a piece waits for its turn, and goes as one."""
    sent: list[TextPiece] = []
    take = TextSender("task_a", "task_a.1", sent.append)
    take("a ")
    assert [(piece.task, piece.call, piece.offset, piece.text) for piece in sent] == [("task_a", "task_a.1", 0, "a ")]
    take("b ")
    take("c")
    assert len(sent) == 1
    assert await sent_after(sent, 2) == [(0, "a "), (2, "b c")]


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond that it is left out, and the offset shows the gap."""
    monkeypatch.setattr(live_text, "MAX_WAITING_LETTERS", 10)
    sent: list[TextPiece] = []
    take = TextSender("task_a", "task_a.1", sent.append)
    for text in ("a", "x" * 8, "y" * 8, "z"):
        take(text)
    assert await sent_after(sent, 2) == [(0, "a"), (17, "z")]
