"""The least that each vendor's documents ask for: gateways and scripts leave every default out, and so may a caller.

The vendors of Kling and MiniMax have no client in Python, so that this table is all that speaks for their callers."""

import itertools
from typing import Any, NamedTuple

import pytest

from tests.simulators.serve import make, served
from tests.web import PlainClient

SAID = [{"role": "user", "content": "A haiku."}]
TEXT = [{"type": "text", "text": "a fox"}]
MESSAGES = {"messages": [{"role": "user", "content": [{"text": "a fox"}]}]}
WAN_LATER = {"x-dashscope-async": "enable"}
DASHSCOPE = "/api/v1/services/aigc"


class Body(NamedTuple):
    """A body and where it goes; `more` are headers beside the key."""

    vendor: str
    path: str
    body: dict[str, Any]
    more: dict[str, str] = {}


KEYS = {
    "dashscope": {"authorization": f"Bearer sk-{1:032x}"},
    "gemini": {"x-goog-api-key": "gemini-key-0000000001"},
    "kling": {"authorization": "Bearer kling-0000000000000001"},
    "minimax": {"authorization": "Bearer sk-api-0000000000000001"},
    "modelscope": {"authorization": "Bearer ms-0000000000000001"},
    "openai": {"authorization": "Bearer sk-proj-0000000000000001"},
    "volcengine": {"authorization": "Bearer 00000000-0000-4000-8000-000000000001"},
    "xai": {"authorization": "Bearer xai-0000000000000001"},
}
BODIES = [
    Body("dashscope", "/compatible-mode/v1/chat/completions", {"model": "qwen-plus", "messages": SAID}),
    Body(
        "dashscope",
        f"{DASHSCOPE}/multimodal-generation/generation",
        {"model": "qwen-image-2.0", "input": MESSAGES},
    ),
    Body(
        "dashscope",
        f"{DASHSCOPE}/multimodal-generation/generation",
        {"model": "qwen3-tts-flash", "input": {"text": "Hello.", "voice": "Cherry"}},
    ),
    Body(
        "dashscope",
        "/api/v1/services/audio/tts/SpeechSynthesizer",
        {"model": "qwen-audio-3.0-tts-plus", "input": {"text": "Hello.", "voice": "longanlingxin"}},
    ),
    Body("dashscope", f"{DASHSCOPE}/multimodal-generation/generation", {"model": "wan2.7-image", "input": MESSAGES}),
    Body(
        "dashscope",
        f"{DASHSCOPE}/image-generation/generation",
        {"model": "wan2.6-t2i", "input": MESSAGES},
        WAN_LATER,
    ),
    Body(
        "dashscope",
        f"{DASHSCOPE}/video-generation/video-synthesis",
        {"model": "wan2.6-t2v", "input": {"prompt": "a fox"}},
        WAN_LATER,
    ),
    Body(
        "gemini",
        "/v1beta/models/gemini-3.8-flash:generateContent",
        {"contents": [{"parts": [{"text": "A haiku."}]}]},
    ),
    Body(
        "gemini",
        "/v1beta/models/gemini-3.8-flash:generateContent",
        {
            "system_instruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"parts": [{"text": "A haiku."}]}],
            "generation_config": {"max_output_tokens": 100},
        },
    ),
    Body(
        "gemini",
        "/v1beta/models/gemini-3.1-flash-image:generateContent",
        {"contents": [{"parts": [{"text": "a fox"}]}], "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}},
    ),
    Body("gemini", "/v1beta/interactions", {"model": "gemini-omni-1.1-flash", "input": "a fox"}),
    Body(
        "gemini",
        "/v1beta/interactions",
        {"model": "gemini-omni-1.1-flash", "input": [{"type": "user_input", "content": TEXT}], "background": True},
    ),
    Body("kling", "/v1/videos/text2video", {"model_name": "kling-v2-6", "prompt": "a fox"}),
    Body("kling", "/v1/images/generations", {"model_name": "kling-v2-1", "prompt": "a fox"}),
    Body("kling", "/text-to-video/kling-3.0-turbo", {"prompt": "a fox"}),
    Body("kling", "/v1/audio/tts", {"text": "Hello.", "voice_id": "AOT", "voice_language": "en"}),
    Body("minimax", "/v1/image_generation", {"model": "image-01", "prompt": "a fox"}),
    Body("minimax", "/v1/video_generation", {"model": "MiniMax-Hailuo-2.3", "prompt": "a fox"}),
    Body(
        "minimax",
        "/v1/t2a_v2",
        {"model": "speech-2.8-hd", "text": "Hello.", "voice_setting": {"voice_id": "English_Graceful_Lady"}},
    ),
    Body("minimax", "/v1/text/chatcompletion_v2", {"model": "MiniMax-M3", "messages": SAID}),
    Body("modelscope", "/v1/chat/completions", {"model": "Qwen/Qwen3-32B", "messages": SAID}),
    Body(
        "modelscope",
        "/v1/images/generations",
        {"model": "Qwen/Qwen-Image", "prompt": "a fox"},
        {"x-modelscope-async-mode": "true"},
    ),
    Body("openai", "/v1/chat/completions", {"model": "gpt-5.4-mini", "messages": SAID}),
    Body("openai", "/v1/images/generations", {"model": "gpt-image-2", "prompt": "a fox"}),
    Body("openai", "/v1/audio/speech", {"model": "tts-1", "input": "Hello.", "voice": "alloy"}),
    Body("openai", "/v1/videos", {"prompt": "a fox"}),
    Body("volcengine", "/api/v3/chat/completions", {"model": "doubao-seed-1-8-251228", "messages": SAID}),
    Body("volcengine", "/api/v3/images/generations", {"model": "doubao-seedream-4-5-251128", "prompt": "a fox"}),
    Body(
        "volcengine",
        "/api/v3/contents/generations/tasks",
        {"model": "doubao-seedance-2-0-260128", "content": TEXT},
    ),
    Body("xai", "/v1/chat/completions", {"model": "grok-4.7", "messages": SAID}),
    Body("xai", "/v1/images/generations", {"model": "grok-imagine-image-2.0", "prompt": "a fox"}),
    Body(
        "xai",
        "/v1/images/edits",
        {"model": "grok-imagine-image", "prompt": "in blue", "image": {"url": "https://example.com/fox.png"}},
    ),
    Body("xai", "/v1/videos/generations", {"model": "grok-imagine-video", "prompt": "a fox"}),
    Body(
        "xai",
        "/v1/videos/generations",
        {"model": "grok-imagine-video-1.5", "image": {"url": "https://example.com/fox.png"}},
    ),
]
WRITE_NULL = {"openai", "volcengine"}


def name(one: Body) -> str:
    """How a test of it is called."""
    return f"{one.vendor}:{one.path.rpartition('/')[2]}"


async def billed(one: Body, more: dict[str, Any]) -> tuple[int, int]:
    """The status of the answer, and how much work would have been billed."""
    simulator = make(one.vendor)
    async with served(simulator) as address, PlainClient() as client:
        answer = await client.post(address + one.path, json=one.body | more, headers=KEYS[one.vendor] | one.more)
        return answer.status_code, sum(simulator.effects.values())


@pytest.mark.parametrize("one", BODIES, ids=name)
async def test_a_body_may_leave_out_every_default(one: Body) -> None:
    """What the documents call optional may be missing, in the simulator as at the vendor."""
    assert await billed(one, {}) == (200, 1)


@pytest.mark.parametrize("one", BODIES, ids=name)
async def test_a_member_that_nobody_knows_is_refused(one: Body) -> None:
    """Lenient in what is left out, and strict in what is there: a misspelt member makes nothing and costs nothing."""
    _, work = await billed(one, {"no_such_member": "here"})
    assert work == 0


@pytest.mark.parametrize("one", [one for one in BODIES if one.vendor in WRITE_NULL], ids=name)
async def test_null_equals_absence(one: Body) -> None:
    """Where the vendor's own client writes null for what is not set, null is the same as nothing."""
    more = dict(zip(("stream", "seed", "size"), itertools.repeat(None)))
    assert await billed(one, more) == (200, 1)
