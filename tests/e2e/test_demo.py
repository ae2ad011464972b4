"""`make demo` is the first thing that anybody sees of Pixel."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import psutil

from adapters.media.probe import measure
from tests.e2e.service import pixel, run

MADE = {"image.png": "image/png", "video.mp4": "video/mp4", "voice.wav": "audio/wav"}


async def test_the_demo(folder: Path) -> None:
    """The demo succeeds, and leaves a valid image, video and audio file, a canvas with all of them in the project
    Demo, and no running process."""
    here, temporary = folder / "here", folder / "temporary"
    here.mkdir()
    temporary.mkdir(mode=0o711)
    code, output, errors = await run(module="demo", cwd=here, environment={"TMPDIR": str(temporary)})
    assert (code, errors) == (0, ""), output + errors
    for word in ("TaskRequested", "ProviderCalled", "OutputStored", "TaskCompleted", *MADE):
        assert word in output
    for name, media_type in MADE.items():
        found = measure(await asyncio.to_thread((here / "demo-output" / name).read_bytes))
        assert found.media_type == media_type
        assert found.duration_seconds if name == "voice.wav" else (found.width and found.height)
    assert list(temporary.iterdir()) == []
    [canvas] = re.findall(r"/studio/canvas/\?id=(canvas_\w+)", output)
    async with pixel(None, here / "demo-output" / "data") as service:
        shown = await service.get(f"/api/v1/canvases/{canvas}")
        project = await service.get(f"/api/v1/projects/{shown['project']}")
        assert project["name"] == "Demo"
        kept = {node["kind"]: node["pick"]["asset"] for node in shown["nodes"].values()}
        assert kept.keys() == {"image", "video", "audio"}
        for asset in kept.values():
            assert (await service.client.get(f"/api/v1/assets/{asset}")).status_code == 200
    assert not [process for process in psutil.process_iter() if _belongs(process, folder)]


def _belongs(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        return process.cwd().startswith(str(folder)) or str(folder) in " ".join(process.cmdline())
    return False
