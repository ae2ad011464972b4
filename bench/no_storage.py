"""How fast is POST without storage? `pixel serve` with one more route, which checks the same body only."""

import sys
from typing import cast

from litestar import Litestar, Request, Router, post
from litestar.types import ASGIApp

from api.app import create_app
from api.http.dependencies import Injected, provide
from api.http.origin_policy import OriginPolicy
from api.http.request_log import RequestLog
from api.http.request_reader import idempotency_key, json_only, wait_seconds
from api.http.responses import TaskCreated, ok
from application import generations
from application.clock import new_stream, now
from domain.ids import task_id
from domain.model import Kind
from domain.request_parsing import parse
from runtime import server
from runtime.cli.main import main
from services.model_registry import ModelRegistry
from services.state import Pixel

PATH = "/bench/no_storage"


@post(PATH, status_code=200)
async def no_storage(request: Request, deps: Injected[ModelRegistry]) -> ASGIApp:  # type: ignore[type-arg]
    """Do the same as `api.routes.generations`, without events and log."""
    json_only(request)
    idempotency_key(request)
    wait_seconds(request)
    parsed = parse(Kind.IMAGE, await request.body())
    generations.select_model(deps.available, Kind.IMAGE, parsed, at=now())
    made = task_id(new_stream())
    headers = {"Location": f"/api/v1/tasks/{made}", "Cache-Control": "no-store"}
    return ok(TaskCreated(task_id=made), headers)


def with_no_storage(pixel: Pixel) -> ASGIApp:
    """The application with the additional route."""
    edge = cast(RequestLog, create_app(pixel))
    router = Router("/", route_handlers=[no_storage], dependencies={"deps": provide(pixel.models)})
    cast(Litestar, cast(OriginPolicy, edge._app)._app).register(router)
    return edge


if __name__ == "__main__":
    server.create_app = with_no_storage  # type: ignore[attr-defined, assignment]  # all other code is that of production
    sys.exit(main(["serve", "--role", "api"]))
