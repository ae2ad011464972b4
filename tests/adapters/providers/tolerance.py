"""The tolerance law: in every form of a good answer, the paid result is delivered.

Part of the conformance suite. The simulator does a complete job, and its answers are distorted on their way: first all
members that do not decide, at once; then each deciding member by itself; then the body, the media and the URLs."""

import base64
import copy
import json
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from domain.model import Kind
from domain.provider import (
    Accepted,
    DownloadFailed,
    Finished,
    Gone,
    InDoubt,
    NotSent,
    NoVerdict,
    Refused,
    Sighting,
    Working,
)
from tests.adapters.providers import distortion
from tests.adapters.providers.distortion import Json, Wrapped
from tests.simulators.base import Answer, Request
from tests.simulators.media import measure

if TYPE_CHECKING:
    from tests.adapters.providers.conformance import Bench, Case, Subject

DECIDES = frozenset(
    {"id", "task_id", "job_id", "prompt_id", "name", "status", "task_status", "state", "done", "success"}
    | {"code", "status_code", "base_resp", "error", "choices", "message", "content", "text", "parts"}
    | {"output", "outputs", "data", "results", "url", "uri", "image_url", "video_url", "audio_url", "image_urls"}
    | {"image_base64", "b64_json", "image", "images", "video", "videos", "audio", "audios", "inlineData"}
)
"""Members that decide in most wires, by name; a subject adds its own."""
MAX_POLLS = 6  # the slowest job ends with its fourth
_CALLS = count(1)  # some vendors accept a call id once
Distort = Callable[[Request, Answer], Answer]


