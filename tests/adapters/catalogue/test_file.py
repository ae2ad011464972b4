"""Laws of the catalogue file: the shipped one is the contract's, and a wrong one is refused with every problem."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.catalogue.file import MAX_BYTES, CatalogueError, ProviderEntry, load
from adapters.providers.registry import load_catalogue
from adapters.providers.sandbox.media import VOICES
from application.catalogue import Entry
from application.rate_limits import LaneLimits
from domain import capabilities, request_parsing
from domain.budget import Budget, ExchangeRates
from domain.model import Kind, Limits, ModelSpec, Voice, split_model_id
from domain.money import Price
from services.settings import DEFAULT_CATALOG

GOOD = """\
providers:
  acme: {key: ACME_API_KEY}
  free: {}
models:
  - id: acme/painter
    name: Painter
    type: image
    default: true
    resolutions:
      1K: {"16:9": "1280*720"}
    limits: {n: 2, speed: [1, 2]}
  - id: acme/film
    name: Film
    type: video
    durations: {5s: 5 seconds}
  - id: free/old
    name: Old
    type: image
    retired: {replacement: acme/painter}
"""

# The models of the API contract, as GET /models shows them.
CONTRACT: list[dict[str, Any]] = [
    {
        "id": "dashscope/qwen-image",
        "name": "Qwen Image",
        "type": "image",
        "provider": "dashscope",
        "model_key": "qwen-image",
        "is_default": True,
        "enabled": True,
        "capabilities": {"supportsLora": True, "supportsRefImage": True},
        "resolutions": {
            "1K": {"16:9": "1280*720", "1:1": "1024*1024"},
            "2K": {"16:9": "2560*1440", "1:1": "2048*2048"},
        },
    },
    {
        "id": "modelscope/qwen-image",
        "name": "ModelScope Qwen Image",
        "type": "image",
        "provider": "modelscope",
        "model_key": "qwen-image",
        "is_default": False,
        "enabled": True,
        "capabilities": {"supportsLora": True},
    },
    {
        "id": "dashscope/wan2.6-video",
        "name": "Wan 2.6 Video",
        "type": "video",
        "provider": "dashscope",
        "model_key": "wan2.6-video",
        "is_default": True,
        "enabled": True,
        "durations": {"5s": "5秒", "10s": "10秒"},
    },
    {
        "id": "volcengine/doubao-tts",
        "name": "豆包 TTS",
        "type": "audio",
        "provider": "volcengine",
        "model_key": "doubao-tts",
        "is_default": True,
        "enabled": True,
        "voices": [{"id": "zh_female_qingxin", "name": "清新女声", "language": "zh"}],
    },
    {
        "id": "dashscope/qwen-plus",
        "name": "Qwen Plus",
        "type": "llm",
        "provider": "dashscope",
        "model_key": "qwen-plus",
        "is_default": True,
        "enabled": True,
    },
]

# The request bodies of the API contract.
REQUESTS: list[tuple[Kind, dict[str, Any]]] = [
    (
        Kind.IMAGE,
        {
            "prompt": "a beautiful sunset over mountains",
            "model": "dashscope/qwen-image",
            "negativePrompt": "blurry, low quality",
            "resolution": "2K",
            "aspectRatio": "16:9",
            "n": 1,
            "imageInputs": ["https://example.com/ref-image.jpg"],
            "extraParams": {"loras": [{"model": "dashscope/anime-style", "weight": 0.8}]},
            "projectId": "proj_123",
            "source": "canvas",
            "sourceId": "canvas_456",
        },
    ),
    (
        Kind.VIDEO,
        {
            "prompt": "a cat playing with a ball",
            "model": "dashscope/wan2.6-video",
            "negativePrompt": "static, blurry",
            "duration": "5s",
            "resolution": "720p",
            "n": 1,
            "imageInputs": ["https://example.com/first-frame.jpg"],
            "projectId": "proj_123",
        },
    ),
    (
        Kind.AUDIO,
        {
            "prompt": "Hello, welcome to Pixel AI!",
            "model": "volcengine/doubao-tts",
            "voice": "zh_female_qingxin",
            "speed": 1.0,
            "projectId": "proj_123",
        },
    ),
    (Kind.IMAGE, {"prompt": "a cat", "model": "dashscope/qwen-image"}),
]


def shipped() -> dict[str, Entry]:
    return {entry.id: entry for entry in load(DEFAULT_CATALOG).models}


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "catalog.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(folder: Path, text: str | bytes) -> list[str]:
    """What is said of such a catalogue, a line a problem, from the line number on."""
    path = written(folder, text)
    with pytest.raises(CatalogueError) as caught:
        load(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# --- The shipped file ---


def test_the_shipped_models_are_the_contracts() -> None:
    """The models of the contract's example are there, with its texts, fields and flags; a field that an example
    leaves open may be filled in, and others are not shown."""
    models = shipped()
    entries = [models[model["id"]] for model in CONTRACT]
    for entry, expected in zip(entries, CONTRACT, strict=True):
        provider, key = split_model_id(entry.id)
        shown: dict[str, Any] = {"id": entry.id, "provider": provider, "model_key": key}
        shown |= {"is_default": entry.default, "enabled": entry.enabled}
        spec: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(entry.spec))
        assert {name: value for name, value in (spec | shown).items() if name in expected} == expected
        assert not entry.retired


def test_the_contracts_requests_are_accepted() -> None:
    """Each request that the contract shows is one that the shipped model accepts."""
    models = shipped()
    for kind, body in REQUESTS:
        parsed = request_parsing.parse(kind, json.dumps(body).encode())
        spec = models[parsed.request.model].spec
        assert parsed.problems == []
        assert capabilities.check(parsed.request, spec, is_sandbox=False) == []


def test_the_shipped_defaults_are_the_contracts() -> None:
    """Each kind has exactly one default, and it is none of the sandbox's."""
    defaults = {entry.spec.type: entry.id for entry in load(DEFAULT_CATALOG).models if entry.default}
    assert defaults == {Kind(model["type"]): model["id"] for model in CONTRACT if model["is_default"]}


