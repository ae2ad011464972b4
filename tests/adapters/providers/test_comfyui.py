"""ComfyUI, on its simulator."""

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapters.catalogue.file import CatalogueError, load
from adapters.media.probe import measure
from adapters.outbound.client import Reply
from adapters.providers.comfyui import prompts
from adapters.providers.comfyui.workflow import Wire
from adapters.providers.registry import check_wire_configs, load_catalogue
from domain.base import replace
from domain.model import Kind, ModelSpec
from domain.provider import (
    Accepted,
    Finished,
    Found,
    Gone,
    InDoubt,
    Input,
    NotFound,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Working,
)
from services.settings import DEFAULT_CATALOG
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject
from tests.simulators import media
from tests.simulators.comfyui import ComfyUi

REFERENCE = Input(data=media.png("a reference", 64, 48), media_type="image/png")
TEXT = Case(
    "text-to-image",
    "comfyui/text-to-image",
    {"prompt": "a red fox", "negativePrompt": "blur", "aspectRatio": "16:9", "n": 2, "extraParams": {"seed": 7}},
    made=2,
)
IMAGE = Case("image-to-image", "comfyui/image-to-image", {"prompt": "a blue fox"}, inputs=(REFERENCE,))
VIDEO_WORKFLOW = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": ""}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["4", 2]}},
    "9": {
        "class_type": "VHS_VideoCombine",
        "inputs": {"images": ["8", 0], "frame_rate": 16, "format": "video/h264-mp4"},
    },
    "10": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}},
    "11": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "frame"}},
}


