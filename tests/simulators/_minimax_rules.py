"""What does MiniMax accept for a video? Models, sizes, and the rules of both bodies, stricter than the vendor's own."""

import re
from typing import Any

from tests.simulators.base import unknown

_LINK = re.compile(r"https?://[^\s/]+/\S+|data:image/(?:png|jpeg|jpg|webp);base64,[A-Za-z0-9+/]+=*")

V1: dict[str, tuple[str, ...]] = {  # model -> resolutions
    "MiniMax-Hailuo-2.3": ("768P", "1080P"),
    "MiniMax-Hailuo-2.3-Fast": ("768P", "1080P"),
    "MiniMax-Hailuo-02": ("512P", "768P", "1080P"),
}
V1_SIZES: dict[str, tuple[int, int]] = {"512P": (910, 512), "768P": (1366, 768), "1080P": (1920, 1080)}
V2: dict[str, tuple[tuple[str, ...], int]] = {  # model -> resolutions, shortest
    "MiniMax-H3": (("768P", "2K"), 4),
    "MiniMax-H3-Max": (("480P", "768P"), 5),
}
V2_SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "480P": {"16:9": (832, 480), "9:16": (480, 832), "1:1": (480, 480), "4:3": (640, 480), "3:4": (480, 640)}
    | {"21:9": (960, 416)},
    "768P": {"16:9": (1344, 768), "9:16": (768, 1344), "1:1": (768, 768), "4:3": (1024, 768), "3:4": (768, 1024)}
    | {"21:9": (1536, 672)},
    "2K": {"16:9": (2560, 1440), "9:16": (1440, 2560), "1:1": (1440, 1440), "4:3": (1920, 1440)}
    | {"3:4": (1440, 1920), "21:9": (2880, 1260)},
}


def is_a(value: object, *kinds: type) -> bool:
    """Whether a value has one of the types, as isinstance says."""
    return isinstance(value, kinds)


def is_link(value: object) -> bool:
    """Whether an image is given correctly: by a URL, or by a data URL with its prefix."""
    return isinstance(value, str) and _LINK.fullmatch(value) is not None


V1_FIELDS = ["model", "prompt", "prompt_optimizer", "fast_pretreatment", "duration", "resolution", "aigc_watermark"]
FRAME_FIELDS = ["first_frame_image", "last_frame_image"]


def v1_problem(body: dict[str, Any]) -> str | None:
    """The problem of a body for v1; None for a good one."""
    model, resolution, duration = body.get("model"), body.get("resolution", "768P"), body.get("duration", 6)
    first, last = body.get("first_frame_image"), body.get("last_frame_image")
    rules = {
        "unknown fields": not unknown(body, [*V1_FIELDS, *FRAME_FIELDS, "callback_url"]),
        "model": model in V1,
        "resolution": resolution in V1.get(str(model), ()),
        "duration": is_a(duration, int) and duration in ({6} if resolution == "1080P" else {6, 10}),
        "prompt": is_a(body.get("prompt"), str) and 0 < len(body["prompt"]) <= 2000,
        "first_frame_image": first is None or is_link(first),
        "last_frame_image": last is None or (is_link(last) and model == "MiniMax-Hailuo-02" and resolution != "512P"),
        "this model needs first_frame_image": first or not str(model).endswith("-Fast"),
        "512P is for first_frame_image": first or resolution != "512P",
        "prompt_optimizer": is_a(body.get("prompt_optimizer", True), bool),
        "aigc_watermark": is_a(body.get("aigc_watermark", False), bool),
    }
    return next((problem for problem, good in rules.items() if not good), None)


V2_FIELDS = ["model", "content", "resolution", "duration", "ratio", "callback_url", "aigc_watermark", "extra"]
FRAMES = ("first_frame", "last_frame")


def v2_problem(body: dict[str, Any]) -> str | None:
    """The problem of a body for v2; None for a good one."""
    model = str(body.get("model"))
    content: list[dict[str, Any]] = body.get("content") or []
    if model not in V2 or not is_a(content, list) or not all(is_a(item, dict) for item in content):
        return "model or content"
    resolutions, shortest = V2[model]
    texts = [item for item in content if item.get("type") == "text"]
    images = [item for item in content if item.get("type") == "image_url"]
    roles: list[str] = [item.get("role", "first_frame") for item in images]
    ratio, duration = body.get("ratio", "adaptive"), body.get("duration", 0)
    extra: dict[str, Any] = body.get("extra", {})
    links = [(item.get("image_url") or {"url": ""})["url"] for item in images]
    rules: dict[str, object] = {
        "unknown fields": not unknown(body, V2_FIELDS),
        "content item": len(texts) + len(images) == len(content)
        and not any(unknown(item, ["type", "text", "image_url", "role"]) for item in content),
        "content must include a non-empty text item (prompt is required)": len(texts) == 1
        and 0 < len(str(texts[0].get("text", "")).strip()) <= 7000,
        "image_url": all(is_link(link) for link in links),
        "roles": set(roles) <= {*FRAMES, "reference_image"}
        and not (set(roles) & set(FRAMES) and "reference_image" in roles)
        and all(roles.count(role) <= 1 for role in FRAMES)
        and len(roles) <= 9,
        "resolution": body.get("resolution") in resolutions,
        "duration": is_a(duration, int) and shortest <= duration <= 15,
        "ratio": ratio in {"adaptive", *V2_SIZES["768P"]},
        "ratio is required for text to video and may not be adaptive": images or ratio != "adaptive",
        "extra": extra == {} or (model.endswith("-Max") and extra.keys() == {"prompt_expansion_mode"}),
    }
    return next((problem for problem, good in rules.items() if not good), None)
