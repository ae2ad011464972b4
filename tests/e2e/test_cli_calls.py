"""`pixel calls …` during a running service: the list, and the effect of each decision."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.service import Service, eventually, pixel, run
from tests.samples import png
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served

IMAGE = {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}
TEXT = {"model": "modelscope/qwen3-235b"}


async def doubt(service: Service, kind: str, number: int) -> str:
    """The call of a task that was paid for, and whose answer was lost."""
    body = IMAGE if kind == "image" else TEXT
    task = await service.post(kind, body | {"prompt": f"number {number} [[reset_after]]"})
    assert (await service.ended(task))["error"]["code"] == "outcome_unknown"
    return f"{task}.1"


async def listed(environment: Mapping[str, str]) -> str:
    """The output of `calls list`."""
    code, output, errors = await run("calls", "list", environment=environment)
    assert (code, errors) == (0, "")
    return output


async def settle(environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """A decision on a call."""
    return await run("calls", *arguments, environment=environment)


async def test_calls_are_settled_during_a_running_service(database: str, folder: Path, tmp_path: Path) -> None:
    """List, retry, attach and abandon do what the API does: the service goes on, and the history names the person."""
    here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)}
    simulator = make("modelscope")
    async with served(simulator) as address:
        settings = {"private_hosts": urlsplit(address).netloc}
        places = PLACES["modelscope"].settings(address)
        async with pixel(database, folder, settings=settings, environment=places) as service:
            assert await listed(here) == "no call waits for anybody\n"
            calls = [await doubt(service, kind, n) for n, kind in enumerate(("image", "image", "image", "text"))]

            async def all_listed() -> bool:
                return bool((await service.get("/api/v1/admin/calls"))["calls"][3:])

            await eventually("the calls to be listed", all_listed, service.log)
            retried, attached, abandoned, written = calls
            output = await listed(here)
            for call in calls:
                (line,) = [line for line in output.splitlines() if call in line]
                assert "unknown" in line
            narrow = await listed(here | {"COLUMNS": "80"})
            assert all(call in narrow for call in calls)  # to be copied

            assert await settle(here, "retry", retried, "--by", "anna", "--note", "nothing in the console") == (
                *(0, "recorded; the task is pending\n", ""),
            )
            task = retried.removesuffix(".1")
            assert (await service.ended(task))["status"] == "completed"
            events = (await service.get(f"/api/v1/tasks/{task}/history"))["events"]
            (said,) = [event for event in events if event["type"] == "CallResolved"]
            assert (said["actor"], said["data"]["by"]) == ("admin:anna", "anna")
            assert said["data"]["note"] == "nothing in the console"

            image_file = tmp_path / "found.png"
            image_file.write_bytes(png())
            done = (0, "recorded; the task is completed\n", "")
            assert await settle(here, "attach", attached, "--by", "anna", "--file", str(image_file)) == done
            view = await service.get(f"/api/v1/tasks/{attached.removesuffix('.1')}")
            (image,) = view["result"]["images"]
            assert (view["status"], "error" in view) == ("completed", False)
            assert (await service.client.get(image["url"])).content == image_file.read_bytes()
            assert await settle(here, "attach", written, "--text", "Grey waves fold and rise") == done
            view = await service.get(f"/api/v1/tasks/{written.removesuffix('.1')}")
            assert view["result"]["text"] == "Grey waves fold and rise"
            events = (await service.get(f"/api/v1/tasks/{written.removesuffix('.1')}/history"))["events"]
            assert f"admin:{getpass.getuser()}" in {event["actor"] for event in events}

            assert await settle(here, "abandon", abandoned) == (0, "recorded; the task is failed\n", "")
            view = await service.get(f"/api/v1/tasks/{abandoned.removesuffix('.1')}")
            assert (view["status"], view["error"]["code"]) == ("failed", "outcome_unknown")

            async def none_listed() -> bool:
                return not (await service.get("/api/v1/admin/calls"))["calls"]

            await eventually("the list to be empty", none_listed, service.log)
            assert await listed(here) == "no call waits for anybody\n"
            for verb in ("retry", "abandon"):
                code, output, errors = await settle(here, verb, abandoned)
                assert (code, output) == (1, "")
                assert errors == f"pixel: The call '{abandoned}' is settled: there is nothing to settle.\n"
            assert sum(simulator.effects.values()) == 5  # four lost answers, and the one more that anna answers for


async def test_a_mistake_settles_nothing(database: str, folder: Path, tmp_path: Path) -> None:
    """An unknown call, a missing or unreadable file, and an empty `--by` are reported in one line."""
    here = {"PIXEL_DATABASE_URL": database, "PIXEL_DATA_DIR": str(folder)}
    nobody = "task_01h455vb4pex5vsknk084sn02q.1"
    noise = tmp_path / "noise.png"
    noise.write_bytes(b"no picture at all")
    for arguments, message in (
        (("retry", nobody), f"There is no call '{nobody}' that waits for anybody."),
        (("abandon", "nonsense"), "There is no call 'nonsense'."),
        (("attach", nobody, "--text", "a boat"), f"There is no call '{nobody}' that waits for anybody."),
        (("attach", nobody, "--file", str(tmp_path / "none.png")), "none.png: No such file or directory"),
        (("attach", nobody, "--file", str(noise)), "noise.png: "),
        (("retry", nobody, "--by", ""), "--by"),
        (("retry", nobody, "--by", " "), "by: must name who answers for it, on one line"),
        (("retry", nobody, "--by", "a\nb"), "by: must name who answers for it, on one line"),
        (("retry", nobody, "--note", "a" * 2001), "--note"),
    ):
        code, output, errors = await settle(here, *arguments)
        assert (code, output) == (1, "")
        assert message in errors
        assert len(errors.splitlines()) == 1
