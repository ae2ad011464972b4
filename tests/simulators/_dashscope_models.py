"""What do DashScope's models accept? Every body is checked against the vendor's pages, model by model.

The vendor cuts long prompts silently, and may ignore fields that it does not know; here both are refused."""

import base64
import binascii
import re
from typing import Any, NamedTuple

from tests.simulators.base import Answer, require, unknown

SEED = 2**31
# What the first generation of the vendor's client adds, like `is_async`: the models make nothing of it.
OF_THE_CLIENT = ("extend_prompt", "function")
FIVE = frozenset({"1664*928", "1472*1104", "1328*1328", "1104*1472", "928*1664"})
COMMON = ("n", "size", "seed", "prompt_extend", "watermark", "negative_prompt")
OF_720P = {"1280*720", "720*1280", "960*960", "1088*832", "832*1088"}
OF_1080P = {"1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"}
_NAMES = (
    "Cherry Serena Ethan Chelsie Momo Vivian Moon Maia Kai Nofish Bella Mia Mochi Bellona Vincent Bunny Neil Elias "
    "Arthur Nini Ebona Seren Pip Stella Jennifer Ryan Katerina Aiden Bodega Sonrisa Alek Dolce Sohee Lenn Emilien "
    "Andre Jada Dylan Li Marcus Roy Peter Sunny Eric Rocky Kiki"
)
VOICES = frozenset(_NAMES.split()) | {"Eldric Sage", "Ono Anna", "Radio Gol"}
_FLASH = (
    "longanfengyue longanyuanfei longanlingxi longanxiaoxin longanhuan_v3.6 longjielidou_v3.6 longpaopao_v3.6 "
    "longhuohuo_v3.6 longchuanshu_v3.6 loongmary loongeva_v3.6 loongjohn"
)
SYNTHESIZER_VOICES = {
    "qwen-audio-3.0-tts-flash": frozenset(_FLASH.split()),
    "qwen-audio-3.0-tts-plus": frozenset({"longanlingxin", "longanlufeng"}),
}
LANGUAGES = frozenset(
    "Auto Chinese English German Italian Portuguese Spanish Japanese Korean French Russian".split()  # noqa: SIM905
)


class ImageModel(NamedTuple):
    """An image model. `area` and `side` are the minimum and the maximum, in pixels. `ratio` is the greatest one of the
    longer side to the shorter. `images` and `n` are counts. `levels` are words that may stand for a size."""

    n: tuple[int, int] = (1, 1)
    default_n: int = 1
    images: tuple[int, int] = (0, 0)
    sizes: frozenset[str] | None = None
    area: tuple[int, int] | None = None
    side: tuple[int, int] | None = None
    ratio: int = 4
    levels: str = ""
    default: str = "1024*1024"
    prompt: int = 800
    fields: tuple[str, ...] = COMMON


def area(least: int, most: int) -> tuple[int, int]:
    """An area between two squares, given by their sides in pixels."""
    return least * least, most * most


