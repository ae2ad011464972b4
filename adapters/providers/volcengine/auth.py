"""Which keys are for Ark, and which for openspeech? Each service has its own keys."""

from collections.abc import Mapping

from adapters.providers.base import keys_in, missing_key, wire_config
from adapters.providers.volcengine import requests
from domain.model import Kind, ModelSpec

_APP_ID = "VOLCENGINE_TTS_APP_ID"
_TOKEN = "VOLCENGINE_TTS_TOKEN"  # noqa: S105 - the name of a variable
_API_KEY = "VOLCENGINE_TTS_API_KEY"


def keys(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """Ark's keys (one part), then openspeech's (two): tokens with application ids, else keys of the new console."""
    applications, tokens = _listed(environment, _APP_ID), _listed(environment, _TOKEN)
    if len(applications) == len(tokens) > 0:
        spoken = list(zip(tokens, applications, strict=True))
    else:
        spoken = [(key, "") for key in _listed(environment, _API_KEY)]
    return [*(keys_in(environment, variable) if variable else []), *spoken]


def missing(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:
    """The missing variables of a model's service, in words; None when there is a key."""
    if spec.type is not Kind.AUDIO:
        return missing_key(environment, variable, spec)
    applications, tokens = _listed(environment, _APP_ID), _listed(environment, _TOKEN)
    how = wire_config(spec, requests.Wire).speech or requests.Speech()
    if how.dialect == "create" and (applications or tokens):
        # Only keys of the new console are known to serve it, and a refusal would set the token aside for all speech.
        return f"{_API_KEY} in the place of {_APP_ID} and {_TOKEN}"
    if applications or tokens:
        return None if len(applications) == len(tokens) else f"as many values in {_TOKEN} as in {_APP_ID}"
    if how.dialect == "v1":
        return f"{_APP_ID} and {_TOKEN}"
    if _listed(environment, _API_KEY):
        return None
    return _API_KEY if how.dialect == "create" else f"{_APP_ID} and {_TOKEN}, or {_API_KEY}"


def _listed(environment: Mapping[str, str], variable: str) -> list[str]:
    return [value.strip() for value in environment.get(variable, "").split(",") if value.strip()]