class TestComfyUi(Conformance):
    """The suite, on the shipped workflows."""

    subject = Subject(
        provider="comfyui",
        simulator="comfyui",
        environment={},
        cases=(TEXT, IMAGE),
        refusals={
            "invalid": "provider_rejected",
            "no_node": "provider_rejected",
            "model_gone": "provider_model_missing",
            "job_failed": "generation_failed",
            "no_outputs": "missing",
            "missing_outputs": "missing",
        },
        lookup="Found",
        lookup_not_done="NotFound",
        cancels="confirmed",
        # The id of a prompt, its end, and the place of its files.
        deciding_members=frozenset(
            {"queue_running", "queue_pending", "prompt", "status_str", "filename", "subfolder", "type"}
        ),
    )

    async def test_an_older_server_chooses_the_ids(self, bench: Bench) -> None:
        """The server's id counts; a call whose answer was lost is found by its client id, waiting or done."""
        assert isinstance(bench.simulator, ComfyUi)
        bench.simulator.honours = False
        order = bench.order(TEXT)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        assert seen.job != prompts.prompt_id_of(order.call_id)
        lost = bench.order(TEXT, "reset_after", call=2)
        assert isinstance(await bench.provider.submit(lost), InDoubt)
        waiting = await bench.provider.lookup(lost)
        assert isinstance(waiting, Found)
        assert waiting.job != seen.job
        assert isinstance(await bench.finish(lost, Accepted(job=waiting.job)), Finished)
        assert await bench.provider.lookup(lost) == waiting
        assert isinstance(await bench.provider.lookup(bench.order(TEXT, call=3)), NotFound)

    async def test_only_the_running_prompt_is_interrupted(self, bench: Bench) -> None:
        """A running prompt is interrupted by its id; a finished one is left alone."""
        assert isinstance(bench.simulator, ComfyUi)
        order = bench.order(TEXT, "slow_job")
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        for phase in ("queued", "running"):
            assert await bench.provider.poll(order, seen.job) == Working(phase=phase)
        answer = await bench.provider.cancel(order, seen.job)
        assert (answer.outcome, answer.charged) == ("confirmed", "no")
        assert bench.simulator.interrupted == [seen.job]
        after = await bench.provider.poll(order, seen.job)
        assert isinstance(after, Refused)
        assert after.code == "cancelled"
        second = bench.order(IMAGE, call=2)
        done = await bench.provider.submit(second)
        assert isinstance(done, Accepted), done
        assert isinstance(await bench.finish(second, done), Finished)
        assert (await bench.provider.cancel(second, done.job)).outcome == "too_late"
        assert bench.simulator.interrupted == [seen.job]

    async def test_one_query_serves_many_prompts(self, bench: Bench) -> None:
        """The queue lists all prompts; those that have left it are looked up in the history, one by one."""
        ends = await bench.finish_together([bench.order(TEXT, call=call) for call in range(1, 5)])
        assert [type(end).__name__ for end in ends] == ["Finished"] * 4
        asked = [path for method, path in bench.simulator.requests if method == "GET"]
        assert (asked.count("/queue"), len(asked)) == (3, 3 + 4)

    async def test_a_history_that_does_not_answer_is_no_verdict(self, bench: Bench) -> None:
        """Only an answer of the history proves that a prompt is lost."""
        order = bench.order(TEXT)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        for _ in range(2):
            assert isinstance(await bench.provider.poll(order, seen.job), Working)
        for fault in ("500_before", "502_html", "empty_body", "truncated_json", "reset_before"):
            await bench.fault(fault, route="/history.*")
            assert isinstance(await bench.provider.poll(order, seen.job), NoVerdict), fault
            await bench.fault(fault, route="/history.*")
            assert isinstance(await bench.provider.lookup(bench.order(TEXT, call=9)), NoVerdict), fault
        assert isinstance(await bench.provider.poll(order, seen.job), Finished)

    async def test_an_image_that_can_not_be_uploaded_is_no_doubt(self, bench: Bench) -> None:
        """The order was not sent, whatever happened to the upload; and uploading the image again changes nothing."""
        order = bench.order(IMAGE)
        for fault in ("500_before", "reset_after", "empty_body"):
            await bench.fault(fault, route="/upload/image")
            assert isinstance(await bench.provider.submit(order), NotSent), fault
        assert bench.billed == 0
        assert isinstance(await bench.provider.submit(order), Accepted)
        assert isinstance(bench.simulator, ComfyUi)
        assert len(bench.simulator.uploads) == 1

    async def test_a_restart_forgets_everything(self, bench: Bench) -> None:
        """An accepted prompt is gone; a call whose answer was lost leaves no trace, and may be repeated."""
        assert isinstance(bench.simulator, ComfyUi)
        order = bench.order(TEXT)
        seen = await bench.provider.submit(order)
        assert isinstance(seen, Accepted), seen
        assert isinstance(await bench.provider.poll(order, seen.job), Working)
        bench.simulator.prompts.clear()
        assert isinstance(await bench.provider.poll(order, seen.job), Gone)
        assert isinstance(await bench.provider.lookup(order), NotFound)

    async def test_the_result_has_the_size_that_was_measured(self, bench: Bench) -> None:
        """An image of another size is delivered as it is."""
        order = bench.order(TEXT, "wrong_size")
        done = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(done, Finished), done
        data = await bench.provider.fetch(order, done.outputs[0].url or "")
        assert isinstance(data, bytes), data
        assert measure(data).width == 1344 // 2

    async def test_a_video_is_found_among_other_files(self, bench: Bench) -> None:
        """VideoHelperSuite lists its videos as `gifs`; images saved with them, and previews, are no videos."""
        order = bench.order(TEXT)
        spec = replace(
            order.spec, type=Kind.VIDEO, resolutions=None, wire={"workflow": VIDEO_WORKFLOW, "prompt": "6.text"}
        )
        order = replace(order, kind=Kind.VIDEO, spec=spec, params={"prompt": "a fox runs"})
        done = await bench.finish(order, await bench.provider.submit(order))
        assert isinstance(done, Finished), done
        (video,) = done.outputs
        data = await bench.provider.fetch(order, video.url or "")
        assert isinstance(data, bytes), data
        assert measure(data).media_type == "video/mp4"

    async def test_the_same_call_is_the_same_order(self, bench: Bench) -> None:
        """Without a seed of the caller, the seed comes from the call id: two calls differ, and one call never does."""
        first, again, second = (
            prompts.to_wire(replace(bench.order(IMAGE, call=call), params={"prompt": "a"}), ["pixel/a.png"])
            for call in (1, 1, 2)
        )
        assert first == again
        assert first["prompt"]["3"]["inputs"]["seed"] != second["prompt"]["3"]["inputs"]["seed"]
        assert first["prompt_id"] != second["prompt_id"]
        assert first["prompt"]["10"]["inputs"]["image"] == "pixel/a.png"


# --- Workflows, and places in them ---

GRAPH = {
    "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["2", 0]}},
    "3": {"class_type": "Video", "inputs": {"length": 1, "negative": "mud"}},
}


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({"prompt": "9.text"}, "prompt: the workflow has no node '9'"),
        ({"prompt": "1.words"}, "prompt: node '1' (CLIPTextEncode) has no input 'words'; it has clip, text"),
        ({"prompt": "1"}, "prompt: '1' is no place; write node.input, such as 6.text"),
        ({"prompt": "1.clip"}, "prompt: the input 'clip' of node '1' comes from another node, and can't be filled in"),
        ({"prompt": []}, "prompt: needs a place"),
        ({"prompt": "1.text", "seed": ["1.text", "4.seed"]}, "seed: the workflow has no node '4'"),
        ({"prompt": "1.text", "outputs": ["9"]}, "outputs: the workflow has no node '9'"),
        ({"prompt": "1.text", "workflow": {"nodes": [], "links": []}}, "editor's format; export it in API format"),
        ({"prompt": "1.text", "workflow": {"1": {"type": "A"}}}, "node '1' of the workflow has no class_type"),
    ],
)
def test_a_wrong_place_is_reported_with_its_node(wire: dict[str, Any], message: str) -> None:
    """Pixel does not start with a place that the workflow does not have."""
    with pytest.raises(msgspec.ValidationError, match=re.escape(message)):
        msgspec.convert({"workflow": GRAPH} | wire, Wire)


