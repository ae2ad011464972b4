"""Which operations do runs have?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation
from api.routes.runs import PlanView, ResumeBody, RunBody, RunPage
from projections.run_view import RunView

_TAG = "Runs"
_CANVAS, _RUN = "/api/v1/canvases/{canvas_id}", "/api/v1/runs/{run_id}"
_READ = ("unforeseen", "database away")
_WRITE = ("too large", "not JSON", "unforeseen", "too busy", "database away", "store away")
_SWITCH = ("malformed key", "unknown run", "unforeseen", "too busy", "database away")
_VERSIONED = ("Cache-Control", "ETag", "X-Pixel-Position")
_WISH = {"nodes": ["node_2", "node_3"], "mode": "missing"}

RUNS = (
    Operation(
        "post",
        f"{_CANVAS}/plan",
        "planRun",
        _TAG,
        "What would a run make, and cost?",
        "The nodes that generate something, with their states, prices and problems. Nothing is recorded.",
        answer=Envelope[PlanView],
        examples={"two nodes": examples.RUN_PLAN},
        body=RunBody,
        bodies={"what has no result": _WISH},
        parameters=("canvas_id",),
        headers=("Cache-Control",),
        errors=("unknown canvas", "archived canvas", *_WRITE),
    ),
    Operation(
        "post",
        f"{_CANVAS}/runs",
        "startRun",
        _TAG,
        "Make nodes of a canvas",
        "Each is a task, which starts when the nodes that it uses are made; four at a time. The results are chosen on "
        "the canvas, but where somebody has chosen another one meanwhile.",
        answer=Envelope[RunView],
        examples={"begun": examples.RUN},
        body=RunBody,
        bodies={"what has no result": _WISH, "for so much": _WISH | {"most": {"amount": "2.50", "currency": "USD"}}},
        parameters=("canvas_id", "Idempotency-Key"),
        headers=(*_VERSIONED, "Location", "Idempotent-Replayed"),
        errors=(
            *("nothing to make", "malformed key", "more than it may cost", "key of other projects", "unknown canvas"),
            *("archived canvas", "reused key"),
            *_WRITE,
        ),
    ),
    Operation(
        "get",
        "/api/v1/runs",
        "listRuns",
        _TAG,
        "Runs, newest first",
        "A page at a time.",
        answer=Envelope[RunPage],
        examples={"one": examples.RUNS},
        parameters=("canvasOfRuns", "cursor", "runLimit"),
        headers=("Cache-Control", "X-Pixel-Position", "X-Pixel-Stale"),
        errors=("unknown canvas", *_READ),
    ),
    Operation(
        "get",
        _RUN,
        "getRun",
        _TAG,
        "One run",
        "As it is now.",
        answer=Envelope[RunView],
        examples={"under way": examples.RUN, "paused": examples.RUN_PAUSED},
        parameters=("run_id",),
        headers=_VERSIONED,
        errors=("unknown run", *_READ),
    ),
    *(
        Operation(
            "post",
            f"{_RUN}/{verb}",
            f"{verb}Run",
            _TAG,
            summary,
            description,
            answer=Envelope[RunView],
            examples={"as it is then": example},
            parameters=("run_id", "Idempotency-Key"),
            headers=_VERSIONED,
            errors=(*errors, *_SWITCH),
        )
        for verb, summary, description, example, errors in (
            (
                "pause",
                "Start no further step",
                "What runs goes on. A second time changes nothing.",
                examples.RUN_PAUSED,
                ("run ended",),
            ),
            (
                "cancel",
                "End a run",
                "What it has under way is cancelled; what was made is kept. A second time changes nothing.",
                examples.RUN,
                (),
            ),
        )
    ),
    Operation(
        "post",
        f"{_RUN}/resume",
        "resumeRun",
        _TAG,
        "Let a run go on",
        "With `most` for another amount. Whoever resumes a run that waits for an unknown price allows that step.",
        answer=Envelope[RunView],
        examples={"goes on": examples.RUN},
        body=ResumeBody,
        bodies={"as before": {}, "for more": {"most": {"amount": "5", "currency": "USD"}}},
        parameters=("run_id", "Idempotency-Key"),
        headers=_VERSIONED,
        errors=("run ended", "too large", "not JSON", *_SWITCH),
    ),
    *(
        Operation(
            "post",
            f"{_RUN}/steps/{{node_id}}/{verb}",
            f"{verb}Step",
            _TAG,
            summary,
            description,
            answer=Envelope[RunView],
            examples={"as it is then": examples.RUN},
            parameters=("run_id", "node_id", "Idempotency-Key"),
            headers=_VERSIONED,
            errors=("unknown step", "run ended", "step not open", *_SWITCH),
        )
        for verb, summary, description in (
            ("skip", "Do without a step", "And without those that need it. A second time changes nothing."),
            ("retry", "Try a step again", "One that failed or was skipped, also when the run has failed."),
        )
    ),
)
