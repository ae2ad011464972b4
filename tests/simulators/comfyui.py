"""ComfyUI: its queue, its history and its files; the rules of its nodes are in `_comfyui_nodes.py`.

Stricter than the original: an unknown field of a prompt and an id that is no UUID are refused. Each query of the queue
moves every prompt on by one: waiting, running, done. `honours` is false for an older server, which chooses the ids."""

import io
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from uuid import UUID

from PIL import Image

from tests.simulators import media
from tests.simulators._comfyui_nodes import outputs_of, refusal
from tests.simulators.base import Answer, Request, Simulator, require, unknown

FIELDS = ["prompt", "client_id", "prompt_id", "number", "front", "extra_data"]


class ComfyUi(Simulator):
    """The server's memory, which a restart would empty."""

    def __init__(self) -> None:
        super().__init__("comfyui")
        self.honours = True
        self.prompts: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, tuple[int, int]] = {}
        self.interrupted: list[str | None] = []
        self.route("POST", r"/prompt", order=True)(self.prompt)
        self.route("GET", r"/queue")(self.queue)
        self.route("POST", r"/queue")(self.change_queue)
        self.route("POST", r"/interrupt")(self.interrupt)
        self.route("GET", r"/history")(self.whole_history)
        self.route("GET", r"/history/(?P<prompt>[\w-]+)")(self.history)
        self.route("GET", r"/view")(self.view)
        self.route("POST", r"/upload/image")(self.upload)

    async def prompt(self, request: Request) -> Answer:
        """Accept a prompt, if its nodes are valid."""
        require("authorization" not in request.headers, Answer(401, text="Unauthorized"))  # as a proxy would
        body: dict[str, Any] = request.json()
        require(not unknown(body, FIELDS), _bad("unknown_field", f"unknown: {unknown(body, FIELDS)}"))
        require("prompt" in body, _bad("no_prompt", "No prompt provided"))
        for name in ("prompt_id", "client_id"):
            require(str(UUID(body.get(name))) == body[name], _bad("invalid_id", name))
        fault = self.fault(request, "invalid", "model_gone", "no_node")
        if fault == "invalid":
            raise _bad("prompt_no_outputs", "Prompt has no outputs")
        graph = body["prompt"] if fault is None else _spoiled(body["prompt"], fault)
        if problem := refusal(graph, set(self.uploads)):
            return problem
        self.bill(request)
        name = body["prompt_id"] if self.honours else f"00000000-0000-4000-8000-{len(self.prompts):012x}"
        number = len(self.prompts)
        self.prompts[name] = {
            "item": [number, name, graph, {"client_id": body["client_id"], "create_time": 1795000000000}, ["9"]],
            "looks": 0,
            "text": request.text,
            "interrupted": False,
        }
        return Answer(200, json={"prompt_id": name, "number": number, "node_errors": {}})

    async def queue(self, request: Request) -> Answer:
        """The waiting and the running prompts."""
        for prompt in self.prompts.values():
            prompt["looks"] += 1
        shown: dict[str, list[Any]] = {"queue_running": [], "queue_pending": []}
        for prompt in self.prompts.values():
            if not self._done(prompt):
                shown["queue_pending" if prompt["looks"] < 2 else "queue_running"].append(prompt["item"])
        return Answer(200, json=shown)

    async def change_queue(self, request: Request) -> Answer:
        """Remove waiting prompts from the queue. Running and unknown ones are ignored silently."""
        body = request.json()
        require(set(body) == {"delete"}, Answer(400, text="delete"))
        for name in body["delete"]:
            if name in self.prompts and self.prompts[name]["looks"] < 2:
                del self.prompts[name]
        return Answer(200, data=b"")

    async def interrupt(self, request: Request) -> Answer:
        """Interrupt the running prompt, if it is the one that is named."""
        name = request.json().get("prompt_id")
        self.interrupted.append(name)
        if name in self.prompts and not self._done(self.prompts[name]):
            self.prompts[name]["interrupted"] = True
        return Answer(200, data=b"")

    async def history(self, request: Request) -> Answer:
        """One prompt, when it is done; an empty object until then."""
        prompt = self.prompts.get(request.at["prompt"])
        if prompt is None or not self._done(prompt):
            return Answer(200, json={})
        return Answer(200, json={request.at["prompt"]: self._entry(prompt)})

    async def whole_history(self, request: Request) -> Answer:
        """The last prompts that are done."""
        most = int(request.query["max_items"][0])
        done = {name: self._entry(prompt) for name, prompt in self.prompts.items() if self._done(prompt)}
        return Answer(200, json=dict(list(done.items())[-most:]))

    async def view(self, request: Request) -> Answer:
        """A file."""
        require(request.query.get("type") == ["output"], Answer(400, text="type"))
        name = request.query["filename"][0]
        if name not in self.files:
            return Answer(404, data=b"")
        data, media_type = self.files[name]
        return Answer(200, data=data, media_type=media_type, headers={"content-disposition": f'filename="{name}"'})

    async def upload(self, request: Request) -> Answer:
        """Accept a reference image, which must really be one."""
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        parts: dict[str, Any] = {}
        for part in message_from_bytes(head + request.body, policy=HTTP).iter_parts():
            parts[str(part.get_param("name", header="content-disposition"))] = part
        require(set(parts) == {"image", "type", "subfolder", "overwrite"}, Answer(400, data=b""))
        require(parts["type"].get_content().strip() == "input", Answer(400, data=b""))
        name, folder = str(parts["image"].get_filename()), str(parts["subfolder"].get_content()).strip()
        data: bytes = parts["image"].get_payload(decode=True)
        self.uploads[f"{folder}/{name}"] = Image.open(io.BytesIO(data)).size
        return Answer(200, json={"name": name, "subfolder": folder, "type": "input"})

    def _done(self, prompt: dict[str, Any]) -> bool:
        slow = self.lasting(prompt["text"], "slow_job") is not None
        return bool(prompt["interrupted"]) or prompt["looks"] > (8 if slow else 2)

    def _entry(self, prompt: dict[str, Any]) -> dict[str, Any]:
        """The entry of a prompt in the history."""
        entry: dict[str, Any] = {"prompt": prompt["item"], "outputs": {}, "meta": {}}
        name = prompt["item"][1]
        messages: list[Any] = [["execution_start", {"prompt_id": name, "timestamp": 1795000000000}]]
        fault = self.lasting(prompt["text"], "job_failed", "unknown_status", "no_outputs", "missing_outputs")
        if prompt["interrupted"]:
            details: dict[str, Any] = {"prompt_id": name, "node_id": "3", "node_type": "KSampler", "executed": []}
            messages.append(["execution_interrupted", details])
            return entry | {"status": {"status_str": "error", "completed": False, "messages": messages}}
        if fault == "job_failed":
            error: dict[str, Any] = {
                "prompt_id": name,
                "node_id": "3",
                "node_type": "KSampler",
                "executed": [],
                "traceback": [],
            }
            error |= {"exception_message": "Allocation on device", "exception_type": "torch.OutOfMemoryError"}
            messages.append(["execution_error", error])
            return entry | {"status": {"status_str": "error", "completed": False, "messages": messages}}
        if fault == "unknown_status" and prompt["looks"] < 5:
            return entry | {"status": {"status_str": "dreaming", "completed": False, "messages": messages}}
        if fault != "no_outputs":
            less = fault == "missing_outputs"
            entry["outputs"] = self._made(prompt, less=less)
        return entry | {"status": {"status_str": "success", "completed": True, "messages": messages}}

    def _made(self, prompt: dict[str, Any], *, less: bool) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for node, kind, size, count in outputs_of(prompt["item"][2], self.uploads):
            width, height = size
            if self.lasting(prompt["text"], "wrong_size"):
                width, height = width // 2, height // 2
            files: list[dict[str, str]] = []
            for number in range(count - less):
                # The same bytes under two names are two files.
                name = f"pixel_{prompt['item'][0]:05}_{node}_{number}_.{'mp4' if kind == 'gifs' else 'png'}"
                data = (
                    media.mp4("A video.", width, height, 1.0)
                    if kind == "gifs"
                    else media.png(f"Image {number}", width, height)
                )
                self.files[name] = (data, "video/mp4" if kind == "gifs" else "image/png")
                files.append({"filename": name, "subfolder": "", "type": "temp" if kind == "preview" else "output"})
            made[node] = {"images" if kind == "preview" else kind: files}
        return made


def _spoiled(graph: dict[str, Any], fault: str) -> dict[str, Any]:
    """The graph as a server sees it that lacks a model file or a node."""
    node = graph["4"]
    if fault == "model_gone":
        return graph | {"4": node | {"inputs": {"ckpt_name": "gone.safetensors"}}}
    return graph | {"4": node | {"class_type": "NodeThatIsNotInstalled"}}


def _bad(kind: str, message: str) -> Answer:
    error: dict[str, Any] = {"type": kind, "message": message, "details": message, "extra_info": {}}
    return Answer(400, json={"error": error, "node_errors": {}})


def simulator() -> Simulator:
    """A new simulator."""
    return ComfyUi()
