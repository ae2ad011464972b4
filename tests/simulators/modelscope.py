"""ModelScope API-Inference: images by task, chat at once. Facts: the vendor's page, and clients of its developers."""

from typing import Any

from tests.simulators import media
from tests.simulators._chat_stream import as_stream, stream_problem
from tests.simulators.base import Answer, Request, Simulator, require, unknown, without_nulls

KEYS = {"ms-0000000000000001", "ms-0000000000000002"}
MODELS = {
    "Qwen/Qwen-Image": (64, 1664),
    "Tongyi-MAI/Z-Image-Turbo": (512, 2048),
    "Qwen/Qwen-Image-Edit-2511": (64, 1664),
}
CHAT_MODELS = {"Qwen/Qwen3-32B", "Qwen/Qwen3-235B-A22B-Instruct-2507"}
CHAT_FIELDS = ["model", "messages", "stream", "temperature", "max_tokens", "seed", "enable_thinking", "stream_options"]
FIELDS = ["model", "prompt", "negative_prompt", "size", "seed", "steps", "guidance", "image_url", "loras"]


def _error(status: int, message: str, code: int | None = None, headers: dict[str, str] | None = None) -> Answer:
    errors: dict[str, Any] = {"message": message} | ({"code": code} if code else {})
    return Answer(status, json={"errors": errors, "request_id": "r-1"}, headers=headers)


class ModelScope(Simulator):
    """The state of the vendor."""

    def __init__(self) -> None:
        super().__init__("modelscope")
        self.tasks: dict[str, dict[str, Any]] = {}
        self.remaining = 2000
        self.route("POST", r"/v1/images/generations", order=True)(self.generate)
        self.route("GET", r"/v1/tasks/(?P<task>[\w-]+)")(self.look)
        self.route("POST", r"/v1/chat/completions", order=True)(self.chat)
        self.route("GET", r"/v1/models")(self.list_models)

    async def list_models(self, request: Request) -> Answer:
        """The chat models, in OpenAI's form. The vendor gives this list to anybody, here it takes a key."""
        self._authorised(request)
        about = {"object": "model", "created": 1795000000, "owned_by": "system"}
        return Answer(200, json={"object": "list", "data": [{"id": name} | about for name in sorted(CHAT_MODELS)]})

    async def generate(self, request: Request) -> Answer:
        """Accept the order of an image. Its task_status is SUCCEED, which means accepted."""
        self._let_in(request)
        require(request.headers.get("x-modelscope-async-mode") == "true", _error(400, "async mode is required"))
        body: dict[str, Any] = request.json()
        _check(body)
        self.bill(request)
        task = f"{len(self.tasks) + 4096:032x}"
        self.tasks[task] = body | {"polls": 0, "text": request.text}
        return Answer(200, json={"task_id": task, "task_status": "SUCCEED", "request_id": "r-1"})

    async def look(self, request: Request) -> Answer:
        """The state of a task. Without the task type the task is not found, which looks like a failure."""
        self._authorised(request)
        task = self.tasks.get(request.at["task"])
        typed = request.headers.get("x-modelscope-task-type") == "image_generation"
        if task is None or not typed:
            body = {"errors": {"code": 500, "message": "task not found"}, "task_status": "FAILED", "request_id": "r-2"}
            return Answer(200, json=body)
        task["polls"] += 1
        answer = {"task_id": request.at["task"], "request_id": "r-2"}
        if task["polls"] == 1:
            return Answer(200, json=answer | {"task_status": "PENDING"})
        match self.lasting(task["text"], "unknown_status", "job_failed", "moderated_output", "no_outputs"):
            case "unknown_status" if task["polls"] < 4:
                return Answer(200, json=answer | {"task_status": "DREAMING"})
            case "job_failed":
                return Answer(200, json=answer | {"task_status": "FAILED", "errors": {"code": 500, "message": "boom"}})
            case "moderated_output":
                errors = {"code": 400, "message": "the image was found inappropriate"}
                return Answer(200, json=answer | {"task_status": "FAILED", "errors": errors})
            case "no_outputs":
                return Answer(200, json=answer | {"task_status": "SUCCEED", "output_images": []})
            case _ if task["polls"] == 2:
                return Answer(200, json=answer | {"task_status": "PROCESSING"})
            case _:
                return Answer(
                    200, json=answer | {"task_status": "SUCCEED", "output_images": [self._made(request, task)]}
                )

    async def chat(self, request: Request) -> Answer:
        """Answer a chat."""
        self._let_in(request)
        body = without_nulls(request.json())
        require(body.get("model") in CHAT_MODELS, _error(404, "Invalid model id: no provider supports it"))
        odd = unknown(body, CHAT_FIELDS)
        require(not odd, _error(400, f"unknown fields: {odd}"))
        require(not stream_problem(body) and body.get("messages"), _error(400, "stream and messages"))
        self.bill(request)
        words = "A quiet sea, a small boat."
        answer = Answer(
            200,
            json={
                "id": "c-1",
                "object": "chat.completion",
                "created": 1795000000,
                "model": body["model"],
                "choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
            },
        )
        failure = {
            "errors": {"message": "Input data may contain inappropriate content"},
            "error": {"message": "failed"},
        }
        return as_stream(self, request, answer, error=failure)

    def _made(self, request: Request, task: dict[str, Any]) -> str:
        width, height = map(int, (task.get("size") or "1024x1024").split("x"))
        if self.lasting(task["text"], "wrong_size"):
            width, height = width // 2, height // 2
        name = self.keep_file(media.png(task["prompt"][:100], width, height), "image/png", "png")
        return f"{request.base}/_files/{name}"

    def _authorised(self, request: Request) -> None:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        require(key in KEYS, _error(401, "Authentication failed, please make sure that a valid token is supplied."))

    def _let_in(self, request: Request) -> None:
        self._authorised(request)
        match self.fault(
            request, "rate_limited", "no_balance", "moderated_input", "invalid", "model_gone", "hidden_401"
        ):
            case "rate_limited":
                raise _error(429, "Request limit exceeded", headers={"retry-after": "1"})
            case "no_balance":
                raise _error(429, "You have exceeded today's quota", headers=_remaining(0))
            case "moderated_input":
                raise _error(400, "Input data may contain inappropriate content")
            case "invalid":
                raise _error(400, "size is not supported", code=400)
            case "model_gone":
                raise _error(404, "Invalid model id")
            case "hidden_401":
                raise _error(500, "invalid token", code=401)
            case _:
                self.remaining -= 1


