"""One request of each kind for every simulator, and the settings that point Pixel to it: for the demo and the kill
matrix."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A simulator and its requests. `environment` contains `{address}` where the simulator's address goes; `wishes` are
    (kind of request, body without its prompt)."""

    environment: Mapping[str, str]
    wishes: tuple[tuple[str, dict[str, Any]], ...]

    def settings(self, address: str) -> dict[str, str]:
        """The environment for `pixel serve`."""
        return {name: value.replace("{address}", address) for name, value in self.environment.items()}


UPLOADED_IMAGE = "{image}"
"""The placeholder in `imageInputs` for an image that is uploaded first."""

PLACES: dict[str, Place] = {
    "comfyui": Place(
        {"COMFYUI_BASE_URL": "{address}"},
        (
            ("image", {"model": "comfyui/text-to-image", "resolution": "1K", "aspectRatio": "1:1"}),
            ("image", {"model": "comfyui/image-to-image", "imageInputs": [UPLOADED_IMAGE]}),
        ),
    ),
    "fal": Place(
        {
            "FAL_KEY": "00000000-0000-4000-8000-000000000001:00000000000000000000000000000001",
            "FAL_BASE_URL": "{address}",
            "FAL_PLATFORM_BASE_URL": "{address}/v1",
            "FAL_JWKS_URL": "{address}/.well-known/jwks.json",
        },
        (
            ("image", {"model": "fal/flux-schnell", "resolution": "1K", "aspectRatio": "16:9"}),
            ("image", {"model": "fal/nano-banana-2-edit", "resolution": "1K", "imageInputs": [UPLOADED_IMAGE]}),
            ("video", {"model": "fal/seedance-2.0", "duration": "4s"}),
            ("video", {"model": "fal/kling-2.5-turbo-pro-i2v", "duration": "5s", "imageInputs": [UPLOADED_IMAGE]}),
            ("audio", {"model": "fal/minimax-speech-2.8-hd", "voice": "Calm_Woman"}),
        ),
    ),
    "gemini": Place(
        {"GEMINI_API_KEY": "gemini-key-0000000001", "GEMINI_BASE_URL": "{address}/v1beta"},
        (
            ("image", {"model": "gemini/gemini-3.1-flash-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("image", {"model": "gemini/gemini-3-pro-image", "imageInputs": [UPLOADED_IMAGE]}),
            ("video", {"model": "gemini/omni-1.2-flash", "resolution": "360p", "duration": "3s"}),
            ("audio", {"model": "gemini/gemini-3.8-flash-tts", "voice": "Puck"}),
            ("text", {"model": "gemini/gemini-3.8-flash", "stream": True}),
        ),
    ),
    "kling": Place(
        {"KLING_API_KEY": "kling-0000000000000001", "KLING_BASE_URL": "{address}"},
        (
            ("image", {"model": "kling/kling-v3-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("image", {"model": "kling/kling-v2-1-image-subject", "imageInputs": [UPLOADED_IMAGE]}),
            ("video", {"model": "kling/kling-v2-6", "aspectRatio": "9:16"}),
            ("video", {"model": "kling/kling-3.0", "resolution": "720p", "duration": "3s"}),
            ("video", {"model": "kling/kling-v2-6-i2v", "resolution": "720p", "imageInputs": [UPLOADED_IMAGE]}),
            ("audio", {"model": "kling/tts", "voice": "uk_man2"}),
        ),
    ),
    "dashscope": Place(
        {"DASHSCOPE_API_KEY": f"sk-{1:032x}", "DASHSCOPE_BASE_URL": "{address}"},
        (
            ("image", {"model": "dashscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("image", {"model": "dashscope/qwen-image-plus", "aspectRatio": "16:9"}),
            ("video", {"model": "dashscope/wan2.6-t2v", "resolution": "720p", "duration": "2s"}),
            ("audio", {"model": "dashscope/qwen3-tts", "voice": "Cherry"}),
            ("text", {"model": "dashscope/qwen-plus"}),
        ),
    ),
    "minimax": Place(
        {"MINIMAX_API_KEY": "sk-api-0000000000000001", "MINIMAX_BASE_URL": "{address}"},
        (
            ("image", {"model": "minimax/image-01", "aspectRatio": "16:9", "n": 2}),
            ("video", {"model": "minimax/hailuo-2.3", "duration": "6s"}),
            ("video", {"model": "minimax/h3", "resolution": "768p", "duration": "4s"}),
            ("audio", {"model": "minimax/speech-2.8-turbo"}),
            ("text", {"model": "minimax/m3", "stream": True}),
        ),
    ),
    "modelscope": Place(
        {"MODELSCOPE_API_KEY": "ms-0000000000000001", "MODELSCOPE_BASE_URL": "{address}/v1"},
        (
            ("image", {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}),
            ("text", {"model": "modelscope/qwen3-235b"}),
        ),
    ),
    "volcengine": Place(
        {
            "ARK_API_KEY": "00000000-0000-4000-8000-000000000001",
            "VOLCENGINE_BASE_URL": "{address}/api/v3",
            "VOLCENGINE_TTS_API_KEY": "11111111-0000-4000-8000-000000000001",
            "VOLCENGINE_TTS_BASE_URL": "{address}",
            "BYTEPLUS_API_KEY": "00000000-0000-4000-8000-000000000002",
            "BYTEPLUS_BASE_URL": "{address}/api/v3",
        },
        (
            ("image", {"model": "volcengine/seedream-5.0-pro", "resolution": "2K", "aspectRatio": "16:9"}),
            (
                "image",
                {"model": "volcengine/seedream-4.0-20260415", "resolution": "1K", "imageInputs": [UPLOADED_IMAGE]},
            ),
            ("video", {"model": "volcengine/seedance-2.0-mini", "resolution": "480p", "duration": "4s"}),
            ("text", {"model": "volcengine/doubao-seed-2.1-pro", "stream": True}),
            ("audio", {"model": "volcengine/doubao-tts", "voice": "zh_female_qingxin"}),
            ("audio", {"model": "volcengine/seed-audio-1.0"}),
            ("image", {"model": "byteplus/seedream-5.0-pro", "resolution": "1K", "aspectRatio": "16:9"}),
            ("video", {"model": "byteplus/seedance-2.0-fast", "resolution": "480p", "duration": "4s"}),
        ),
    ),
    "xai": Place(
        {"XAI_API_KEY": "xai-0000000000000001", "XAI_BASE_URL": "{address}/v1"},
        (
            ("image", {"model": "xai/grok-imagine-image-2.0", "aspectRatio": "16:9", "n": 2}),
            ("image", {"model": "xai/grok-imagine-image", "imageInputs": [UPLOADED_IMAGE]}),
            ("video", {"model": "xai/grok-imagine-video-1.5", "resolution": "480p", "duration": "2s"}),
            ("text", {"model": "xai/grok-4.7"}),
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


def with_image(body: dict[str, Any], asset: str) -> dict[str, Any]:
    """A body whose placeholder for an image is filled."""
    return body | {"imageInputs": [asset]} if body.get("imageInputs") == [UPLOADED_IMAGE] else body
