"""Sound at openspeech: dialect V3 answers with a sequence of JSON objects, the older V1 and `create` with one object.

None can be looked up later. The audio comes in the answer, in base64."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from adapters.outbound.client import Reply
from adapters.providers.base import wire_config
from adapters.providers.keyring import Key
from adapters.providers.redaction import redacted
from adapters.providers.sightings import (
    from_base64,
    is_media,
    output,
    server_error,
    unreadable_answer,
    unreadable_output,
)
from adapters.providers.tolerant_reader import as_text, count, json_objects, members
from adapters.providers.volcengine.requests import Speech, Wire
from domain.provider import Charged, Finished, InDoubt, Missing, Order, Output, Refused, Sighting

# docs/providers/volcengine.md#error-codes
V3_DONE, V1_DONE = 20000000, 3000
_V1_SEEN_BEFORE = 3006
_BUSY = {3003, 3005}
_FAILED = {3030, 3031, 3032, 3040}
_USER = "pixel"
_ADDRESSES_LIVE_SECONDS = 2 * 3600.0
_PATHS = {"v3": "/api/v3/tts/unidirectional", "v1": "/api/v1/tts", "create": "/api/v3/tts/create"}
_NOTHING = Missing(index=0, code="empty", message="openspeech answered without any audio.")


def speech_config(order: Order) -> Speech:
    """The `speech` part of a model's `wire` section."""
    return wire_config(order.spec, Wire).speech or Speech()


def path(speech: Speech) -> str:
    """The path of a dialect."""
    return _PATHS[speech.dialect]


def headers(order: Order, key: Key) -> dict[str, str]:
    """The headers of an order. A key is its secret and its application id, empty for keys of the new console."""
    secret, app = key.parts
    speech = speech_config(order)
    if speech.dialect == "v1":
        return {"Authorization": f"Bearer;{secret}"}  # with a semicolon and no space, as the vendor requires
    who = {"X-Api-App-Id": app, "X-Api-Access-Key": secret} if app else {"X-Api-Key": secret}
    if speech.dialect == "create":
        return who | {"X-Api-Request-Id": _request_id(order)}
    return who | {
        "X-Api-Resource-Id": speech.resource,
        "X-Api-Request-Id": _request_id(order),
        "X-Control-Require-Usage-Tokens-Return": "*",
    }


def to_wire(order: Order, key: Key) -> dict[str, Any]:
    """The body of a speech order."""
    speech, text = speech_config(order), order.params["prompt"]
    speed = float(order.params.get("speed") or 1.0)
    if speech.dialect == "v1":
        return {
            "app": {"appid": key.parts[1], "token": "in-the-header", "cluster": speech.cluster},
            "user": {"uid": _USER},
            "audio": {
                "voice_type": _speaker(order, speech),
                "encoding": "mp3",
                "rate": speech.sample_rate,
                "speed_ratio": speed,
            },
            "request": {"reqid": _request_id(order), "text": text, "text_type": "plain", "operation": "query"},
        }
    audio = {
        "format": "mp3",
        "sample_rate": speech.sample_rate,
        "speech_rate": round((speed - 1) * 100),  # -50 to 100 for half to double
        "loudness_rate": 0,
    }
    if speech.dialect == "create":
        return {"model": speech.resource, "text_prompt": text, "audio_config": audio}
    parameters = {"text": text, "speaker": _speaker(order, speech), "audio_params": audio}
    return {"user": {"uid": _USER}, "req_params": parameters}


def _speaker(order: Order, speech: Speech) -> str:
    voice: str = order.params.get("voice") or next((voice.id for voice in order.spec.voices or ()), "")
    return speech.speakers.get(voice, voice)


def _request_id(order: Order) -> str:
    """An id derived from the call. V1 refuses an id that it has seen, and so never makes a call twice."""
    return str(uuid5(NAMESPACE_URL, f"pixel:call:{order.call_id}"))


def submit_result(reply: Reply, speech: Speech, letters: int) -> Sighting:
    """The sighting for an answer. `letters` is the length of the text, which is billed where the answer has no
    usage."""
    match speech.dialect:
        case "v1":
            return _v1(reply, letters)
        case "create":
            return _created(reply)
        case "v3":
            return _v3(reply, letters)


def _v3(reply: Reply, letters: int) -> Sighting:
    if reply.ok and is_media(reply.body):  # plain audio, whatever its media type
        return _finished([reply.body], letters)
    audio, done = list[bytes | None](), None
    for part in json_objects(reply.body):
        code, message = _code_and_message(part)
        if code == V3_DONE:
            done = part
        elif code != 0 and not (code is None and reply.ok and part.get("data")):
            return refused(reply, code, message, charged="unknown" if audio else "no")
        audio += _audio(part)
    if not reply.ok:
        return refused(reply, None, "")
    if done is None:
        return InDoubt(reason="openspeech's answer ended before its end")
    words = count(members(done.get("usage")).get("text_words"))
    return _finished(audio, letters if words is None else words)


def _v1(reply: Reply, letters: int) -> Sighting:
    if reply.ok and is_media(reply.body):
        return _finished([reply.body], letters)
    answer = members(next(iter(json_objects(reply.body)), None))
    code, message = _code_and_message(answer)
    if code == V1_DONE or (code is None and reply.ok and answer.get("data")):
        return _finished(_audio(answer), letters)
    return refused(reply, code, message)


