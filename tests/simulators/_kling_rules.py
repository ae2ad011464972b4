"""What does Kling accept? Which callers, and which fields of each endpoint. Stricter than the vendor, which ignores
what it does not know: here an unknown field, a trap of a default and a wrong type are refused. Facts: the vendor's
documents."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from tests.simulators.base import Answer, Request, require, unknown

API_KEYS = {"kling-0000000000000001", "kling-0000000000000002"}
PAIRS = {"AK-000000000000000000000000000001": "SK-00000000000000000000000000000a"}
TOKEN_SECONDS = 1800
CLOCKS_DIFFER_SECONDS = 5
MAX_BASE64 = 10 * 1024 * 1024 * 4 // 3

VIDEO = ["model_name", "prompt", "negative_prompt", "multi_shot", "shot_type", "multi_prompt", "sound", "cfg_scale"]
VIDEO += ["mode", "camera_control", "duration", "voice_list", "watermark_info", "callback_url", "external_task_id"]
IMAGE = ["model_name", "prompt", "negative_prompt", "image", "image_reference", "image_fidelity", "human_fidelity"]
IMAGE += ["element_list", "resolution", "n", "aspect_ratio", "watermark_info", "callback_url", "external_task_id"]
OMNI = ["model_name", "prompt", "image_list", "element_list", "resolution", "result_type", "n", "series_amount"]
OMNI += ["aspect_ratio", "watermark_info", "callback_url", "external_task_id"]
FIELDS = {
    "videos/text2video": [*VIDEO, "aspect_ratio"],
    "videos/image2video": [*VIDEO, "image", "image_tail", "static_mask", "dynamic_masks", "element_list"],
    "images/generations": IMAGE,
    "images/omni-image": OMNI,
    "audio/tts": ["text", "voice_id", "voice_language", "voice_speed"],
}
TEXT_VIDEO = {"kling-v1", "kling-v1-6", "kling-v2-master", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6"}
IMAGE_VIDEO = TEXT_VIDEO | {"kling-v1-5", "kling-v2-1"}
MODELS = {
    "videos/text2video": TEXT_VIDEO | {"kling-v3"},
    "videos/image2video": IMAGE_VIDEO | {"kling-v3"},
    "images/generations": {"kling-v2-1", "kling-v3"},
    "images/omni-image": {"kling-image-o1", "kling-v3-omni"},
}
NEW_MODELS = {"kling-3.0-turbo", "kling-3.0", "kling-2.6", "kling-2.5-turbo"}
OMNI_MODELS = {"kling-3.0-omni", "kling-o1"}
RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
IMAGE_RATIOS = {*RATIOS, "4:3", "3:4", "3:2", "2:3", "21:9"}
BOTH = ["genshin_vindi2", "zhinen_xuesheng", "ai_shatang", "genshin_klee2", "genshin_kirara", "ai_kaiya"]
BOTH += ["chat1_female_new-3", "cartoon-boy-07", "cartoon-girl-01", "you_pingjing", "chengshu_jiejie"]
ENGLISH = ["AOT", "oversea_male1", "girlfriend_4_speech02", "chat_0407_5-1", "uk_boy1", "PeppaPig_platform"]
ENGLISH += ["calm_story1", "uk_man2", "reader_en_m-v1", "commercial_lady_en_f-v1"]
CHINESE = ["tiyuxi_xuedi", "tiexin_nanyou", "girlfriend_1_speech02", "girlfriend_2_speech02", "zhuxi_speech02"]
VOICES = {"zh": {*BOTH, *CHINESE}, "en": {*BOTH, *ENGLISH}}


def no(status: int, code: int, message: str) -> Answer:
    """An error in Kling's form."""
    return Answer(status, json={"code": code, "message": message, "request_id": "req-no"})


def wrong(message: str) -> Answer:
    """400 for a key or value that is not accepted."""
    return no(400, 1201, message)


