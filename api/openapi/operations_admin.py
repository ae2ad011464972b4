"""Which operations are for administrators, providers that call back, and load balancers?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation, ResponseSpec, Schema
from api.routes.admin import CallPage, Settled
from api.routes.callbacks import CallbackAck
from api.routes.catalogue import ModelSwitched
from api.routes.health import Health, Live
from api.routes.keys import CreatedKey, KeyChange, KeyPage, NewKey, Revocation
from application.admin_decisions import Attachment, Decision
from projections.api_keys import KeyView
from services.catalogue_updates import CatalogueDifference

_CHANGE = ("too large", "not JSON", "unforeseen", "too busy", "database away")


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
            *("nobody answers for it", "unknown call", "known outcome", "too large", "not JSON"),
            *(("nothing is attached", "store away") if attaches else ()),
            *("unforeseen", "too busy", "database away"),
        ),
    )


def _switch(verb: str, *, name: str, summary: str, description: str, errors: tuple[str, ...]) -> Operation:
    return Operation(
        "post",
        f"/api/v1/admin/models/{{provider}}/{{key}}/{verb}",
        name,
        "Administration",
        summary,
        f"{description} It is an event, with its author; a second time changes nothing.",
        answer=Envelope[ModelSwitched],
        examples={
            "recorded": {"id": "dashscope/qwen-image", "enabled": verb != "disable", "revision": 1},
        },
        body=Decision,
        bodies={"with a reason": {"by": "anna", "note": "the vendor has an outage"}},
        parameters=("provider", "key"),
        errors=(
            *("nobody answers for it", "unknown model", *errors, "too large", "not JSON", "unforeseen", "too busy"),
            "database away",
        ),
    )


CATALOGUE = (
    Operation(
        "get",
        "/api/v1/admin/catalog",
        "compareCatalogue",
        "Administration",
        "What would applying the catalogue change?",
        "Reads the files of the catalogue on this server again, and shows the events that they would make.",
        answer=Envelope[CatalogueDifference],
        examples={"one is switched off": examples.CATALOGUE_DIFFERENCE},
        headers=("Cache-Control",),
        errors=("broken catalogue", "unforeseen", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/admin/catalog",
        "applyCatalogue",
        "Administration",
        "Apply the catalogue, without a restart",
        "Reads the files of the catalogue on this server again, and appends the events that they make. Every node "
        "follows within a second. A catalogue with mistakes changes nothing.",
        answer=Envelope[CatalogueDifference],
        examples={"one is switched off": examples.CATALOGUE_DIFFERENCE | {"applied": True}},
        body=Decision,
        bodies={"by name": {"by": "anna"}},
        headers=("Cache-Control",),
        errors=(
            *("nobody answers for it", "broken catalogue", "too large", "not JSON", "unforeseen", "too busy"),
            "database away",
        ),
    ),
    _switch(
        "disable",
        name="disableModel",
        summary="Switch a model off",
        description="It takes no requests, whatever the catalogue says, until somebody switches it on. What was "
        "accepted before goes on.",
        errors=(),
    ),
    _switch(
        "enable",
        name="enableModel",
        summary="Switch a model on again",
        description="Takes back that somebody switched it off. What the catalogue has off stays off.",
        errors=("off in the catalogue",),
    ),
    _switch(
        "default",
        name="makeDefault",
        summary="Make a model the default",
        description="It becomes the default of its type, until somebody chooses another or the catalogue names "
        "another one than before.",
        errors=("off as a default",),
    ),
)
ADMINISTRATION = (
    *CATALOGUE,
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
        parameters=("state", "limit", "cursor", "atLeast"),
        headers=("Cache-Control", "X-Pixel-Position", "X-Pixel-Stale"),
        errors=("wrong state", "unforeseen", "database away"),
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
    Operation(
        "get",
        "/api/v1/admin/keys",
        "listKeys",
        "Administration",
        "Which API keys are there?",
        "Newest first, those that were revoked too. No secret is in it.",
        answer=Envelope[KeyPage],
        examples={"the last page": {"keys": [examples.KEY], "next_cursor": None}},
        parameters=("limit", "cursor", "atLeast"),
        headers=("Cache-Control", "X-Pixel-Position", "X-Pixel-Stale"),
        errors=("wrong limit", "unforeseen", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/admin/keys",
        "createKey",
        "Administration",
        "Issue an API key",
        "Its text is in this answer, and can't be had again.",
        answer=Envelope[CreatedKey],
        examples={"issued": {"text": examples.KEY_TEXT, "key": examples.KEY}},
        body=NewKey,
        bodies={"for a client": examples.NEW_KEY},
        headers=("Cache-Control",),
        errors=("limits of an administrator", *_CHANGE),
    ),
    Operation(
        "get",
        "/api/v1/admin/keys/{key_id}",
        "getKey",
        "Administration",
        "One API key",
        "Without its secret, which nobody knows but its holder.",
        answer=Envelope[KeyView],
        examples={"a client's key": examples.KEY},
        parameters=("key_id",),
        headers=("Cache-Control",),
        errors=("unknown key", "unforeseen", "database away"),
    ),
    Operation(
        "post",
        "/api/v1/admin/keys/{key_id}/change",
        "changeKey",
        "Administration",
        "Give an API key other scopes or limits",
        "What is left out stays; `limits` replace all limits that it had. Every process follows within a second.",
        answer=Envelope[KeyView],
        examples={"a client's key": examples.KEY},
        body=KeyChange,
        bodies={"other limits": {"limits": examples.NEW_KEY["limits"]}},
        parameters=("key_id",),
        headers=("Cache-Control",),
        errors=("nothing to change", "unknown key", "revoked key", *_CHANGE),
    ),
    Operation(
        "post",
        "/api/v1/admin/keys/{key_id}/revoke",
        "revokeKey",
        "Administration",
        "End an API key",
        "For good. Every process refuses it within a second. Asking twice is asking once.",
        answer=Envelope[KeyView],
        examples={"revoked": examples.KEY | {"revoked_at": "2026-03-01T09:00:00Z"}},
        body=Revocation,
        bodies={"with a reason": {"reason": "the laptop was lost"}},
        parameters=("key_id",),
        headers=("Cache-Control",),
        errors=("unknown key", *_CHANGE),
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
        "Whether requests can be served, and what is not as it should be. 503 when they can't. Callers without a key, "
        "or with one for clients only, are told the status and nothing else.",
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