def _created(reply: Reply) -> Sighting:
    """The audio stands in `audio`, and at an address. Its length is billed as it was before a change of speed."""
    if reply.ok and is_media(reply.body):
        return Finished(outputs=(Output(index=0, data=reply.body),))
    answer = members(next(iter(json_objects(reply.body)), None))
    made = answer if answer.get("audio") or answer.get("url") else members(answer.get("data"))
    given = [value for value in (made.get("audio"), made.get("url")) if value]
    if reply.ok and given:
        seconds = count(made.get("original_duration") or made.get("duration"))
        inline, address = as_text(made.get("audio")), as_text(made.get("url"))
        read = output(0, inline, inline=True) or output(0, address)
        return Finished(
            outputs=(read,) if read else (),
            missing=() if read else (unreadable_output(0),),
            usage={} if seconds is None else {"second": seconds},
            expires_seconds=_ADDRESSES_LIVE_SECONDS,
        )
    code, message = _code_and_message(answer)
    if reply.ok and code in {0, V3_DONE}:
        return Finished(outputs=(), missing=(_NOTHING,))
    return refused(reply, code, message)


def _finished(audio: list[bytes | None], letters: int) -> Finished:
    """Audio with an unreadable part is unreadable as a whole, and was paid for."""
    data = b"".join(piece for piece in audio if piece)
    usage = {"character": letters}
    if None in audio:
        return Finished(outputs=(), missing=(unreadable_output(0),), usage=usage)
    return Finished(
        outputs=(Output(index=0, data=data),) if data else (), missing=() if data else (_NOTHING,), usage=usage
    )


def _code_and_message(part: dict[str, Any]) -> tuple[int | None, str]:
    """Code and message of an object: at its top, or in its `header` for refusals before the service."""
    header = members(part.get("header"))
    code = count(part.get("code"))
    return count(header.get("code")) if code is None else code, redacted(part.get("message") or header.get("message"))


def _audio(part: dict[str, Any]) -> list[bytes | None]:
    """The audio in an object; None for an unreadable part."""
    data = part.get("data")
    if not data:
        return []
    return [from_base64(data) if isinstance(data, str) else None]


# --- Errors: the text often says more than the code ---

# docs/providers/volcengine.md#error-codes
_BY_TEXT: Mapping[str, tuple[str, str]] = {
    "concurrency": ("rate_limited", "Too many texts are being spoken at once."),
    "quota exceeded": ("provider_quota", "The trial or the plan for this voice is used up."),
    "lifetime": ("provider_quota", "The trial or the plan for this voice is used up."),
    "grant not found": ("provider_auth", "openspeech refused the key: does it belong to this application?"),
    "permission denied": ("provider_model_missing", "The voice is not open to this account, or not of this resource."),
    "access denied": ("provider_model_missing", "The voice is not open to this account, or not of this resource."),
    "not granted": ("provider_model_missing", "The resource is not open to this account."),
    "mismatched": ("provider_model_missing", "The voice is not of this resource."),
}
_BY_STATUS = {
    401: ("provider_auth", "openspeech refused the key."),
    403: ("provider_auth", "openspeech refused the key."),
    429: ("rate_limited", "openspeech is busy."),
}
_UNKNOWN = ("provider_rejected", "openspeech refused the request.")


def refused(reply: Reply, code: int | None, message: str, *, charged: Charged = "no") -> Refused | InDoubt:
    """The sighting for an error. The code decides before the HTTP status, which may be 200 or 500 with any code."""
    if code is None and not 400 <= reply.status < 500:
        return server_error(reply) if reply.status >= 500 else unreadable_answer(reply)
    if code == _V1_SEEN_BEFORE:
        return InDoubt(reason="openspeech has seen this call before")
    meaning, words = _meaning(code, message, reply.status)
    if (
        meaning == _UNKNOWN[0]
        and reply.ok
        and not (3000 <= (code or 0) < 4000 or 40_000_000 <= (code or 0) < 50_000_000)
    ):
        return InDoubt(reason=f"openspeech answered with a code that is not known ({code})")
    failed = meaning == "generation_failed"
    busy = meaning == "rate_limited"
    if busy and charged != "no":  # some audio was made: another attempt would be paid again
        meaning, words, busy = "generation_failed", "openspeech stopped in the middle.", False
    return Refused(
        code=meaning,
        message=words,
        retryable=busy,
        retry_after_seconds=reply.retry_after_seconds if busy else None,
        charged="unknown" if failed else charged,
        provider_code=str(code if code is not None else reply.status),
        provider_message=message,
    )


def _meaning(code: int | None, message: str, status: int) -> tuple[str, str]:
    lower = message.lower()
    for text, means in _BY_TEXT.items():
        if text in lower:
            return means
    if code in _BUSY:
        return _BY_STATUS[429]
    if code is not None and (code in _FAILED or 50_000_000 <= code < 60_000_000):
        return "generation_failed", "openspeech could not speak it."
    return _BY_STATUS.get(status, _UNKNOWN)
