"""Videos as long-running operations: Google's own dialect (GET the operation), and Vertex's (fetchPredictOperation)."""

import base64
import binascii
from typing import Any

from tests.simulators import media
from tests.simulators._google import answer_gone, authorised, error, let_in, refuse_unknown
from tests.simulators.base import Answer, Request, Simulator, require

MODELS = {"veo-3.1-generate-preview", "veo-3.1-generate-001"}
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
PARAMETERS = [
    "aspectRatio",
    "durationSeconds",
    "resolution",
    "negativePrompt",
    "personGeneration",
    "sampleCount",
]


class VeoVideos:
    """The operations, and their files."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.operations: dict[str, dict[str, Any]] = {}
        model = r"/v1(?:beta)?/models/(?P<model>[\w.-]+)"
        simulator.route("POST", model + r":predictLongRunning", order=True)(self.predict)
        simulator.route("POST", model + r":fetchPredictOperation")(self.fetch)
        simulator.route("GET", model + r"/operations/(?P<operation>[\w-]+)")(self.look)
        simulator.route("GET", r"/v1(?:beta)?/files/(?P<file>[\w.-]+):download")(self.redirect)
        simulator.route("GET", r"/download/v1(?:beta)?/files/(?P<file>[\w.-]+)")(self.download)

    async def predict(self, request: Request) -> Answer:
        """Accept an order."""
        let_in(self.simulator, request)
        model = request.at["model"]
        require(model in MODELS, answer_gone(model, "predictLongRunning"))
        body: dict[str, Any] = request.json()
        _check(body)
        if self.simulator.fault(request, "moderated_input"):
            raise error(400, "The prompt could not be submitted: it violates the usage guidelines.")
        self.simulator.bill(request)
        name = f"models/{model}/operations/op{len(self.operations) + 1:08x}"
        if model.endswith("-001"):
            name = "projects/p-1/locations/us-central1/publishers/google/" + name
        self.operations[name] = {"polls": 0, "text": request.text, "parameters": body["parameters"], "model": model}
        return Answer(200, json={"name": name})

    async def look(self, request: Request) -> Answer:
        """The state of an operation, Google's way: the video is at an address that needs the key."""
        authorised(request)
        name = f"models/{request.at['model']}/operations/{request.at['operation']}"
        operation = self.operations.get(name)
        require(operation, error(404, f"Requested entity was not found: {name}"))
        assert operation
        settled = self._settled(name, operation)
        if settled:
            return settled
        files = [
            {"video": {"uri": f"{request.base}/v1beta/files/{self._video(operation)}:download?alt=media"}}
            for _ in range(operation["parameters"]["sampleCount"])
        ]
        filtered = self.simulator.lasting(operation["text"], "missing_outputs") is not None
        answer: dict[str, Any] = {"generatedSamples": files[:-1] if filtered else files}
        if filtered:
            answer |= {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["It may show a person."]}
        return _done(name, {"generateVideoResponse": answer})

    async def fetch(self, request: Request) -> Answer:
        """The state of an operation, Vertex's way: the answer contains the video."""
        authorised(request)
        body: dict[str, Any] = request.json()
        refuse_unknown(body, ["operationName"], "")
        name = body["operationName"]
        operation = self.operations.get(name)
        require(operation, error(404, f"Requested entity was not found: {name}"))
        assert operation
        settled = self._settled(name, operation)
        if settled:
            return settled
        data, mime = self.simulator.files[self._video(operation)]
        video = {"bytesBase64Encoded": base64.b64encode(data).decode(), "mimeType": mime}
        return _done(name, {"videos": [video], "raiMediaFilteredCount": 0})

    async def redirect(self, request: Request) -> Answer:
        """The address of a video: it needs the key, and redirects."""
        authorised(request)
        require(request.query.get("alt") == ["media"], error(400, "alt=media"))
        found = request.at["file"] in self.simulator.files
        require(found, error(404, "The file does not exist or has expired."))
        return Answer(302, data=b"", headers={"location": f"/download/v1beta/files/{request.at['file']}"})

    async def download(self, request: Request) -> Answer:
        """The video itself."""
        data, mime = self.simulator.files[request.at["file"]]
        return Answer(200, data=data, media_type=mime)

    def _settled(self, name: str, operation: dict[str, Any]) -> Answer | None:
        """The answer, unless there is a video: still running, failed, filtered, or empty."""
        operation["polls"] += 1
        if self.simulator.lasting(operation["text"], "expired_job") and operation["polls"] > 1:
            return error(404, f"Requested entity was not found: {name}")
        if operation["polls"] < 3:
            return Answer(200, json={"name": name} | ({"done": False} if operation["polls"] == 2 else {}))
        match self.simulator.lasting(
            operation["text"], "unknown_status", "job_failed", "moderated_output", "no_outputs", "job_invalid"
        ):
            case "unknown_status" if operation["polls"] < 5:
                return Answer(200, json={"name": name, "done": "perhaps"})
            case "job_failed":
                return Answer(200, json={"name": name, "done": True, "error": {"code": 13, "message": "boom"}})
            case "job_invalid":
                failed = {"code": 3, "message": "The image is too small."}
                return Answer(200, json={"name": name, "done": True, "error": failed})
            case "moderated_output":
                reasons = ["We blocked the video: it may violate the guidelines."]
                rai = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": reasons}
                return _done(name, {"generateVideoResponse": rai})
            case "no_outputs":
                return _done(name, {"generateVideoResponse": {}})
            case _:
                return None

    def _video(self, operation: dict[str, Any]) -> str:
        parameters = operation["parameters"]
        width, height = SIZES[parameters["resolution"]]
        if parameters["aspectRatio"] == "9:16":
            width, height = height, width
        if self.simulator.lasting(operation["text"], "wrong_size"):
            width, height = width // 2, height // 2
        data = media.mp4("A video.", width, height, float(parameters["durationSeconds"]))
        return self.simulator.keep_file(data, "video/mp4", "mp4")


def _done(name: str, response: dict[str, Any]) -> Answer:
    typed = {"@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"}
    return Answer(200, json={"name": name, "done": True, "response": typed | response})


def _check(body: dict[str, Any]) -> None:
    refuse_unknown(body, ["instances", "parameters"], "")
    require(len(body["instances"]) == 1, error(400, "one instance"))
    instance, parameters = body["instances"][0], body["parameters"]
    refuse_unknown(instance, ["prompt", "image", "lastFrame"], "instances[0]")
    refuse_unknown(parameters, PARAMETERS, "parameters")
    require(isinstance(instance.get("prompt"), str), error(400, "prompt"))
    for frame in ("image", "lastFrame"):
        if frame in instance:
            refuse_unknown(instance[frame], ["bytesBase64Encoded", "mimeType"], f"instances[0].{frame}")
            try:
                base64.b64decode(instance[frame]["bytesBase64Encoded"], validate=True)
            except binascii.Error:
                raise error(400, "Unable to process input image.") from None
    require(parameters.get("aspectRatio") in {"16:9", "9:16"}, error(400, "aspectRatio"))
    seconds, level = parameters.get("durationSeconds"), parameters.get("resolution")
    require(type(seconds) is int and seconds in {4, 6, 8}, error(400, "durationSeconds must be one of 4, 6, 8"))
    require(level in SIZES, error(400, "resolution"))
    require(seconds == 8 or level == "720p", error(400, "1080p needs a duration of 8 seconds"))
    require(1 <= parameters.get("sampleCount", 0) <= 4, error(400, "sampleCount"))
