"""API keys of tests: a new one, and how it is sent."""

from typing import Any

from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from services.state import Pixel

CAUSE = Cause(actor="test")


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def issued(pixel: Pixel, *scopes: Scope, owner: str = "studio", **limits: Any) -> str:
    """A new key that this process knows; its text."""
    made = await api_keys.create(pixel.log, owner=owner, scopes=scopes, limits=KeyLimits(**limits), cause=CAUSE)
    await pixel.keys.refresh()
    return made.text
