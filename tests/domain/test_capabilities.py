"""The parts of a request that a model supports, and its defaults."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import capabilities
from domain.base import replace
from domain.model import Kind, Limits, ModelSpec, Voice
from domain.request import REQUESTS, Request

PAINTER = ModelSpec(
    name="Painter",
    type=Kind.IMAGE,
    capabilities={"supportsLora": True},
    resolutions={"1K": {"16:9": "1280*720", "1:1": "1024*1024"}, "2K": {"16:9": "2560*1440"}},
    limits=Limits(prompt=40, negative_prompt=20, n=4, image_inputs=2, loras=("dashscope/anime-style",)),
)
PLAIN = ModelSpec(name="Plain", type=Kind.IMAGE)
VIDEO_MODEL = ModelSpec(
    name="Filmer",
    type=Kind.VIDEO,
    durations={"5s": "5 seconds", "10s": "10 seconds"},
    limits=Limits(resolutions=("720p", "1080p"), aspect_ratios=("16:9", "9:16"), image_inputs=1),
)
SPEAKER = ModelSpec(
    name="Speaker",
    type=Kind.AUDIO,
    voices=(Voice(id="qingxin", name="清新女声", language="zh"), Voice(id="amy", name="Amy", language="en")),
    limits=Limits(speed=(0.8, 1.5)),
)
WRITER = ModelSpec(name="Writer", type=Kind.LLM, limits=Limits(prompt=40, max_tokens=256))


def problems(spec: ModelSpec, *, is_sandbox: bool = False, **fields: Any) -> dict[str, str]:
    """The problems of a request with a model, by field."""
    prompt = {} if "messages" in fields else {"prompt": "a cat"}
    wanted: Request = msgspec.convert({"model": "a/b", **prompt, **fields}, REQUESTS[spec.type])
    found = capabilities.check(wanted, spec, is_sandbox=is_sandbox)
    assert len({problem.field for problem in found}) == len(found), "a field is reported twice"
    return {problem.field: problem.message for problem in found}


@pytest.mark.parametrize("spec", [PAINTER, PLAIN, VIDEO_MODEL, SPEAKER, WRITER], ids=lambda spec: spec.name)
def test_a_prompt_is_enough(spec: ModelSpec) -> None:
    """Everything but the prompt has a default that the model offers."""
    assert problems(spec) == {}


def test_every_offered_value_is_accepted() -> None:
    """A request may use everything that the model has."""
    assert (
        problems(
            PAINTER,
            negativePrompt="blurry",
            resolution="2K",
            aspectRatio="16:9",
            n=4,
            imageInputs=["https://example.com/a.png", "http://example.com/b.png"],
            extraParams={"loras": [{"model": "dashscope/anime-style"}], "seed": 7},
            metadata={"node": 1},
        )
        == {}
    )
    assert problems(VIDEO_MODEL, resolution="1080p", duration="10s", imageInputs=["https://example.com/a.png"]) == {}
    assert problems(VIDEO_MODEL, resolution="1080p", aspectRatio="9:16") == {}
    assert problems(SPEAKER, voice="amy", speed=1.5) == {}
    assert problems(WRITER, system="Be kind.", maxTokens=256, temperature=1.0) == {}
    assert problems(WRITER, messages=[{"role": "user", "content": "Hello"}]) == {}


@pytest.mark.parametrize(
    ("spec", "fields", "field", "message"),
    [
        (PAINTER, {"prompt": " \n"}, "prompt", "must not be blank"),
        (PAINTER, {"prompt": "x" * 41}, "prompt", "may have 40 characters at most, has 41"),
        (PAINTER, {"prompt": "x" * 30, "negativePrompt": "y" * 11}, "prompt", "may have 40 characters at most, has 41"),
        (PAINTER, {"negativePrompt": "y" * 21}, "negativePrompt", "may have 20 characters at most, has 21"),
        (PAINTER, {"n": 5}, "n", "must be from 1 to 4"),
        (PAINTER, {"resolution": "4K"}, "resolution", "'4K' is not offered; choose one of 1K, 2K"),
        (
            PAINTER,
            {"resolution": "x" * 65},
            "resolution",
            f"'{'x' * 64}' is not offered; choose one of 1K, 2K",
        ),
        (PAINTER, {"aspectRatio": "9:16"}, "aspectRatio", "'9:16' is not offered; choose one of 16:9, 1:1"),
        (
            PAINTER,
            {"resolution": "2K", "aspectRatio": "1:1"},
            "aspectRatio",
            "'1:1' is not offered; choose one of 16:9",
        ),
        (PAINTER, {"imageInputs": ["https://a"] * 3}, "imageInputs", "may have 2 at most"),
        (PLAIN, {"imageInputs": ["https://a"]}, "imageInputs", "'Plain' takes no reference images; leave it out"),
        (
            PAINTER,
            {"imageInputs": ["https://a", "file:///etc/passwd"]},
            "imageInputs[1]",
            "must be an http or https URL of up to 2048 characters, or the asset_… id of an image",
        ),
        (
            PAINTER,
            {"imageInputs": ["https://" + "a" * 2041]},
            "imageInputs[0]",
            "must be an http or https URL of up to 2048 characters, or the asset_… id of an image",
        ),
        (PLAIN, {"resolution": "2K"}, "resolution", "'Plain' offers no choice of resolution; leave it out"),
        (PLAIN, {"aspectRatio": "1:1"}, "aspectRatio", "'Plain' offers no choice of aspectRatio; leave it out"),
        (
            PLAIN,
            {"extraParams": {"loras": [{"model": "a/b"}]}},
            "extraParams.loras",
            "'Plain' takes no LoRA; leave it out",
        ),
        (
            PAINTER,
            {"extraParams": {"loras": [{"model": "dashscope/anime-style"}, {"model": "a/b"}]}},
            "extraParams.loras[1].model",
            "'a/b' is not offered; choose one of dashscope/anime-style",
        ),
        (
            PAINTER,
            {"extraParams": {"sandbox": {"fault": "refused"}}},
            "extraParams.sandbox",
            "only the sandbox models can be steered; leave it out",
        ),
        (VIDEO_MODEL, {"duration": "7s"}, "duration", "'7s' is not offered; choose one of 5s, 10s"),
        (VIDEO_MODEL, {"aspectRatio": "1:1"}, "aspectRatio", "'1:1' is not offered; choose one of 16:9, 9:16"),
        (VIDEO_MODEL, {"resolution": "4K"}, "resolution", "'4K' is not offered; choose one of 720p, 1080p"),
        (
            replace(VIDEO_MODEL, durations=None),
            {"duration": "5s"},
            "duration",
            "'Filmer' offers no choice of duration; leave it out",
        ),
        (
            replace(SPEAKER, voices=None),
            {"voice": "bob"},
            "voice",
            "'Speaker' offers no choice of voice; leave it out",
        ),
        (SPEAKER, {"voice": "bob"}, "voice", "'bob' is not offered; choose one of qingxin, amy"),
        (SPEAKER, {"speed": 0.7}, "speed", "must be from 0.8 to 1.5"),
        (SPEAKER, {"speed": 1.6}, "speed", "must be from 0.8 to 1.5"),
        (WRITER, {"maxTokens": 257}, "maxTokens", "may be 256 at most"),
        (WRITER, {"prompt": None}, "prompt", "give either prompt or messages"),
        (
            WRITER,
            {"prompt": "x", "messages": [{"role": "user", "content": "x"}]},
            "prompt",
            "give either prompt or messages",
        ),
        (WRITER, {"messages": [{"role": "user", "content": "\t"}]}, "messages[0].content", "must not be blank"),
        (
            WRITER,
            {"system": "x" * 20, "messages": [{"role": "user", "content": "x" * 21}]},
            "prompt",
            "may have 40 characters at most, has 41",
        ),
    ],
)
def test_an_unsupported_value_is_refused_with_the_supported_ones(
    spec: ModelSpec, fields: dict[str, Any], field: str, message: str
) -> None:
    """Each refusal names its field and what would be accepted instead."""
    assert problems(spec, **fields) == {field: message}


HASH = "0a" * 32


@pytest.mark.parametrize(
    "given",
    [
        f"asset_{HASH}.png",
        f"/api/v1/assets/asset_{HASH}.webp",
        f"https://pixel.example/api/v1/assets/asset_{HASH}.jpg",
        "https://" + "a" * 2040,
    ],
)
def test_a_stored_image_is_accepted_in_place_of_a_url(given: str) -> None:
    """The id, the path and the URL of an asset are accepted like any URL."""
    assert problems(PAINTER, imageInputs=[given]) == {}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "asset_1.png",
        f"asset_{HASH}",
        f"asset_{HASH}.mp4",
        f"asset_{HASH.upper()}.png",
        f"asset_{HASH}.png\n",
        f" asset_{HASH}.png",
        f"api/v1/assets/asset_{HASH}.png",
        f"/api/v1/assets/../assets/asset_{HASH}.png",
        f"//elsewhere/api/v1/assets/asset_{HASH}.png",
        f"/api/v1/assets/asset_{HASH}.png?variant=thumbnail",
        "data:image/png;base64,AAAA",
    ],
)
def test_a_reference_names_an_image(given: str) -> None:
    """Other media, other spellings and other schemes are refused with the accepted ones."""
    assert "asset_… id of an image" in problems(PAINTER, imageInputs=[given])["imageInputs[0]"]


def test_a_negative_prompt_may_be_as_long_as_the_model_takes() -> None:
    """Exactly so many characters; where the model takes none at all, that is the one problem."""
    assert problems(PAINTER, negativePrompt="y" * 20) == {}
    refusing = replace(PAINTER, limits=replace(PAINTER.limits, refuses=("negativePrompt",)))
    assert "leave it out" in problems(refusing, negativePrompt="y" * 21)["negativePrompt"]


def test_a_model_may_need_reference_images() -> None:
    """Too few are a problem that says how many it needs, and enough are none."""
    needy = replace(PAINTER, limits=replace(PAINTER.limits, image_inputs_needed=2))
    too_few = {"imageInputs": "'Painter' needs 2 at least"}
    assert problems(needy) == problems(needy, imageInputs=["https://a"]) == too_few
    assert problems(needy, imageInputs=["https://a", "https://b"]) == {}


def test_a_parameter_that_the_model_ignores_is_refused() -> None:
    """Each by its name in the request, when it is sent and only then, and only by a model that ignores it: nobody pays
    for something else than was asked for."""
    asked: dict[str, tuple[ModelSpec, dict[str, Any]]] = {
        "negativePrompt": (PAINTER, {"negativePrompt": "blurry"}),
        "extraParams.seed": (PAINTER, {"extraParams": {"seed": 0}}),
        "speed": (SPEAKER, {"speed": 1.0}),
        "temperature": (WRITER, {"temperature": 0}),
        "system": (WRITER, {"system": ""}),
        "maxTokens": (WRITER, {"maxTokens": 5}),
    }
    assert {name.rpartition(".")[2] for name in asked} == {*capabilities.REFUSABLE, "seed"}
    for name, (spec, fields) in asked.items():
        refusing = replace(spec, limits=replace(spec.limits, refuses=(name.rpartition(".")[2],)))
        assert problems(refusing, **fields) == {name: f"'{spec.name}' has no use for it; leave it out"}
        assert problems(refusing) == problems(refusing, extraParams={}) == problems(spec, **fields) == {}
    mute = replace(PAINTER, limits=replace(PAINTER.limits, refuses=("speed", "temperature")))
    assert problems(mute) == {}, "no image has a speed"


def test_a_model_may_write_a_single_token() -> None:
    """However low the limit is, a request that names no number of tokens is within it."""
    assert problems(replace(WRITER, limits=Limits(max_tokens=1))) == {}


@pytest.mark.parametrize(
    ("weights", "total"),
    [
        ((0.5, 0.5), None),
        ((0.3, 0.7004), None),
        ((None,), None),
        ((0.25, 0.25), "0.5"),
        ((None, None), "2"),
        ((-1,), "-1"),
    ],
)
def test_weights_of_loras_add_up_to_one_where_the_model_wants_that(
    weights: tuple[float | None, ...], total: str | None
) -> None:
    """A weight that is left out counts as 1; the refusal says what they add up to."""
    limits = Limits(lora_weights_add_up_to_one=True)
    spec = ModelSpec(name="Mixer", type=Kind.IMAGE, capabilities={"supportsLora": True}, limits=limits)
    loras = [{"model": "a/b"} | ({} if weight is None else {"weight": weight}) for weight in weights]
    reason = f"the weights must add up to 1 for 'Mixer', and add up to {total}; one left out counts as 1"
    assert problems(spec, extraParams={"loras": loras}) == ({"extraParams.loras": reason} if total else {})
    free = replace(spec, limits=Limits())
    assert problems(free, extraParams={"loras": loras}) == {}


def test_each_lora_that_is_not_offered_is_a_problem() -> None:
    """By its place in the list."""
    loras = {"loras": [{"model": "a/b"}, {"model": "dashscope/anime-style"}, {"model": "a/c"}]}
    found = problems(PAINTER, extraParams=loras)
    assert found.keys() == {"extraParams.loras[0].model", "extraParams.loras[2].model"}


def test_every_unsupported_value_is_reported_at_once() -> None:
    """A refusal has all problems of a request."""
    assert problems(PAINTER, prompt=" ", n=5, aspectRatio="9:16", imageInputs=["ftp://a"]).keys() == {
        "prompt",
        "n",
        "aspectRatio",
        "imageInputs[0]",
    }


def test_a_wrong_resolution_is_no_problem_of_the_aspect_ratio() -> None:
    """The aspect ratios depend on the resolution: with a wrong one, the ratio is not reported as a problem."""
    assert problems(PAINTER, resolution="4K", aspectRatio="16:9").keys() == {"resolution"}


def test_the_documented_default_may_always_be_spelled_out() -> None:
    """`resolution` is 1K by default, so a model without choices accepts 1K too."""
    assert problems(PLAIN, resolution="1K") == {}


def test_any_lora_is_accepted_where_the_catalogue_lists_none() -> None:
    """A model that accepts LoRAs and lists none leaves the choice to the provider."""
    open_minded = replace(PAINTER, limits=Limits())
    assert problems(open_minded, extraParams={"loras": [{"model": "any/thing"}]}) == {}


@pytest.mark.parametrize("blank", ["", " "])
def test_an_optional_text_may_be_blank(blank: str) -> None:
    """A form sends its empty fields too."""
    assert problems(PAINTER, negativePrompt=blank) == {}
    assert problems(WRITER, system=blank) == {}


def test_only_the_sandbox_has_sandbox_options() -> None:
    """The sandbox's test options are refused for paid providers."""
    assert problems(PLAIN, is_sandbox=True, extraParams={"sandbox": {"fault": "refused"}}) == {}


