"""Which models are there, in OpenAI's form?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from domain.base import Value
from domain.model import Kind
from services.model_registry import ModelView


class OpenAIModel(Value, omit_defaults=True):
    """A model that can be asked now."""

    id: Annotated[str, Meta(description="The model id: `provider/model_key`", examples=["dashscope/qwen-image"])]
    object: Annotated[Literal["model"], Meta(description="Always this word", examples=["model"])]
    created: Annotated[
        int, Meta(description="When Pixel first knew it, in seconds of the Unix epoch", examples=[1770804000])
    ]
    owned_by: Annotated[str, Meta(description="The provider", examples=["dashscope"])]
    type: Annotated[Kind, Meta(description="What it makes", examples=["image"])]
    shutdown_date: Annotated[
        str | None, Meta(description="The day from which it can't be asked, where known", examples=["2027-01-06"])
    ] = None


class OpenAIModelList(Value):
    """The models that can be asked now, the defaults first."""

    object: Annotated[Literal["list"], Meta(description="Always this word", examples=["list"])]
    data: Annotated[list[OpenAIModel], Meta(description="The models")]


def model(view: ModelView, registered: datetime) -> OpenAIModel:
    """A model in OpenAI's form, with the time at which it was recorded first."""
    return OpenAIModel(
        id=view.id,
        object="model",
        created=int(registered.timestamp()),
        owned_by=view.provider,
        type=view.type,
        shutdown_date=view.ends_at.date().isoformat() if view.ends_at else None,
    )


def model_list(views: Iterable[ModelView], registered: Mapping[str, datetime]) -> OpenAIModelList:
    """The models that can be asked now."""
    return OpenAIModelList(object="list", data=[model(view, registered[view.id]) for view in views if view.enabled])
