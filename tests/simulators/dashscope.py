"""DashScope (Alibaba Model Studio): images at once and by task, videos by task, speech, chat, and the account's list.

Facts: the vendor's pages and its SDK, which drives this in `test_dashscope_sdk.py`. The rules of the bodies are in
`_dashscope_models.py`, the errors in `_dashscope_errors.py`. Under `/intl` is a second region, which has keys of its
own."""

import time
from collections.abc import Callable
from typing import Any

from tests.simulators import _dashscope_errors as words
from tests.simulators import _dashscope_models as models
from tests.simulators import media
from tests.simulators._chat_stream import as_stream, stream_problem
from tests.simulators._dashscope_models import Made
from tests.simulators.base import Answer, Request, Simulator, require, unknown, without_nulls

KEYS = {"": {f"sk-{n:032x}" for n in (1, 2)}, "/intl": {f"sk-{3:032x}"}}
CHAT_MODELS = {"qwen-plus", "qwen-flash", "qwen3-max", "qwen3.7-max", "qwen3.7-plus"}
SPEECH_MODELS = {"qwen3-tts-flash", *models.SYNTHESIZER_VOICES}
AT = r"(?P<region>/intl)?/api/v1"
AIGC = AT + r"/services/aigc"


class DashScope(Simulator):
    """The state of the vendor."""

    def __init__(self) -> None:
        super().__init__("dashscope")
        self.tasks: dict[str, dict[str, Any]] = {}
        self.route("POST", AIGC + r"/multimodal-generation/generation", order=True)(self.at_once)
        self.route("POST", AIGC + r"/image-generation/generation", order=True)(self.messages_task)
        self.route("POST", AIGC + r"/text2image/image-synthesis", order=True)(self.text_to_image)
        self.route("POST", AIGC + r"/image2image/image-synthesis", order=True)(self.image_to_image)
        self.route("POST", AIGC + r"/video-generation/video-synthesis", order=True)(self.video)
        self.route("POST", AT + r"/services/audio/tts/SpeechSynthesizer", order=True)(self.synthesize)
        self.route("POST", r"(?P<region>/intl)?/compatible-mode/v1/chat/completions", order=True)(self.chat)
        self.route("GET", AT + r"/models")(self.list_models)
        self.route("GET", AT + r"/tasks/?")(self.listed)
        self.route("GET", AT + r"/tasks/(?P<task>[\w-]+)/?")(self.look)
        self.route("POST", AT + r"/tasks/(?P<task>[\w-]+)/cancel")(self.cancel)

    # --- At once ---

    async def at_once(self, request: Request) -> Answer:
        """Images and speech that come in the answer."""
        self._let_in(request, words.no, at_once=True)
        body = _body(request)
        sync = "x-dashscope-async" not in request.headers
        require(sync, words.no(403, "AccessDenied", "current user api does not support asynchronous calls."))
        if body["model"] == "qwen3-tts-flash":
            return self._spoken(request, models.speech(body))
        known = models.MESSAGES.get(body["model"])
        require(known, words.no(404, "ModelNotFound", "Model can not be found."))
        assert known
        made = models.image_of_messages(body, known, oss=_resolves(request))
        self.bill(request)
        parts = [{"image": url} for url in self._image_urls(request, made, request.text)]
        if body["model"] == "z-image-turbo":
            parts.append({"text": made.prompt})
        choices = [words.choice(parts)]
        if body["model"].startswith("wan"):
            choices = [words.choice([part | {"type": "image"}]) for part in parts]
        count = sum("image" in part for part in parts)
        usage = {"image_count": count, "width": made.width, "height": made.height}
        metric = {"TOTAL": made.n, "SUCCEEDED": count, "FAILED": made.n - count}
        return Answer(200, json=words.done({"choices": choices, "task_metric": metric}, usage))

    async def synthesize(self, request: Request) -> Answer:
        """Speech of the other dialect, which comes in the answer, too."""
        self._let_in(request, words.no, at_once=True)
        body = _body(request)
        require(body["model"] in models.SYNTHESIZER_VOICES, words.no(404, "InvalidParameter", "Model not exist."))
        text = models.synthesized(body)
        given = body["input"]
        return self._spoken(request, text, given.get("format", "mp3"), given.get("rate", 1.0))

    def _spoken(self, request: Request, text: str, form: str = "wav", rate: float = 1.0) -> Answer:
        self.bill(request)
        gone = self.lasting(text, "no_outputs")
        said = "Hello, and welcome."
        made = (
            (media.mp3(said, rate), "audio/mpeg", "mp3") if form == "mp3" else (media.wav(said), "audio/x-wav", "wav")
        )
        name = self.keep_file(*made)
        audio = {"data": "", "url": "" if gone else self._signed(request, name), "id": "audio_req-0001"}
        output = {"text": None, "choices": None, "finish_reason": "stop", "audio": audio | {"expires_at": _expires()}}
        return Answer(200, json=words.done(output, {"characters": len(text), "input_tokens": 0, "output_tokens": 0}))

    async def chat(self, request: Request) -> Answer:
        """A chat, in OpenAI's form."""
        self._let_in(request, words.compat, at_once=True)
        body = without_nulls(_body(request))
        known = (
            "model",
            "messages",
            "stream",
            "temperature",
            "max_tokens",
            "seed",
            "enable_thinking",
            "stream_options",
        )
        require(body["model"] in CHAT_MODELS, words.compat(404, "model_not_found", "The model does not exist."))
        models.only(body, *known)
        require(not stream_problem(body) and body.get("messages"), models.invalid("stream and messages"))
        require(0 <= body.get("temperature", 0) < 2, words.compat(400, "invalid_parameter_error", "temperature"))
        self.bill(request)
        empty = bool(self.lasting(request.text, "no_outputs"))
        message = {"role": "assistant", "content": None if empty else "A quiet sea, a small boat."}
        answer = {
            "id": "chatcmpl-0001",
            "object": "chat.completion",
            "created": 1795000000,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}
            | {"prompt_tokens_details": {"cached_tokens": 0}},
            "system_fingerprint": None,
        }
        failure = {"error": {"message": "Output data may be inappropriate.", "code": "data_inspection_failed"}}
        return as_stream(self, request, Answer(200, json=answer), error=failure)

    # --- The list of models ---

    async def list_models(self, request: Request) -> Answer:
        """A page of the list: ten when nothing is asked for, a hundred at most."""
        self._authorised(request, words.no)
        require(not unknown(request.query, ["page_no", "page_size", "model"]), models.invalid("unknown parameter"))
        page, size = int(request.query.get("page_no", ["1"])[0]), int(request.query.get("page_size", ["10"])[0])
        require(page > 0 and 0 < size <= 100, models.invalid("page_no or page_size"))
        [wanted] = request.query.get("model", [""])
        everything = [each for each in models.listed(SPEECH_MODELS, CHAT_MODELS) if wanted in ("", each["model"])]
        shown = everything[(page - 1) * size : page * size]
        output = {"total": len(everything), "page_no": page, "page_size": size, "models": shown}
        return Answer(200, json={"code": None, "message": None, "success": True} | words.done(output))

    # --- By task ---

    async def messages_task(self, request: Request) -> Answer:
        """Images by task, in the multimodal dialect."""
        body = self._task_body(request)
        known = models.MESSAGES.get(body["model"]) if body["model"] not in models.SYNC_ONLY else None
        require(known, words.no(404, "ModelNotFound", "Model can not be found."))
        assert known
        return self._accept(request, body, models.image_of_messages(body, known, oss=_resolves(request)), "choices")

    async def text_to_image(self, request: Request) -> Answer:
        """Images by task, in the older dialect."""
        return self._older(request, models.TEXT_TO_IMAGE)

    async def image_to_image(self, request: Request) -> Answer:
        """Edits by task, in the older dialect."""
        return self._older(request, models.IMAGE_TO_IMAGE)

    async def video(self, request: Request) -> Answer:
        """Videos by task."""
        body = self._task_body(request)
        known = models.VIDEOS.get(body["model"])
        require(known, words.no(404, "ModelNotFound", "Model can not be found."))
        assert known
        return self._accept(request, body, models.video(body, known, oss=_resolves(request)), "video_url")

    async def look(self, request: Request) -> Answer:
        """The state of a task. An unknown one is UNKNOWN, with HTTP 200."""
        self._authorised(request, words.no)
        if self.fault(request, "poll_throttled"):
            return words.no(429, "Throttling.RateQuota", words.RATE)
        name = request.at["task"]
        task = self.tasks.get(name)
        if task is None or task["region"] != request.at["region"]:
            return Answer(200, json=words.done({"task_id": name, "task_status": "UNKNOWN"}))
        task["polls"] += 1
        task["status"] = self._status(task)
        output = {"task_id": name, "task_status": task["status"], "submit_time": "2026-11-22 11:07:28.590"}
        if task["status"] != "PENDING":
            output["scheduled_time"] = "2026-11-22 11:07:28.625"
        if task["status"] in {"SUCCEEDED", "FAILED", "CANCELED"}:
            output["end_time"] = "2026-11-22 11:07:53.161"
        if task["status"] == "SUCCEEDED":
            return self._result(request, task, output)
        if task["status"] == "FAILED":
            output |= words.why(self.lasting(task["text"], *words.FAILS) or task["fault"])
        if task["status"] == "UNKNOWN":
            output = {"task_id": name, "task_status": "UNKNOWN"}
        return Answer(200, json=words.done(output))

    async def cancel(self, request: Request) -> Answer:
        """Cancel a waiting task."""
        self._authorised(request, words.no)
        task = self.tasks.get(request.at["task"])
        waits = task is not None and task["status"] == "PENDING"
        late = "Failed to cancel the task, please confirm if the task is in PENDING status."
        require(waits, words.no(400, "UnsupportedOperation", late))
        assert task
        task["status"] = task["final"] = "CANCELED"
        if task["digest"]:
            self.effects[task["digest"]] -= 1
        return Answer(200, json={"request_id": "req-0003"})

    async def listed(self, request: Request) -> Answer:
        """The account's tasks of the last day, newest first."""
        self._authorised(request, words.no)
        query = {name: values[0] for name, values in request.query.items()}
        names = ("model_name", "status", "start_time", "end_time", "task_id", "api_key_id", "region")
        models.only(query, "page_no", "page_size", *names)
        page, size = int(query.get("page_no", 1)), min(int(query.get("page_size", 10)), 100)
        found = [
            {
                "api_key_id": "1",
                "caller_parent_id": "2",
                "caller_uid": "3",
                "gmt_create": task["at"],
                "model_name": task["model"],
                "region": "cn-beijing",
                "request_id": "req-0001",
                "status": task["status"],
                "task_id": name,
                "user_api_unique_key": f"apikey:v1:aigc:{task['model']}",
            }
            for name, task in reversed(self.tasks.items())
            if task["region"] == request.at["region"]
            and all(task[field] == query[ask] for ask, field in _FILTERS.items() if ask in query)
        ]
        shown = found[(page - 1) * size : page * size]
        pages = -(-len(found) // size)
        numbers = {"total": len(found), "total_page": pages, "page_no": page, "page_size": size}
        return Answer(200, json={"request_id": "req-0004", "data": shown} | numbers)

    def _older(self, request: Request, known: dict[str, models.ImageModel]) -> Answer:
        body = self._task_body(request)
        model = known.get(body["model"])
        require(model, words.no(404, "ModelNotFound", "Model can not be found."))
        assert model
        return self._accept(request, body, models.image_of_prompt(body, model, oss=_resolves(request)), "results")

    def _task_body(self, request: Request) -> dict[str, Any]:
        self._let_in(request, words.no)
        asynchronous = request.headers.get("x-dashscope-async") == "enable"
        require(asynchronous, words.no(403, "AccessDenied", "current user api does not support synchronous calls."))
        return _body(request)

    def _accept(self, request: Request, body: dict[str, Any], made: Made, shape: str) -> Answer:
        """Accept a task; one that fails later is not billed."""
        fault = self.fault(request, "job_throttled")
        billed = self.bill(request) if fault is None and not self.lasting(request.text, *words.FAILS) else None
        name = f"{len(self.tasks) + 1:08x}-0c46-4b17-950d-100000000000"
        self.tasks[name] = {
            "region": request.at["region"],
            "model": body["model"],
            "made": made,
            "shape": shape,
            "text": request.text,
            "fault": fault,
            "polls": 0,
            "status": "PENDING",
            "final": None,
            "at": int(time.time() * 1000),
            "digest": billed,
        }
        return Answer(200, json=words.done({"task_status": "PENDING", "task_id": name}))

    def _status(self, task: dict[str, Any]) -> str:
        if task["final"]:
            return str(task["final"])
        polls, text = task["polls"], task["text"]
        if polls == 1:
            return "PENDING"
        if task["fault"]:
            return "FAILED"
        match self.lasting(text, *words.FAILS, "unknown_status", "expired_job"):
            case "cancelled_there":
                return "CANCELED"
            case "unknown_status" if polls < 4:
                return "SUSPENDED"
            case "expired_job":
                return "UNKNOWN"
            case "job_failed" | "moderated_output" | "job_invalid":
                return "FAILED"
            case _:
                return "RUNNING" if polls == 2 else "SUCCEEDED"

    def _result(self, request: Request, task: dict[str, Any], output: dict[str, Any]) -> Answer:
        made: Made = task["made"]
        if task["shape"] == "video_url":
            return Answer(200, json=self._video_result(request, task, output))
        urls = self._image_urls(request, made, task["text"])
        metrics = {"TOTAL": made.n, "SUCCEEDED": len(urls), "FAILED": made.n - len(urls)}
        if task["shape"] == "choices":  # one choice for each image, and no metrics
            parts = [words.choice([{"type": "image", "image": url}]) for url in urls]
            size = f"{made.width}*{made.height}"
            tokens = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
            more = output | {"choices": parts, "finished": True}
            return Answer(200, json=words.done(more, {"image_count": len(urls), "size": size} | tokens))
        failed = {"code": words.INSPECTED, "message": words.MODERATED}
        results = [{"orig_prompt": made.prompt, "url": url} for url in urls] + [failed] * (made.n - len(urls))
        return Answer(
            200, json=words.done(output | {"results": results, "task_metrics": metrics}, {"image_count": len(urls)})
        )

    def _video_result(self, request: Request, task: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
        made: Made = task["made"]
        # As the vendor types them: a float for text-to-video, and the words of 2.7 differ.
        seconds = float(made.seconds) if "t2v" in task["model"] else made.seconds
        length = {"video_duration": seconds} if task["model"].startswith("wan2.7") else {"duration": seconds}
        frames = {"input_video_duration": 0, "output_video_duration": made.seconds, "video_count": 1}
        usage = length | frames | {"SR": 720 if made.width * made.height < 1e6 else 1080}
        if self.lasting(task["text"], "no_outputs"):
            return words.done(output | {"orig_prompt": made.prompt}, usage)
        width, height = made.width, made.height
        if self.lasting(task["text"], "wrong_size"):
            width, height = width // 2, height // 2
        name = self.keep_file(media.mp4("a video", width, height, made.seconds), "video/mp4", "mp4")
        return words.done(output | {"orig_prompt": made.prompt, "video_url": self._signed(request, name)}, usage)

    # --- What both ways share ---

    def keep_file(self, data: bytes, media_type: str, extension: str) -> str:
        """Offer a file for download, under names that are the same on every machine."""
        name = f"made-{len(self.files) + 1:04d}.{extension}"
        self.files[name] = (data, media_type)
        return name

    def _image_urls(self, request: Request, made: Made, text: str) -> list[str]:
        width, height, n = made.width, made.height, made.n
        match self.lasting(text, "wrong_size", "missing_outputs", "no_outputs"):
            case "wrong_size":
                width, height = width // 2, height // 2
            case "missing_outputs":
                n -= 1
            case "no_outputs":
                n = 0
            case _:
                pass
        images = [media.png(f"image {i}", width, height) for i in range(n)]
        return [self._signed(request, self.keep_file(png, "image/png", "png")) for png in images]

    def _signed(self, request: Request, name: str) -> str:
        return f"{request.base}/_files/{name}?Expires={_expires()}&OSSAccessKeyId=x&Signature=y"

    def _authorised(self, request: Request, no: Callable[..., Answer]) -> None:
        form, _, key = request.headers.get("authorization", "").partition(" ")
        good = form == "Bearer" and key in KEYS[request.at["region"] or ""]
        code = "InvalidApiKey" if no is words.no else "invalid_api_key"
        require(good, no(401, code, "Invalid API-key provided."))

    def _let_in(self, request: Request, no: Callable[..., Answer], *, at_once: bool = False) -> None:
        """An order whose result is moderated is refused at once, or its task fails later."""
        self._authorised(request, no)
        if fault := self.fault(request, *words.REFUSALS, *(["moderated_output"] if at_once else [])):
            status, code, message = words.REFUSALS.get(fault) or (400, words.INSPECTED, words.MODERATED)
            if no is words.compat:
                code = words.OPENAI.get(code, code)
            raise no(status, code, message, {"retry-after": "1"} if fault == "rate_limited" else None)


_FILTERS = {"model_name": "model", "status": "status"}


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = request.json()
    require(isinstance(body, dict) and isinstance(body.get("model"), str), models.invalid("model is required"))
    return body


def _resolves(request: Request) -> bool:
    return request.headers.get("x-dashscope-ossresourceresolve") == "enable"


def _expires() -> int:  # a day from now at the vendor; always the same here, for the golden files
    return 1900000000


def simulator() -> Simulator:
    """A new simulator."""
    return DashScope()
