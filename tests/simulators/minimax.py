"""MiniMax: images, speech and chat at once, videos by job (v1 and v2). Facts: the vendor's API reference of 2026."""

import io
from functools import lru_cache
from typing import Any

import av
import msgspec
from av.audio.stream import AudioStream

from tests.simulators import media
from tests.simulators._chat_stream import as_stream
from tests.simulators._minimax_rules import is_a, is_link
from tests.simulators._minimax_video import Videos, fine, let_in, v1_error
from tests.simulators.base import Answer, Request, Simulator, require, unknown

KEYS = {"sk-api-0000000000000001", "sk-api-0000000000000002"}
GROUP = "1900000000000000001"
IMAGE_SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1280, 720),
    "4:3": (1152, 864),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "3:4": (864, 1152),
    "9:16": (720, 1280),
    "21:9": (1344, 576),
}
IMAGE_FIELDS = ["model", "prompt", "aspect_ratio", "response_format", "seed", "n", "prompt_optimizer"]
IMAGE_EXTRAS = ["aigc_watermark", "subject_reference"]
SPEECH_MODELS = {"speech-2.8-hd", "speech-2.8-turbo", "speech-2.6-hd", "speech-2.6-turbo"}
SPEECH_FIELDS = ["model", "text", "stream", "voice_setting", "audio_setting", "output_format", "language_boost"]
VOICES = {
    *("English_Graceful_Lady", "English_Persuasive_Man", "English_radiant_girl", "English_expressive_narrator"),
    *("Chinese (Mandarin)_Lyrical_Voice", "Chinese (Mandarin)_HK_Flight_Attendant"),
    *("Chinese (Mandarin)_News_Anchor", "Japanese_Whisper_Belle"),
}
CHAT_MODELS = {"MiniMax-M3", "MiniMax-M2.7", "MiniMax-M2.7-highspeed"}
CHAT_FIELDS = ["model", "messages", "stream", "max_completion_tokens", "temperature", "top_p", "thinking"]
WORDS = "A quiet sea, a small boat."


