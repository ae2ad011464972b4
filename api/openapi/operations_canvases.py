"""Which operations do projects and canvases have?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation
from api.routes.canvas_edits import CanvasHistoryPage, EditAnswer, EditBody
from api.routes.canvases import CanvasBody, CanvasPage, VersionBody
from api.routes.projects import NameBody, ProjectPage, ProjectView
from services.canvas_views import CanvasDocument, CanvasView

_TAG = "Canvases"
_PROJECT, _CANVAS = "/api/v1/projects/{project_id}", "/api/v1/canvases/{canvas_id}"
_READ = ("unforeseen", "database away")
_WRITE = ("key of other projects", "too large", "not JSON", "unforeseen", "too busy", "database away")
_SWITCH = ("key of other projects", "unforeseen", "too busy", "database away")
_PAGE = ("limit", "cursor", "atLeast")
_LIST = ("Cache-Control", "X-Pixel-Position", "X-Pixel-Stale")
_VERSIONED = ("Cache-Control", "ETag", "X-Pixel-Position")

CANVASES = (
    Operation(
        "post",
        "/api/v1/projects",
        "createProject",
        _TAG,
        "Make a project",
        "What canvases belong to. It is its maker's owner's.",
        answer=Envelope[ProjectView],
        examples={"made": examples.PROJECT},
        body=NameBody,
        bodies={"a project": {"name": "The harbour"}},
        parameters=("Idempotency-Key",),
        headers=_VERSIONED,
        errors=("wrong name", "malformed key", *_WRITE),
    ),
    Operation(
        "get",
        "/api/v1/projects",
        "listProjects",
        _TAG,
        "Which projects are there?",
        "Newest first, a page at a time.",
        answer=Envelope[ProjectPage],
        examples={"one": {"projects": [examples.PROJECT], "next_cursor": None}},
        parameters=("archived", *_PAGE),
        headers=_LIST,
        errors=("wrong limit of a page", *_READ),
    ),
    Operation(
        "get",
        _PROJECT,
        "getProject",
        _TAG,
        "One project",
        "As it is now.",
        answer=Envelope[ProjectView],
        examples={"a project": examples.PROJECT},
        parameters=("project_id",),
        headers=_VERSIONED,
        errors=("unknown project", *_READ),
    ),
    Operation(
        "patch",
        _PROJECT,
        "renameProject",
        _TAG,
        "Give a project another name",
        "With `If-Match` only when it is still at that version.",
        answer=Envelope[ProjectView],
        examples={"renamed": examples.PROJECT},
        body=NameBody,
        bodies={"another name": {"name": "The harbour"}},
        parameters=("project_id", "If-Match"),
        headers=_VERSIONED,
        errors=("wrong name", "unknown project", "archived project", "other version", *_WRITE),
    ),
    *(
        Operation(
            "post",
            f"{_PROJECT}/{verb}",
            f"{verb}Project",
            _TAG,
            summary,
            "A second time changes nothing.",
            answer=Envelope[ProjectView],
            examples={f"{verb}d": examples.PROJECT},
            parameters=("project_id",),
            headers=_VERSIONED,
            errors=("unknown project", *_SWITCH),
        )
        for verb, summary in (("archive", "Put a project away"), ("restore", "Take a project into use again"))
    ),
    Operation(
        "post",
        "/api/v1/canvases",
        "createCanvas",
        _TAG,
        "Make a canvas",
        "Empty, or with all that another one had at a version (`from`): a copy that goes its own way.",
        answer=Envelope[CanvasView],
        examples={"made": examples.CANVAS},
        body=CanvasBody,
        bodies={
            "an empty one": {"project": "project_abc123", "name": "Episode 1"},
            "a fork": {
                "project": "project_abc123",
                "name": "Episode 1, other style",
                "from": {"canvas": "canvas_abc123", "version": 700},
            },
        },
        parameters=("Idempotency-Key",),
        headers=_VERSIONED,
        errors=(
            *("wrong name", "malformed key", "unknown project", "unknown canvas", "archived project", "reused key"),
            *_WRITE,
        ),
    ),
    Operation(
        "get",
        "/api/v1/canvases",
        "listCanvases",
        _TAG,
        "Which canvases are there?",
        "Newest first, a page at a time, without what is on them.",
        answer=Envelope[CanvasPage],
        examples={"one": {"canvases": [examples.CANVAS], "next_cursor": None}},
        parameters=("canvasProject", "archived", *_PAGE),
        headers=_LIST,
        errors=("wrong limit of a page", *_READ),
    ),
    Operation(
        "get",
        _CANVAS,
        "getCanvas",
        _TAG,
        "A canvas, now or as it was",
        "The whole document, with the version that the next edit has as its `base`. `version` or `at` go back in time.",
        answer=Envelope[CanvasDocument],
        examples={"text and image": examples.DOCUMENT},
        parameters=("canvas_id", "canvasVersion", "canvasAt", "If-None-Match"),
        headers=_VERSIONED,
        errors=("wrong version", "wrong time", "unknown canvas", *_READ),
    ),
    Operation(
        "patch",
        _CANVAS,
        "renameCanvas",
        _TAG,
        "Give a canvas another name",
        "With `If-Match` only when it is still at that version.",
        answer=Envelope[CanvasView],
        examples={"renamed": examples.CANVAS},
        body=NameBody,
        bodies={"another name": {"name": "Episode 1"}},
        parameters=("canvas_id", "If-Match"),
        headers=_VERSIONED,
        errors=("wrong name", "unknown canvas", "archived canvas", "other version", *_WRITE),
    ),
    *(
        Operation(
            "post",
            f"{_CANVAS}/{verb}",
            f"{verb}Canvas",
            _TAG,
            summary,
            "A second time changes nothing.",
            answer=Envelope[CanvasView],
            examples={f"{verb}d": examples.CANVAS},
            parameters=("canvas_id",),
            headers=_VERSIONED,
            errors=("unknown canvas", *_SWITCH),
        )
        for verb, summary in (("archive", "Put a canvas away"), ("restore", "Take a canvas into use again"))
    ),
    Operation(
        "post",
        f"{_CANVAS}/versions",
        "nameCanvasVersion",
        _TAG,
        "Give a version a name",
        "So that people find it again. The names are in the document.",
        answer=Envelope[CanvasView],
        examples={"named": examples.CANVAS},
        body=VersionBody,
        bodies={"a good one": {"version": 700, "name": "before the new style"}},
        parameters=("canvas_id",),
        headers=_VERSIONED,
        errors=("wrong name", "unknown canvas", "archived canvas", *_WRITE),
    ),
    Operation(
        "post",
        f"{_CANVAS}/edits",
        "editCanvas",
        _TAG,
        "Edit a canvas",
        "All operations are done, or none. What others did since `base` is merged with it and told in `missed`; where "
        "they changed the same, nothing is written, and both sides are in `data`. The same `edit` sent again gets the "
        "same answer.",
        answer=Envelope[EditAnswer],
        examples={"done": examples.EDITED, "others edited, too": examples.MERGED},
        body=EditBody,
        bodies={"two nodes and an edge": examples.EDIT_OF_A_NODE, "another text": examples.EDIT},
        parameters=("canvas_id",),
        headers=(*_VERSIONED, "Idempotent-Replayed"),
        errors=("wrong operation", "unknown canvas", "archived canvas", "edit conflict", "base too old", *_WRITE),
    ),
    Operation(
        "get",
        f"{_CANVAS}/history",
        "getCanvasHistory",
        _TAG,
        "What happened to a canvas?",
        "Every event, oldest first, a page at a time: each is one version.",
        answer=Envelope[CanvasHistoryPage],
        examples={"made and edited": examples.CANVAS_CHANGES},
        parameters=("canvas_id", "canvasAfter", "historyLimit"),
        headers=_VERSIONED,
        errors=("wrong page", "unknown canvas", *_READ),
    ),
)