MESSAGES = {
    "qwen-image-2.0": ImageModel(n=(1, 6), images=(0, 3), area=area(512, 2048), prompt=1300),
    "qwen-image-2.0-pro": ImageModel(n=(1, 6), images=(0, 3), area=area(512, 2048), prompt=1300),
    "qwen-image-3.0": ImageModel(n=(1, 6), images=(0, 3), area=area(512, 2048), prompt=4500),
    "qwen-image-3.0-pro": ImageModel(n=(1, 6), images=(0, 3), area=area(512, 2048), prompt=4500),
    "qwen-image-max": ImageModel(sizes=FIVE, default="1664*928"),
    "qwen-image-plus": ImageModel(sizes=FIVE, default="1664*928"),
    "qwen-image-edit": ImageModel(images=(1, 3), fields=("n", "seed", "watermark", "negative_prompt")),
    "qwen-image-edit-plus": ImageModel(n=(1, 6), images=(1, 3), side=(512, 2048)),
    "qwen-image-edit-max": ImageModel(n=(1, 6), images=(1, 3), side=(512, 2048)),
    "z-image-turbo": ImageModel(
        area=area(512, 2048), default="1024*1536", fields=("size", "seed", "prompt_extend", "watermark")
    ),
    "wan2.6-t2i": ImageModel(n=(1, 4), default_n=4, area=area(1280, 1440), default="1280*1280", prompt=2100),
    "wan2.6-image": ImageModel(
        n=(1, 4),
        default_n=4,
        images=(1, 4),
        area=area(768, 1280),
        default="1280*1280",
        prompt=2000,
        fields=(*COMMON, "enable_interleave"),
    ),
}
_WAN_2_7 = ("n", "size", "seed", "watermark", "thinking_mode", "enable_sequential", "color_palette", "bbox_list")
MESSAGES |= {
    name: ImageModel(
        n=(1, 4),
        images=(0, 9),
        area=area(768, most),
        ratio=8,
        default="2K",
        levels=levels,
        prompt=5000,
        fields=_WAN_2_7,
    )
    for name, most, levels in (("wan2.7-image", 2048, "1K 2K"), ("wan2.7-image-pro", 4096, "1K 2K 4K"))
}
SYNC_ONLY = {name for name in MESSAGES if not name.startswith("wan")}
TEXT_TO_IMAGE = {
    "qwen-image": ImageModel(sizes=FIVE, default="1664*928"),
    "qwen-image-plus": ImageModel(sizes=FIVE, default="1664*928"),
    "wan2.5-t2i-preview": ImageModel(n=(1, 4), default_n=4, area=area(1280, 1440), default="1280*1280", prompt=2000),
}
IMAGE_TO_IMAGE = {
    "wan2.5-i2i-preview": ImageModel(
        n=(1, 4), default_n=4, images=(1, 3), area=area(768, 1280), default="1280*1280", prompt=2000
    ),
}


class VideoModel(NamedTuple):
    """A video model: by size or by resolution, with which input, for how many seconds. `media` are the kinds and the
    greatest numbers of media that it takes; `has_480p` and `has_negative` what only some have."""

    takes: str  # prompt, img_url, media
    shape: str  # size, resolution, ratio, either
    seconds: tuple[int, ...] = tuple(range(2, 16))
    prompt: int = 1500
    fields: tuple[str, ...] = ("duration", "prompt_extend", "watermark", "seed")
    frames: int = 2
    references: int = 0
    has_480p: bool = False
    has_negative: bool = True


def _wan3() -> VideoModel:
    """One model for all: with a text alone, from frames, or with references."""
    fields = ("duration", "prompt_extend", "watermark", "seed", "audio")
    lengths = tuple(range(2, 31))
    return VideoModel("any", "any", lengths, 20_000, fields, references=10, has_480p=True, has_negative=False)


def _horse(takes: str, shape: str, *, references: int = 0) -> VideoModel:
    """HappyHorse 1.1, which rewrites no prompts."""
    fields, frames = ("duration", "watermark", "seed"), 0 if references else 1
    lengths = tuple(range(3, 16))
    return VideoModel(takes, shape, lengths, 5000, fields, frames, references, has_480p=True, has_negative=False)


VIDEOS = {
    "wan2.6-t2v": VideoModel("prompt", "size"),
    "wan2.6-i2v": VideoModel("img_url", "resolution"),
    "wan2.6-i2v-flash": VideoModel("img_url", "resolution", fields=(*VideoModel("", "").fields, "audio")),
    "wan2.7-t2v": VideoModel("prompt", "ratio", prompt=5000),
    "wan2.7-i2v": VideoModel("media", "resolution", prompt=5000),
    "wan2.7-r2v": VideoModel("media", "ratio", prompt=5000, frames=0, references=5),
    "wan3.0-video": _wan3(),
    "wan3.0-video-prime": _wan3(),
    "happyhorse-1.1-t2v": _horse("prompt", "ratio"),
    "happyhorse-1.1-i2v": _horse("media", "resolution"),
    "happyhorse-1.1-r2v": _horse("media", "ratio", references=9),
}


