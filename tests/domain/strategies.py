"""Values of any type of the domain, and JSON, for property tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from domain.api_key import ApiKeyEvent
from domain.model import ModelEvent
from domain.run.events import RunEvent
from domain.task.events import TaskEvent
from domain.webhook import WebhookEvent

INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | INTEGERS | NUMBERS | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def anything(wanted: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that a field of the domain has."""
    args = get_args(wanted)
    origin = get_origin(wanted)
    if origin is Annotated:
        return anything(args[0])
    if origin in {Union, UnionType}:
        return reduce(or_, map(anything, args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is dict:
        return st.dictionaries(anything(args[0]), anything(args[1]), max_size=3)
    if origin is tuple:
        return st.lists(anything(args[0]), max_size=3).map(tuple) if ... in args else st.tuples(*map(anything, args))
    if issubclass(wanted if isinstance(wanted, type) else NoneType, msgspec.Struct):
        return st.builds(wanted, **{field.name: anything(field.type) for field in msgspec.structs.fields(wanted)})
    if issubclass(wanted if isinstance(wanted, type) else NoneType, StrEnum):
        return st.sampled_from(wanted)
    return _PLAIN[wanted]


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: JSON,
    NoneType: st.none(),
    date: st.dates(),
    bool: st.booleans(),
    int: INTEGERS,
    float: NUMBERS,
    str: st.text(max_size=20),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: st.datetimes(timezones=st.just(UTC)),
}

TASK_EVENTS = [anything(event) for event in get_args(TaskEvent)]
MODEL_EVENTS = [anything(event) for event in get_args(ModelEvent)]
KEY_EVENTS = [anything(event) for event in get_args(ApiKeyEvent)]
WEBHOOK_EVENTS = [anything(event) for event in get_args(WebhookEvent)]
RUN_EVENTS = [anything(event) for event in get_args(RunEvent)]
