"""What can be set: one struct, read once from `PIXEL_*` variables. A wrong value is named, with the reason."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

DEFAULT_CATALOG = Path(__file__).parents[1] / "catalog.yaml"
Positive = Annotated[float, Meta(gt=0)]


class WrongSetting(Exception):
    """A setting that Pixel can't start with. The message names the variable."""


def _variable(field: str) -> str:
    return f"PIXEL_{field.upper()}"


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=_variable):
    """The settings. Each is described in `docs/configuration.md`; times in seconds, sizes in bytes."""

    database_url: str | None = None
    data_dir: str | None = None
    catalog: str = str(DEFAULT_CATALOG)
    assets_url: str | None = None
    spool_path: str | None = None
    spool_bytes: Annotated[int, Meta(ge=64 * 1024 * 1024)] = 2 * 1024 * 1024 * 1024
    public_url: Annotated[str, Meta(pattern="^https?://[^/]+")] | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    cors_origins: str = "http://localhost:3000,http://127.0.0.1:3000"
    max_body_bytes: Annotated[int, Meta(ge=1024, le=64 * 1024 * 1024)] = 1024 * 1024
    max_upload_bytes: Annotated[int, Meta(ge=1024, le=1024 * 1024 * 1024)] = 64 * 1024 * 1024
    max_uploads: Annotated[int, Meta(ge=1, le=1000)] = 16
    idle_seconds: Annotated[float, Meta(gt=0, le=3600)] = 75.0
    connections_per_address: Annotated[int, Meta(ge=1, le=1_000_000)] = 2000
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    append_queue: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    append_patience_seconds: Positive = 3.0
    database_connections: Annotated[int, Meta(ge=2, le=100)] = 8
    provider_concurrency: Annotated[int, Meta(ge=1, le=1000)] = 16
    lease_seconds: Annotated[float, Meta(ge=0.5, le=600)] = 10.0
    drain_seconds: Annotated[float, Meta(ge=0, le=600)] = 20.0
    private_hosts: str = ""
    admin_token: Annotated[str, Meta(min_length=16)] | None = None
    callback_secret: Annotated[str, Meta(min_length=16)] | None = None
    sandbox: bool = True
    sandbox_stands_in_for: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.shown()})"

    def listed(self, field: str) -> list[str]:
        """A comma-separated setting as a list."""
        value: str = getattr(self, field)
        return [item.strip() for item in value.split(",") if item.strip()]

    def shown(self) -> dict[str, Any]:
        """Every setting by its variable, with passwords hidden."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        for name in (_variable("database_url"), _variable("assets_url")):
            if values[name]:
                values[name] = _without_password(values[name])
        for name in (_variable("admin_token"), _variable("callback_secret")):
            if values[name]:
                values[name] = "***"
        return values


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises WrongSetting for a value that does not fit and for a variable that nobody knows."""
    known = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    given = {name: value for name, value in environment.items() if name.startswith("PIXEL_")}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, value in sorted(given.items()):
        if name.startswith("PIXEL_TEST_"):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            problems.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
            continue
        try:
            values[known[name].name] = msgspec.convert(value, known[name].type, strict=False)
        except msgspec.ValidationError as error:
            problems.append(f"{name}: {str(error)[0].lower()}{str(error)[1:]}")
    if problems:
        raise WrongSetting("\n".join([*problems, "All settings are described in docs/configuration.md."]))
    return Settings(**values)


def _without_password(url: str) -> str:
    """A URL with the password of its user, and whatever its query calls a secret, hidden."""
    url = re.sub(r"(?<=://)([^:/?#@]*):[^/?#]*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*(?:pass|secret|key|token)[^=&]*)=[^&#]*", r"\1=***", url)