class Made(NamedTuple):
    """The result of an order: a number of images of a size, or a video of a length."""

    width: int
    height: int
    n: int = 1
    seconds: int = 0
    prompt: str = ""


def listed(speech: set[str], chats: set[str]) -> list[dict[str, Any]]:
    """The models of the list, with what each can do. Most of them are of others, and make nothing here."""
    can: dict[str, tuple[str, ...]] = {}
    for names, capabilities in (
        ([*MESSAGES, *TEXT_TO_IMAGE, *IMAGE_TO_IMAGE], ("IG",)),
        (VIDEOS, ("VG",)),
        (sorted(speech), ("TTS",)),
        (sorted(chats), ("TG", "Reasoning")),
        ([f"somebody/recognises-{number:03}" for number in range(120)], ("ASR",)),
    ):
        can |= dict.fromkeys(names, capabilities)
    info = {"context_window": 262144, "max_input_tokens": 229376, "max_output_tokens": 32768}
    return [
        {"model": name, "name": name, "capabilities": what, "model_info": info if "TG" in what else None}
        for name, what in can.items()
    ]


def invalid(message: str, code: str = "InvalidParameter") -> Answer:
    """An error in the vendor's own words."""
    return Answer(400, json={"code": code, "message": message, "request_id": "req-0001"})


def image_of_messages(body: dict[str, Any], model: ImageModel, *, oss: bool) -> Made:
    """Check a body of the multimodal dialect: one message of one user, images first or last, one text."""
    only(body, "model", "input", "parameters")
    only(body["input"], "messages")
    messages = body["input"]["messages"]
    require(isinstance(messages, list) and len(messages) == 1, invalid("messages must hold exactly one element"))
    only(messages[0], "role", "content")
    require(messages[0]["role"] == "user", invalid("role must be user"))
    parts: list[dict[str, Any]] = messages[0]["content"]
    require(all(len(part) == 1 and set(part) <= {"text", "image"} for part in parts), invalid("content"))
    texts = [part["text"] for part in parts if "text" in part]
    require(len(texts) == 1, invalid("the content must hold exactly one text"))
    images = [part["image"] for part in parts if "image" in part]
    _images(images, model, oss)
    wanted = body.get("parameters") or {}
    made = _image(texts[0], wanted, model)
    require(not images or made.width * made.height <= 2048 * 2048, invalid("4K is for texts alone"))
    thinks = "thinking_mode" in model.fields and not images and wanted.get("thinking_mode", True)
    return made._replace(n=1) if thinks else made


def image_of_prompt(body: dict[str, Any], model: ImageModel, *, oss: bool) -> Made:
    """Check a body of the older dialects: `input.prompt`, and `input.images` for models that edit."""
    only(body, "model", "input", "parameters")
    given = body["input"]
    only(given, "prompt", "negative_prompt", *(["images"] if model.images[1] else []))
    _images(given.get("images") or [], model, oss)
    _text(given.get("negative_prompt"), 500, "negative_prompt")
    return _image(given.get("prompt"), body.get("parameters") or {}, model)


