"""What is written now, for those who watch: from the beginning, in order, without repeats, within bounds."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from application.live_text import TextPiece
from services import live_texts
from services.live_texts import LiveTexts, TextListener

TASK, FIRST, SECOND = "task_a", "task_a.1", "task_a.2"


def piece(text: str, offset: int = 0, call: str = FIRST) -> TextPiece:
    return TextPiece(task=call.partition(".")[0], call=call, offset=offset, text=text)


def taken(listener: TextListener) -> list[tuple[int, str]]:
    """All that there is for it now, with the offsets."""
    found: list[tuple[int, str]] = []

    async def take() -> None:
        while True:
            each = await listener.next()
            found.append((each.offset, each.text))

    async def for_a_turn() -> None:
        taking = asyncio.create_task(take())
        await asyncio.sleep(0)
        taking.cancel()

    asyncio.run(for_a_turn())
    return found


@given(st.lists(st.integers(0, 40), max_size=12), st.data())
def test_pieces_that_overlap_are_one_text(cuts: list[int], data: st.DataObject) -> None:
    """Whatever comes twice, in whatever order after what it continues: the text grows without gap or repeat."""
    whole = "".join(map(chr, range(0x4E00, 0x4E00 + 40)))
    texts = LiveTexts()
    with texts.listen(TASK) as listener:
        sent = ""
        for end in cuts:
            begin = data.draw(st.integers(0, 40))
            texts.put(piece(whole[begin:end], begin))
            for offset, text in taken(listener):
                assert offset == len(sent)
                sent += text
        assert whole.startswith(sent)


def test_who_comes_late_has_it_from_the_beginning() -> None:
    """What was written before anybody watched comes together, and then what is new."""
    texts = LiveTexts()
    texts.put(piece("a "))
    texts.put(piece("b ", 2))
    with texts.listen(TASK) as listener:
        assert taken(listener) == [(0, "a b ")]
        texts.put(piece("c", 4))
        assert taken(listener) == [(4, "c")]


def test_what_follows_a_gap_is_left_to_the_end() -> None:
    """A piece that was lost ends the handing on."""
    texts = LiveTexts()
    texts.put(piece("late", 7))
    with texts.listen(TASK) as listener:
        texts.put(piece("a "))
        texts.put(piece("c", 4))
        assert taken(listener) == [(0, "a ")]


def test_a_listener_stays_with_its_call() -> None:
    """Another call begins anew: who has text of the first gets nothing of it, who has none gets it whole, and pieces of
    the first that come late are nobody's."""
    texts = LiveTexts()
    with texts.listen(TASK) as first, texts.listen("task_b") as other:
        texts.put(piece("a "))
        assert taken(first) == [(0, "a ")]
        texts.put(piece("X", call=SECOND))
        texts.put(piece("b", 2))
        assert taken(first) == []
        with texts.listen(TASK) as second:
            assert taken(second) == [(0, "X")]
        assert taken(other) == []


def test_what_is_kept_is_bounded() -> None:
    """A text that is too long stops, and the oldest of too many are forgotten; so are those who have left."""
    texts = LiveTexts()
    texts.put(piece("x" * live_texts.MAX_LETTERS))
    texts.put(piece("y", live_texts.MAX_LETTERS))
    with texts.listen(TASK) as listener:
        assert len(taken(listener)[0][1]) == live_texts.MAX_LETTERS
    for number in range(live_texts.MAX_ALL_LETTERS // live_texts.MAX_LETTERS):
        texts.put(piece("x" * live_texts.MAX_LETTERS, call=f"task_{number}.1"))
    with texts.listen(TASK) as listener:
        assert taken(listener) == []
    for number in range(live_texts.MAX_TEXTS):
        texts.put(piece("x", call=f"task_n{number}.1"))
    for name in ("task_0", "task_1"):
        with texts.listen(name) as listener:
            assert taken(listener) == []