def _remaining(calls: int) -> dict[str, str]:
    return {"modelscope-ratelimit-requests-limit": "2000", "modelscope-ratelimit-requests-remaining": str(calls)}


def _check(body: dict[str, Any]) -> None:
    """Stricter than the vendor, which ignores what it does not know."""
    model = body.get("model")
    require(model in MODELS, _error(404, "Invalid model id"))
    require(not unknown(body, FIELDS), _error(400, f"unknown fields: {unknown(body, FIELDS)}"))
    require(isinstance(body.get("prompt"), str) and len(body["prompt"]) < 2000, _error(400, "prompt"))
    require(len(body.get("negative_prompt") or "") < 2000, _error(400, "negative_prompt"))
    if body.get("size"):
        least, most = MODELS[str(model)]
        sides = [int(side) for side in body["size"].split("x")]
        require(len(sides) == 2 and all(least <= side <= most for side in sides), _error(400, "size"))
    seed = body.get("seed", 0)
    require(isinstance(seed, int) and 0 <= seed < 2**31, _error(400, "seed"))
    loras = body.get("loras")
    if isinstance(loras, dict):
        require(len(loras) <= 6 and abs(sum(loras.values()) - 1) < 0.01, _error(400, "lora weights must sum to 1"))
    require(("Edit" in str(model)) == ("image_url" in body), _error(400, "image_url"))


def simulator() -> Simulator:
    """A new simulator."""
    return ModelScope()
