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
    "modelscope": Place(
        {"MODELSCOPE_API_KEY": "ms-0000000000000001", "MODELSCOPE_BASE_URL": "{address}/v1"},
        (
            ("image", {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("text", {"model": "modelscope/qwen3-235b"}),
        ),
    ),
    "openai": Place(
        {"OPENAI_API_KEY": "sk-proj-0000000000000001", "OPENAI_BASE_URL": "{address}/v1"},
        (
            ("image", {"model": "openai/gpt-image-2.5-flare", "resolution": "1K", "aspectRatio": "16:9"}),
            ("audio", {"model": "openai/gpt-4o-mini-tts", "voice": "marin"}),
            ("text", {"model": "openai/gpt-5.4-mini"}),
        ),
    ),
}
