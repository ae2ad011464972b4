"""What can be set? One struct, read once from `PIXEL_*` variables. All wrong values are reported, with reasons."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from adapters.postgres import database_url
from adapters.postgres.database_url import WrongAddress

DEFAULT_CATALOG = Path(__file__).parents[1] / "catalog"
Positive = Annotated[float, Meta(gt=0)]
MIN_SECRET_CHARACTERS = 32  # others may have messages and their signatures, and guess at it for as long as they like


class WrongSetting(Exception):
    """A setting that Pixel can't start with. The message names the variable."""


def _variable(field: str) -> str:
    return f"PIXEL_{field.upper()}"


_SECRETS = ("first_admin_key", "admin_token", "callback_secret", "webhook_secret")


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=_variable):
    """The settings. Each is described in `docs/configuration.md`; times in seconds, sizes in bytes."""

    database_url: str | None = None
    data_dir: str | None = None
    catalog: str = str(DEFAULT_CATALOG)
    assets_url: str | None = None
    spool_path: str | None = None
    spool_bytes: Annotated[int, Meta(ge=64 * 1024 * 1024)] = 2 * 1024 * 1024 * 1024
    download_bytes: Annotated[int, Meta(ge=1024 * 1024)] = 1024 * 1024 * 1024
    public_url: Annotated[str, Meta(pattern="^(?=[!-~]+$)https?://[^/?#@]+(/[^?#]*)?$")] | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    cors_origins: str = "http://localhost:3000,http://127.0.0.1:3000"
    max_body_bytes: Annotated[int, Meta(ge=1024, le=64 * 1024 * 1024)] = 1024 * 1024
    max_upload_bytes: Annotated[int, Meta(ge=1024, le=1024 * 1024 * 1024)] = 64 * 1024 * 1024
    max_uploads: Annotated[int, Meta(ge=1, le=1000)] = 16
    idle_seconds: Annotated[float, Meta(gt=0, le=3600)] = 75.0
    connections_per_address: Annotated[int, Meta(ge=1, le=1_000_000)] = 2000
    max_event_streams: Annotated[int, Meta(ge=1, le=100_000)] = 5000
    keep_locations: bool = False
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    append_queue: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    append_patience_seconds: Positive = 3.0
    database_connections: Annotated[int, Meta(ge=2, le=100)] = 8
    provider_concurrency: Annotated[int, Meta(ge=1, le=1000)] = 16
    lease_seconds: Annotated[float, Meta(ge=0.5, le=600)] = 10.0
    drain_seconds: Annotated[float, Meta(ge=0, le=600)] = 20.0
    private_hosts: str = ""
    open: bool = False
    first_admin_key: Annotated[str, Meta(pattern=r"^pxl_[0-9a-z]{1,32}_[0-9A-Za-z]{32,128}$")] | None = None
    admin_token: Annotated[str, Meta(min_length=16)] | None = None
    callback_secret: Annotated[str, Meta(min_length=16)] | None = None
    webhook_secret: str | None = None
    webhook_private_hosts: str = ""
    asset_url_seconds: Annotated[int, Meta(ge=60, le=30 * 24 * 3600)] = 24 * 3600
    openai_wait_seconds: Annotated[float, Meta(gt=0, le=3600)] = 300.0
    sandbox: bool = True
    sandbox_stands_in_for: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.redacted()})"

    @property
    def public_path(self) -> str:
        """The path of `public_url`, without a slash at its end; mostly empty."""
        return urlsplit(self.public_url or "").path.rstrip("/")

    def as_list(self, field: str) -> list[str]:
        """A comma-separated setting as a list."""
        value: str = getattr(self, field) or ""
        return [item.strip() for item in value.split(",") if item.strip()]

    def redacted(self) -> dict[str, Any]:
        """Every setting by its variable, with passwords, tokens and secrets hidden."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        for name, show in (
            (_variable("database_url"), database_url.shown),
            (_variable("assets_url"), database_url.hidden),
        ):
            if values[name]:
                values[name] = show(values[name])
        for name in map(_variable, _SECRETS):
            if values[name]:
                values[name] = "***"
        return values


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises WrongSetting that names every wrong value and every unknown `PIXEL_` variable.

    An empty variable counts as not set: compositions and pods often have such."""
    known = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    given = {name: value for name, value in environment.items() if name.startswith("PIXEL_")}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, value in sorted((name, value.strip()) for name, value in given.items()):
        if name.startswith("PIXEL_TEST_") or not value or _is_of_kubernetes(name, value):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            problems.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
            continue
        try:
            values[known[name].name] = _read(known[name].name, msgspec.convert(value, known[name].type, strict=False))
        except (msgspec.ValidationError, WrongAddress) as error:
            problems.append(f"{name}: {str(error)[0].lower()}{str(error)[1:]}")
    if problems:
        raise WrongSetting("\n".join([*problems, "All settings are described in docs/configuration.md."]))
    return Settings(**values)


def _read(field: str, value: Any) -> Any:
    """Check and normalise a value of the right type. Raises WrongAddress or ValidationError."""
    match field:
        case "database_url":
            return database_url.read(value)
        case "cors_origins":
            if problem := _cors_problem(value):
                raise msgspec.ValidationError(problem)
            return "" if value == "none" else value
        case "webhook_secret":
            if min(len(each.strip()) for each in str(value).split(",")) < MIN_SECRET_CHARACTERS:
                raise msgspec.ValidationError(f"Each secret must have {MIN_SECRET_CHARACTERS} characters or more")
            return value
        case _:
            return value


# Kubernetes puts these into every pod when a service is called `pixel`, `pixel-api` …; they are no settings.
_OF_KUBERNETES = re.compile(
    r"PIXEL(_\w+)?_SERVICE_(HOST|PORT(_\w+)?)|PIXEL(_\w+)?_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?"
)
_PORT_OF_KUBERNETES = re.compile(r"(tcp|udp|sctp)://.*")


def _is_of_kubernetes(name: str, value: str) -> bool:
    if name.endswith("_PORT") and _PORT_OF_KUBERNETES.fullmatch(value):
        return True
    return _OF_KUBERNETES.fullmatch(name) is not None


def _cors_problem(origins: str) -> str:
    """The problem of the first wrong origin, or "". Browsers send scheme, host and port, and nothing else."""
    for origin in (item.strip() for item in origins.split(",")):
        if origin in {"", "*", "none"}:
            continue
        match = re.fullmatch(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[a-z0-9_*.-]+)(?::([0-9]{1,5}))?", origin)
        if match is None:
            return f"'{origin}' is no origin: scheme, host and port only, in lower case, such as https://app.example"
        if (match[1], match[3]) in {("http", "80"), ("https", "443")}:
            return f"'{origin}': browsers leave this port out, so it has to be left out here"
    return ""