def test_the_shipped_sandbox_offers_what_it_can_make() -> None:
    """The sandbox has a model of each kind, speaks with the voices it has, and its videos have even sizes."""
    models = {key: entry for key, entry in shipped().items() if key.startswith("sandbox/")}
    assert {entry.spec.type for entry in models.values()} == set(Kind)
    assert models["sandbox/speech"].spec.voices == tuple(
        Voice(id=voice, name=name, language=language) for voice, name, language in VOICES
    )
    sizes = [
        int(side)
        for ratios in (models["sandbox/video"].spec.resolutions or {}).values()
        for size in ratios.values()
        for side in size.split("*")
    ]
    assert sizes
    assert all(side % 2 == 0 for side in sizes)


def test_the_shipped_providers_name_their_keys() -> None:
    """Each outside provider has a key of its own in the environment; the sandbox and one's own machines need none."""
    providers = load(DEFAULT_CATALOG).providers
    assert providers["sandbox"].key is None
    keys = [entry.key for name, entry in providers.items() if name not in {"sandbox", "comfyui"}]
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_a_model_stays_equal_to_itself() -> None:
    """A spec that went through the event log equals the one in the file, so that a restart makes no new revision."""
    for entry in load(DEFAULT_CATALOG).models:
        assert msgspec.json.decode(msgspec.json.encode(entry.spec), type=ModelSpec) == entry.spec
        assert all(type(voice) is Voice for voice in entry.spec.voices or ())


def test_the_page_of_the_catalogue_explains_every_field(tmp_path: Path) -> None:
    """An administrator finds each field of a model, and each limit, in the example of its page, which is right."""
    page = (DEFAULT_CATALOG / "README.md").read_text()
    [example] = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    structs = (Entry, ModelSpec, Limits, Price, ProviderEntry, LaneLimits, ExchangeRates, Budget)
    fields = [name for struct in structs for name in struct.__struct_fields__] + ["money", "budgets"]
    assert [name for name in fields if f"{name}:" not in example and name != "spec"] == []
    assert len(load_catalogue(written(tmp_path, example)).models) == 6


