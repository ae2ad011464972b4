"""The files for containers. `make docker-check` tests them on an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.catalogue.file import load
from projections.read_models import READ_MODELS
from runtime.database import OWN_CONNECTIONS, WORKER_CONNECTIONS
from services.settings import DEFAULT_CATALOG
from tests.documents import FIELDS, LAYERS, PROJECT, ROOT, rows

COMPOSITION: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSITION["services"]
PIXELS = ("migrate", "api", "worker")
VARIABLE = r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+"
DECIDED = {
    "PIXEL_DATABASE_URL": "the composition has its own database",
    "PIXEL_HOST": "the image: every interface of the container",
    "PIXEL_PORT": "the image: the port that the proxy asks",
    "PIXEL_DATA_DIR": "the image: where the volumes are mounted",
    "PIXEL_OPEN": "the composition is closed: it has a first key",
    "PIXEL_SPOOL_PATH": "the composition: a volume, where it is looked for anyway",
    "XDG_DATA_HOME": "means nothing beside PIXEL_DATA_DIR",
    "TMPDIR": "the composition: /tmp, the only folder for it that can be written",
}


def stages() -> list[list[str]]:
    """The Dockerfile's instructions, without comments and with continued lines as one, by stage."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", "")
    found: list[list[str]] = []
    for line in filter(None, text.splitlines()):
        if line.startswith("FROM "):
            found.append([])
        if found:
            found[-1].append(re.sub(r"\s+", " ", line))
    return found


