"""How do administrators change what is on offer, without a restart?"""

from typing import Annotated, NamedTuple

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, decode_body
from api.http.responses import ok
from application import model_switches
from application.admin_decisions import Decision, check_decision
from application.ports import Cause
from domain.api_key import is_key_id
from domain.base import Value
from domain.model import Model
from services.catalogue_updates import CatalogueUpdates

NO_STORE = {"Cache-Control": "no-store"}


class CatalogueDeps(NamedTuple):
    """What these handlers use."""

    log: EventLog
    updates: CatalogueUpdates


class ModelSwitched(Value):
    """How a model stands after the decision of an administrator."""

    id: Annotated[str, Meta(description="The model id", examples=["dashscope/qwen-image"])]
    enabled: Annotated[bool, Meta(description="Whether it is switched on", examples=[False])]
    revision: Annotated[int, Meta(description="Its revision", examples=[1])]


@get("/api/v1/admin/catalog")
async def compare_catalogue(deps: Injected[CatalogueDeps]) -> ASGIApp:
    """What would change if the catalogue were applied now."""
    return ok(await deps.updates.difference(), NO_STORE)


@post("/api/v1/admin/catalog", status_code=200)
async def apply_catalogue(request: AnyRequest, deps: Injected[CatalogueDeps]) -> ASGIApp:
    """Read the catalogue again, and append the difference."""
    wish = await _read_decision(request)
    return ok(await deps.updates.apply(_cause(request, wish)), NO_STORE)


@post("/api/v1/admin/models/{provider:str}/{key:str}/disable", status_code=200)
async def disable_model(
    request: AnyRequest, deps: Injected[CatalogueDeps], provider: FromPath[str], key: FromPath[str]
) -> ASGIApp:
    """Switch a model off. A second request changes nothing."""
    wish = await _read_decision(request)
    model, note, cause = f"{provider}/{key}", wish.note or "", _cause(request, wish)
    return _switched(model, await model_switches.disable(deps.log, model, by=wish.by, note=note, cause=cause))


@post("/api/v1/admin/models/{provider:str}/{key:str}/enable", status_code=200)
async def enable_model(
    request: AnyRequest, deps: Injected[CatalogueDeps], provider: FromPath[str], key: FromPath[str]
) -> ASGIApp:
    """Switch a model on that an administrator switched off. A second request changes nothing."""
    wish = await _read_decision(request)
    model, cause = f"{provider}/{key}", _cause(request, wish)
    return _switched(model, await model_switches.enable(deps.log, model, by=wish.by, cause=cause))


@post("/api/v1/admin/models/{provider:str}/{key:str}/default", status_code=200)
async def make_default(
    request: AnyRequest, deps: Injected[CatalogueDeps], provider: FromPath[str], key: FromPath[str]
) -> ASGIApp:
    """Make a model the default of its kind. A second request changes nothing."""
    wish = await _read_decision(request)
    model, cause = f"{provider}/{key}", _cause(request, wish)
    return _switched(model, await model_switches.choose_default(deps.log, model, by=wish.by, cause=cause))


async def _read_decision(request: AnyRequest) -> Decision:
    wish = await decode_body(request, Decision)
    check_decision(wish)
    return wish


def _cause(request: AnyRequest, wish: Decision) -> Cause:
    key = caller_of(request).key
    return Cause(actor=key if is_key_id(key) else f"admin:{wish.by}", request_id=REQUEST_ID.get())


def _switched(model: str, state: Model) -> ASGIApp:
    return ok(ModelSwitched(id=model, enabled=state.enabled, revision=state.revision))


route_handlers = [compare_catalogue, apply_catalogue, disable_model, enable_model, make_default]