def test_each_provider_has_its_file() -> None:
    """What is shipped is found by its name: a file has one provider, its own, with all of that one's models."""
    catalogue = load(DEFAULT_CATALOG)
    files = {name: str(DEFAULT_CATALOG / f"{name}.yaml") for name in catalogue.providers}
    assert sorted(files.values()) == sorted(map(str, DEFAULT_CATALOG.glob("*.yaml")))
    assert {model: place.rpartition(":")[0] for model, place in catalogue.places.items()} == {
        model.id: files[split_model_id(model.id)[0]] for model in catalogue.models
    }


# --- A file that is right ---


def test_money_and_lanes(tmp_path: Path) -> None:
    """Amounts are decimals, to the last digit, whether they are written as numbers or as texts."""
    text = changed(
        "limits: {n: 2", "currency: USD\n    prices: [{unit: image, amount: 0.1, per: 3}]\n    limits: {n: 2"
    )
    text = text.replace("{key: ACME_API_KEY}", "{key: ACME_API_KEY, lanes: {image: {in_flight: 2}}}")
    money = 'money: {currency: USD, rates: {CNY: "0.14"}}\nbudgets: [{most: 0.3}, {most: 5, project: "*"}]\n'
    catalogue = load(written(tmp_path, money + text))
    assert catalogue.models[0].spec.prices == (Price(unit="image", amount=Decimal("0.1"), per=3),)
    assert catalogue.money == ExchangeRates(currency="USD", rates={"CNY": Decimal("0.14")})
    assert catalogue.budgets == (Budget(most=Decimal("0.3")), Budget(most=Decimal(5), project="*"))
    assert catalogue.providers["acme"].lanes == {Kind.IMAGE: LaneLimits(in_flight=2)}


def test_a_small_catalogue(tmp_path: Path) -> None:
    """What is written is what is read: providers, specs, and where each model stands."""
    catalogue = load(written(tmp_path, GOOD))
    assert {name: entry.key for name, entry in catalogue.providers.items()} == {"acme": "ACME_API_KEY", "free": None}
    painter, clip, old = catalogue.models
    assert painter == Entry(
        id="acme/painter",
        spec=ModelSpec(
            name="Painter",
            type=Kind.IMAGE,
            resolutions={"1K": {"16:9": "1280*720"}},
            limits=Limits(n=2, speed=(1.0, 2.0)),
        ),
        default=True,
    )
    assert clip.spec.durations == {"5s": "5 seconds"}
    assert (old.retired, old.replacement) == (True, "acme/painter")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("retired: {replacement: acme/painter}", "retired: {}"),
        ("default: true", "default: yes"),
        ("name: Film", "name: !!str 16:9"),
        ("type: video", "type: video\n    capabilities: {supportsLora: on, styles: [a, 1, 0.5], deep: {empty: []}}"),
        ("providers:\n", "\ufeffproviders:\n"),
    ],
)
def test_what_may_be_written_too(tmp_path: Path, old: str, new: str) -> None:
    """No successor, YAML's yes and on where a yes is meant, a tag that says text, free capabilities, a UTF-8 mark."""
    assert len(load(written(tmp_path, changed(old, new))).models) == 3


def test_an_alias_may_repeat_a_part(tmp_path: Path) -> None:
    """A table of sizes may be written once and used by several models."""
    text = changed("      1K: {", "      1K: &sizes {").replace(
        "type: video\n", "type: video\n    resolutions: {720p: *sizes}\n"
    )
    painter, clip, _ = load(written(tmp_path, text)).models
    assert (painter.spec.resolutions or {})["1K"] == (clip.spec.resolutions or {})["720p"]


def test_dates_of_an_entry(tmp_path: Path) -> None:
    """Its last day and its successor are a part of the model; where that stands and when it was looked at is not, so
    that looking makes no new revision. Of several dates the oldest counts."""
    price = "currency: USD\n    prices: [{unit: call, amount: 1, source: a list, checked: 2026-05-01}]"
    dates = f"ends: 2027-01-05\n    source: https://acme.example\n    checked: 2026-11-25\n    {price}"
    clip = load(written(tmp_path, changed("name: Film", f"name: Film\n    {dates}"))).models[1]
    assert (clip.spec.ends, clip.source, clip.checked) == (
        date(2027, 1, 5),
        "https://acme.example",
        date(2026, 5, 1),
    )
    assert clip.spec.prices == (Price(unit="call", amount=Decimal(1)),)
    assert type(clip.spec.prices[0]) is Price
    assert msgspec.json.decode(msgspec.json.encode(clip.spec), type=ModelSpec) == clip.spec


