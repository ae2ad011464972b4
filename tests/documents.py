"""What the tests of documents and packaging read: the project's own files."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from services.settings import Settings

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
_CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]
LAYERS = [name.strip() for layer in _CONTRACTS[0]["layers"] for name in layer.split("|")]
FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Settings)}


def rows(document: str, heading: str = "") -> dict[str, list[str]]:
    """The table rows of a document, or of the part under a heading, by the name in their first cell."""
    text = (ROOT / document).read_text()
    if heading:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in found}
