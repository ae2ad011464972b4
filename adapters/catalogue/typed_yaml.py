"""How is a hand-written YAML file read as a type? Every problem is reported with its line; no objects are constructed.

YAML 1.1 reads `16:9` as 969, `010` as 8 and `no` as false: where that could surprise, the text must be quoted."""

import re
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec
import yaml
from msgspec import Meta
from msgspec.structs import FieldInfo
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

MAX_VALUES = 100_000  # with every alias written out
MAX_DEPTH = 200
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")  # as JSON has it
_BOOLS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TAGS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
}
_EXPECTED: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    bool: "true or false",
    date: "a date such as 2027-01-31",
}
_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where PyYAML was built without libyaml


class Problem(NamedTuple):
    """What is wrong at one place of the file."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.path}: {self.message}" if self.path else f"{self.line}: {self.message}"


class _TooLarge(Exception):
    pass


class Document:
    """A file as far as it could be read: `value` is plain data, without the parts that have a problem.

    Structs may therefore lack fields, and are empty where the file has no mapping; a list of them keeps its
    numbering."""

    def __init__(self, text: str, type_: Any) -> None:
        self.value: Any = None
        self.problems: list[Problem] = []
        self._lines: dict[str, int] = {"": 1}
        self._count = 0
        try:
            node = _compose(text)
            if node is None:
                self.report("", "is empty")
            else:
                self.value = self._read(node, type_, "")
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            start = f", {error.context} on line {error.context_mark.line + 1}" if error.context_mark else ""
            self._broken(line, f"is not valid YAML: {error.problem}{start}")
        except ReaderError as error:
            self._broken(text.count("\n", 0, error.position) + 1, "holds a character that YAML does not allow")
        except RecursionError:
            self._broken(1, "is nested too deeply")
        except _TooLarge:
            self._broken(1, f"holds more than {MAX_VALUES} values, counting each use of an alias")

    def report(self, path: str, message: str) -> None:
        """Add a problem. A missing field is reported at the line of its parent."""
        place = path
        while place not in self._lines:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        self.problems.append(Problem(self._lines[place], path, message))

    def line(self, path: str) -> int | None:
        """The line on which a value starts, None when it is not in the file."""
        return self._lines.get(path)

    def _broken(self, line: int, message: str) -> None:
        self.value, self.problems = None, [Problem(line, "", message)]

    def _read(self, node: Node, type_: Any, path: str) -> Any:
        """The value of a node; None when it has a problem, which is reported."""
        self._count += 1
        if self._count > MAX_VALUES:
            raise _TooLarge
        bare = _bare(type_)
        anything = bare is Any
        if anything and isinstance(node, CollectionNode):
            bare = dict[str, Any] if isinstance(node, MappingNode) else list[Any]
        origin: Any = get_origin(bare) or bare
        if _tag(node) not in _TAGS:
            self.report(path, f"is of the YAML type '{_tag(node)}', which has no place here")
            return {} if _is_a(origin, msgspec.Struct) else None
        if _is_a(origin, msgspec.Struct):
            return self._struct(node, origin, path)
        if origin not in (dict, list, tuple):
            return self._scalar(node, type_, path)
        if isinstance(node, CollectionNode) and not node.value and not anything:
            self.report(path, "must not be empty")
        read = self._dict if origin is dict else self._list
        return read(node, get_args(bare), path)

    def _struct(self, node: Node, struct: type[msgspec.Struct], path: str) -> dict[str, Any]:
        fields = _fields(struct)
        value: dict[str, Any] = {}
        pairs = self._pairs(node, str, path)
        for name, where, child in pairs:
            if name not in fields:
                self.report(where, f"is not known. Known fields: {', '.join(sorted(fields))}")
            elif (read := self._read(child, fields[name].type, where)) is not None:
                value[name] = read
        given = {name for name, _, _ in pairs}
        for name, field in fields.items():
            if field.required and name not in given and isinstance(node, MappingNode):
                self.report(_join(path, name), "is required")
        return value

    def _dict(self, node: Node, types: tuple[Any, ...], path: str) -> dict[str, Any] | None:
        key_type, value_type = types
        pairs = self._pairs(node, key_type, path)
        read = ((name, self._read(child, value_type, where)) for name, where, child in pairs)
        return {name: value for name, value in read if value is not None} if isinstance(node, MappingNode) else None

    def _pairs(self, node: Node, key_type: Any, path: str) -> list[tuple[str, str, Node]]:
        """The readable keys of a mapping, each with its path and the node of its value."""
        pairs: dict[str, tuple[str, str, Node]] = {}
        if not isinstance(node, MappingNode):
            self.report(path, f"expected a mapping, got {_TAGS[_tag(node)]}")
            return []
        for key, child in node.value:
            where = _join(path, _shown(key.value) if isinstance(key, ScalarNode) else "?")
            first, self._lines[where] = self._lines.get(where), key.start_mark.line + 1
            name = self._read(key, key_type, where)
            if name in pairs:
                self.report(where, f"is given twice, first on line {first}")
            elif name is not None:
                pairs[name] = (name, where, child)
        return list(pairs.values())

    def _list(self, node: Node, types: tuple[Any, ...], path: str) -> list[Any] | None:
        if not isinstance(node, SequenceNode):
            self.report(path, f"expected a list, got {_TAGS[_tag(node)]}")
            return None
        item, *others = types
        fixed = others not in ([], [...])
        if fixed and len(types) != len(node.value):
            self.report(path, f"expected {len(types)} items, got {len(node.value)}")
            return None
        items: list[Any] = []
        for i, child in enumerate(node.value):
            where = f"{path}[{i}]"
            self._lines[where] = child.start_mark.line + 1
            items.append(self._read(child, item, where))
        good = [item for item in items if item is not None]
        return None if fixed and len(good) < len(items) else good

    def _scalar(self, node: Node, type_: Any, path: str) -> Any:
        expected, secret = _expected(type_)
        if not isinstance(node, ScalarNode):
            self.report(path, f"expected {expected}, got {_TAGS[_tag(node)]}")
            return None
        tag, bare, text = _tag(node), _bare(type_), str(node.value)
        value: Any = text
        if tag == "bool" and bare is not str:
            value = _BOOLS.get(text.lower(), text)
        elif tag in ("int", "float") and bare is not str and _NUMBER.fullmatch(text):
            value = msgspec.json.decode(text)
        elif tag == "null":
            self.report(path, f"has no value: give it {expected}, or leave it out")
            return None
        elif tag != "str" and bare in (str, Any) and not secret:
            self.report(path, f'YAML takes {text[:40]} for {_TAGS[tag]}; quote it: "{text[:40]}"')
            return None
        elif not _is_storable(text):
            self.report(path, "holds a character that can't be stored")
            return None
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError:
            self.report(path, f"expected {expected}" + ("" if secret else f", got {text[:40]!r}"))
            return None
        return value


def _compose(text: str) -> Node | None:
    """The document as nodes, None when it is empty. Raises a YAMLError with its place, or RecursionError.

    libyaml takes a tenth of the time, but overflows the C stack for deeply nested documents and locates its errors less
    well, so PyYAML's own parser reads again what libyaml refuses."""
    try:
        depth = 0
        for event in yaml.parse(text, _FastLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise RecursionError
        return yaml.compose(text, _FastLoader)
    except yaml.YAMLError:
        return yaml.compose(text, yaml.SafeLoader)


def _tag(node: Node) -> str:
    return node.tag.removeprefix("tag:yaml.org,2002:")


def _is_a(type_: Any, base: type) -> bool:
    return isinstance(type_, type) and issubclass(type_, base)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(text: str) -> str:
    return text[:60] if text.isprintable() else repr(text[:60])


def _is_storable(text: str) -> bool:
    """PostgreSQL has no NUL in a text, and UTF-8 no half of a surrogate pair; a YAML escape can write both."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


# What a type says of itself is asked for each of some 15,000 values, and is the same for all values of the type.
# `int | str` equals `str | int`, so a union of several types would be answered as the first one that was asked for; the
# catalogue has none.


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """The fields by their names in the file."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


@cache
def _bare(type_: Any) -> Any:
    """The type inside of Annotated and Optional."""
    if get_origin(type_) is Annotated:
        return _bare(get_args(type_)[0])
    if get_origin(type_) in (Union, UnionType):
        return _bare(next(inner for inner in get_args(type_) if inner is not type(None)))
    return type_


@cache
def _expected(type_: Any) -> tuple[str, bool]:
    """A description of the expected value, and whether the value could be a secret."""
    for inner in (type_, *get_args(type_)):
        for meta in getattr(inner, "__metadata__", ()):
            if isinstance(meta, Meta) and meta.description:
                return meta.description, bool(meta.extra and meta.extra.get("secret"))
    bare = _bare(type_)
    if _is_a(bare, Enum):
        return f"one of {', '.join(member.value for member in bare)}", False
    return _EXPECTED.get(bare, "a value"), False