def test_metadata_is_bounded() -> None:
    """The size of metadata is limited, as JSON."""
    assert problems(PLAIN, metadata={"a": "x" * (16 * 1024 - len('{"a":""}'))}) == {}
    assert problems(PLAIN, metadata={"a": "x" * (16 * 1024 - len('{"a":""}') + 1)}) == {
        "metadata": "may have 16 KiB at most"
    }


# --- Defaults ---


@pytest.mark.parametrize(
    ("spec", "given_level", "level"),
    [
        (PAINTER, None, "1K"),
        (PAINTER, "2K", "2K"),
        (VIDEO_MODEL, None, "720p"),
        (PLAIN, None, None),
        (replace(VIDEO_MODEL, limits=Limits(resolutions=("2K", "1K"))), None, "1K"),
        (PLAIN, "1K", "1K"),
    ],
)
def test_the_resolution_that_counts(spec: ModelSpec, given_level: str | None, level: str | None) -> None:
    """The one asked for, else 1K as documented, else the model's first; a model without any has none."""
    assert capabilities.resolution(spec, given_level) == level


@pytest.mark.parametrize(
    ("spec", "params", "size"),
    [
        (PAINTER, {}, (1024, 1024)),
        (PAINTER, {"aspectRatio": "16:9"}, (1280, 720)),
        (PAINTER, {"resolution": "2K"}, (2560, 1440)),
        (PAINTER, {"resolution": "2K", "aspectRatio": "16:9"}, (2560, 1440)),
        (PAINTER, {"resolution": "2K", "aspectRatio": "1:1"}, None),
        (replace(PAINTER, type=Kind.VIDEO), {}, (1280, 720)),
        (VIDEO_MODEL, {}, None),
        (VIDEO_MODEL, {"aspectRatio": "9:16"}, None),
        (PLAIN, {"resolution": "1K"}, None),
    ],
)
def test_the_size_in_pixels(spec: ModelSpec, params: dict[str, Any], size: tuple[int, int] | None) -> None:
    """The catalogue's size of the request: by default 1:1 for an image, the first for a video; None without sizes."""
    assert capabilities.pixels(spec, params) == size