class MiniMax(Simulator):
    """The state of the vendor."""

    def callback(self, request: Request, answer: Answer) -> tuple[str, object] | None:
        """The task's id and a status of another vocabulary; no signature."""
        url = request.json().get("callback_url")
        task = msgspec.json.decode(answer.body) if url else {}
        return (url, {"task_id": task["task_id"], "status": "processing"}) if task.get("task_id") else None

    def __init__(self) -> None:
        super().__init__("minimax")
        self.videos = Videos(self, KEYS, GROUP)
        self.route("POST", r"/v1/image_generation", order=True)(self.image)
        self.route("POST", r"/v1/t2a_v2", order=True)(self.speech)
        self.route("POST", r"/v1/text/chatcompletion_v2", order=True)(self.chat)
        self.route("GET", r"/v1/models")(self.list_models)

    async def list_models(self, request: Request) -> Answer:
        """The chat models, in OpenAI's form; no other kind is listed."""
        let_in(self, request, keys=KEYS, group=GROUP)
        about = {"object": "model", "created": 1795000000, "owned_by": "minimax"}
        return Answer(200, json={"object": "list", "data": [{"id": name} | about for name in sorted(CHAT_MODELS)]})

    async def image(self, request: Request) -> Answer:
        """Draw at once. Images that its filter blocks are counted, and left out."""
        let_in(self, request, keys=KEYS, group=GROUP)
        body: dict[str, Any] = request.json()
        problem = _image_problem(body)
        require(not problem, v1_error(2013, f"invalid params, {problem}"))
        self.bill(request)
        self._break(request)
        n = body.get("n", 1)
        mark = self.lasting(request.text, "missing_outputs", "moderated_output", "all_blocked", "no_outputs")
        require(mark != "moderated_output", v1_error(1027, "the image contains sensitive content"))
        blocked = {"missing_outputs": 1, "all_blocked": n}.get(str(mark), 0)
        made = 0 if mark == "no_outputs" else n - blocked
        width, height = IMAGE_SIZES[body.get("aspect_ratio", "1:1")]
        if self.lasting(request.text, "wrong_size"):
            width, height = width // 2, height // 2
        images = [media.png(f"{body['prompt'][:60]} {index}", width, height) for index in range(made)]
        urls = [self._address(request, data) for data in images]
        counts = {"success_count": str(made), "failed_count": str(blocked)}
        return fine({"id": "03ff3cd0820949eb8a410056b5f21d38", "data": {"image_urls": urls}, "metadata": counts})

    async def speech(self, request: Request) -> Answer:
        """Speak at once: the audio comes as hexadecimal digits."""
        let_in(self, request, keys=KEYS, group=GROUP)
        body: dict[str, Any] = request.json()
        problem = _speech_problem(body)
        require(not problem, v1_error(2013, f"invalid params, {problem}"))
        voice: dict[str, Any] = body.get("voice_setting") or {}
        require(voice.get("voice_id") in VOICES, v1_error(2042, "no access to this voice_id"))
        self.bill(request)
        self._break(request)
        require(not self.lasting(request.text, "moderated_output"), v1_error(1027, "sensitive content"))
        wav = media.wav(body["text"][:200], float(voice.get("speed", 1.0)))
        kind = (body.get("audio_setting") or {}).get("format", "mp3")
        audio = wav if kind == "wav" else _mp3(wav)
        about = {"audio_length": len(wav) // 44, "audio_sample_rate": 32000, "audio_size": len(audio), "word_count": 5}
        about |= {"invisible_character_ratio": 0, "usage_characters": len(body["text"]), "audio_format": kind}
        data: dict[str, Any] | None = {"audio": audio.hex(), "subtitle_file": None, "status": 2}
        if self.lasting(request.text, "no_outputs"):
            data = None
        if self.lasting(request.text, "not_hex"):
            data = {"audio": "a sound", "status": 2}
        return fine({"data": data, "extra_info": about, "trace_id": "01b8bf9bb7433cc75c18eee6cfa8fe21"})

    async def chat(self, request: Request) -> Answer:
        """Answer a chat."""
        let_in(self, request, keys=KEYS, group=GROUP)
        body: dict[str, Any] = request.json()
        problem = _chat_problem(body)
        require(not problem, v1_error(2013, f"invalid params, {problem}"))
        self.bill(request)
        self._break(request)
        words, reason = WORDS, "stop"
        match self.lasting(request.text, "moderated_output", "thinking_aloud", "only_thoughts"):
            case "moderated_output":
                words, reason = "", "content_filter"
            case "thinking_aloud":
                words = f"<think>\nThe sea is asked for.\n</think>\n{WORDS}"
            case "only_thoughts":
                words, reason = "<think>\nThe sea is", "length"
            case _:
                pass
        message = {"content": words, "role": "assistant", "name": "MiniMax AI", "audio_content": ""}
        usage = {"total_tokens": 60, "total_characters": 0, "prompt_tokens": 7, "completion_tokens": 53}
        answer = fine(
            {
                "id": "04ecb5d9b1921ae0fb0e8da9017a5474",
                "choices": [{"finish_reason": reason, "index": 0, "message": message}],
                "created": 1795000000,
                "model": body["model"],
                "object": "chat.completion",
                "usage": usage | {"completion_tokens_details": {"reasoning_tokens": 44}},
                "input_sensitive": False,
                "output_sensitive": reason == "content_filter",
                "input_sensitive_type": 0,
                "output_sensitive_type": 0,
            }
        )
        failure = {"base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"}}
        return as_stream(self, request, answer, error=failure, nulls=False, ends_whole=True)

    def _address(self, request: Request, data: bytes) -> str:
        name = f"picture-{len(self.files) + 1}.png"  # the golden files have this name
        self.files[name] = (data, "image/png")
        return f"{request.base}/_files/{name}"

    def _break(self, request: Request) -> None:
        if self.fault(request, "internal_after"):
            raise v1_error(1024, "internal error")


