"""Google's Gemini API: pictures, speech and chat by generateContent. Films have files of their own.

What is blocked comes with HTTP 200, and a picture may be answered with words only: the body decides, not the status.
Nothing can be looked up afterwards, so an answer that is lost stays a doubt."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import httpx

from adapters.media.raw_audio import playable
from adapters.outbound.client import Reply, base64_of, build_request
from adapters.providers.base import Adapter, HttpProvider, extra_params, keys_in, missing_key, wire_config
from adapters.providers.gemini import interactions, videos
from adapters.providers.gemini.errors import BLOCKED, refused
from adapters.providers.keyring import Key
from adapters.providers.redaction import redacted
from adapters.providers.sightings import from_base64, unreadable_answer, unreadable_output
from adapters.providers.tolerant_reader import counts, decode
from domain import capabilities
from domain.base import Value
from domain.model import Kind
from domain.provider import CancelResult, Finished, Input, Missing, NoVerdict, Order, Output, Refused, Sighting

_ANSWER_SECONDS = 300.0
_ACCEPT_SECONDS = 60.0


class Wire(Value):
    """A model's `wire`: its name at Google; whether it takes `imageSize` (only those of one size don't).

    `video`: how films are ordered: as an `interaction`; as an `operation` whose name is asked for, as the Gemini API
    did once; or as Vertex does, by `fetch_operation`."""

    model: str
    image_size: bool = True
    video: Literal["interaction", "operation", "fetch_operation"] = "interaction"


class _Blob(Value, rename="camel"):
    mime_type: str = ""
    data: str = ""


class _Part(Value, rename="camel"):
    text: str | None = None
    inline_data: _Blob | None = None
    thought: bool = False


class _Content(Value):
    parts: tuple[_Part, ...] = ()


class _Candidate(Value, rename="camel"):
    content: _Content = _Content()
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(Value, rename="camel"):
    block_reason: str | None = None
    block_reason_message: str | None = None


class _Answer(Value, rename="camel"):
    candidates: tuple[_Candidate, ...] = ()
    prompt_feedback: _Feedback | None = None
    usage_metadata: Any = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of a generateContent request."""
    match order.kind:
        case Kind.LLM:
            return _chat(order)
        case Kind.AUDIO:
            voice = order.params.get("voice") or next(voice.id for voice in order.spec.voices or ())
            speech = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
            config: dict[str, Any] = {"responseModalities": ["AUDIO"], "speechConfig": speech}
            return {"contents": [_turn("user", order.params["prompt"])], "generationConfig": config}
        case _:
            # TEXT belongs to it: some models refuse to answer with a picture alone.
            config = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": _size(order)}
            pictures = [_image(given) for given in order.inputs]
            return {"contents": [_turn("user", order.params["prompt"], *pictures)], "generationConfig": config}


def _size(order: Order) -> dict[str, str]:
    """Both are always said, for the vendor's defaults depend on the reference pictures."""
    level = order.params.get("resolution")
    sizes = capabilities.aspect_ratios(order.spec, level)
    optional = {
        "aspectRatio": order.params.get("aspectRatio") or capabilities.default_ratio(order.spec, sizes),
        "imageSize": capabilities.resolution(order.spec, level) if wire_config(order.spec, Wire).image_size else None,
    }
    return {name: value for name, value in optional.items() if value is not None}


def _chat(order: Order) -> dict[str, Any]:
    params = order.params
    messages = list(params.get("messages") or ())
    system = [params["system"]] if params.get("system") is not None else []
    system += [message["content"] for message in messages if message["role"] == "system"]
    roles = {"user": "user", "assistant": "model"}
    turns = [_turn(roles[said_by], message["content"]) for message in messages if (said_by := message["role"]) in roles]
    if params.get("prompt") is not None:
        turns.append(_turn("user", params["prompt"]))
    optional = {
        "temperature": params.get("temperature"),
        "maxOutputTokens": params.get("maxTokens") or order.spec.limits.max_tokens,
        "seed": extra_params(order).get("seed"),
    }
    body: dict[str, Any] = {"contents": turns}
    if system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in system]}
    return body | {"generationConfig": {name: value for name, value in optional.items() if value is not None}}


def _turn(role: str, text: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text}, *more]}


def _image(given: Input) -> dict[str, Any]:
    return {"inlineData": {"mimeType": given.media_type or "image/png", "data": base64_of(given.data)}}


def submit_result(order: Order, reply: Reply) -> Sighting:
    """What a generateContent answer says. What was made is a result, whatever stands beside it."""
    if not reply.ok:
        return refused(reply)
    answer = decode(reply.body, _Answer)
    if answer is None:
        return unreadable_answer(reply)
    feedback, candidate, outputs, missing = answer.prompt_feedback, _Candidate(), list[Output](), list[Missing]()
    for candidate in answer.candidates:
        parts = [part for part in candidate.content.parts if not part.thought]
        outputs, missing = _outputs(order.kind, parts)
        if outputs or missing:
            usage = _usage(order.kind, counts(answer.usage_metadata), len(outputs) + len(missing))
            return Finished(outputs=tuple(outputs), missing=tuple(missing), usage=usage)
    if feedback and feedback.block_reason:
        return _blocked("content_rejected_input", feedback.block_reason, feedback.block_reason_message)
    if not answer.candidates:
        return unreadable_answer(reply)
    reason = candidate.finish_reason or "no finishReason"
    if reason in BLOCKED:
        return _blocked("content_rejected_output", reason, candidate.finish_message)
    words = redacted(candidate.finish_message or "".join(part.text or "" for part in candidate.content.parts))
    nothing = Missing(index=0, code=reason, message=f"The model made nothing ({reason}). {words}".strip())
    return Finished(outputs=(), missing=(nothing,), usage=_usage(order.kind, counts(answer.usage_metadata), 0))


