"""Law of overrides: each member of a subclass is a member of its bases, or something uses it under this name.

A rename in a base class leaves overrides behind that nothing calls. With `typing.override` the type checkers would find
them, but it is new in Python 3.12, and Pixel runs on 3.11."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FOLDERS = ("domain", "application", "adapters", "projections", "services", "api", "runtime", "tests")
CHECKED = ("adapters.providers.", "tests.")


class Module(NamedTuple):
    """A module: its classes, where its names are imported from, and the names that it uses."""

    classes: dict[str, ast.ClassDef]
    imports: dict[str, tuple[str, str]]
    uses: set[str]


def read_module(path: Path) -> Module:
    """Read a module from its source."""
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    imports = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    keywords = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    return Module(classes, imports, attributes | keywords | names)


@cache
def modules() -> dict[str, Module]:
    """All modules by name. They are read by the test, because every process of a run collects the tests."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): read_module(path)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def bases_of(module: str, node: ast.ClassDef) -> Iterator[tuple[str, ast.ClassDef] | None]:
    """The base classes of a class, and theirs; None for one that is not in FOLDERS."""
    for base in node.bases:
        if not isinstance(base, ast.Name):
            yield None
            continue
        place, name = modules()[module].imports.get(base.id, (module, base.id))
        found = modules()[place].classes.get(name) if place in modules() else None
        yield (place, found) if found else None
        if found:
            yield from bases_of(place, found)


def members(node: ast.ClassDef) -> set[str]:
    """The names that a class defines, and those that its methods set on `self`."""
    names = set(own_members(node))
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            names.add(inner.attr)
    return names


def own_members(node: ast.ClassDef) -> Iterator[str]:
    """The names that a class body defines."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case _:
                pass


def subclasses() -> list[tuple[str, ast.ClassDef]]:
    """The classes that are checked, with their modules: those whose bases are all in FOLDERS."""
    return [
        (module, node)
        for module, read in modules().items()
        for node in read.classes.values()
        if module.startswith(CHECKED) and node.bases and None not in list(bases_of(module, node))
    ]


@cache
def used_in(package: str) -> set[str]:
    """The names that the modules of a package use."""
    return {name for other, read in modules().items() if other.startswith(f"{package}.") for name in read.uses}


def stale(module: str, node: ast.ClassDef) -> list[str]:
    """The members of a class that neither a base has nor anything uses."""
    inherited = {name for found in bases_of(module, node) if found for name in members(found[1])}
    package = module.rpartition(".")[0] if module.startswith("adapters.") else "tests"
    used = used_in(package)
    return [
        name
        for name in own_members(node)
        if name not in inherited | used and not name.startswith("test_") and not name.startswith("__")
    ]


def test_every_override_overrides() -> None:
    """Each member of a subclass is a member of a base class, or something uses it."""
    found = {f"{module}.{node.name}": stale(module, node) for module, node in subclasses()}
    assert {name: left for name, left in found.items() if left} == {}


def test_the_subclasses_are_found() -> None:
    """Providers, simulators and conformance suites are among those that are checked."""
    names = {node.name for _, node in subclasses()}
    assert {"Kling", "DashScope", "TestKling", "TestArk"} <= names
