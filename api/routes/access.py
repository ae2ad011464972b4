"""Who may use which route? One row for each method of each route; the document and the tests are made of them.

A route without a row is for administrators only, and fails the tests."""

from typing import Final

from api.http.auth import Access
from domain.api_key import Scope

# Everybody who reaches Pixel, without a key.
PUBLIC: Final = Access(None)
# Whoever has any key.
ANY: Final = Access(frozenset(Scope))
# Makes something, or changes what is its own.
MAKE: Final = Access(frozenset({Scope.CLIENT}), own=True)
# Sees its own; auditors see everything.
SEE: Final = Access(frozenset({Scope.CLIENT, Scope.AUDITOR}), own=True)
# Figures, without prompts or media.
FIGURES: Final = Access(frozenset({Scope.ANALYST}))
# Its own figures; auditors and analysts those of everybody.
SEE_FIGURES: Final = Access(frozenset({Scope.CLIENT, Scope.AUDITOR, Scope.ANALYST}), own=True)
# Sees its own, and whoever has an address that Pixel has signed.
SEE_OR_SIGNED: Final = SEE._replace(signed=True)
ADMIN: Final = Access(frozenset({Scope.ADMIN}))

ROUTES: Final = {
    ("POST", "/api/v1/generations/image"): MAKE,
    ("POST", "/api/v1/generations/video"): MAKE,
    ("POST", "/api/v1/generations/audio"): MAKE,
    ("POST", "/api/v1/generations/text"): MAKE,
    ("GET", "/api/v1/tasks"): SEE,
    ("GET", "/api/v1/tasks/{task_id}"): SEE,
    ("POST", "/api/v1/tasks/{task_id}/cancel"): MAKE,
    ("POST", "/api/v1/tasks/{task_id}/refetch"): MAKE,
    ("POST", "/api/v1/tasks/{task_id}/rerun"): MAKE,
    ("GET", "/api/v1/tasks/{task_id}/history"): SEE,
    ("POST", "/api/v1/batches"): MAKE,
    ("GET", "/api/v1/batches/{batch_id}"): SEE,
    ("POST", "/api/v1/batches/{batch_id}/cancel"): MAKE,
    ("GET", "/api/v1/tasks/{task_id}/events"): SEE,
    ("GET", "/api/v1/events"): SEE,
    ("GET", "/api/v1/models"): ANY,
    ("GET", "/api/v1/models/{provider}/{key}"): ANY,
    ("POST", "/api/v1/models/{provider}/{key}/estimate"): ANY,
    ("POST", "/api/v1/estimates"): ANY,
    ("GET", "/api/v1/spending"): SEE_FIGURES,
    ("POST", "/api/v1/assets"): MAKE,
    ("GET", "/api/v1/assets"): SEE,
    ("GET", "/api/v1/assets/{asset_id}"): SEE_OR_SIGNED,
    ("HEAD", "/api/v1/assets/{asset_id}"): SEE_OR_SIGNED,
    ("POST", "/api/v1/webhooks"): MAKE,
    ("GET", "/api/v1/webhooks"): SEE,
    ("GET", "/api/v1/webhooks/{webhook_id}"): SEE,
    ("POST", "/api/v1/webhooks/{webhook_id}/change"): MAKE,
    ("POST", "/api/v1/webhooks/{webhook_id}/rotate"): MAKE,
    ("POST", "/api/v1/webhooks/{webhook_id}/remove"): MAKE,
    ("GET", "/api/v1/webhooks/{webhook_id}/deliveries"): SEE,
    ("POST", "/api/v1/webhooks/{webhook_id}/redeliver"): MAKE,
    ("POST", "/api/v1/projects"): MAKE,
    ("GET", "/api/v1/projects"): SEE,
    ("GET", "/api/v1/projects/{project_id}"): SEE,
    ("PATCH", "/api/v1/projects/{project_id}"): MAKE,
    ("POST", "/api/v1/projects/{project_id}/archive"): MAKE,
    ("POST", "/api/v1/projects/{project_id}/restore"): MAKE,
    ("POST", "/api/v1/canvases"): MAKE,
    ("GET", "/api/v1/canvases"): SEE,
    ("GET", "/api/v1/canvases/{canvas_id}"): SEE,
    ("PATCH", "/api/v1/canvases/{canvas_id}"): MAKE,
    ("POST", "/api/v1/canvases/{canvas_id}/archive"): MAKE,
    ("POST", "/api/v1/canvases/{canvas_id}/restore"): MAKE,
    ("POST", "/api/v1/canvases/{canvas_id}/versions"): MAKE,
    ("POST", "/api/v1/canvases/{canvas_id}/edits"): MAKE,
    ("GET", "/api/v1/canvases/{canvas_id}/history"): SEE,
    ("POST", "/api/v1/canvases/{canvas_id}/plan"): SEE,
    ("POST", "/api/v1/canvases/{canvas_id}/runs"): MAKE,
    ("GET", "/api/v1/runs"): SEE,
    ("GET", "/api/v1/runs/{run_id}"): SEE,
    ("POST", "/api/v1/runs/{run_id}/pause"): MAKE,
    ("POST", "/api/v1/runs/{run_id}/resume"): MAKE,
    ("POST", "/api/v1/runs/{run_id}/cancel"): MAKE,
    ("POST", "/api/v1/runs/{run_id}/steps/{node_id}/skip"): MAKE,
    ("POST", "/api/v1/runs/{run_id}/steps/{node_id}/retry"): MAKE,
    ("GET", "/v1/models"): ANY,
    ("GET", "/v1/models/{provider}/{key}"): ANY,
    ("POST", "/v1/images/generations"): MAKE,
    ("POST", "/v1/images/edits"): MAKE,
    ("POST", "/v1/audio/speech"): MAKE,
    ("POST", "/v1/chat/completions"): MAKE,
    ("POST", "/v1/videos"): MAKE,
    ("GET", "/v1/videos"): SEE,
    ("GET", "/v1/videos/{video_id}"): SEE,
    ("GET", "/v1/videos/{video_id}/content"): SEE,
    ("DELETE", "/v1/videos/{video_id}"): MAKE,
    ("GET", "/api/v1/session"): ANY,
    ("POST", "/api/v1/session"): ANY,
    # Whose key no longer works can sign out, too.
    ("DELETE", "/api/v1/session"): PUBLIC,
    ("GET", "/api/v1/admin/calls"): ADMIN,
    ("POST", "/api/v1/admin/calls/{call_id}/retry"): ADMIN,
    ("POST", "/api/v1/admin/calls/{call_id}/attach"): ADMIN,
    ("POST", "/api/v1/admin/calls/{call_id}/abandon"): ADMIN,
    ("GET", "/api/v1/admin/catalog"): ADMIN,
    ("POST", "/api/v1/admin/catalog"): ADMIN,
    ("POST", "/api/v1/admin/models/{provider}/{key}/disable"): ADMIN,
    ("POST", "/api/v1/admin/models/{provider}/{key}/enable"): ADMIN,
    ("POST", "/api/v1/admin/models/{provider}/{key}/default"): ADMIN,
    ("GET", "/api/v1/admin/keys"): ADMIN,
    ("POST", "/api/v1/admin/keys"): ADMIN,
    ("GET", "/api/v1/admin/keys/{key_id}"): ADMIN,
    ("POST", "/api/v1/admin/keys/{key_id}/change"): ADMIN,
    ("POST", "/api/v1/admin/keys/{key_id}/revoke"): ADMIN,
    # Its address has a token that only Pixel can make.
    ("POST", "/api/v1/callbacks/{provider}/{call_id}/{token}"): PUBLIC,
    ("GET", "/health/live"): PUBLIC,
    # Load balancers see the status; the rest is for those who may see figures.
    ("GET", "/health/ready"): PUBLIC,
    ("GET", "/metrics"): FIGURES,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/redoc"): PUBLIC,
    ("GET", "/docs/assets/{name}"): PUBLIC,
    # The studio's own files. What it shows it asks for, by the routes above.
    ("GET", "/"): PUBLIC,
    ("GET", "/studio"): PUBLIC,
    ("GET", "/studio/{path}"): PUBLIC,
}