@pytest.mark.parametrize(
    ("spec", "params", "ratio"),
    [
        (PAINTER, {}, "1:1"),
        (PAINTER, {"aspectRatio": "16:9"}, "16:9"),
        (PAINTER, {"resolution": "2K"}, "16:9"),
        (VIDEO_MODEL, {"aspectRatio": "9:16"}, "9:16"),
        (VIDEO_MODEL, {}, None),
        (PLAIN, {}, None),
    ],
)
def test_the_shape(spec: ModelSpec, params: dict[str, Any], ratio: str | None) -> None:
    """The aspect ratio that was asked for, else that of the default size; None where the provider decides."""
    assert capabilities.aspect_ratio(spec, params) == ratio


@pytest.mark.parametrize(
    ("spec", "params", "seconds"),
    [(VIDEO_MODEL, {}, 5.0), (VIDEO_MODEL, {"duration": "10s"}, 10.0), (PLAIN, {}, None)],
)
def test_the_length_in_seconds(spec: ModelSpec, params: dict[str, Any], seconds: float | None) -> None:
    """The duration that was asked for, else the model's first."""
    assert capabilities.seconds(spec, params) == seconds


@given(st.sampled_from([PAINTER, VIDEO_MODEL, PLAIN]), st.data())
def test_what_is_offered_can_be_made(spec: ModelSpec, data: st.DataObject) -> None:
    """Every accepted request has a size and a length, if the catalogue has any."""
    levels = st.sampled_from([None, capabilities.DEFAULT_RESOLUTION, *(spec.resolutions or spec.limits.resolutions)])
    ratios = st.sampled_from([None, "1:1", "16:9"])
    params = {"resolution": data.draw(levels), "aspectRatio": data.draw(ratios)}
    if not problems(spec, **params):
        assert (capabilities.pixels(spec, params) is not None) == bool(spec.resolutions)
        assert (capabilities.seconds(spec, params) is not None) == bool(spec.durations)
