"""openspeech: Doubao's voices, as V3 sends them (a sequence of JSON objects) and as V1 does (one object); and Seed
Audio, by `create`."""

import base64
import json
from typing import Any

from tests.simulators import media
from tests.simulators._volcengine_ark import Ark
from tests.simulators.base import Answer, Request, require, unknown

APPS = {"1000000001": "token-0000000000000001", "1000000002": "token-0000000000000002"}
API_KEYS = {"11111111-0000-4000-8000-000000000001"}
SPEAKERS = {
    "zh_female_qingxinnvsheng_mars_bigtts": "seed-tts-1.0",
    "zh_female_shuangkuaisisi_moon_bigtts": "seed-tts-1.0",
    "zh_male_wenhao_mars_bigtts": "seed-tts-1.0",
    "zh_female_cancan_mars_bigtts": "seed-tts-1.0",
    "zh_female_vv_uranus_bigtts": "seed-tts-2.0",
    "zh_female_xiaohe_uranus_bigtts": "seed-tts-2.0",
}
RATES = {8000, 16000, 22050, 24000, 32000, 44100, 48000}
MAX_LETTERS = 3000
V3_REFUSALS = {
    "rate_limited": (45000000, "quota exceeded for types: concurrency"),
    "rate_limited_in_the_field": (45000292, "quota exceeded for types: concurrency"),
    "no_balance": (45000000, "quota exceeded for types: text_words_lifetime"),
    "invalid": (40402003, "TTSExceededTextLimit:exceed max limit"),
    "denied": (45000000, "speaker permission denied: get resource id: access denied"),
    "mismatch": (55000000, "resource ID is mismatched with speaker related resource"),
}
V1_REFUSALS = {
    "rate_limited": (3003, "quota exceeded for types: concurrency"),
    "no_balance": (3001, "quota exceeded for types: xxx_lifetime"),
    "invalid": (3011, "illegal input text!"),
    "denied": (3001, "get resource id: access denied"),
    "no_grant": (3001, "load grant: requested grant not found"),
    "job_failed": (3031, "Init Engine Instance failed"),
}
CREATE_REFUSALS = {
    "rate_limited": (45000292, "quota exceeded for types: concurrency"),
    "no_balance": (45000000, "quota exceeded for types: audio_duration_lifetime"),
    "invalid": (45000001, "invalid text_prompt"),
    "denied": (45000030, "resource not granted"),
    "job_failed": (55000000, "server error"),
}


