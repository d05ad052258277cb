"""YAML read with care: every value knows its line, and nothing that can surprise is let in.

Scalars follow the core schema of YAML 1.2: `yes`, `no`, `on` and `off` are words, not booleans.
Anchors, aliases, tags, repeated keys, several documents, deep nesting and large input are
refused: a document that is signed must mean what a person reads in it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from stopline.errors import BadInput, FaultList

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 262_144
MAX_DEPTH = 12
MAX_VALUES = 20_000
Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Lines:
    """The line of every value of one document, by its path of keys and positions."""

    def __init__(self, name: str, lines: Mapping[Path, int]) -> None:
        self.name = name
        self._lines = lines

    def of(self, *path: str | int) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def where(self, *path: str | int) -> str:
        """The place in words: `joint.yaml line 7: tasks.report.within_s`."""
        key = ".".join(str(part) for part in path)
        return f"{self.name} line {self.of(*path)}" + (f": {key}" if key else "")


def read_yaml(data: bytes, name: str) -> tuple[Any, Lines]:
    """Read one YAML document into plain values and their lines.

    Args:
        data: the file's bytes, UTF-8.
        name: what to call the file in faults.

    Raises:
        BadInput: with every fault found, if it is not YAML of the careful kind.
    """
    if len(data) > MAX_BYTES:
        raise BadInput.single(name, f"{len(data)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        where = f"{name} line {line}"
        raise BadInput.single(where, "bytes beyond UTF-8", "text in UTF-8") from None
    try:
        events = list(_unsurprising(text, name))
        node = _single_node(events, name)
    except yaml.YAMLError as error:
        raise _not_yaml(error, name) from None
    faults = FaultList()
    lines: dict[Path, int] = {(): _line(node.start_mark)}
    value = _plain(node, (), lines, faults, name)
    faults.raise_if_any()
    return value, Lines(name, lines)


def _line(mark: Any) -> int:  # noqa: ANN401  (PyYAML's two kinds of mark)
    return 1 if mark is None else int(mark.line) + 1


def _single_node(events: list[yaml.Event], name: str) -> yaml.Node:
    node = _Composed(events).get_single_node()
    if node is None:
        raise BadInput.single(name, "an empty document", "a document, see docs/formats/protocol.md")
    return node


class _Composed(Composer, Resolver):
    """Nodes of events that were looked at before; parsing twice would take twice the time."""

    def __init__(self, events: list[yaml.Event]) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self._events = events
        self._at = 0

    def check_event(self, *choices: type[yaml.Event]) -> bool:
        """Whether the next event is of these kinds."""
        return self._at < len(self._events) and isinstance(self._events[self._at], choices)

    def peek_event(self) -> yaml.Event:
        """The next event, which stays the next."""
        return self._events[self._at]

    def get_event(self) -> yaml.Event:
        """The next event."""
        self._at += 1
        return self._events[self._at - 1]


def _not_yaml(error: yaml.YAMLError, name: str) -> BadInput:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = name if mark is None else f"{name} line {mark.line + 1}"
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable text"
    return BadInput.single(where, str(problem)[:80], "well-formed YAML")


def _unsurprising(text: str, name: str) -> Iterator[yaml.Event]:
    """Walk the events, without building anything, and refuse what could surprise.

    Raises:
        BadInput: at the end, with all that could surprise; at once where there is too much.
    """
    faults = FaultList()
    depth = values = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = f"{name} line {_line(event.start_mark)}"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadInput.single(where, "nesting too deep", f"at most {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent):
            values += 1
            if values > MAX_VALUES:
                raise BadInput.single(where, "too many values", f"at most {MAX_VALUES}")
            if event.anchor is not None:
                faults.add(where, f"anchor or alias `{event.anchor}`", "the value written out")
            if (tag := getattr(event, "tag", None)) is not None:
                faults.add(where, f"tag `{tag}`", "a plain value without a tag")
        yield event
    faults.raise_if_any()


def _plain(
    node: yaml.Node, path: Path, lines: dict[Path, int], faults: FaultList, name: str
) -> Any:  # noqa: ANN401
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, faults, name)
    if isinstance(node, yaml.SequenceNode):
        values = []
        for position, item in enumerate(node.value):
            lines[*path, position] = _line(item.start_mark)
            values.append(_plain(item, (*path, position), lines, faults, name))
        return values
    where = f"{name} line {_line(node.start_mark)}: {'.'.join(map(str, path))}"
    return _scalar(node, where, faults)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], faults: FaultList, name: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, item in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            faults.add(f"{name} line {line}", "a key that is not a word", "a word as key")
            continue
        key = str(key_node.value)
        if key in found:
            first = lines[*path, key]
            faults.add(
                f"{name} line {line}", f"`{key}` again", f"each key once; first on line {first}"
            )
            continue
        lines[*path, key] = line
        found[key] = _plain(item, (*path, key), lines, faults, name)
    return found


def _scalar(node: yaml.Node, where: str, faults: FaultList) -> str | int | float | bool | None:
    text = str(node.value)
    if getattr(node, "style", None) not in {None, ""}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        faults.add(where, text, "a finite number")
    return text
