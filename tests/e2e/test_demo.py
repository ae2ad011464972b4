"""`make demo` is the first thing that anybody sees of Pixel."""

import asyncio
from pathlib import Path

import psutil

from adapters.media import measure
from tests.e2e.service import run

MADE = {"picture.png": "image/png", "video.mp4": "video/mp4", "voice.wav": "audio/wav"}


async def test_the_demo(tmp_path: Path) -> None:
    """The demo ends well, leaves a picture, a video and a voice that really are what they say, and nothing that runs."""
    before = set(psutil.pids())
    code, output, errors = await run(module="demo", cwd=tmp_path)
    assert code == 0, output + errors
    assert errors == ""
    for word in ("TaskRequested", "ProviderCalled", "OutputStored", "TaskCompleted", *MADE):
        assert word in output
    made = tmp_path / "demo-output"
    for name, media_type in MADE.items():
        found = measure(await asyncio.to_thread((made / name).read_bytes))
        assert found.media_type == media_type
        assert (found.width and found.height) or found.duration
    left = [process for process in psutil.process_iter(["pid", "cmdline"]) if process.pid not in before]
    commands = [" ".join(process.info["cmdline"] or []) for process in left]
    assert not [command for command in commands if str(tmp_path) in command or "pixel-demo-" in command]
