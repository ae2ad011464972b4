"""The text of a call on its way: the first piece at once, few pieces, and no more than may wait."""

import asyncio

import pytest

from application import live_text
from application.live_text import TextPiece, TextSender
from tests.patience import patient


async def sent_after(sent: list[TextPiece], count: int) -> list[tuple[int, str]]:
    """The offsets and the texts, once there are so many."""
    async with asyncio.timeout(patient(1)):
        while len(sent) < count:
            await asyncio.sleep(0.001)
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


async def test_every_piece_says_how_much_came_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches puts them together without a gap, however many they are; what comes slowly goes at once."""
    monkeypatch.setattr(live_text, "SEND_SECONDS", 0.01)
    sent: list[TextPiece] = []
    take = TextSender("task_a", "task_a.1", sent.append)
    take("One ")
    for count, (first, second) in enumerate([("fine ", "day "), ("a ", "boat "), ("came ", "in.")], 2):
        take(first)
        take(second)
        await sent_after(sent, count)
    await asyncio.sleep(0.02)
    take(" The")
    take(" end.")
    assert await sent_after(sent, 6) == [
        (0, "One "),
        (4, "fine day "),
        (13, "a boat "),
        (20, "came in."),
        (28, " The"),
        (32, " end."),
    ]


async def test_a_gap_is_as_long_as_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much as may wait does wait; the pieces behind a gap are told at their places."""
    monkeypatch.setattr(live_text, "SEND_SECONDS", 0.01)
    monkeypatch.setattr(live_text, "MAX_WAITING_LETTERS", 10)
    sent: list[TextPiece] = []
    take = TextSender("task_a", "task_a.1", sent.append)
    for text in ("a", "x" * 5, "y" * 5):
        take(text)
    assert await sent_after(sent, 2) == [(0, "a"), (1, "xxxxxyyyyy")]
    for text in ("b" * 4, "c" * 3, "d" * 4, "e"):
        take(text)
    await sent_after(sent, 3)
    for text in ("f" * 9, "g", "h"):
        take(text)
    take("i")
    assert (await sent_after(sent, 4))[2:] == [(22, "e"), (34, "i")]


async def test_nothing_is_sent_where_nothing_was_written() -> None:
    """An empty piece is none, and a person's words are in no line of a log."""
    sent: list[TextPiece] = []
    take = TextSender("task_a", "task_a.1", sent.append)
    take("")
    assert sent == []
    take("secret")
    assert await sent_after(sent, 1) == [(0, "secret")]
    assert repr(sent[0]) == "TextPiece(task_a.1, 0)"