def let_in(request: Request, *, now: float, tokens: bool = True) -> None:
    """Check the caller: an API key, or a token that is signed with a secret key. `tokens`: whether these are accepted
    here."""
    header = request.headers.get("authorization", "")
    require(header, no(401, 1001, "Authorization is empty"))
    scheme, _, token = header.partition(" ")
    require(scheme == "Bearer" and token == token.strip() and token, no(401, 1002, "Authorization is invalid"))
    if token in API_KEYS:
        return
    require(tokens and token.count(".") == 2, no(401, 1002, "Authorization is invalid"))
    _check_token(token, now)


def _check_token(token: str, now: float) -> None:
    invalid = no(401, 1002, "Authorization is invalid")
    head, claims, signature = token.split(".")
    try:
        header, payload = msgspec.json.decode(_unpadded(head)), msgspec.json.decode(_unpadded(claims))
        signed = _unpadded(signature)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise invalid from None
    require(header == {"alg": "HS256", "typ": "JWT"}, invalid)
    require(isinstance(payload, dict) and set(payload) == {"iss", "exp", "nbf"}, invalid)
    require(payload["iss"] in PAIRS and all(isinstance(payload[name], int) for name in ("exp", "nbf")), invalid)
    true = hmac.digest(PAIRS[payload["iss"]].encode(), f"{head}.{claims}".encode(), hashlib.sha256)
    require(hmac.compare_digest(true, signed), no(401, 1000, "Authentication failed"))
    require(payload["exp"] - payload["nbf"] <= TOKEN_SECONDS + CLOCKS_DIFFER_SECONDS, invalid)
    require(payload["nbf"] <= now, no(401, 1003, "Authorization is not yet valid"))
    require(payload["exp"] > now, no(401, 1004, "Authorization has expired"))


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def check_legacy(endpoint: str, body: dict[str, Any]) -> None:
    """Check the body of a request in the old dialect."""
    require("model" not in body, wrong("model: not a field; with model_name missing kling-v1 would run"))
    require(not unknown(body, FIELDS[endpoint]), wrong(f"unknown: {unknown(body, FIELDS[endpoint])}"))
    if endpoint == "audio/tts":
        _check_speech(body)
        return
    require(body.get("model_name"), wrong("model_name: missing, kling-v1 would run"))
    require(body["model_name"] in MODELS[endpoint], no(404, 1203, f"model {body['model_name']} does not exist"))
    _text(body.get("prompt"), 2500, "prompt")
    _text(body.get("negative_prompt", "none"), 2500, "negative_prompt")
    _check_common(body)
    if endpoint.startswith("images/"):
        _check_image(endpoint, body)
    else:
        _check_video(endpoint, body)


def check_new(endpoint: str, model: str, body: dict[str, Any]) -> None:
    """Check the body of a request in the new dialect."""
    known_here = OMNI_MODELS if endpoint == "omni-video" else NEW_MODELS
    require(model in known_here, no(404, 1203, f"model {model} does not exist"))
    of_text = endpoint == "text-to-video"
    top = ["prompt" if of_text else "contents", "settings", "options"]
    require(not unknown(body, top), wrong(f"unknown: {unknown(body, top)}"))
    kinds: list[str] = []
    if of_text:
        _text(body.get("prompt"), _longest(model), "prompt")
    else:
        kinds = _check_contents(model, body)
    settings, options = body.get("settings", {}), body.get("options", {})
    shaped = ["aspect_ratio"] if endpoint != "image-to-video" and "first_frame" not in kinds else []
    allowed = ["multi_shot", "audio", "resolution", "duration", *shaped]
    require(not unknown(settings, allowed), wrong(f"settings: {unknown(settings, allowed)}"))
    known = ["callback_url", "external_task_id", "watermark_info"]
    require(not unknown(options, known), wrong(f"options: {unknown(options, known)}"))
    _check_settings(model, settings)
    alone = model == "kling-o1" and "first_frame" in kinds and "refer_image" not in kinds
    require(not alone or settings.get("duration", 5) in {5, 10}, wrong("duration: 5 or 10 after a frame alone"))
    _check_common(options)


