"""The Gemini API: images, speech and chat by generateContent. Videos are in `_gemini_video` and `_gemini_interactions`.

Facts: the vendor's pages and its SDK, which drives this in `test_gemini_sdk.py`. Stricter than the vendor where it is
known to be lenient: the key in the address and `data:` are refused."""

import base64
import binascii
import io
import wave
from typing import Any

from PIL import Image

from tests.simulators import _gemini_interactions, _gemini_video, media
from tests.simulators._gemini_interactions import Interactions
from tests.simulators._gemini_video import VeoVideos
from tests.simulators._google import answer_gone, authorised, camel_case, decoded, error, let_in, refuse_unknown
from tests.simulators._google_stream import as_stream
from tests.simulators.base import Answer, Request, Simulator, require

# 1K; 2K and 4K are twice and four times that.
SIZES = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
LEVELS = {"1K": 1, "2K": 2, "4K": 4}
IMAGE_TOKENS = {"1K": 1120, "2K": 1680, "4K": 2520}
IMAGE_MODELS = {
    "gemini-nano-banana-2.1": ["1K", "2K", "4K"],
    "gemini-3.1-flash-image": ["1K", "2K", "4K"],
    "gemini-3.1-flash-lite-image": ["1K"],
    "gemini-3-pro-image": ["1K", "2K", "4K"],
}
SPEECH_MODELS = {"gemini-3.8-flash-tts", "gemini-3.8-flash-lite-tts"}
CHAT_MODELS = {"gemini-3.8-flash", "gemini-3.5-flash-lite", "gemini-4-hydrogen", "gemini-4-argon"}
_NAMES = (
    "Kore Puck Zephyr Charon Fenrir Leda Orus Aoede Callirrhoe Autonoe Enceladus Iapetus Umbriel Algieba Despina "
    "Erinome Algenib Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux Pulcherrima Achird Zubenelgenubi "
    "Vindemiatrix Sadachbia Sadaltager Sulafat"
)
VOICES = frozenset(_NAMES.split())
TOP = ["contents", "systemInstruction", "generationConfig", "safetySettings"]
CONFIG = [
    "responseModalities",
    "imageConfig",
    "speechConfig",
    "temperature",
    "maxOutputTokens",
    "candidateCount",
    "seed",
]
MAX_BYTES = 20 * 1024 * 1024
MAX_LISTED = 5
MAX_TOKENS = 65536