class Openspeech:
    """The state of the speech service."""

    def __init__(self, ark: Ark) -> None:
        self.ark = ark
        self.seen: set[str] = set()
        ark.route("POST", r"/api/v3/tts/unidirectional", order=True)(self.v3)
        ark.route("POST", r"/api/v1/tts", order=True)(self.v1)
        ark.route("POST", r"/api/v3/tts/create", order=True)(self.create)

    async def v3(self, request: Request) -> Answer:
        """Speak, in parts: one JSON object each, and a last one, which alone means success."""
        _v3_let_in(request)
        fault = self.ark.fault(request, *V3_REFUSALS)
        if fault:
            raise _objects({"code": V3_REFUSALS[fault][0], "message": V3_REFUSALS[fault][1], "data": None})
        asked = _v3_check(request.json(), request.headers["x-api-resource-id"])
        self.ark.bill(request)
        audio = media.mp3("A quiet sea, a small boat.", 1 + asked["audio_params"].get("speech_rate", 0) / 100)
        lasting = self.ark.lasting(request.text, "no_outputs", "job_failed", "no_end")
        third = len(audio) // 3 + 1
        parts: list[dict[str, Any]] = [
            {"code": 0, "message": "", "data": base64.b64encode(audio[at : at + third]).decode()}
            for at in range(0, len(audio), third)
        ]
        sentence = {"text": asked["text"], "words": [{"word": "海", "startTime": 0.2, "endTime": 0.3}]}
        end: dict[str, Any] = {"code": 20000000, "message": "ok", "data": None}
        if request.headers.get("x-control-require-usage-tokens-return"):
            end["usage"] = {"text_words": len(asked["text"])}
        match lasting:
            case "no_outputs":
                return _objects(end)
            case "no_end":
                return _objects(*parts)
            case "job_failed":
                return _objects(parts[0], {"code": 55000000, "message": "server error", "data": None})
            case _:
                return _objects(*parts, {"code": 0, "message": "", "data": None, "sentence": sentence}, end)

    async def create(self, request: Request) -> Answer:
        """Make what a text describes, in one object. Only keys of the new console are let in."""
        refusal = {"header": {"reqid": "", "code": 45000010, "message": "load grant: requested grant not found"}}
        require(request.headers.get("x-api-key") in API_KEYS, Answer(401, json=refusal))
        fault = self.ark.fault(request, *CREATE_REFUSALS)
        if fault:
            code, message = CREATE_REFUSALS[fault]
            raise Answer(403 if fault == "denied" else 400, json={"code": code, "message": message})
        audio = media.mp3("A quiet sea, a small boat.", 1 + _create_check(request.json()) / 100)
        self.ark.bill(request)
        made: dict[str, Any] = {"duration": 1.63, "original_duration": 1.96}
        match self.ark.lasting(request.text, "no_outputs", "by_address", "in_data"):
            case "no_outputs":
                made = {"code": 0, "message": "ok"}
            case "by_address":
                made["url"] = f"{request.base}/files/{self.ark.keep_file(audio, 'audio/mpeg', 'mp3')}"
            case "in_data":
                made = {"code": 0, "data": made | {"audio": base64.b64encode(audio).decode()}}
            case _:
                made["audio"] = base64.b64encode(audio).decode()
                made["url"] = f"{request.base}/files/{self.ark.keep_file(audio, 'audio/mpeg', 'mp3')}"
        return Answer(200, json=made, headers={"x-tt-logid": "0217"})

    async def v1(self, request: Request) -> Answer:
        """Speak, in one object."""
        body: dict[str, Any] = request.json()
        reqid = body.get("request", {}).get("reqid")
        token = APPS.get(str(body.get("app", {}).get("appid")))
        if token is None or request.headers.get("authorization") != f"Bearer;{token}":
            raise _v1_no(reqid, 3001, "load grant: requested grant not found", 401)
        fault = self.ark.fault(request, *V1_REFUSALS)
        if fault:
            raise _v1_no(reqid, *V1_REFUSALS[fault])
        _v1_check(body)
        require(reqid not in self.seen, _v1_no(reqid, 3006, "duplicated reqid"))
        self.seen.add(reqid)
        self.ark.bill(request)
        audio = media.mp3("A quiet sea, a small boat.", body["audio"].get("speed_ratio", 1.0))
        return Answer(
            200,
            json={
                "reqid": reqid,
                "code": 3000,
                "operation": "query",
                "message": "Success",
                "sequence": -1,
                "data": "" if self.ark.lasting(request.text, "no_outputs") else base64.b64encode(audio).decode(),
                "addition": {"duration": "1960"},
            },
            headers={"x-tt-logid": "0217"},
        )


def _v3_let_in(request: Request) -> None:
    headers = request.headers
    refusal = Answer(
        401, json={"header": {"reqid": "", "code": 45000010, "message": "load grant: requested grant not found"}}
    )
    if "x-api-key" in headers:
        require(headers["x-api-key"] in API_KEYS and "x-api-access-key" not in headers, refusal)
    else:
        token = APPS.get(headers.get("x-api-app-id", ""))
        require(token and headers.get("x-api-access-key") == token, refusal)
    require("authorization" not in headers, refusal)
    require(headers.get("x-api-resource-id"), _objects({"code": 45000000, "message": "resource id is required"}))


def _v3_check(body: dict[str, Any], resource: str) -> dict[str, Any]:
    def need(holds: object, what: str) -> None:
        require(holds, _objects({"code": 45000000, "message": f"invalid {what}", "data": None}))

    asked: dict[str, Any] = body.get("req_params", {})
    need(not unknown(body, ["user", "req_params"]), "body")
    need(not unknown(asked, ["text", "speaker", "audio_params", "additions"]), "req_params")
    need(isinstance(asked.get("text"), str) and asked["text"], "text")
    too_long = _objects({"code": 40402003, "message": "TTSExceededTextLimit:exceed max limit", "data": None})
    require(len(asked["text"]) <= MAX_LETTERS, too_long)
    audio: dict[str, Any] = asked.get("audio_params", {})
    need(not unknown(audio, ["format", "sample_rate", "speech_rate", "loudness_rate"]), "audio_params")
    need(audio.get("format", "mp3") == "mp3" and audio.get("sample_rate", 24000) in RATES, "audio_params")
    for rate in ("speech_rate", "loudness_rate"):
        need(type(audio.get(rate, 0)) is int and -50 <= audio.get(rate, 0) <= 100, rate)
    need(isinstance(asked.get("additions", "{}"), str), "additions")
    need(asked.get("speaker") in SPEAKERS, "speaker")
    mismatch = {"code": 45000000, "message": "speaker permission denied: get resource id: access denied", "data": None}
    require(SPEAKERS[asked["speaker"]] == resource, _objects(mismatch))
    return asked