def test_seconds_become_frames() -> None:
    """The length of a video is counted in frames; values that the request leaves out stay as in the workflow."""
    wire = {"workflow": GRAPH, "prompt": "1.text", "frames": "3.length", "frames_more": 1, "negative": "3.negative"}
    spec = load(DEFAULT_CATALOG).models[0].spec
    spec = replace(spec, type=Kind.VIDEO, resolutions=None, durations={"5s": "5"}, wire=wire)
    order = Order(task_id="t", call_id="t.1", kind=Kind.VIDEO, model="a/b", spec=spec, params={"prompt": "a fox"})
    graph = prompts.to_wire(order, [])["prompt"]
    assert graph["3"]["inputs"] == {"length": 81, "negative": "mud"}
    assert graph["1"]["inputs"] == {"text": "a fox", "clip": ["2", 0]}


CATALOGUE = """\
providers:
  gpu: {adapter: comfyui, base_url: "http://gpu:8188"}
models:
  - id: gpu/a
    name: A
    type: image
    limits: {refuses: [negativePrompt, seed]}
    wire: {workflow_file: flow.json, prompt: "1.text"}
"""


def catalogue_of(folder: Path, text: str) -> Path:
    (folder / "flow.json").write_bytes(msgspec.json.encode(GRAPH))
    (folder / "catalog.yaml").write_text(text)
    return folder / "catalog.yaml"