def _image_problem(body: dict[str, Any]) -> str | None:
    references: list[Any] = body.get("subject_reference", [])
    rules = {
        "unknown fields": not unknown(body, IMAGE_FIELDS + IMAGE_EXTRAS),
        "model": body.get("model") == "image-01",
        "prompt": is_a(body.get("prompt"), str) and 0 < len(body["prompt"]) <= 1500,
        "aspect_ratio": body.get("aspect_ratio", "1:1") in IMAGE_SIZES,
        "n": is_a(body.get("n", 1), int) and 1 <= body.get("n", 1) <= 9,
        "seed": is_a(body.get("seed", 0), int),
        "response_format": body.get("response_format", "url") == "url",
        "prompt_optimizer": is_a(body.get("prompt_optimizer", False), bool),
        "aigc_watermark": is_a(body.get("aigc_watermark", False), bool),
        "subject_reference": is_a(references, list)
        and len(references) <= 1
        and all(
            set(item) == {"type", "image_file"} and item["type"] == "character" and is_link(item["image_file"])
            for item in references
        ),
    }
    return next((problem for problem, good in rules.items() if not good), None)


def _speech_problem(body: dict[str, Any]) -> str | None:
    voice: dict[str, Any] = body.get("voice_setting") or {}
    audio: dict[str, Any] = body.get("audio_setting") or {}
    speed = voice.get("speed", 1.0)
    rules = {
        "unknown fields": not unknown(body, SPEECH_FIELDS),
        "model": body.get("model") in SPEECH_MODELS,
        "text": is_a(body.get("text"), str) and 0 < len(body["text"]) < 10000,
        "stream": body.get("stream", False) is False,
        "voice_setting": not unknown(voice, ["voice_id", "speed", "vol", "pitch", "emotion"]),
        "speed": is_a(speed, int, float) and 0.5 <= speed <= 2,
        "audio_setting": not unknown(audio, ["sample_rate", "bitrate", "format", "channel"]),
        "format": audio.get("format", "mp3") in {"mp3", "wav"},
        "output_format": body.get("output_format", "hex") == "hex",
    }
    return next((problem for problem, good in rules.items() if not good), None)


def _chat_problem(body: dict[str, Any]) -> str | None:
    messages: list[dict[str, Any]] = body.get("messages") or []
    temperature = body.get("temperature", 1.0)
    rules = {
        "unknown fields": not unknown(body, CHAT_FIELDS),
        "unknown model": body.get("model") in CHAT_MODELS,
        "messages": is_a(messages, list)
        and len(messages) > 0
        and all(
            item.get("role") in {"system", "user", "assistant"} and is_a(item.get("content"), str) for item in messages
        ),
        "stream": body.get("stream", False) in (False, True),
        "temperature": is_a(temperature, int, float) and 0 < temperature <= 1,
        "max_completion_tokens": body.get("max_completion_tokens", 1) >= 1,
        "thinking": body.get("thinking", {"type": "adaptive"}) in ({"type": "adaptive"}, {"type": "disabled"}),
    }
    return next((problem for problem, good in rules.items() if not good), None)


@lru_cache(maxsize=16)
def _mp3(wav: bytes) -> bytes:
    """The same audio as MP3."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", 32000)  # pyright: ignore[reportUnknownMemberType] - **kwargs
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=32000)
        for frame in [*_audio(wav), None]:
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))  # pyright: ignore[reportUnknownMemberType] - a generic left open
        target.mux(stream.encode(None))  # pyright: ignore[reportUnknownMemberType] - a generic left open
    return out.getvalue()


def _audio(wav: bytes) -> list[av.AudioFrame]:
    with av.open(io.BytesIO(wav), "r") as source:
        return list(source.decode(audio=0))


def simulator() -> Simulator:
    """A new simulator."""
    return MiniMax()