class Tolerance:
    """The law, on every case of a subject."""

    subject: ClassVar["Subject"]

    async def test_optional_members_never_cost_the_result(self, bench: "Bench", case: "Case") -> None:
        """Dropped, null, retyped, huge, doubled or unknown members: those that do not decide are lost, and nothing
        else."""
        decides = _decides(self.subject)
        forms: dict[str, Callable[[Json], Json]] = {
            "doubled": distortion.doubled,
            "with unknown members": distortion.with_strangers,
        }
        for name, change in distortion.RETYPED.items():
            forms[name] = partial(distortion.change_optional, decides=decides, change=change)
            forms[f"{name}, in its place"] = partial(distortion.change_optional_leaves, decides=decides, change=change)
        lost = [name for name, form in forms.items() if not await _is_complete(bench, case, _json(form))]
        assert not lost, "\n".join(lost)

    async def test_an_unreadable_deciding_member_is_never_a_refusal(self, bench: "Bench", case: "Case") -> None:
        """The outcome is the result, or a doubt with the answer: never a refusal, never an end without either."""
        answers: list[Json] = []

        def listen(request: Request, answer: Answer) -> Answer:
            if (body := _body(answer)) is not None and not _is_file(request):
                answers.append(body)
            return answer

        await _finished(bench, case, listen)
        places = dict.fromkeys(place for each in answers for place in distortion.deciding(each, _decides(self.subject)))
        wrong: list[str] = []
        for place in places:
            for name, change in distortion.UNREADABLE.items():
                seen = await _finished(bench, case, _json(partial(distortion.changed_at, wanted=place, change=change)))
                if not _is_honest(seen):
                    wrong.append(f"{place} {name}: {seen}")
        assert not wrong, "\n".join(wrong)

    async def test_a_body_in_another_form_is_the_same_answer(self, bench: "Bench", case: "Case") -> None:
        """Compressed or labelled so, in chunks, with a BOM, under any media type: answers and files."""
        lost: list[str] = []
        for name, wrap in (distortion.BODIES | distortion.TEXTS).items():
            only_text = name in distortion.TEXTS

            def distort(request: Request, answer: Answer, wrap: Any = wrap, only_text: bool = only_text) -> Answer:
                if answer.status != 200 or (only_text and (_body(answer) is None or _is_file(request))):
                    return answer
                return _wrapped(answer, wrap(answer.body))

            if not await _is_complete(bench, case, distort):
                lost.append(name)
        assert not lost, "\n".join(lost)

    async def test_media_are_read_in_every_encoding(self, bench: "Bench", case: "Case") -> None:
        """base64 in all its forms, addresses with blanks and line breaks, and files as `data:` URLs."""
        forms: dict[str, Callable[[Json], Json]] = {}
        for name, change in distortion.BASE64.items():
            forms[f"base64 {name}"] = partial(distortion.everywhere, fits=distortion.is_base64, change=change)
        here = partial(_is_address, bench)
        for name, change in distortion.ADDRESSES.items():
            forms[f"address {name}"] = partial(distortion.everywhere, fits=here, change=change)
        forms["file as a data URL"] = partial(distortion.everywhere, fits=here, change=partial(_as_data, bench))
        lost = [name for name, form in forms.items() if not await _is_complete(bench, case, _json(form))]
        assert not lost, "\n".join(lost)

    async def test_a_file_that_is_not_there_yet_is_fetched_later(self, bench: "Bench", case: "Case") -> None:
        """Stores lag behind: a 404, a 403 or a page at first is no permanent loss."""
        for status in (404, 403, 500):
            asked: dict[str, int] = {}

            def late(request: Request, answer: Answer, asked: dict[str, int] = asked, status: int = status) -> Answer:
                if not _is_file(request):
                    return answer
                asked[request.path] = asked.get(request.path, 0) + 1
                return Answer(status, text="not here") if asked[request.path] <= 2 else answer

            order = bench.order(case, call=next(_CALLS))
            bench.simulator.distort = late
            finished = await _to_the_end(bench, order, await bench.provider.submit(order))
            assert isinstance(finished, Finished), finished
            for output in finished.outputs:
                if output.url and "/_files/" in output.url:
                    tries = [await bench.provider.fetch(order, output.url) for _ in range(3)]
                    assert [isinstance(each, bytes) for each in tries] == [False, False, True], tries
                    assert not any(isinstance(each, DownloadFailed) and each.permanent for each in tries), tries
            bench.simulator.distort = _as_it_is

    async def test_no_such_job_right_after_acceptance_is_no_verdict(self, bench: "Bench", case: "Case") -> None:
        """The vendor's own answer for an unknown job, once and twice, about a job that it accepted a moment ago."""
        if not case.job:
            return
        stranger: list[Answer] = []

        def listen(_: Request, answer: Answer) -> Answer:
            stranger.append(answer)
            return answer

        bench.simulator.distort = listen
        await bench.provider.poll(bench.order(case), self.subject.stranger)
        for times in (1, 2):
            order = bench.order(case, call=next(_CALLS))
            bench.simulator.distort = _as_it_is
            seen = await bench.provider.submit(order)
            assert isinstance(seen, Accepted), seen
            known = [_renamed(each, self.subject.stranger, seen.job) for each in reversed(stranger)]
            bench.simulator.distort = _instead(known * times)
            news = [await bench.provider.poll(order, seen.job) for _ in range(times)]
            assert all(isinstance(each, NoVerdict | Gone) for each in news), news
            assert not any(isinstance(each, Gone) and each.certain for each in news), news
            assert isinstance(await _to_the_end(bench, order, seen), Finished)
        bench.simulator.distort = _as_it_is


def _instead(others: list[Answer]) -> Distort:
    """Send these answers first."""

    def distort(_: Request, answer: Answer) -> Answer:
        return others.pop() if others else answer

    return distort


def _as_it_is(_: Request, answer: Answer) -> Answer:
    return answer


def _decides(subject: "Subject") -> frozenset[str]:
    return (DECIDES | subject.deciding_members) - subject.optional_members


def _json(form: Callable[[Json], Json]) -> Distort:
    """JSON answers in another form; files and everything else unchanged."""

    def distort(request: Request, answer: Answer) -> Answer:
        value = _body(answer)
        if value is None or answer.status != 200 or _is_file(request):
            return answer
        changed = form(copy.deepcopy(value))
        text = _as_events(changed, answer.body) if _is_stream(answer) else distortion.dumps(changed)
        return _wrapped(answer, Wrapped(text.encode("utf-8", "surrogatepass")))

    return distort