def test_the_workflow_becomes_a_part_of_the_model(tmp_path: Path) -> None:
    """The revision contains the file: a changed file is a new revision, and old tasks keep theirs."""
    catalogue = load(catalogue_of(tmp_path, CATALOGUE))
    assert check_wire_configs(catalogue.providers, catalogue.models) == []
    assert catalogue.models[0].spec.wire == {"workflow": GRAPH, "prompt": "1.text"}
    whole = CATALOGUE.replace("flow.json", str(tmp_path / "flow.json"))
    assert load(catalogue_of(tmp_path, whole)).models == catalogue.models


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.json", "'gone.json': No such file or directory"),
        ("../flow.json", "'../flow.json' leads out of the catalogue's folder; name such a file in full"),
        ("link.json", "'link.json' leads out of the catalogue's folder; name such a file in full"),
        ("catalog.yaml", "'catalog.yaml' is not JSON"),
        ("large.json", "'large.json' is larger than 262144 bytes"),
        (".", "'.': Is a directory"),
        ("[a]", "must be the name of a file"),
    ],
)
def test_a_file_that_can_not_be_used_stops_the_start(tmp_path: Path, name: str, message: str) -> None:
    """The error names the file, and its line in the catalogue."""
    (tmp_path / "large.json").write_bytes(b" " * 300_000)
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    path = catalogue_of(tmp_path, CATALOGUE.replace("flow.json", name))
    with pytest.raises(CatalogueError) as raised:
        load(path)
    assert f"catalog.yaml:8: models[0].wire.workflow_file: {message}" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("refuses: [negativePrompt, seed]", "refuses: [seed]", "limits.refuses: needs negativePrompt"),
        ("refuses: [negativePrompt, seed]", "refuses: [negativePrompt]", "limits.refuses: needs seed"),
        ("seed]}", "seed], n: 2}", "limits.n: the workflow has no place for count"),
        ("seed]}", "seed], image_inputs: 1}", "image_inputs and image_inputs_needed must both be 0"),
        ("seed]}", "seed], resolutions: [1K]}", "limits.resolutions: the workflow wants sizes in pixels"),
        (
            "    name: A\n",
            '    name: A\n    resolutions: {1K: {"1:1": "8*8"}}\n',
            "resolutions: the workflow has no places",
        ),
        ("type: image", "type: video\n    durations: {5s: 5 s}", "durations: the workflow has no place for frames"),
        (
            "type: image",
            "type: audio\n    voices: [{id: a, name: A, language: de}]",
            "voices: the workflow has no place",
        ),
        ("type: image", "type: audio", "limits.refuses: needs speed"),
        ("type: image", "type: llm", "type: ComfyUI makes no texts here"),
        ("type: image", "type: image\n    capabilities: {supportsLora: true}", "LoRAs are a part of the workflow"),
        ("1.text", "7.text", "wire: prompt: the workflow has no node '7'"),
    ],
)
def test_a_model_offers_what_its_workflow_has_places_for(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A parameter that the workflow would drop is reported at the start."""
    catalogue = load(catalogue_of(tmp_path, CATALOGUE.replace(old, new)))
    problems = check_wire_configs(catalogue.providers, catalogue.models)
    assert any(model == "gpu/a" and message in problem for model, problem in problems), problems
    with pytest.raises(CatalogueError, match=r"catalog\.yaml:4: gpu/a: "):
        load_catalogue(tmp_path / "catalog.yaml")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"", "provider_auth"),
        (404, b"<html>", "provider_rejected"),
        (413, b"", "provider_rejected"),
        (400, b'{"error": "no", "node_errors": []}', "provider_rejected"),
        (500, b"", None),
        (200, b"{}", None),
    ],
)
def test_errors_of_a_proxy(status: int, body: bytes, code: str | None) -> None:
    """A 4xx is a refusal, whoever sends it; everything else is in doubt."""
    seen = prompts.submit_result(Reply(status, httpx.Headers(), body))
    assert isinstance(seen, Refused if code else InDoubt)
    assert not isinstance(seen, Refused) or seen.code == code


# --- Answers in other forms ---


def answer(body: object, status: int = 200) -> Reply:
    return Reply(status, httpx.Headers(), msgspec.json.encode(body))


ORDER = Order(
    task_id="t",
    call_id="t.1",
    kind=Kind.IMAGE,
    model="m",
    spec=ModelSpec(name="m", type=Kind.IMAGE, wire={"workflow": VIDEO_WORKFLOW, "prompt": "6.text"}),
    params={"prompt": "a", "n": 2},
)
SAVED: dict[str, Any] = {"filename": "a.png", "subfolder": "", "type": "output"}


@pytest.mark.parametrize(
    "status", [None, {"status_str": "SUCCESS"}, {"status_str": "done"}, {"status_str": {}}, "x", []]
)
def test_a_prompt_with_files_is_done(status: object) -> None:
    """Under any status."""
    done = {"outputs": {"9": {"images": [SAVED, SAVED | {"type": None, "subfolder": None}]}}, "status": status}
    seen = prompts.poll_result(ORDER, done, "http://c")
    assert isinstance(seen, Finished), seen
    assert [output.url for output in seen.outputs] == ["http://c/view?filename=a.png&subfolder=&type=output"] * 2


def test_a_file_that_can_not_be_read_was_made() -> None:
    """It is reported as missing and unreadable, and counted; a preview is neither."""
    names: list[Any] = [None, {}, "", "x" * 1000, True]
    for name in names:
        files = [SAVED | {"filename": name}, SAVED, SAVED | {"type": "temp"}]
        seen = prompts.poll_result(ORDER, {"outputs": {"9": {"images": files}}}, "http://c")
        assert isinstance(seen, Finished), seen
        assert [(lost.index, lost.code) for lost in seen.missing] == [(0, "unreadable")]
        assert seen.usage == {"image": 2}


def test_a_prompt_that_failed_failed_in_every_form() -> None:
    """Some of the files are no result of a workflow that failed."""
    cases: list[Any] = [[["execution_error", {"node_id": 3, "exception_message": None}]], [], "x", [7], [[]], None]
    for messages in cases:
        done = {"outputs": {"9": {"images": [SAVED]}}, "status": {"status_str": "ERROR", "messages": messages}}
        seen = prompts.poll_result(ORDER, done, "http://c")
        assert isinstance(seen, Refused), messages
        assert seen.code == "generation_failed"


def test_only_lists_that_can_be_read_prove_absence() -> None:
    """A prompt in another form may be the wanted one; its figures decide nothing."""
    whole = prompts.read_queue(answer({"queue_running": [["1.5", "a", None, {"client_id": "c"}]], "queue_pending": []}))
    assert whole == prompts.Queue((prompts.Prompt("a", "c"),), (), True)
    entries: list[Any] = [None, [], [1, None], {"id": "a"}, "a"]
    for entry in entries:
        queue = prompts.read_queue(answer({"queue_running": [], "queue_pending": [entry]}))
        assert queue, entry
        assert not queue.complete
        assert prompts.read_complete_history(answer({"b": {"prompt": entry}})) is None
    bodies: list[Any] = [{"queue_running": []}, {"queue_running": {}, "queue_pending": []}, [], None]
    for body in bodies:
        assert prompts.read_queue(answer(body)) is None
    assert prompts.read_history(answer([])) is None
    assert prompts.read_history(answer({})) == {}
