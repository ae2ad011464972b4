"""Which inputs may a request refer to? Those that its caller may read, and URLs that Pixel fetches."""

from functools import partial
from typing import Protocol

from adapters.media.asset_store import ObjectAssetStore
from adapters.outbound.media_download import refusal
from adapters.outbound.ssrf_guard import Guard
from api.http.auth import caller_of
from api.http.request_reader import AnyRequest, base_url
from application import inputs
from application.generations import CheckInputs
from services.asset_access import AssetAccess
from services.settings import Settings


class InputDeps(Protocol):
    """What the dependencies of a module whose requests have inputs hold. `guard` is for the URLs of callers."""

    @property
    def settings(self) -> Settings: ...
    @property
    def assets(self) -> ObjectAssetStore: ...
    @property
    def access(self) -> AssetAccess: ...
    @property
    def guard(self) -> Guard: ...


def input_check(request: AnyRequest, deps: InputDeps) -> CheckInputs:
    """The check of inputs for the caller of a request."""
    return partial(
        inputs.check,
        store=deps.assets,
        may_read=partial(deps.access.may_read, caller_of(request).sees_only),
        ours=(base_url(request, deps.settings), deps.settings.public_url),
        refusal=partial(refusal, deps.guard),
    )
