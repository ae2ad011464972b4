"""One request of each kind for every simulator, and how Pixel is told where it is: for the demo and the kill matrix."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A simulator and what it is asked for. `environment` holds `{address}` where the simulator's address goes;
    `wishes` are (kind of request, body without its prompt)."""

    environment: Mapping[str, str]
    wishes: tuple[tuple[str, dict[str, Any]], ...]

    def settings(self, address: str) -> dict[str, str]:
        """The environment for `pixel serve`."""
        return {name: value.replace("{address}", address) for name, value in self.environment.items()}


PLACES: dict[str, Place] = {
    "minimax": Place(
        {"MINIMAX_API_KEY": "sk-api-0000000000000001", "MINIMAX_BASE_URL": "{address}"},
        (
            ("image", {"model": "minimax/image-01", "aspectRatio": "16:9", "n": 2}),
            ("video", {"model": "minimax/hailuo-2.3", "duration": "6s"}),
            ("video", {"model": "minimax/h3", "resolution": "768p", "duration": "4s"}),
            ("audio", {"model": "minimax/speech-2.8-turbo"}),
            ("text", {"model": "minimax/m3"}),
        ),
    ),
    "modelscope": Place(
        {"MODELSCOPE_API_KEY": "ms-0000000000000001", "MODELSCOPE_BASE_URL": "{address}/v1"},
        (
            ("image", {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("text", {"model": "modelscope/qwen3-235b"}),
        ),
    ),
}