def _blocked(code: str, reason: str, words: str | None) -> Refused:
    """Whether what is blocked is billed is written nowhere."""
    by = "the request" if code == "content_rejected_input" else "the result"
    return Refused(
        code=code,
        message=f"Google's filter held {by} back.",
        charged="unknown",
        provider_code=reason,
        provider_message=redacted(words),
    )


def _outputs(kind: Kind, parts: list[_Part]) -> tuple[list[Output], list[Missing]]:
    if kind is Kind.LLM:
        text = "".join(part.text or "" for part in parts)
        return ([Output(index=0, text=text)] if text else []), []
    outputs: list[Output] = []
    missing: list[Missing] = []
    for index, blob in enumerate(part.inline_data for part in parts if part.inline_data):
        data = from_base64(blob.data)
        if data:
            data = playable(blob.mime_type, data) if kind is Kind.AUDIO else data
            outputs.append(Output(index=index, data=data))
        else:
            missing.append(unreadable_output(index))
    return outputs, missing


_TOKENS = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount")


def _usage(kind: Kind, told: Mapping[str, int], made: int) -> dict[str, int]:
    """Thoughts are billed as output. A count that is not told is no zero."""
    usage = {name: told[name] for name in _TOKENS if name in told}
    if "promptTokenCount" in told:
        usage["input_token"] = told["promptTokenCount"]
    if "candidatesTokenCount" in told or "thoughtsTokenCount" in told:
        usage["output_token"] = told.get("candidatesTokenCount", 0) + told.get("thoughtsTokenCount", 0)
    return usage | ({"image": made} if kind is Kind.IMAGE else {})


class Gemini(HttpProvider):
    """Sends the above."""

    takes_urls = False  # what it calls a file's address is one of its own

    async def _submit(self, order: Order, key: Key) -> Sighting:
        """A video is accepted first; everything else comes at once."""
        request, from_wire, seconds = await self.encode(order, lambda: self._build_request(order, key))
        reply = await self.send_once(order, request, seconds)
        return await self.read_sighting(reply, from_wire)

    def _build_request(self, order: Order, key: Key) -> tuple[httpx.Request, Callable[[Reply], Sighting], float]:
        """The request, what reads its answer, and for how long that is waited for."""
        wire = wire_config(order.spec, Wire)
        model = f"/models/{wire.model}"
        if order.kind is not Kind.VIDEO:
            request = self._request("POST", f"{model}:generateContent", key, to_wire(order))
            return request, partial(submit_result, order), _ANSWER_SECONDS
        if wire.video == "interaction":
            request = self._request("POST", "/interactions", key, interactions.to_wire(order, wire.model))
            return request, interactions.submit_result, _ACCEPT_SECONDS
        request = self._request("POST", f"{model}:predictLongRunning", key, videos.to_wire(order))
        return request, videos.submit_result, _ACCEPT_SECONDS

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the video doing?"""
        wire = wire_config(order.spec, Wire)
        name = interactions.NAME if wire.video == "interaction" else videos.NAME
        if not name.fullmatch(job):
            return NoVerdict(reason="the name of the job is none of Google's")
        if wire.video == "interaction":
            reply = await self.client.query(self._request("GET", f"/interactions/{job}", key))
            return await self.read_sighting(reply, partial(interactions.poll_result, order))
        if wire.video == "fetch_operation":
            path, body = f"/models/{wire.model}:fetchPredictOperation", {"operationName": job}
            question = self._request("POST", path, key, body)
        else:
            question = self._request("GET", f"/{job}", key)
        reply = await self.client.query(question)
        return await self.read_sighting(reply, partial(videos.poll_result, order))

    async def _cancel(self, order: Order, key: Key, job: str) -> CancelResult:
        """Only interactions can be stopped."""
        if wire_config(order.spec, Wire).video != "interaction" or not interactions.NAME.fullmatch(job):
            return await super()._cancel(order, key, job)
        reply = await self.client.query(self._request("POST", f"/interactions/{job}/cancel", key, {}))
        if isinstance(reply, Reply) and reply.ok and interactions.cancel_result(reply).outcome == "unknown":
            reply = await self.client.query(self._request("GET", f"/interactions/{job}", key))
        if isinstance(reply, NoVerdict):
            return CancelResult(outcome="unknown", message=reply.reason)
        return interactions.cancel_result(reply)

    def download_headers(self, order: Order, key: Key, url: str) -> Mapping[str, str]:
        """Google's files want the key. It goes where the questions go, and nowhere else."""
        return {"x-goog-api-key": key.secret} if _origin(url) == _origin(self.base_url) else {}

    def _request(self, method: str, path: str, key: Key, body: dict[str, Any] | None = None) -> httpx.Request:
        return build_request(method, self.base_url + path, headers={"x-goog-api-key": key.secret}, json_body=body)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    return parsed.scheme, parsed.host, parsed.port


ADAPTER = Adapter(
    open=Gemini,
    wire=Wire,
    base_url="https://generativelanguage.googleapis.com/v1beta",
    keys=keys_in,
    missing=missing_key,
)