def video(body: dict[str, Any], model: VideoModel, *, oss: bool) -> Made:
    """Check a body for a video."""
    only(body, "model", "input", "parameters")
    given, wanted = body["input"], body.get("parameters") or {}
    takes = ("media" if given.get("media") else "prompt") if model.takes == "any" else model.takes
    negative = ["negative_prompt"] if model.has_negative else []
    only(given, "prompt", *negative, *OF_THE_CLIENT, *([] if takes == "prompt" else [takes]))
    _text(given.get("negative_prompt"), 500, "negative_prompt")
    require(given.get(takes), invalid(f"input.{takes} is required"))
    _text(given.get("prompt"), model.prompt, "prompt")
    if takes == "img_url":
        _medium(given["img_url"], oss)
    framed = takes == "media" and _are_frames(given["media"], model, oss)
    given_by = ("resolution" if framed else "ratio") if model.shape == "any" else model.shape
    shape = {"size": ("size",), "resolution": ("resolution",), "ratio": ("resolution", "ratio")}[given_by]
    only(wanted, *model.fields, *shape)
    _switches(wanted, "prompt_extend", "watermark", "audio")
    _seed(wanted)
    seconds = wanted.get("duration", 5)
    require(type(seconds) is int and seconds in model.seconds, invalid("duration"))
    width, height = _frame(wanted, model)
    return Made(width, height, seconds=seconds, prompt=given.get("prompt") or "")


def _are_frames(media: list[dict[str, Any]], model: VideoModel, oss: bool) -> bool:
    """Check media: frames or references, never both, and no more than the model takes."""
    kinds = [item.get("type") for item in media]
    for item in media:
        only(item, "type", "url")
        _medium(item["url"], oss)
    if set(kinds) == {"reference_image"}:
        require(len(kinds) <= model.references, invalid(f"media: {kinds}"))
        return False
    require(kinds in (["first_frame"], ["first_frame", "last_frame"]), invalid(f"media: {kinds}"))
    require(len(kinds) <= model.frames, invalid(f"media: {kinds}"))
    return True


def speech(body: dict[str, Any]) -> str:
    """Check a body for speech; returns its text."""
    only(body, "model", "input", "parameters")
    only(body.get("parameters", {}))
    given = body["input"]
    only(given, "text", "voice", "language_type")
    _text(given.get("text"), 600, "text")
    require(given.get("text"), invalid("input.text is required"))
    require(given.get("voice") in VOICES, invalid(f"voice '{given.get('voice')}' is not supported"))
    require(given.get("language_type", "Auto") in LANGUAGES, invalid("language_type"))
    return str(given["text"])


def synthesized(body: dict[str, Any]) -> str:
    """Check a body for speech of the synthesizer; returns its text."""
    only(body, "model", "input", "parameters")
    only(body.get("parameters", {}))
    given, voices = body["input"], SYNTHESIZER_VOICES.get(body["model"], ())
    named = ("format", "sample_rate", "volume", "rate", "pitch", "seed", "language_hints", "instruction")
    only(given, "text", "voice", *named)
    require(isinstance(given.get("text"), str) and given["text"], invalid("text: it is empty"))
    require(given.get("voice") in voices, invalid("[cosyvoice:]Engine error [411]: TTS speak operation failed"))
    require(given.get("format", "mp3") in {"mp3", "wav", "pcm", "opus"}, invalid("format"))
    require(given.get("sample_rate", 24000) in {8000, 16000, 22050, 24000, 44100, 48000}, invalid("sample_rate"))
    require(0.5 <= given.get("rate", 1.0) <= 2.0, invalid("rate"))
    return str(given["text"])


def only(value: Any, *known: str) -> None:
    """Check that an object has no other members."""
    require(isinstance(value, dict), invalid("an object is expected"))
    require(not unknown(value, known), invalid(f"unknown fields: {unknown(value, known)}"))