# --- A folder ---

ACME = """\
providers:
  acme: {key: ACME_API_KEY}
models:
  - id: acme/painter
    name: Painter
    type: image
    default: true
"""
FREE = """\
providers:
  free: {}
models:
  - id: free/old
    name: Old
    type: image
    retired: {replacement: acme/painter}
"""


def folder_of(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def problems_of(folder: Path, **files: str) -> list[str]:
    """What is said of a folder with these files, a line a problem."""
    with pytest.raises(CatalogueError) as caught:
        load(folder_of(folder, **files))
    return str(caught.value).splitlines()


def test_a_folder_is_one_catalogue(tmp_path: Path) -> None:
    """Files are read in the order of their names and models in the order of their file; one may name what is in
    another; what is hidden, lies deeper or is no YAML is not read."""
    (tmp_path / "deeper").mkdir()
    for name in (".draft.yaml", "notes.md", "deeper/more.yaml"):
        (tmp_path / name).write_text("nonsense")
    (tmp_path / "b.yml").write_text("models: [{id: acme/second, name: B, type: image}]\nbudgets: [{most: 2}]\n")
    money = "money: {currency: EUR}\nbudgets: [{most: 1}]\n"
    catalogue = load(folder_of(tmp_path, z=ACME, c=FREE, a=money))
    assert [model.id for model in catalogue.models] == ["acme/second", "free/old", "acme/painter"]
    assert catalogue.places["acme/painter"] == f"{tmp_path}/z.yaml:4"
    assert catalogue.providers.keys() == {"acme", "free"}
    assert catalogue.money == ExchangeRates(currency="EUR")
    assert catalogue.budgets == (Budget(most=Decimal(1)), Budget(most=Decimal(2)))


def test_a_duplicate_in_two_files_is_reported_with_both_places(tmp_path: Path) -> None:
    """A model, a provider, the default of a type and `money` stand once: who finds the second is shown the first."""
    twice = problems_of(tmp_path, a=f"money: {{}}\n{ACME}", b=f"\n{ACME}money: {{}}\n")
    first, second = f"{tmp_path}/a.yaml", f"{tmp_path}/b.yaml"
    assert twice == [
        f"{second}:3: providers.acme: is there already: {first}:3",
        f"{second}:5: models[0].id: 'acme/painter' is there already: {first}:5: models[0]",
        f"{second}:8: models[0].default: {first}:5: models[0] is the default of image already",
        f"{second}:9: money: is there already: {first}:1",
    ]


def test_mistakes_of_several_files_are_reported_together(tmp_path: Path) -> None:
    """Each is reported with its own file and line, file by file; a broken file causes no problems in others."""
    said = problems_of(tmp_path, acme="a: b: c", free=FREE + "    enabled: maybe\n")
    assert [line.split(": ")[0] for line in said] == [f"{tmp_path}/acme.yaml:1", f"{tmp_path}/free.yaml:8"]


def test_what_no_file_has_is_reported(tmp_path: Path) -> None:
    """A name that no file has is reported where it is used; a folder without any model is no catalogue."""
    free = "providers: {free: {}}\n"
    assert problems_of(tmp_path, a=FREE, b=ACME.replace("acme", "acne").replace("key: ACNE", "key: ACME")) == [
        f"{tmp_path}/a.yaml:7: models[0].retired.replacement: there is no model 'acme/painter'"
    ]
    assert problems_of(tmp_path, a="models: [{id: acme/a, name: A, type: image}]", b=free) == [
        f"{tmp_path}/a.yaml:1: models[0].id: the provider 'acme' is not in `providers`"
    ]
    assert problems_of(tmp_path, a=free, b="budgets: [{most: 1}]") == [
        f"{tmp_path}/a.yaml:1: models: is required, here or in another file of the folder"
    ]


def test_a_folder_has_an_end(tmp_path: Path) -> None:
    """All files together hold no more than 1 MiB, and they are no more than 200."""
    half = "#" * (MAX_BYTES // 2)
    [said] = problems_of(tmp_path, a=ACME + half, b=FREE + half)
    assert said.startswith(f"{tmp_path}/b.yaml: with it the catalogue is larger than 1048576 bytes")
    [said] = problems_of(tmp_path, **{f"f{i}": "" for i in range(199)})
    assert "has 201 files" in said


# --- A file that is wrong ---

WRONG = [
    # Known and unknown fields
    ("    name: Film\n", "", "12: models[1].name: is required"),
    ("    name: Film\n", "    nmae: Film\n", "13: models[1].nmae: is not known. Known fields: "),
    ("n: 2", "nn: 2", "11: models[0].limits.nn: is not known. Known fields: "),
    ("name: Film", "name:", "13: models[1].name: has no value: give it a text that is not blank, or leave it out"),
    ("name: Film", 'name: " "', "13: models[1].name: expected a text that is not blank, got ' '"),
    ("name: Film", "name: [Film]", "13: models[1].name: expected a text that is not blank, got a list"),
    ("name: Film", "name: Film\n    name: Film", "14: models[1].name: is given twice, first on line 13"),
    ("  free: {}", "  free:", "3: providers.free: expected a mapping, got nothing"),
    ("  free: {}", "  acme: {}", "3: providers.acme: is given twice, first on line 2"),
    ("n: 2, speed: [1, 2]", "[]", "11: models[0].limits"),
    # Values
    ("type: video", "type: picture", "14: models[1].type: expected one of image, video, audio, llm, got 'picture'"),
    ("n: 2", "n: two", "11: models[0].limits.n: expected a whole number, got 'two'"),
    ("n: 2", "n: 2.5", "11: models[0].limits.n: expected a whole number, got '2.5'"),
    ("n: 2", "n: 010", "11: models[0].limits.n: expected a whole number, got '010'"),
    ("n: 2", "n: 0", "11: models[0].limits.n: must be at least 1"),
    ("n: 2", 'aspect_ratios: ["16:9"]', "11: models[0].limits.aspect_ratios: the model's `resolutions` name its"),
    ("n: 2", "image_inputs: -1", "11: models[0].limits.image_inputs: must be at least 0"),
    ("default: true", "default: maybe", "8: models[0].default: expected true or false, got 'maybe'"),
    ("default: true", "enabled: !!bool 1", "8: models[0].enabled: expected true or false, got '1'"),
    ("[1, 2]", "[2, 1]", "11: models[0].limits.speed: must be [slowest, fastest], both above 0"),
    ("[1, 2]", "[0, 1]", "11: models[0].limits.speed: must be [slowest, fastest], both above 0"),
    ("[1, 2]", "[1]", "11: models[0].limits.speed: expected 2 items, got 1"),
    ("[1, 2]", "[1, .inf]", "11: models[0].limits.speed[1]: expected a number, got '.inf'"),
    ("[1, 2]", "1", "11: models[0].limits.speed: expected a list, got a number"),
    (
        "1280*720",
        "1280x720",
        "10: models[0].resolutions.1K.16:9: expected a size in pixels such as \"1280*720\", got '1280x720'",
    ),
    ("1280*720", "0*720", "10: models[0].resolutions.1K.16:9: expected a size in pixels"),
    ('{"16:9": "1280*720"}', "{}", "10: models[0].resolutions.1K: must not be empty"),
    ("5s: 5", "5 s: 5", "15: models[1].durations.5 s: expected whole seconds such as \"5s\", got '5 s'"),
    ("5s: 5", "0s: 5", "15: models[1].durations.0s: expected whole seconds"),
    ("durations: {5s: 5 seconds}", "voices: []", "15: models[1].voices: must not be empty"),
    (
        "durations: {5s: 5 seconds}",
        "voices: [{id: a, name: A, language: en}, {id: a, name: B, language: en}]",
        "15: models[1].voices[1].id: the model has another voice 'a'",
    ),
    ("durations: {5s: 5 seconds}", "voices: [{id: a, name: A}]", "15: models[1].voices[0].language: is required"),
    ("name: Film", r'name: "a\0"', "13: models[1].name: holds a character that can't be stored"),
    ("name: Film", r'name: "\ud83d"', "13: models[1].name: holds a character that can't be stored"),
    # Values that YAML reads as another type
    ('"16:9"', "16:9", '10: models[0].resolutions.1K.16:9: YAML takes 16:9 for a number; quote it: "16:9"'),
    ("1K: {", "512: {", '10: models[0].resolutions.512: YAML takes 512 for a number; quote it: "512"'),
    ("name: Film", "name: no", '13: models[1].name: YAML takes no for true or false; quote it: "no"'),
    ("name: Film", "name: 1.5", '13: models[1].name: YAML takes 1.5 for a number; quote it: "1.5"'),
    ("name: Film", "name: 2026-13-45", '13: models[1].name: YAML takes 2026-13-45 for a date; quote it: "2026-13-45"'),
    ("name: Film", "yes: Film", '13: models[1].yes: YAML takes yes for true or false; quote it: "yes"'),
    ("5 seconds", "1:30", '15: models[1].durations.5s: YAML takes 1:30 for a number; quote it: "1:30"'),
    (
        "durations: {5s: 5 seconds}",
        "capabilities: {a: 16:9}",
        "15: models[1].capabilities.a: YAML takes 16:9 for a number",
    ),
    (
        "durations: {5s: 5 seconds}",
        "capabilities: {a: .nan}",
        "15: models[1].capabilities.a: YAML takes .nan for a number",
    ),
    ("durations: {5s: 5 seconds}", "capabilities: {1: a}", "15: models[1].capabilities.1: YAML takes 1 for a number"),
    ("durations: {5s: 5 seconds}", "capabilities: {[a]: b}", "15: models[1].capabilities.?: expected text, got a list"),
    ("name: Film", "<<: {name: Film}", "13: models[1].<<: is of the YAML type 'merge', which has no place here"),
    ("name: Film", "name: !film Film", "13: models[1].name: is of the YAML type '!film', which has no place here"),
    (
        "name: Film",
        "name: !!python/object/apply:os.getcwd []",
        "13: models[1].name: is of the YAML type 'python/object/apply:os.getcwd', which has no place here",
    ),
    # Models and each other
    ("id: acme/film", "id: film", "12: models[1].id: Model must be in format 'provider/model_key', got: 'film'."),
    ("id: acme/film", "id: acme/film/2", "12: models[1].id: Model must be in format 'provider/model_key'"),
    ("id: acme/film", "id: acme/my film", "12: models[1].id: expected up to 200 characters without spaces"),
    ("id: acme/film", "id: nobody/film", "12: models[1].id: the provider 'nobody' is not in `providers`"),
    ("id: acme/film", "id: acme/painter", "12: models[1].id: 'acme/painter' is there already: models[0]"),
    (
        "type: video",
        "type: image\n    default: true",
        "15: models[1].default: models[0] is the default of image already",
    ),
    (
        "default: true",
        "default: true\n    enabled: false",
        "8: models[0].default: a model that is retired or not enabled",
    ),
    ("retired: {", "default: true\n    retired: {", "19: models[2].default: a model that is retired or not enabled"),
    (
        "replacement: acme/painter",
        "replacement: acme/none",
        "19: models[2].retired.replacement: there is no model 'acme/none'",
    ),
    (
        "replacement: acme/painter",
        "replacement: acme/film",
        "19: models[2].retired.replacement: 'acme/film' makes video, not image",
    ),
    (
        "replacement: acme/painter",
        "replacement: free/old",
        "19: models[2].retired.replacement: 'free/old' is retired itself",
    ),
    # Dates
    (
        "name: Film",
        "name: Film\n    ends: 2027-02-30",
        "14: models[1].ends: expected a date such as 2027-01-31, got '2027-02-30'",
    ),
    ("name: Film", "name: Film\n    ends: soon", "14: models[1].ends: expected a date such as 2027-01-31, got 'soon'"),
    ("name: Film", "name: Film\n    checked: 2026", "14: models[1].checked: expected a date such as 2027-01-31"),
    ("name: Film", 'name: Film\n    source: ""', "14: models[1].source: expected a text that is not blank"),
    (
        "default: true",
        "replacement: free/old",
        "8: models[0].replacement: needs the day on which the model `ends`",
    ),
    *(
        ("default: true", f"ends: 2027-01-31\n    replacement: {name}", f"9: models[0].replacement: {problem}")
        for name, problem in (
            ("free/old", "'free/old' is retired itself"),
            ("acme/film", "'acme/film' makes video, not image"),
            ("acme/none", "there is no model 'acme/none'"),
            ("acme/painter", "is the model itself"),
        )
    ),
    (
        "retired: {",
        "ends: 2026-01-31\n    replacement: acme/painter\n    retired: {",
        "20: models[2].replacement: a retired model has it in `retired: {replacement: ...}`",
    ),
    # Money
    (
        "limits: {n: 2",
        "prices: [{unit: image, amount: 1}]\n    limits: {n: 2",
        "11: models[0].prices: say in which `currency`",
    ),
    *(
        (
            "limits: {n: 2",
            f"currency: USD\n    prices: [{{unit: image, {price}}}]\n    limits: {{n: 2",
            f"12: {problem}",
        )
        for price, problem in (
            ("amount: -1", "models[0].prices[0].amount: must be a number from 0 on"),
            ("amount: .nan", "models[0].prices[0].amount: "),
            ("amount: NaN", "models[0].prices[0].amount: must be a number from 0 on"),
            ("amount: Infinity", "models[0].prices[0].amount: must be a number from 0 on"),
            ("amount: much", "models[0].prices[0].amount: expected a number, got 'much'"),
            ("amount: 1, per: 0", "models[0].prices[0].per: must be at least 1"),
            ("amount: 1, free: -1", "models[0].prices[0].free: must be at least 0"),
            ("amount: 1, resolution: 9K", "models[0].prices[0].resolution: the model offers no resolution '9K'"),
        )
    ),
    ("models:\n", "budgets: [{most: -0.01}]\nmodels:\n", "4: budgets[0].most: must be a number from 0 on"),
    ("models:\n", "budgets: [{most: much}]\nmodels:\n", "4: budgets[0].most: expected a number, got 'much'"),
    ("models:\n", "budgets: [{project: films}]\nmodels:\n", "4: budgets[0].most: is required"),
    ("models:\n", "money: {rates: {CNY: 0}}\nmodels:\n", "4: money.rates.CNY: must be a number above 0"),
    ("models:\n", 'money: {rates: {CNY: "-1"}}\nmodels:\n', "4: money.rates.CNY: must be a number above 0"),
    # Lanes
    *(
        ("key: ACME_API_KEY", f"key: ACME_API_KEY, lanes: {{{lanes}}}", f"2: providers.acme.lanes.{problem}")
        for lanes, problem in (
            ("image: {submits_per_second: 0}", "image.submits_per_second: "),
            ("image: {polls_per_second: -1}", "image.polls_per_second: "),
            ("image: {in_flight: 0}", "image.in_flight: "),
            ("image: {speed: 1}", "image.speed: is not known"),
            ("sculpture: {in_flight: 1}", "sculpture: "),
        )
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "problem"), WRONG, ids=[f"{new} {i}"[-40:] for i, (_, new, _) in enumerate(WRONG)]
)
def test_a_problem_is_reported_with_its_line_and_field(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """Each kind of mistake is refused, with its place and the reason."""
    said = problems(tmp_path, changed(old, new))
    assert any(line.startswith(problem) for line in said), said


BROKEN = [
    ("", "1: is empty"),
    ("# nothing\n", "1: is empty"),
    ("- a\n- b\n", "1: expected a mapping, got a list"),
    ("just text", "1: expected a mapping, got text"),
    ("{}", "1: providers: is required"),
    ("providers: []\nmodels: {}\n", "1: providers: expected a mapping, got a list"),
    ("a: b: c\n", "1: is not valid YAML: mapping values are not allowed here"),
    (
        "a: 1\nb: [1, 2\nc: 3\n",
        "3: is not valid YAML: expected ',' or ']', but got ':', while parsing a flow sequence on line 2",
    ),
    (
        "a: 1\nb: 'open\n",
        "3: is not valid YAML: found unexpected end of stream, while scanning a quoted scalar on line 2",
    ),
    ("a: 1\nb: *x\n", "2: is not valid YAML: found undefined alias 'x'"),
    (
        "a: 1\n---\nb: 2\n",
        "2: is not valid YAML: but found another document, expected a single document in the stream on line 1",
    ),
    ("a: 1\n\tb: 2\n", "2: is not valid YAML: found character '\\t' that cannot start any token"),
    ("a: 1\nb: \x01\n", "2: holds a character that YAML does not allow"),
    (b"a: 1\nb: \xff\n", "2: is not UTF-8"),
    ("[" * 2000, "1: is nested too deeply"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_catalogue_at_all(tmp_path: Path, text: str | bytes, problem: str) -> None:
    """A file that isn't YAML, or YAML that isn't a catalogue, is refused with the line where it went wrong."""
    said = problems(tmp_path, text)
    assert any(line.startswith(problem) for line in said), said


def test_an_alias_can_not_blow_up(tmp_path: Path) -> None:
    """Aliases of aliases that stand for a billion values, and one that holds itself, are refused and not followed."""
    layers = "\n".join(f"    l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 10))
    bomb = changed(
        "    name: Film", f"    name: Film\n    capabilities:\n     l0: &l0 [x, x]\n{layers.replace('    l', '     l')}"
    )
    assert problems(tmp_path, bomb) == ["1: holds more than 100000 values, counting each use of an alias"]
    loop = changed("name: Film", "name: Film\n    capabilities: &a {again: *a}")
    assert problems(tmp_path, loop) == ["1: is nested too deeply"]


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    """Mistakes of every kind in one file are in one error, in the order of the file."""
    text = """\
providers:
  acme: {key: a-key}
models:
  - id: acme/a
    type: picture
    default: true
    limits: {n: 0, prompt: no}
  - nonsense
  - {id: acme/a, name: no, type: image, retired: {replacement: acme/z}}
  - {id: other/b, name: B, type: image, voices: []}
"""
    assert [line.split(": ")[:2] for line in problems(tmp_path, text)] == [
        ["2", "providers.acme.key"],
        ["4", "models[0].name"],
        ["5", "models[0].type"],
        ["7", "models[0].limits.n"],
        ["7", "models[0].limits.prompt"],
        ["8", "models[1]"],
        ["9", "models[2].id"],
        ["9", "models[2].name"],
        ["9", "models[2].retired.replacement"],
        ["10", "models[3].id"],
        ["10", "models[3].voices"],
    ]


@pytest.mark.parametrize("new", ["{key: sk-1234}", "sk-1234", "{key: [sk-1234]}", "{api_key: sk-1234}", "[sk-1234]"])
def test_a_key_in_the_file_is_not_repeated(tmp_path: Path, new: str) -> None:
    """A key in the place of its variable's name is refused; the message does not contain the key."""
    said = problems(tmp_path, changed("{key: ACME_API_KEY}", new))
    assert said[0].startswith("2: providers.acme")
    assert "1234" not in "".join(said)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The error for a missing catalogue, or for a folder without one, names the setting."""
    (tmp_path / ".hidden.yaml").write_text(GOOD)
    for path, why in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "has 0 files that end in .yaml or .yml")):
        with pytest.raises(CatalogueError, match=why) as caught:
            load(path)
        assert str(path) in str(caught.value)
        assert "PIXEL_CATALOG" in str(caught.value)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """No more than 1 MiB is ever read, whatever the setting points to."""
    assert "the catalogue is larger than 1048576 bytes" in problems(tmp_path, GOOD + "#" * MAX_BYTES)[0]
    with pytest.raises(CatalogueError, match="is larger"):
        load(Path("/dev/zero"))


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*GOOD.splitlines(), "  - x", "    type:", "    limits: 1", "models:", "    voices: {}"])
    ).map("\n".join)
)
def test_nothing_else_is_ever_raised(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any file is a catalogue, or is refused with a CatalogueError that names the line."""
    path = written(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"))
    try:
        load(path)
        said = ""
    except CatalogueError as error:
        said = str(error)
    assert all(line.startswith(f"{path}:") for line in said.splitlines())
