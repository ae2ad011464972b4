"""Equal values have one text, in Python as in JavaScript."""

import json
from typing import Any

import pytest
from hypothesis import given as examples

from domain.canvas.canonical import canonical, digest
from tests.domain.strategies import JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (-12.25, "-12.25"),
        (2**53 + 1, "9007199254740992"),
        (123456789012345678, "123456789012345680"),
        (1234567.125, "1234567.125"),
        (True, "true"),
        (None, "null"),
        (
            {"\U0001f600": 1, "\uff01": [2.0, "é\n\u0001"], "a": {}},
            '{"a":{},"\uff01":[2,"é\\n\\u0001"],"\U0001f600":1}',
        ),
    ],
)
def test_values_are_written_as_javascript_writes_them(value: Any, text: str) -> None:
    """Whole numbers have no point, and names are sorted by code point."""
    assert canonical(value) == text


def test_a_digest_is_the_beginning_of_sha_256() -> None:
    """The studio's tests have the same one."""
    assert digest({"model": "sandbox/image", "prompt": "a cat"}) == "2c493ea1e404b8e3"


@examples(JSON)
def test_the_text_is_json_of_the_same_value(value: Any) -> None:
    """Numbers may become what JavaScript reads of them; nothing else changes, and it is JSON without spaces."""

    def as_javascript(value: Any) -> Any:
        match value:
            case bool():
                return value
            case int() | float():
                return float(value)
            case dict():
                return {name: as_javascript(each) for name, each in value.items()}
            case list():
                return [as_javascript(each) for each in value]
            case _:
                return value

    assert as_javascript(json.loads(canonical(value))) == as_javascript(value)
    assert canonical(json.loads(canonical(value))) == canonical(value)