def _wrapped(answer: Answer, wrapped: Wrapped) -> Answer:
    new = Answer(wrapped.status or answer.status, data=wrapped.body)
    headers = answer.headers | wrapped.headers
    new.headers = {name: value for name, value in headers.items() if value is not None}
    new.pieces = wrapped.pieces
    return new


def _renamed(answer: Answer, job: str, new: str) -> Answer:
    copied = Answer(answer.status, data=answer.body.replace(job.encode(), new.encode()))
    copied.headers = answer.headers
    return copied


def _is_stream(answer: Answer) -> bool:
    return answer.headers.get("content-type") == "text/event-stream"


def _as_events(values: list[Json], body: bytes) -> str:
    """A stream with these values in place of its own."""
    left = iter(values)
    lines = body.decode().split("\n")
    return "\n".join(f"data: {distortion.dumps(next(left))}" if line.startswith("data: {") else line for line in lines)


def _body(answer: Answer) -> Json | None:
    """The JSON of an answer; of a stream, that of its events as a list. None when there is none."""
    if _is_stream(answer):
        lines = answer.body.decode().split("\n")
        return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    try:
        value = json.loads(answer.body)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _is_file(request: Request) -> bool:
    return request.path.startswith("/_files/")


def _is_address(bench: "Bench", value: object) -> bool:
    return isinstance(value, str) and value.startswith(f"{bench.address}/_files/")


def _as_data(bench: "Bench", url: str) -> str:
    data, media_type = bench.simulator.files[url.rpartition("/")[2].partition("?")[0]]
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


async def _to_the_end(bench: "Bench", order: Any, seen: Sighting) -> Sighting:
    """Poll as a worker does: until there is a verdict, or for `MAX_POLLS` polls."""
    if not isinstance(seen, Accepted):
        return seen
    news: Sighting = seen
    unclear: NoVerdict | None = None
    for _ in range(MAX_POLLS):
        news = await bench.provider.poll(order, seen.job)
        if not isinstance(news, Working | NoVerdict) and not (isinstance(news, Gone) and not news.certain):
            return news
        if isinstance(news, NoVerdict) and news.answer:
            unclear = news
    return unclear or news


async def _finished(bench: "Bench", case: "Case", distort: Distort) -> Sighting:
    """A complete job, with answers that are distorted on their way."""
    order = bench.order(case, call=next(_CALLS))
    bench.simulator.distort = distort
    try:
        return await _to_the_end(bench, order, await bench.provider.submit(order))
    finally:
        bench.simulator.distort = _as_it_is


async def _is_complete(bench: "Bench", case: "Case", distort: Distort) -> bool:
    """Whether the complete result is delivered."""
    order = bench.order(case, call=next(_CALLS))
    bench.simulator.distort = distort
    handed_on: list[str] = []
    try:
        seen = await _to_the_end(bench, order, await bench.provider.submit(order, handed_on.append))
        if not isinstance(seen, Finished) or len(seen.outputs) != case.made:
            return False
        for output in seen.outputs:
            if order.kind is Kind.LLM:
                if not output.text or not output.text.startswith("".join(handed_on)):
                    return False
                continue
            data = await bench.provider.fetch(order, output.url) if output.url else output.data
            if not isinstance(data, bytes) or measure(data).media_type.split("/")[0] != order.kind:
                return False
        msgspec.json.encode(seen.usage)
        return all(isinstance(each, int) and 0 <= each <= 2**53 for each in seen.usage.values())
    finally:
        bench.simulator.distort = _as_it_is


def _is_honest(seen: Sighting) -> bool:
    """Whether nothing is lost: a result, or a doubt with its answer."""
    match seen:
        case Finished():
            return bool(seen.outputs) or seen.answer is not None
        case InDoubt():
            return seen.answer is not None
        case Refused() | NotSent():
            return False
        case Gone():
            return not seen.certain
        case _:
            return True
