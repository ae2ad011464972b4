"""How tests and simulators speak HTTP."""

from typing import Any

import httpx


class PlainClient(httpx.AsyncClient):
    """A client without TLS: to read the certificates of all authorities takes longer than a request."""

    def __init__(self, **options: Any) -> None:
        super().__init__(verify=False, trust_env=False, **options)
