"""The forms of fal's endpoints: what each takes, and what it makes. Facts: fal's page of each model.

They are written down here by themselves, and not read from the catalogue, which they check."""

from collections.abc import Callable
from typing import Any, NamedTuple

Fits = Callable[[Any], bool]
Size = tuple[int, int]


class Form(NamedTuple):
    """An endpoint's form. `makes` is the member of its result: `images`, `video` or `audio`."""

    fields: dict[str, Fits]
    required: tuple[str, ...]
    makes: str


class Wrong(NamedTuple):
    """What is wrong with one member, as pydantic says it."""

    member: str
    type: str
    message: str


def check(form: Form, body: Any) -> Wrong | None:
    """The first thing that is wrong with a body. Unknown members are wrong here; fal ignores most."""
    if not isinstance(body, dict):
        return Wrong("", "dict_type", "Input should be a valid dictionary")
    for name in form.required:
        if name not in body:
            return Wrong(name, "missing", "Field required")
    for name, value in body.items():
        if name not in form.fields:
            return Wrong(name, "extra_forbidden", "Extra inputs are not permitted")
        if not form.fields[name](value):
            return Wrong(name, "value_error", "Input is not what this field takes")
    return None


def _text(most: int = 5000) -> Fits:
    return lambda value: isinstance(value, str) and 0 < len(value) <= most


def _int(least: int, most: int) -> Fits:
    return lambda value: type(value) is int and least <= value <= most


def _number(least: float, most: float) -> Fits:
    return lambda value: type(value) in {int, float} and least <= value <= most


def _one_of(*words: str) -> Fits:
    return lambda value: value in words


def _bool(value: Any) -> bool:
    return isinstance(value, bool)


def _url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "data:image/"))


def _urls(most: int) -> Fits:
    return lambda value: isinstance(value, list) and 0 < len(value) <= most and all(map(_url, value))


def _object(**fields: Fits) -> Fits:
    return lambda value: (
        isinstance(value, dict) and all(name in fields and fields[name](each) for name, each in value.items())
    )


PRESETS: dict[str, Size] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}


def _size(value: Any) -> bool:
    if isinstance(value, str):
        return value in PRESETS
    side = _int(64, 2048)
    return isinstance(value, dict) and set(value) == {"width", "height"} and all(map(side, value.values()))