def _image(prompt: Any, wanted: dict[str, Any], model: ImageModel) -> Made:
    require(isinstance(prompt, str) and prompt.strip(), invalid("the prompt is required"))
    _text(prompt, model.prompt, "prompt")
    only(wanted, *model.fields, "is_async")
    _text(wanted.get("negative_prompt"), 500, "negative_prompt")
    _switches(wanted, "prompt_extend", "watermark", "enable_interleave", "is_async", "thinking_mode")
    _seed(wanted)
    require(wanted.get("enable_interleave") is not True, invalid("interleaved answers are not simulated"))
    require(wanted.get("enable_sequential") is not True, invalid("sets of images are not simulated"))
    n, (least, most) = wanted.get("n", model.default_n), model.n
    require(type(n) is int and least <= n <= most, invalid(f"num_images_per_prompt must be {least} to {most}"))
    size = wanted.get("size", model.default)
    size = {"1K": "1024*1024", "2K": "2048*2048", "4K": "4096*4096"}[size] if size in model.levels.split() else size
    sides = re.fullmatch(r"(\d+)\*(\d+)", size)
    require(sides, invalid(f"size must be written 1024*1024, is {size}"))
    assert sides
    width, height = int(sides[1]), int(sides[2])
    require(model.sizes is None or size in model.sizes, invalid(f"the size {size} does not match the allowed size"))
    if model.area:
        require(model.area[0] <= width * height <= model.area[1], invalid("total pixels out of range"))
        require(max(width, height) <= model.ratio * min(width, height), invalid("aspect ratio out of range"))
    if model.side:
        require(all(model.side[0] <= side <= model.side[1] for side in (width, height)), invalid("size out of range"))
        width, height = -(-width // 16) * 16, -(-height // 16) * 16
    return Made(width, height, n=n, prompt=prompt)


def _frame(wanted: dict[str, Any], model: VideoModel) -> tuple[int, int]:
    if model.shape == "size":
        size = wanted.get("size", "1920*1080")
        require(size in OF_720P | OF_1080P, invalid(f"size {size}"))
        width, _, height = size.partition("*")
        return int(width), int(height)
    resolution = wanted.get("resolution", "1080P")
    levels = {"720P", "1080P", *(["480P"] if model.has_480p else [])}
    require(resolution in levels, invalid(f"resolution {resolution}"))
    ratios = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1088, 832), "3:4": (832, 1088)}
    ratio = wanted.get("ratio", "16:9")
    require(ratio in ratios, invalid("ratio"))
    if resolution == "480P":
        small = {"16:9": (832, 480), "9:16": (480, 832), "1:1": (624, 624), "4:3": (736, 544), "3:4": (544, 736)}
        return small[ratio]
    width, height = ratios[ratio]
    return (width, height) if resolution == "720P" else (width * 3 // 2, height * 3 // 2)


def _images(images: list[Any], model: ImageModel, oss: bool) -> None:
    least, most = model.images
    require(least <= len(images) <= most, invalid(f"the number of images must be {least} to {most}"))
    for image in images:
        _medium(image, oss)


def _medium(url: Any, oss: bool) -> None:
    """Check a URL, or a data URI that decodes. A URL of the vendor's own store needs a header."""
    require(isinstance(url, str), invalid("url error", "InvalidURL"))
    if url.startswith("oss://"):
        require(oss, invalid("url error, please check url", "InvalidParameter"))
        return
    found = re.fullmatch(r"data:image/(?:png|jpeg|jpg|bmp|tiff|webp|gif);base64,([A-Za-z0-9+/=]+)", url)
    require(found or re.match(r"https?://[^/]+/.+", url), invalid("url error", "InvalidURL"))
    if found:
        try:
            base64.b64decode(found[1], validate=True)
        except binascii.Error:
            raise invalid("the image can't be decoded", "InvalidImageFormat") from None


def _text(text: Any, most: int, name: str) -> None:
    require(text is None or (isinstance(text, str) and len(text) <= most), invalid(f"{name}: {most} letters at most"))


def _switches(wanted: dict[str, Any], *names: str) -> None:
    require(all(isinstance(wanted.get(name, False), bool) for name in names), invalid("a switch is true or false"))


def _seed(wanted: dict[str, Any]) -> None:
    seed = wanted.get("seed", 0)
    require(type(seed) is int and 0 <= seed < SEED, invalid("seed"))
