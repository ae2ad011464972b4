"""What do the headers of an answer say of the end of its model? `Sunset` (RFC 8594), and where the next one is."""

from collections.abc import Mapping
from email.utils import format_datetime

from api.http.responses import location
from application.clock import now
from application.generations import AvailableModel, replacement_of
from domain.model import ends_at
from services.settings import Settings


def sunset_headers(settings: Settings, offered: Mapping[str, AvailableModel], model: str) -> dict[str, str]:
    """The headers of an answer about a model whose end is known; none for others."""
    one = offered.get(model)
    end = ends_at(one.spec) if one else None
    if one is None or end is None:
        return {}
    headers = {"Sunset": format_datetime(end, usegmt=True)}
    if successor := replacement_of(offered, one, now()):
        headers["Link"] = f'<{location(settings, f"/api/v1/models/{successor}")}>; rel="successor-version"'
    return headers