_SEED = _int(0, 2**31 - 1)
_FLUX: dict[str, Fits] = {
    "prompt": _text(),
    "image_size": _size,
    "seed": _SEED,
    "enable_safety_checker": _bool,
    "output_format": _one_of("jpeg", "png"),
}
_FLUX_1 = _FLUX | {
    "num_images": _int(1, 4),
    "num_inference_steps": _int(1, 50),
    "guidance_scale": _number(1, 20),
    "acceleration": _one_of("none", "regular", "high"),
}
_RATIOS = ("auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
_BANANA: dict[str, Fits] = {
    "prompt": _text(50_000),
    "num_images": _int(1, 4),
    "seed": _SEED,
    "aspect_ratio": _one_of(*_RATIOS, "4:1", "1:4", "8:1", "1:8"),
    "output_format": _one_of("jpeg", "png", "webp"),
    "safety_tolerance": _one_of("1", "2", "3", "4", "5", "6"),
    "resolution": _one_of("0.5K", "1K", "2K", "4K"),
    "limit_generations": _bool,
}
_KLING_25: dict[str, Fits] = {
    "prompt": _text(2500),
    "duration": _one_of("5", "10"),
    "negative_prompt": _text(2500),
    "cfg_scale": _number(0, 1),
}
_MINIMAX_VOICES = [
    "Wise_Woman",
    "Friendly_Person",
    "Inspirational_girl",
    "Deep_Voice_Man",
    "Calm_Woman",
    "Casual_Guy",
    "Lively_Girl",
    "Patient_Man",
    "Young_Knight",
    "Determined_Man",
    "Lovely_Girl",
    "Decent_Boy",
    "Imposing_Manner",
    "Elegant_Man",
    "Abbess",
    "Sweet_Girl_2",
    "Exuberant_Girl",
]
_ELEVEN_VOICES = [
    "Rachel",
    "Aria",
    "Roger",
    "Sarah",
    "Laura",
    "Charlie",
    "George",
    "Callum",
    "River",
    "Liam",
    "Charlotte",
    "Alice",
    "Matilda",
    "Will",
    "Jessica",
    "Eric",
    "Chris",
    "Brian",
    "Daniel",
    "Lily",
    "Bill",
]

FORMS: dict[str, Form] = {
    "fal-ai/flux/schnell": Form(_FLUX_1 | {"num_inference_steps": _int(1, 12)}, ("prompt",), "images"),
    "fal-ai/flux/dev": Form(_FLUX_1, ("prompt",), "images"),
    "fal-ai/flux-2-pro": Form(_FLUX | {"safety_tolerance": _one_of("1", "2", "3", "4", "5")}, ("prompt",), "images"),
    "fal-ai/ideogram/v3": Form(
        {
            "prompt": _text(),
            "negative_prompt": _text(),
            "image_size": _size,
            "image_urls": _urls(3),
            "num_images": _int(1, 8),
            "seed": _SEED,
            "rendering_speed": _one_of("TURBO", "BALANCED", "QUALITY"),
            "expand_prompt": _bool,
            "style": _one_of("AUTO", "GENERAL", "REALISTIC", "DESIGN"),
        },
        ("prompt",),
        "images",
    ),
    "fal-ai/recraft/v4.1/text-to-image": Form(
        {"prompt": _text(10_000), "image_size": _size, "enable_safety_checker": _bool}, ("prompt",), "images"
    ),
    "fal-ai/nano-banana-2": Form(_BANANA, ("prompt",), "images"),
    "fal-ai/nano-banana-2/edit": Form(_BANANA | {"image_urls": _urls(14)}, ("prompt", "image_urls"), "images"),
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": Form(
        _KLING_25 | {"aspect_ratio": _one_of("16:9", "9:16", "1:1")}, ("prompt",), "video"
    ),
    "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": Form(
        _KLING_25 | {"image_url": _url, "tail_image_url": _url}, ("prompt", "image_url"), "video"
    ),
    "fal-ai/kling-video/v3/turbo/pro/text-to-video": Form(
        {
            "prompt": _text(2500),
            "aspect_ratio": _one_of("16:9", "9:16", "1:1"),
            "duration": _one_of(*map(str, range(3, 16))),
        },
        (),
        "video",
    ),
    "bytedance/seedance-2.0/text-to-video": Form(
        {
            "prompt": _text(),
            "resolution": _one_of("480p", "720p"),
            "duration": _one_of("auto", *map(str, range(4, 16))),
            "aspect_ratio": _one_of("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
            "generate_audio": _bool,
            "seed": _SEED,
        },
        ("prompt",),
        "video",
    ),
    "fal-ai/minimax/speech-2.8-hd": Form(
        {
            "prompt": _text(10_000),
            "voice_setting": _object(
                voice_id=_one_of(*_MINIMAX_VOICES), speed=_number(0.5, 2), vol=_number(0.01, 10), pitch=_int(-12, 12)
            ),
            "output_format": _one_of("url", "hex"),
        },
        ("prompt",),
        "audio",
    ),
    "fal-ai/elevenlabs/tts/eleven-v3": Form(
        {"text": _text(5000), "voice": _one_of(*_ELEVEN_VOICES), "stability": _number(0, 1)}, ("text",), "audio"
    ),
}

_BANANA_SIZES: dict[str, Size] = {
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
_LEVELS = {"0.5K": 0.5, "1K": 1, "2K": 2, "4K": 4}
_VIDEO_SIZES: dict[str, Size] = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1112, 834)}
_VIDEO_SIZES |= {"3:4": (834, 1112), "21:9": (1470, 630)}


def size_of(endpoint: str, body: dict[str, Any]) -> Size:
    """The size that an endpoint makes, for this body."""
    if "image_size" in body:
        asked = body["image_size"]
        return PRESETS[asked] if isinstance(asked, str) else (asked["width"], asked["height"])
    ratio = body.get("aspect_ratio", "1:1")
    if FORMS[endpoint].makes == "images":
        width, height = _BANANA_SIZES.get(ratio, (1024, 1024))
        times = _LEVELS[body.get("resolution", "1K")]
        return int(width * times), int(height * times)
    width, height = _VIDEO_SIZES.get(body.get("aspect_ratio", "16:9"), (1280, 720))
    return (width * 3 // 2, height * 3 // 2) if "kling" in endpoint else (width, height)


_MADE = {"images": "text-to-image", "video": "text-to-video", "audio": "text-to-speech"}


def listed() -> list[dict[str, Any]]:
    """The endpoints of the list, with their categories; of many others, too, and one without metadata."""
    categories = {name: _MADE[form.makes] for name, form in FORMS.items()}
    categories |= {f"somebody/trains-{number:03}": "training" for number in range(60)}
    categories |= {"somebody/turns-it": "image-to-3d", "somebody/reads-it": "image-to-text"}
    deprecated = {"fal-ai/flux/dev"}
    found: list[dict[str, Any]] = [{"endpoint_id": "somebody/unregistered"}]
    for name, category in categories.items():
        status = "deprecated" if name in deprecated else "active"
        metadata: dict[str, Any] = {
            "display_name": name,
            "category": category,
            "status": status,
            "tags": [],
            "is_favorited": None,
        }
        found.append({"endpoint_id": name, "metadata": metadata})
    return found