def documented() -> set[str]:
    """Every variable that a document names for operators to set."""
    names = rows("docs/configuration.md", "Settings").keys() | rows("docs/configuration.md", "Other variables").keys()
    text = (ROOT / "docs/configuration.md").read_text()
    tables = re.findall(r"^\|.*\|$", text.partition("## Provider keys")[2], re.MULTILINE)
    vendors_words = re.compile(r"^## (?:Error codes|Status words)$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    pages = [vendors_words.sub("", path.read_text()) for path in sorted((ROOT / "docs/providers").glob("*.md"))]
    found = {name for part in (*tables, *pages) for name in re.findall(rf"`({VARIABLE})(?:=[^`]*)?`", part)}
    providers = load(DEFAULT_CATALOG).providers
    addresses = {f"{name.upper().replace('-', '_')}_BASE_URL" for name in providers if name != "sandbox"}
    return names | addresses | {name for name in found if not name.startswith(("NAME_", "GPU2_"))}


def test_the_composition_is_whole() -> None:
    """PostgreSQL, one migration, replicated API and workers with one asset store, and one proxy."""
    assert SERVICES.keys() == {"postgres", "migrate", "api", "worker", "proxy"}
    for name, role in (("api", "api"), ("worker", "worker")):
        service = SERVICES[name]
        assert service["command"] == ["pixel", "serve", "--role", role]
        assert service["deploy"]["replicas"] >= 2
        assert "assets:/var/lib/pixel/assets" in service["volumes"]
        assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["command"] == ["pixel", "migrate"]


def test_every_volume_folder_is_in_the_image() -> None:
    """A named volume takes over the owner of the folder that it is mounted on: the image has each, as pixel's."""
    [made] = re.findall(r"install -d -o pixel -g pixel ([^&]*)", " ".join(stages()[-1]))
    mounted = {volume.split(":")[1] for name in ("api", "worker") for volume in SERVICES[name]["volumes"]}
    assert mounted <= set(made.split())


def test_every_setting_reaches_the_containers() -> None:
    """Every documented setting is passed on by the composition, or set by it or the image."""
    environment: dict[str, str | None] = SERVICES["api"]["environment"]
    assert environment == SERVICES["worker"]["environment"] == SERVICES["migrate"]["environment"]
    passed = {name for name, value in environment.items() if value is None or re.match(rf"\$\{{{name}:[-?]", value)}
    assert {"AWS_ALLOW_HTTP", "GOOGLE_SERVICE_ACCOUNT", "KLING_SECRET_KEY", "MINIMAX_GROUP_ID"} <= documented()
    assert documented() - passed == DECIDED.keys()
    assert {name for name in passed if name.startswith("PIXEL_")} == FIELDS.keys() - DECIDED.keys()


def test_every_variable_of_the_composition_is_documented() -> None:
    """Variables of the composition that are no settings of Pixel are in `docs/operations.md`, with their defaults."""
    text = (ROOT / "docker-compose.yml").read_text()
    read = {name: default for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", text) if name not in FIELDS}
    documented = rows("docs/operations.md", "Docker Compose")
    assert {name: f"`{default}`" for name, default in read.items()} == {
        name: cells[0] for name, cells in documented.items() if name.isupper()
    }


def test_only_one_service_builds_the_image() -> None:
    """Of several that build the same name at once all but one may fail, so the others take what is there."""
    assert [name for name in PIXELS if "build" in SERVICES[name]] == ["migrate"]
    assert {SERVICES[name]["image"] for name in PIXELS} == {"pixel"}
    assert [name for name in PIXELS if SERVICES[name].get("pull_policy") == "never"] == ["api", "worker"]


def test_the_password_is_separate_from_the_address() -> None:
    """A password with any characters needs no encoding; and the server gets the same one."""
    for name in PIXELS:
        environment = SERVICES[name]["environment"]
        assert environment["PIXEL_DATABASE_URL"] == "postgresql://pixel@postgres:5432/pixel"
        assert environment["PGPASSWORD"] == SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]


def test_it_does_not_start_without_a_first_key() -> None:
    """Compose refuses to start it while no first key is set, and says how to make one."""
    for name in PIXELS:
        wanted = SERVICES[name]["environment"]["PIXEL_FIRST_ADMIN_KEY"]
        assert wanted.startswith("${PIXEL_FIRST_ADMIN_KEY:?")
        assert "openssl rand -hex 32" in wanted


def test_nothing_is_open_to_the_network() -> None:
    """Without TLS the one port that is published is this machine's, unless told otherwise."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["${PUBLISH_ADDRESS:-127.0.0.1}:${PUBLISH_PORT:-8000}:8000"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_no_more_than_it_needs(name: str) -> None:
    """Only the named rights, only volumes and memory to write to, and a bounded log."""
    service = SERVICES[name]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["read_only"] is True
    assert any(folder.partition(":")[0] == "/tmp" for folder in service["tmpfs"])
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert name in {"postgres", "proxy"} or "cap_add" not in service


@pytest.mark.parametrize("name", PIXELS)
def test_a_stop_leaves_time_to_drain(name: str) -> None:
    """The grace period and the setting are both made of PIXEL_DRAIN_SECONDS."""
    assert SERVICES[name]["stop_grace_period"] == "1m${PIXEL_DRAIN_SECONDS:-20}s"
    assert SERVICES[name]["environment"]["PIXEL_DRAIN_SECONDS"] == "${PIXEL_DRAIN_SECONDS:-20}"
    assert FIELDS["PIXEL_DRAIN_SECONDS"].default == 20


def test_postgres_has_connections_for_all() -> None:
    """As many workers as in `docs/operations.md` fit with the API processes, by the figures of the code."""
    [limit] = [int(word.partition("=")[2]) for word in SERVICES["postgres"]["command"] if word.startswith("max_conn")]
    api = FIELDS["PIXEL_DATABASE_CONNECTIONS"].default + OWN_CONNECTIONS
    worker = api + WORKER_CONNECTIONS
    # Two have all connections of the leaders, as during an upgrade; any other has one of them.
    left = limit - 3 - SERVICES["api"]["deploy"]["replicas"] * api - 2 * worker
    workers = 2 + left // (worker - len(READ_MODELS) + 1)
    operations = (ROOT / "docs/operations.md").read_text()
    assert f"{limit} connections, enough for {workers} workers beside two API processes" in operations
    assert f"{OWN_CONNECTIONS} beside them, or {worker - api + OWN_CONNECTIONS} with workers" in operations
    [_, _, meaning] = rows("docs/configuration.md", "Settings")["PIXEL_DATABASE_CONNECTIONS"]
    assert f"{OWN_CONNECTIONS} connections of its own, with workers {worker - api + OWN_CONNECTIONS}" in meaning


def test_the_proxy_knows_every_api_process() -> None:
    """It looks their name up each second, and sends a request that never reached one process to another one."""
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]
    [upstreams] = re.findall(r"dynamic a \{([^}]*)\}", caddyfile)
    assert (
        dict(line.split() for line in upstreams.strip().splitlines()).items()
        >= {
            "name": "api",
            "port": "8000",
            "refresh": "1s",
        }.items()
    )
    assert "lb_policy round_robin" in caddyfile
    assert re.search(r"lb_try_duration \d+s", caddyfile)
    assert re.search(r"fail_duration \d+s", caddyfile)
    assert "lb_retry_match" not in caddyfile  # nothing that may have arrived is sent again, but a GET


def test_the_code_is_the_last_layer() -> None:
    """A change of the code installs no package again: packages are in an earlier layer, without the code."""
    installed, _, code, image = stages()
    assert [line for line in installed if line.startswith("COPY")] == [
        "COPY requirements.txt ./",
        "COPY pyproject.toml ./",
    ]
    assert [line for line in code if line.startswith("COPY")] == [
        "COPY . ./",
        "COPY --from=studio /studio/out ./studio/out",
    ]
    layers = [line for line in image if line.startswith(("RUN", "COPY", "ADD", "WORKDIR"))]
    assert layers[-3:] == ["COPY --from=installed /opt/pixel /opt/pixel", "WORKDIR /app", "COPY --from=code /app ./"]


def test_the_studio_is_built_for_the_image() -> None:
    """The image has the built studio, and nothing that built it: neither Node nor the sources. A change of a page
    installs no package again."""
    _, studio, code, image = stages()
    assert [line for line in studio if line.startswith(("COPY", "RUN npm"))] == [
        "COPY requirements-studio.txt ./",
        "COPY studio/package.json studio/package-lock.json studio/.npmrc ./",
        "RUN npm ci --omit=dev",
        "COPY studio ./",
        "RUN npm run build",
    ]
    assert code.index("RUN rm -r studio requirements-studio.txt") < code.index(
        "COPY --from=studio /studio/out ./studio/out"
    )
    assert [line for line in image if "studio" in line or "node" in line] == []


def test_the_image_can_read_a_checkout_of_any_user() -> None:
    """A private umask of the checkout does not affect the image."""
    [_, _, code, _] = stages()
    assert any("chmod -R a+rX ." in line for line in code)


def test_user_and_group_have_one_number_and_one_name() -> None:
    """Uid and gid 10001 are `pixel`, and the container runs as that user."""
    image = stages()[-1]
    [made] = [line for line in image if "useradd" in line]
    assert "groupadd --system --gid 10001 pixel" in made
    assert re.search(r"useradd .*--uid 10001 --gid pixel .* pixel ", made)
    assert "USER 10001:10001" in image


def test_health_is_asked_for_often_at_first() -> None:
    """A start does not wait for the interval of a running service."""
    [check] = [line for line in stages()[-1] if line.startswith("HEALTHCHECK")]
    assert "--start-interval=1s" in check
    assert "healthcheck" not in SERVICES["api"]


def test_the_image_has_the_code() -> None:
    """The image has only listed files: every package, the migrations and the catalogue."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert {*LAYERS, "migrations", "catalog", "pyproject.toml", "requirements.txt"} <= let_in
    assert all((ROOT / name).exists() for name in let_in)
    assert PROJECT["project"]["readme"] in let_in | set(re.findall(r"touch (\S+)", " ".join(stages()[0])))


def test_the_check_on_an_engine_makes_the_images_that_are_used() -> None:
    """`deploy/docker-check` makes a base for every image that the composition and the Dockerfile name."""
    script = (ROOT / "deploy/docker-check").read_text()
    [python] = re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    used = {SERVICES[name]["image"] for name in ("postgres", "proxy")} | {f"python:{python}-slim"}
    assert used == set(re.findall(r'^(?:image|docker tag "wheels:\$lock") ([a-z]\S+:\S+)$', script, re.MULTILINE))


def test_what_is_mounted_from_the_checkout_is_there() -> None:
    """Whatever the composition mounts from the checkout is there."""
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert all((ROOT / Path(mount.partition(":")[0])).is_file() for mount in mounts if mount.startswith("./"))