def _check_settings(model: str, settings: dict[str, Any]) -> None:
    shots = model in {"kling-3.0", "kling-3.0-omni"}
    require(not shots or settings.get("multi_shot") is False, wrong("multi_shot: true by default"))
    require(shots or "multi_shot" not in settings, wrong("multi_shot: 3.0 only"))
    audio = {"kling-o1": {"off", "original"}}.get(model, {"off", "native"} if shots or model == "kling-2.6" else set())
    require("audio" not in settings or settings["audio"] in audio, wrong("audio: not for this model"))
    require(settings.get("audio") != "original", wrong("audio: there is no video whose sound could be kept"))
    levels = {"720p", "1080p"} | ({"4k"} if shots else set())
    require(settings.get("resolution", "720p") in levels, wrong("resolution"))
    require(settings.get("aspect_ratio", "16:9") in RATIOS, wrong("aspect_ratio"))
    seconds = settings.get("duration", 5)
    require(type(seconds) is int, wrong("duration: an integer here"))
    lengths = set(range(3, 16)) if "3.0" in model else set(range(3, 11)) if model == "kling-o1" else {5, 10}
    require(seconds in lengths, wrong("duration"))


def _longest(model: str) -> int:
    """The characters of a prompt."""
    return 3072 if "3.0" in model else 2500


def _check_contents(model: str, body: dict[str, Any]) -> list[str]:
    """Check the prompt and the images; returns the types of all."""
    items = body.get("contents")
    require(isinstance(items, list) and items, wrong("contents: an array"))
    kinds: list[str] = [item.get("type") for item in items or ()]
    frames = [kind for kind in kinds if kind.endswith("_frame")]
    references = kinds.count("refer_image")
    omni = model in OMNI_MODELS
    known = {"prompt", "first_frame", "last_frame", *(["refer_image"] if omni else [])}
    require(set(kinds) <= known and kinds.count("prompt") == 1, wrong("contents"))
    require(frames in ([], ["first_frame"], ["first_frame", "last_frame"]), wrong("contents: first_frame, last_frame"))
    require(omni or frames, wrong("contents: a first_frame is needed"))
    require(model != "kling-3.0-turbo" or "last_frame" not in kinds, wrong("last_frame: not for this model"))
    require(references <= 7, wrong("refer_image: 7 at most"))
    require("last_frame" not in kinds or not references, wrong("refer_image: not with a last_frame"))
    ids, prompt = list[str](), ""
    for item in items or ():
        if item["type"] == "prompt":
            require(set(item) == {"type", "text"}, wrong("contents: prompt"))
            _text(item["text"], _longest(model), "prompt")
            prompt = str(item["text"])
        else:
            require({"type", "url"} <= set(item) <= {"type", "url", *(["id"] if omni else [])}, wrong("contents"))
            _check_reference(item["url"])
            ids += [item["id"]] if "id" in item else []
    require(len(set(ids)) == len(ids), wrong("contents: an id twice"))
    for id_ in ids:
        require(f"@{id_}" in prompt, wrong(f"{id_}: the prompt does not name it"))
    require(len(ids) >= references, wrong("refer_image: without an id no prompt can name it"))
    return kinds


def _check_common(given: dict[str, Any]) -> None:
    mark = given.get("watermark_info", {"enabled": False})
    require(
        isinstance(mark, dict) and set(mark) == {"enabled"} and mark["enabled"] in (True, False), wrong("watermark")
    )
    for name in ("callback_url", "external_task_id"):
        require(isinstance(given.get(name, "x"), str) and given.get(name, "x"), wrong(name))


