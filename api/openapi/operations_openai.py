"""Which operations are in OpenAI's form?"""

from typing import Any

import msgspec

from api.openai.chat import OpenAIChat, OpenAIChatRequest
from api.openai.images import OpenAIImageEdit, OpenAIImageRequest, OpenAIImages
from api.openai.models import OpenAIModel, OpenAIModelList
from api.openai.speech import OpenAISpeechRequest
from api.openai.videos import OpenAIVideo, OpenAIVideoDeleted, OpenAIVideoPage, OpenAIVideoRequest
from api.openapi import examples
from api.openapi.operation import Operation, ResponseSpec, Schema

_TAG = "OpenAI"
_CALL = ("Idempotency-Key",)
_CALLED = ("X-Pixel-Task", "Idempotent-Replayed", "Sunset", "Link")
_WAITED = ("unknown model", "reused key", "over the budget", "the provider failed", "not done in time")
_ALWAYS = ("unforeseen", "database away")


def _ask(
    place: str,
    name: str,
    summary: str,
    description: str,
    *,
    errors: tuple[str, ...],
    body: type[msgspec.Struct] | None,
    bodies: Schema,
    answer: Any = None,
    **more: Any,
) -> Operation:
    return Operation(
        "post",
        place,
        name,
        _TAG,
        summary,
        description,
        answer=answer,
        body=body,
        bodies=bodies,
        parameters=_CALL,
        headers=_CALLED,
        errors=(*errors, *_ALWAYS),
        **more,
    )


OPENAI = (
    Operation(
        "get",
        "/v1/models",
        "listOpenaiModels",
        _TAG,
        "What can be asked for?",
        "The models that can be asked now, the defaults first.",
        answer=OpenAIModelList,
        examples={"one": {"object": "list", "data": [examples.OPENAI_MODEL]}},
        errors=("unforeseen",),
    ),
    Operation(
        "get",
        "/v1/models/{provider}/{key}",
        "getOpenaiModel",
        _TAG,
        "Can this model be asked?",
        "One of them. The slash of its id may be encoded.",
        answer=OpenAIModel,
        examples={"an image model": examples.OPENAI_MODEL},
        parameters=("provider", "key"),
        errors=("model that can't be asked", "unforeseen"),
    ),
    _ask(
        "/v1/images/generations",
        "generateOpenaiImages",
        "Make images",
        "Waits for the task, and answers with its images.",
        answer=OpenAIImages,
        examples={"by address": examples.OPENAI_IMAGES},
        body=OpenAIImageRequest,
        bodies={"free, with the sandbox": examples.OPENAI_IMAGE},
        errors=("a size that the model has not", "what Pixel can't honour", *_WAITED),
    ),
    _ask(
        "/v1/images/edits",
        "editOpenaiImages",
        "Make images after others",
        "The same with files, which are kept as assets.",
        answer=OpenAIImages,
        examples={"by address": examples.OPENAI_IMAGES},
        body=None,
        bodies={},
        form=OpenAIImageEdit,
        errors=("what Pixel can't honour", "no form", *_WAITED),
    ),
    _ask(
        "/v1/audio/speech",
        "createOpenaiSpeech",
        "Speak a text",
        "Waits for the task, and answers with its audio, in the format that the model makes.",
        body=OpenAISpeechRequest,
        bodies={"free, with the sandbox": examples.OPENAI_SPEECH},
        others={200: ResponseSpec("The audio", media=("audio/wav", "audio/mpeg"))},
        errors=("a format that the model has not", *_WAITED),
    ),
    _ask(
        "/v1/chat/completions",
        "createOpenaiChat",
        "Go on with a conversation",
        "Waits for the task, and answers with its text. With `stream` the answer begins at once, and the text comes "
        "while the provider writes it; from a provider that does not stream it comes in pieces when it is whole.",
        answer=OpenAIChat,
        examples={"a haiku": examples.OPENAI_CHAT},
        media=("text/event-stream",),
        body=OpenAIChatRequest,
        bodies={"free, with the sandbox": examples.OPENAI_CHAT_REQUEST},
        errors=("a tool", *_WAITED),
    ),
    _ask(
        "/v1/videos",
        "createOpenaiVideo",
        "Begin a video",
        "Answers at once, when the task is recorded.",
        answer=OpenAIVideo,
        examples={"done": examples.OPENAI_VIDEO},
        body=OpenAIVideoRequest,
        bodies={"free, with the sandbox": examples.OPENAI_VIDEO_REQUEST},
        form=OpenAIVideoRequest,
        errors=("unknown model", "reused key", "over the budget"),
    ),
    Operation(
        "get",
        "/v1/videos",
        "listOpenaiVideos",
        _TAG,
        "Which videos are there?",
        "Newest first, a page at a time.",
        answer=OpenAIVideoPage,
        examples={
            "the last page": {
                "object": "list",
                "data": [examples.OPENAI_VIDEO],
                "first_id": "task_abc123",
                "last_id": "task_abc123",
                "has_more": False,
            }
        },
        parameters=("videoAfter", "videoLimit", "order"),
        errors=("wrong order", *_ALWAYS),
    ),
    Operation(
        "get",
        "/v1/videos/{video_id}",
        "getOpenaiVideo",
        _TAG,
        "How is it going?",
        "The video as of now.",
        answer=OpenAIVideo,
        examples={"done": examples.OPENAI_VIDEO},
        parameters=("video_id",),
        headers=("X-Pixel-Task",),
        errors=("unknown video", *_ALWAYS),
    ),
    Operation(
        "delete",
        "/v1/videos/{video_id}",
        "deleteOpenaiVideo",
        _TAG,
        "Stop a video",
        "Waits a moment for what the provider says. Asking twice is asking once. The task stays in the history.",
        answer=OpenAIVideoDeleted,
        examples={"stopped": {"id": "task_abc123", "object": "video.deleted", "deleted": True}},
        parameters=("video_id",),
        headers=("X-Pixel-Task",),
        errors=("unknown video", "it has ended", *_ALWAYS),
    ),
    Operation(
        "get",
        "/v1/videos/{video_id}/content",
        "getOpenaiVideoContent",
        _TAG,
        "Get the file",
        "The file itself, or a small image of it.",
        parameters=("video_id", "videoVariant"),
        headers=("X-Pixel-Task",),
        others={200: ResponseSpec("The file", media=("video/mp4", "image/webp"))},
        errors=("unknown video", "it is not done", *_ALWAYS),
    ),
)
