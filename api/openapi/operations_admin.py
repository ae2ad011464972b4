"""Which operations are for administrators, providers that call back, and load balancers?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation, ResponseSpec, Schema
from api.routes.admin import CallPage, Settled
from api.routes.callbacks import CallbackAck
from api.routes.health import Health, Live
from application.admin_decisions import Attachment, Decision

_NOT_LET_IN = ("no admin token", "not from this machine")


def _verdict(verb: str, *, name: str, summary: str, description: str, bodies: Schema) -> Operation:
    attaches = verb == "attach"
    return Operation(
        "post",
        f"/api/v1/admin/calls/{{call_id}}/{verb}",
        name,
        "Administration",
        summary,
        f"{description} It is an event, with its author, and can be said once.",
        answer=Envelope[Settled],
        examples={
            "recorded": examples.RETRIED | {"status": {"retry": "pending", "attach": "completed"}.get(verb, "failed")}
        },
        body=Attachment if attaches else Decision,
        bodies=bodies,
        parameters=("call_id",),
        errors=(
            *("nobody answers for it", *_NOT_LET_IN, "unknown call", "known outcome", "too large", "not JSON"),
            *(("nothing is attached", "store away") if attaches else ()),
            *("unforeseen", "too busy", "database away"),
        ),
        admin=True,
    )


ADMINISTRATION = (
    Operation(
        "get",
        "/api/v1/admin/calls",
        "listDoubtfulCalls",
        "Administration",
        "Which calls does nobody know the outcome of?",
        "Calls that may have cost money and whose answer was lost, oldest first. They are `looking` while evidence is "
        "looked for, then `unknown`, and wait for a person.",
        answer=Envelope[CallPage],
        examples={"the last page": {"calls": [examples.CALL_IN_DOUBT], "next_cursor": None}},
        parameters=("state", "limit", "cursor"),
        headers=("Cache-Control",),
        errors=("wrong state", *_NOT_LET_IN, "unforeseen", "database away"),
        admin=True,
    ),
    _verdict(
        "retry",
        name="retryCall",
        summary="Let it be called once more",
        description="Answer for it that the call may be made, and paid for, once more.",
        bodies={"after a look into the provider's console": examples.DECIDED},
    ),
    _verdict(
        "attach",
        name="attachResult",
        summary="Complete it with the result that was found",
        description="Upload the media before, with `POST /api/v1/assets`. Nothing is called.",
        bodies={"an image": examples.DECIDED | examples.FOUND},
    ),
    _verdict(
        "abandon",
        name="abandonCall",
        summary="Close the case",
        description="The task stays failed with `outcome_unknown`, and it stays unknown whether it was paid for.",
        bodies={"nothing was found": examples.DECIDED},
    ),
)
SERVICE = (
    Operation(
        "post",
        "/api/v1/callbacks/{provider}/{call_id}/{token}",
        "callBack",
        "Service",
        "A provider has news",
        "A hint to ask the provider at once. The whole address is given to the provider with the order, and works "
        "while `PIXEL_PUBLIC_URL` and `PIXEL_CALLBACK_SECRET` are set. Any body is taken, and none is believed; a "
        '`challenge` in it is answered with `{"challenge": …}` alone.',
        answer=Envelope[CallbackAck],
        examples={"taken": {"taken": True}},
        parameters=("provider", "call_id", "token"),
        errors=("no such callback", "too large", "unforeseen", "too busy", "database away"),
    ),
    Operation(
        "get",
        "/health/live",
        "isLive",
        "Service",
        "Is it alive?",
        "Whether the process runs; it looks at nothing else.",
        answer=Live,
        examples={"live": {"status": "live"}},
    ),
    Operation(
        "get",
        "/health/ready",
        "isReady",
        "Service",
        "Is it ready?",
        "Whether requests can be served, and what is not as it should be. 503 when they can't.",
        answer=Health,
        examples={"degraded": examples.HEALTH},
        others={503: ResponseSpec("Requests can't be served: `status` is `unavailable`", Health)},
    ),
    Operation(
        "get",
        "/metrics",
        "getMetrics",
        "Service",
        "How is it doing?",
        "Metrics for Prometheus, in its text format.",
        others={200: ResponseSpec("Counters and gauges", media=("text/plain",))},
    ),
)
