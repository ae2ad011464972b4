"""Which models can be used now? The models read model, joined with the keys that only this process knows."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import structlog
from msgspec import Meta

from adapters.postgres.database import DRIVER_ERRORS, Pool
from adapters.providers.registry import ProviderRegistry
from application.clock import now
from application.generations import AvailableModel, replacement_of
from application.log_throttle import LogThrottle
from application.ports import Provider
from application.wakeup import wait_for_event
from domain.base import Value
from domain.input_schema import input_schema
from domain.model import Kind, Voice, as_of, ends_at, split_model_id
from projections import models
from projections.base import StreamId
from projections.models import ModelRow

REFRESH_SECONDS = 0.5  # so that every node has a change within a second
STEP_VIEWS = 5  # some milliseconds of work, between which requests get their turn

logger = structlog.get_logger("pixel.models")


class ModelView(Value, omit_defaults=True):
    """A model in the API. Fields that do not apply are left out."""

    id: Annotated[str, Meta(description="The model id: `provider/model_key`", examples=["dashscope/qwen-image"])]
    name: Annotated[str, Meta(description="What people see", examples=["Qwen Image"])]
    type: Annotated[Kind, Meta(description="What it makes", examples=["image"])]
    provider: Annotated[str, Meta(description="The part of the id before the slash", examples=["dashscope"])]
    model_key: Annotated[str, Meta(description="The part of the id behind the slash", examples=["qwen-image"])]
    is_default: Annotated[bool, Meta(description="Whether it is the default of its type", examples=[True])]
    enabled: Annotated[bool, Meta(description="Whether it can be asked right now", examples=[True])]
    capabilities: Annotated[
        dict[str, Any] | None,
        Meta(description="What it can do besides", examples=[{"supportsLora": True, "supportsRefImage": True}]),
    ] = None
    resolutions: Annotated[
        dict[str, dict[str, str]] | None,
        Meta(
            description="Resolution → aspect ratio → pixels",
            examples=[
                {"1K": {"16:9": "1280*720", "1:1": "1024*1024"}, "2K": {"16:9": "2560*1440", "1:1": "2048*2048"}}
            ],
        ),
    ] = None
    durations: Annotated[
        dict[str, str] | None, Meta(description="Duration → what people see", examples=[{"5s": "5秒", "10s": "10秒"}])
    ] = None
    voices: Annotated[tuple[Voice, ...] | None, Meta(description="The voices of a speech model")] = None
    description: Annotated[
        str | None, Meta(description="A sentence for people", examples=["Draws a landscape from the prompt."])
    ] = None
    revision: Annotated[int, Meta(description="Rises with every change of the model", examples=[1])] = 0
    unavailable: Annotated[
        str | None,
        Meta(
            description="Why it can't be asked, and what would help",
            examples=[
                (
                    "Model 'dashscope/qwen-image' is not available: "
                    "provider 'dashscope' has no key. Set DASHSCOPE_API_KEY in the environment."
                )
            ],
        ),
    ] = None
    retired: Annotated[bool, Meta(description="The vendor took it away for good", examples=[False])] = False
    replacement: Annotated[
        str | None,
        Meta(
            description="What to use instead of a model that is retired or will end", examples=["dashscope/qwen-image"]
        ),
    ] = None
    ends_at: Annotated[
        datetime | None,
        Meta(description="When it will be retired, or was, where that is known", examples=["2027-01-06T00:00:00Z"]),
    ] = None
    input_schema: Annotated[
        dict[str, Any] | None,
        Meta(
            description="JSON Schema of the requests that it accepts, to draw a form from",
            examples=[{"type": "object"}],
        ),
    ] = None


class ModelRegistry:
    """The models as of the last refresh, in memory. `run` refreshes them."""

    def __init__(
        self,
        pool: Pool,
        providers: Mapping[str, Provider],
        registry: ProviderRegistry,
        sandboxed: set[str],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._pool = pool
        self._providers = providers
        self._registry = registry
        self._sandboxed = sandboxed
        self._clock = clock
        self._rows: list[ModelRow] = []
        self._next_end = datetime.max.replace(tzinfo=UTC)
        self._stale = asyncio.Event()
        self._throttle = LogThrottle()
        self.available: dict[str, AvailableModel] = {}
        self.views: dict[str, ModelView] = {}
        self.registered: dict[str, datetime] = {}
        """When each model was recorded first."""
        self.grouped_json = b""
        """All models by kind and id, as JSON. The object is replaced only when the models have changed."""

    @property
    def ready(self) -> bool:
        """Whether the models have been read once."""
        return bool(self._rows)

    def refresh_soon(self) -> None:
        """Refresh at once: a model has changed."""
        self._stale.set()

    async def run(self) -> None:
        """For ever: refresh twice a second, and after `refresh_soon`. While the database is away, the models stay."""
        while True:
            try:
                await self.refresh()
                self._throttle.reset()
            except DRIVER_ERRORS as error:
                if self._throttle.should_log():
                    logger.warning("models could not be refreshed", error=type(error).__name__)
            await wait_for_event(self._stale, REFRESH_SECONDS)
            self._stale.clear()

    async def refresh(self) -> None:
        """Read the models from the database. Raises the driver's errors."""
        rows, at = await models.list_all(self._pool), self._clock()
        if rows == self._rows and at < self._next_end:
            return
        if any(row.id not in self.registered for row in rows):
            self.registered = await models.registration_times(self._pool)
        self._rows = rows
        ends = [end for row in rows if (end := ends_at(row.spec)) and end > at]
        self._next_end = min(ends, default=datetime.max.replace(tzinfo=UTC))
        self.available = self._all_available(rows)
        defaults = _defaults(rows, self.available, at)
        views: list[ModelView] = []
        for row in rows:
            views.append(self._view(row, self.available, at, is_default=row.id in defaults))
            if len(views) % STEP_VIEWS == 0:
                await asyncio.sleep(0)
        views.sort(key=lambda view: (not view.enabled, not view.is_default))
        self.views = {view.id: view for view in views}
        grouped = {kind.value: {view.id: view for view in views if view.type is kind} for kind in Kind}
        self.grouped_json = msgspec.json.encode(grouped)

    def show(self, rows: Mapping[StreamId, ModelRow], wanted: Iterable[StreamId]) -> dict[StreamId, ModelView]:
        """The entries of some models, were these all the models that there are."""
        at, every = self._clock(), list(rows.values())
        available = self._all_available(every)
        defaults = _defaults(every, available, at)
        return {
            stream: self._view(row, available, at, is_default=row.id in defaults)
            for stream in wanted
            if (row := rows.get(stream))
        }

    def _all_available(self, rows: Iterable[ModelRow]) -> dict[str, AvailableModel]:
        return {row.id: self._available(row) for row in rows}

    def _available(self, row: ModelRow) -> AvailableModel:
        provider, _ = split_model_id(row.id)
        return AvailableModel(
            id=row.id,
            model=row.model,
            is_sandbox=provider in self._sandboxed,
            unavailable=self._unavailable_reason(row, provider),
        )

    def _unavailable_reason(self, row: ModelRow, provider: str) -> str | None:
        if not row.model.enabled:
            why = f": {row.model.disabled_reason}" if row.model.disabled_reason else ""
            return f"Model '{row.id}' is disabled{why}."
        if provider in self._sandboxed:
            return None
        if self._registry.adapter(provider) is None:
            return f"Model '{row.id}' is not available: this Pixel has no adapter for provider '{provider}'."
        if missing := self._registry.missing(provider, row.spec):
            what = f"provider '{provider}' has no key. Set {missing} in the environment."
            return f"Model '{row.id}' is not available: {what}"
        if provider not in self._providers:
            return f"Model '{row.id}' is not available: provider '{provider}' was not opened."
        return None

    def _view(self, row: ModelRow, every: Mapping[str, AvailableModel], at: datetime, *, is_default: bool) -> ModelView:
        provider, key = split_model_id(row.id)
        available, spec, model = every[row.id], row.spec, as_of(row.model, at)
        return ModelView(
            id=row.id,
            name=spec.name,
            type=spec.type,
            provider=provider,
            model_key=key,
            is_default=is_default,
            enabled=available.unavailable is None and not model.retired,
            capabilities=spec.capabilities,
            resolutions=spec.resolutions,
            durations=spec.durations,
            voices=spec.voices,
            description=spec.description,
            revision=model.revision,
            unavailable=available.unavailable,
            retired=model.retired,
            replacement=replacement_of(every, available, at),
            ends_at=ends_at(spec),
            input_schema=input_schema(spec, is_sandbox=available.is_sandbox),
        )


def _defaults(rows: Iterable[ModelRow], available: Mapping[str, AvailableModel], at: datetime) -> set[str]:
    """The default of each kind, or what replaces it if it is retired by now."""
    chosen = {row.kind: row.id for row in sorted(rows, key=lambda row: row.default_position) if row.default_position}
    living = {
        replacement_of(available, available[model], at) if as_of(available[model].model, at).retired else model
        for model in chosen.values()
    }
    return {model for model in living if model}