def _check_image(endpoint: str, body: dict[str, Any]) -> None:
    omni = endpoint == "images/omni-image"
    require(body.get("resolution", "1k") in {"1k", "2k", *(["4k"] if omni else [])}, wrong("resolution"))
    require(body.get("aspect_ratio", "16:9") in {*IMAGE_RATIOS, *(["auto"] if omni else [])}, wrong("aspect_ratio"))
    require(type(body.get("n", 1)) is int and 1 <= body.get("n", 1) <= 9, wrong("n: 1 to 9"))
    if omni:
        images = body.get("image_list", [])
        require(isinstance(images, list) and len(images) <= 10, wrong("image_list: 10 at most"))
        for place, item in enumerate(images, start=1):
            require(set(item) == {"image"}, wrong("image_list"))
            _check_reference(item["image"])
            require(f"<<<image_{place}>>>" in body["prompt"], wrong(f"image_{place}: the prompt does not name it"))
        require(body.get("result_type", "single") == "single", wrong("result_type"))
        return
    require("image" in body or not {"image_reference", "image_fidelity"} & set(body), wrong("image: missing"))
    if "image" in body:
        require("negative_prompt" not in body, wrong("negative_prompt: not with image"))
        _check_reference(body["image"])
    require(body.get("image_reference", "subject") in {"subject", "face"}, wrong("image_reference"))


def _check_video(endpoint: str, body: dict[str, Any]) -> None:
    model = body["model_name"]
    duration = body.get("duration", "5")
    require(isinstance(duration, str), wrong("duration: a string here"))
    lengths = {str(seconds) for seconds in range(3, 16)} if model == "kling-v3" else {"5", "10"}
    require(duration in lengths, wrong("duration"))
    require(body.get("mode", "std") in {"std", "pro", *(["4k"] if model == "kling-v3" else [])}, wrong("mode"))
    require("cfg_scale" not in body or "-v2" not in model, wrong("cfg_scale: not for v2.x"))
    require("sound" not in body or model in {"kling-v2-6", "kling-v3"}, wrong("sound: from v2-6"))
    require(body.get("sound", "off") in {"on", "off"}, wrong("sound"))
    require(body.get("multi_shot", False) is False, wrong("multi_shot: needs shots"))
    require(body.get("aspect_ratio", "16:9") in RATIOS, wrong("aspect_ratio"))
    if endpoint == "videos/image2video":
        frames = [body[name] for name in ("image", "image_tail") if name in body]
        require(frames, wrong("image or image_tail is needed"))
        for frame in frames:
            _check_reference(frame)
        two = len(frames) == 2 and model in {"kling-v2-6", "kling-v2-5-turbo"}
        require(not two or body.get("mode") == "pro", wrong("image_tail: mode pro only"))


def _check_speech(body: dict[str, Any]) -> None:
    _text(body.get("text"), 1000, "text")
    require(body.get("voice_language") in {"zh", "en"}, wrong("voice_language"))
    require(body.get("voice_id") in VOICES[body["voice_language"]], wrong("Voice id not found"))
    speed = body.get("voice_speed", 1.0)
    require(isinstance(speed, int | float) and 0.8 <= speed <= 2.0, wrong("voice_speed"))


def _text(value: object, most: int, name: str) -> None:
    require(isinstance(value, str) and 0 < len(value) <= most, wrong(f"{name}: 1 to {most} characters"))


def _check_reference(value: object) -> None:
    """Check an image: a URL, or base64 without the prefix of a data URL."""
    require(isinstance(value, str) and value, wrong("image: a string"))
    text = str(value)
    if text.startswith(("http://", "https://")):
        return
    require(not text.startswith("data:"), wrong("image: base64 without a data: prefix"))
    require(len(text) <= MAX_BASE64, wrong("image: 10 MB at most"))
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise wrong("image: neither an address nor base64") from None
    require(data.startswith((b"\x89PNG", b"\xff\xd8\xff")), wrong("image: PNG or JPEG only"))