class Gemini(Simulator):
    """The state of the vendor."""

    def __init__(self) -> None:
        super().__init__("gemini")
        self.route("POST", r"/v1(?:beta)?/models/(?P<model>[\w.-]+):generateContent", order=True)(self.generate)
        self.route("POST", r"/v1(?:beta)?/models/(?P<model>[\w.-]+):streamGenerateContent", order=True)(self.stream)
        self.route("GET", r"/v1(?:beta)?/models")(self.list_models)
        VeoVideos(self)
        Interactions(self)

    def keep_file(self, data: bytes, media_type: str, extension: str) -> str:
        """Offer a file for download, under a name of letters and digits, as the vendor's are."""
        file = super().keep_file(data, media_type, extension)
        name = file.partition(".")[0]
        self.files[name] = self.files.pop(file)
        return name

    async def list_models(self, request: Request) -> Answer:
        """A page of the list. The vendor may give fewer than are asked for."""
        authorised(request)
        refuse_unknown(request.query, ["pageSize", "pageToken"], "")
        size = request.query.get("pageSize", ["50"])[0]
        require(size.isdecimal() and int(size) > 0, error(400, "Invalid value at 'page_size' (TYPE_INT32)"))
        models = _listed()
        starts = {f"token{start}": start for start in range(0, len(models), MAX_LISTED)}
        start = starts.get(request.query.get("pageToken", ["token0"])[0])
        require(start is not None, error(400, "The page token is invalid."))
        assert start is not None
        end = start + min(int(size), MAX_LISTED)
        more = {"nextPageToken": f"token{end}"} if end < len(models) else {}
        return Answer(200, json={"models": models[start:end], **more})

    async def generate(self, request: Request) -> Answer:
        """Everything that is made at once. A blocked prompt is answered with HTTP 200."""
        let_in(self, request)
        model, body = request.at["model"], camel_case(request.json())
        config: dict[str, Any] = body.get("generationConfig", {})
        require(len(request.body) <= MAX_BYTES, error(400, "Request payload size exceeds the limit: 20971520 bytes."))
        refuse_unknown(body, TOP, "")
        refuse_unknown(config, CONFIG, "generation_config")
        turns = _turns(body)
        require(config.get("candidateCount", 1) == 1, error(400, "Only one candidate can be specified in this model"))
        if self.lasting(request.text, "moderated_input"):
            blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
            return Answer(200, json=blocked | _usage(model, 12, {}))
        if model in IMAGE_MODELS:
            return self._image(request, model, config, turns)
        if model in SPEECH_MODELS:
            return self._voice(request, model, body, turns)
        if model in CHAT_MODELS:
            return self._words(request, model, config, turns)
        raise answer_gone(model, "generateContent")

    async def stream(self, request: Request) -> Answer:
        """A chat as events. A refusal before the first of them is a plain answer."""
        refuse_unknown(request.query, ["alt"], "")
        require(request.at["model"] in CHAT_MODELS, answer_gone(request.at["model"], "streamGenerateContent"))
        return as_stream(self, request, await self.generate(request))

    def _image(self, request: Request, model: str, config: dict[str, Any], turns: list[list[dict[str, Any]]]) -> Answer:
        modalities = config.get("responseModalities", ["TEXT", "IMAGE"])
        require("IMAGE" in modalities, error(400, "responseModalities must hold IMAGE"))
        require(not set(config) - {"responseModalities", "imageConfig", "candidateCount"}, error(400, "not for images"))
        wanted: dict[str, Any] = config.get("imageConfig", {})
        refuse_unknown(wanted, ["aspectRatio", "imageSize"], "generation_config.image_config")
        ratio, level = wanted.get("aspectRatio", "1:1"), wanted.get("imageSize", "1K")
        require(ratio in SIZES, error(400, "Invalid value at 'generation_config.image_config.aspect_ratio'"))
        require(level in IMAGE_MODELS[model], error(400, f"Image size {level} is not supported by this model."))
        self.bill(request)
        words: list[dict[str, Any]] = [{"text": "Let me think of a fox.", "thought": True}, {"text": "Here it is."}]
        prompt = 12 + 560 * sum("inlineData" in part for turn in turns for part in turn)
        match self.lasting(request.text, "moderated_output", "no_outputs", "no_image", "wrong_size"):
            case "moderated_output":
                return _answer(model, [], "IMAGE_SAFETY", prompt, {"TEXT": 9})
            case "no_image":
                return _answer(model, [], "NO_IMAGE", prompt, {"TEXT": 9})
            case "no_outputs":
                words.append({"text": "I can only describe it."})
                return _answer(model, words, "STOP", prompt, {"TEXT": 17})
            case "wrong_size":
                level = "1K" if level != "1K" else level
                ratio = "1:1" if level == wanted.get("imageSize", "1K") else ratio
            case _:
                pass
        width, height = (side * LEVELS[level] for side in SIZES[ratio])
        data = media.png(f"{model} {ratio}", width, height)
        # The thinking models send sketches along, marked as thoughts.
        sketch = _inline("image/png", media.png("sketch", 64, 64)) | {"thought": True}
        made = _inline("image/png", data) | {"thoughtSignature": "c2lnbmVk"}
        return _answer(
            model, [sketch, *words, made], "STOP", prompt, {"TEXT": 9, "IMAGE": IMAGE_TOKENS[level]}, thoughts=40
        )

    def _voice(self, request: Request, model: str, body: dict[str, Any], turns: list[list[dict[str, Any]]]) -> Answer:
        config: dict[str, Any] = body.get("generationConfig", {})
        require(config.get("responseModalities") == ["AUDIO"], error(400, "The model only supports AUDIO output."))
        require("systemInstruction" not in body, error(400, "Developer instruction is not enabled for this model"))
        require(set(config) <= {"responseModalities", "speechConfig"}, error(400, "not for speech"))
        speech: dict[str, Any] = config.get("speechConfig", {})
        refuse_unknown(speech, ["voiceConfig", "languageCode"], "generation_config.speech_config")
        voice = speech.get("voiceConfig", {}).get("prebuiltVoiceConfig", {}).get("voiceName")
        require(voice in VOICES, error(400, f"No matching speaker voice found for name: {voice} and language: "))
        require(len(turns) == 1 and all(set(part) == {"text"} for part in turns[0]), error(400, "text only"))
        self.bill(request)
        match self.lasting(request.text, "moderated_output", "no_outputs"):
            case "moderated_output":
                return _answer(model, [], "SAFETY", 12, {})
            case "no_outputs":  # it answers the text instead of reading it aloud aloud
                return _answer(model, [{"text": "Sure, I can read that."}], "OTHER", 12, {"TEXT": 8})
            case _:
                pass
        data = media.wav("A voice.")
        with wave.open(io.BytesIO(data)) as recording:
            pcm, rate = recording.readframes(recording.getnframes()), recording.getframerate()
        tokens = {"AUDIO": len(pcm) // 2 // rate * 32 + 32}
        if self.lasting(request.text, "wav_already"):
            return _answer(model, [_inline("audio/wav", data)], "STOP", 12, tokens)
        mime = f"audio/L16;codec=pcm;rate={rate}"
        return _answer(model, [_inline(mime, pcm)], "STOP", 12, tokens)

    def _words(self, request: Request, model: str, config: dict[str, Any], turns: list[list[dict[str, Any]]]) -> Answer:
        allowed = {"temperature", "maxOutputTokens", "candidateCount", "seed"}
        require(not set(config) - allowed, error(400, "not for text"))
        require(0 <= config.get("temperature", 1) <= 2, error(400, "temperature must be in the range [0.0, 2.0]"))
        require(turns, error(400, "contents are required"))
        self.bill(request)
        match self.lasting(request.text, "moderated_output", "no_outputs"):
            case "moderated_output":
                return _answer(model, [], "PROHIBITED_CONTENT", 12, {})
            case "no_outputs":  # the model used all tokens for thoughts
                return _answer(model, [], "MAX_TOKENS", 12, {}, thoughts=config.get("maxOutputTokens", 65536))
            case _:
                pass
        words: list[dict[str, Any]] = [
            {"text": "A haiku it is.", "thought": True},
            {"text": "A quiet sea,"},
            {"text": " a small boat."},
        ]
        return _answer(model, words, "STOP", 12, {"TEXT": 7}, thoughts=21)


def _listed() -> list[dict[str, Any]]:
    """The models of the list, with the methods of each."""
    methods = dict.fromkeys([*IMAGE_MODELS, *sorted(SPEECH_MODELS), *sorted(CHAT_MODELS)], "generateContent")
    methods |= dict.fromkeys(sorted(_gemini_video.MODELS), "predictLongRunning")
    methods |= dict.fromkeys(sorted(_gemini_interactions.MODELS), "createInteraction")
    methods |= {"gemini-embedding-001": "embedContent", "gemini-3.1-flash-live": "bidiGenerateContent"}
    return [
        {
            "name": f"models/{model}",
            "version": "001",
            "displayName": model,
            "inputTokenLimit": 1048576,
            "outputTokenLimit": MAX_TOKENS,
            "supportedGenerationMethods": [method, "countTokens"],
            "temperature": 1,
        }
        for model, method in methods.items()
    ]


def _turns(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The parts of each turn, checked."""
    instruction = body.get("systemInstruction")
    if instruction is not None:
        refuse_unknown(instruction, ["parts", "role"], "system_instruction")
        require(all(set(part) == {"text"} for part in instruction["parts"]), error(400, "system_instruction: text"))
    turns: list[list[dict[str, Any]]] = []
    require(body.get("contents"), error(400, "* GenerateContentRequest.contents: contents is not specified"))
    for turn in body["contents"]:
        refuse_unknown(turn, ["role", "parts"], "contents[0]")
        require(turn.get("role", "user") in {"user", "model"}, error(400, "Please use a valid role: user, model."))
        require(turn.get("parts"), error(400, "contents.parts must not be empty."))
        for part in turn["parts"]:
            _check_part(part)
        turns.append(turn["parts"])
    require(body["contents"][-1].get("role", "user") == "user", error(400, "the last turn must be the user's"))
    return turns


def _check_part(part: dict[str, Any]) -> None:
    # A conversation sends back what the model thought, and the signatures of that.
    refuse_unknown(part, ["text", "inlineData", "thought", "thoughtSignature"], "contents[0].parts[0]")
    require(("text" in part) != ("inlineData" in part), error(400, "contents.parts must have one initialized field"))
    if "text" in part:
        require(part["text"].strip(), error(400, "Unable to submit request: empty text parameter"))
        return
    refuse_unknown(part["inlineData"], ["mimeType", "data"], "contents[0].parts[0].inline_data")
    try:
        data = decoded(part["inlineData"]["data"])
        image = Image.open(io.BytesIO(data))
    except (binascii.Error, OSError):
        raise error(400, "Unable to process input image.") from None
    require(image.get_format_mimetype() == part["inlineData"]["mimeType"], error(400, "Unsupported MIME type"))


def _inline(mime: str, data: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}


def _answer(
    model: str, parts: list[dict[str, Any]], finish: str, prompt: int, made: dict[str, int], *, thoughts: int = 0
) -> Answer:
    candidate: dict[str, Any] = {"finishReason": finish, "index": 0}
    if parts:
        candidate["content"] = {"parts": parts, "role": "model"}
    if finish != "STOP":
        candidate["finishMessage"] = f"Unable to show the generated output: {finish}."
    return Answer(200, json={"candidates": [candidate]} | _usage(model, prompt, made, thoughts=thoughts))


def _usage(model: str, prompt: int, made: dict[str, int], *, thoughts: int = 0) -> dict[str, Any]:
    total = prompt + sum(made.values()) + thoughts
    usage: dict[str, Any] = {"promptTokenCount": prompt, "totalTokenCount": total}
    if made:
        details = [{"modality": modality, "tokenCount": count} for modality, count in made.items()]
        usage |= {"candidatesTokenCount": sum(made.values()), "candidatesTokensDetails": details}
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    return {"usageMetadata": usage, "modelVersion": model, "responseId": "r-1"}


def simulator() -> Simulator:
    """A new simulator."""
    return Gemini()
