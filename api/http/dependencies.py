"""How does a handler get what it needs? It declares `deps` in its signature, and the router of its module has them.

One dependency costs 1.9 µs a request. Litestar resolves several in a task group, and four cost about 130 µs, so each
module of routes has one object with all that its handlers use. `routes.tasks.get_task` has no dependency: its objects
are bound when its handler is made."""

from typing import TypeAlias, TypeVar

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

T = TypeVar("T")

Injected: TypeAlias = NamedDependency[SkipValidation[T]]


def provide(value: object) -> Provide:
    """A dependency that is the same object for every request."""
    return Provide(lambda: value, use_cache=True, sync_to_thread=False)