def _create_check(body: dict[str, Any]) -> int:
    """Check a body; returns the change of speed in percent."""

    def need(holds: object, what: str) -> None:
        require(holds, Answer(400, json={"code": 45000001, "message": f"invalid {what}"}))

    need(not unknown(body, ["model", "text_prompt", "audio_config", "references", "watermark"]), "body")
    need(body.get("model") == "seed-audio-1.0", "model")
    text = body.get("text_prompt")
    need(isinstance(text, str) and 0 < len(text) <= MAX_LETTERS, "text_prompt")
    references = body.get("references")
    one_of = ({"speaker"}, {"audio_url"}, {"audio_data"}, {"image_url"}, {"image_data"})
    need("references" not in body or (references and all(set(each) in one_of for each in references)), "references")
    audio: dict[str, Any] = body.get("audio_config", {})
    need(not unknown(audio, ["format", "sample_rate", "speech_rate", "loudness_rate", "pitch_rate"]), "audio_config")
    need(audio.get("format", "wav") in {"wav", "mp3", "pcm", "ogg_opus"}, "format")
    need(audio.get("sample_rate", 24000) in RATES, "sample_rate")
    for rate, (least, most) in {
        "speech_rate": (-50, 100),
        "loudness_rate": (-50, 100),
        "pitch_rate": (-12, 12),
    }.items():
        need(type(audio.get(rate, 0)) is int and least <= audio.get(rate, 0) <= most, rate)
    speed: int = audio.get("speech_rate", 0)
    return speed


def _v1_check(body: dict[str, Any]) -> None:
    def need(holds: object, code: int, what: str) -> None:
        require(holds, _v1_no(body.get("request", {}).get("reqid"), code, what))

    app, audio, asked = body["app"], body.get("audio", {}), body.get("request", {})
    need(not unknown(body, ["app", "user", "audio", "request"]), 3001, "invalid body")
    need(app.get("token") and app.get("cluster") == "volcano_tts", 3001, "invalid app")
    need(body.get("user", {}).get("uid"), 3001, "invalid user")
    need(not unknown(audio, ["voice_type", "encoding", "rate", "speed_ratio"]), 3001, "invalid audio")
    need(audio.get("encoding") == "mp3" and audio.get("rate", 24000) in {8000, 16000, 24000}, 3001, "invalid audio")
    need(0.8 <= audio.get("speed_ratio", 1.0) <= 2.0, 3001, "invalid speed_ratio")
    need(not unknown(asked, ["reqid", "text", "text_type", "operation"]), 3001, "invalid request")
    need(asked.get("operation") == "query" and asked.get("text_type", "plain") == "plain", 3001, "operation")
    need(asked.get("reqid"), 3001, "reqid")
    need(len(asked.get("text", "").encode()) <= 1024, 3010, "text too long")
    need(audio.get("voice_type") in SPEAKERS, 3050, "voice does not exist")


def _v1_no(reqid: object, code: int, message: str, status: int = 400) -> Answer:
    reply = {"reqid": reqid, "code": code, "operation": "query", "message": message, "sequence": -1}
    return Answer(status, json=reply, headers={"x-tt-logid": "0217"})


def _objects(*objects: dict[str, Any]) -> Answer:
    """The objects one after the other, mostly one a line: the vendor does not promise that a line or a chunk is one
    object."""
    lines = [json.dumps(each, ensure_ascii=False) + ("" if at == 0 else "\n") for at, each in enumerate(objects)]
    headers = {"x-tt-logid": "0217"}
    return Answer(200, data="".join(lines).encode(), media_type="application/json", headers=headers)
