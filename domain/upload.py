"""An upload: a medium that an owner has brought. Each owner and content have a stream of their own, with one event."""

from domain.base import Event
from domain.provider import Asset


class AssetUploaded(Event):
    """An owner has brought this medium. The same content from the same owner again adds nothing.

    `caller` is the id of the API key with which it was brought first."""

    asset: Asset
    owner: str = "anonymous"
    caller: str = "anonymous"
