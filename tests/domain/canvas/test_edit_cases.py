"""What comes of edits, case by case. The file is for the studio, too, whose words are the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.domain.canvas.golden_edits import outcome

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "golden/canvas_edits.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_edit_comes_to_what_the_case_says(case: dict[str, Any]) -> None:
    """On `base` others have done `since`; then comes `edit`, which was made for `base`."""
    assert json.loads(json.dumps(outcome(case))) == case["outcome"]


def test_the_cases_have_each_kind_of_outcome() -> None:
    """Some are done, some asked, some refused."""
    kinds = [next(iter(case["outcome"])) for case in CASES]
    assert {kind: kinds.count(kind) > 5 for kind in kinds} == dict.fromkeys(["document", "conflicts", "refused"], True)
