"""Read one YAML document from outside: bounded in size, depth and aliases, with line numbers.

Plain scalars follow the core schema of YAML 1.2, not 1.1: the country code NO is text and not
"false", and 21:30 is text and not 1290. Times stay text; whoever expects one parses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from stopline.errors import FaultList, unreadable

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE: Final = 2_000_000
DEEPEST: Final = 40
MOST_NODES: Final = 200_000
_PLAIN: Final = "plain"
_TEXT_TAGS: Final = ("text", "tag:yaml.org,2002:str")
_WORDS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)")

Key = str | int
KeyPath = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The content of a YAML file, and the line on which each key stands.

    Attributes:
        path: the file.
        content: mappings, lists, text, numbers, booleans and None.
        lines: line by path of keys and list positions; the root is the empty path.
        digest_input: the bytes of the file.
    """

    path: Path
    content: Any
    lines: dict[KeyPath, int]
    digest_input: bytes

    def line(self, keys: KeyPath) -> int:
        """Line of a key, or of the nearest key above it that stands in the file."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def where(self, keys: KeyPath) -> str:
        """Say where a key stands, for example `a.yaml line 7: exits[2].beyond.lon`."""
        text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
        line = f"{self.path} line {self.line(keys)}"
        return f"{line}: {text.lstrip('.')}" if keys else line


def read_yaml(path: Path) -> YamlDocument:
    """Read a YAML file.

    Raises:
        BadInput: it cannot be read, is no YAML, is too large, too deep or grows too large through
            aliases, or has a key twice.
    """
    faults = FaultList()
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        faults.add(str(path), unreadable(error), "a file that can be read")
        faults.raise_if_any()
        raise
    if len(raw) > LARGEST_FILE:
        faults.add(str(path), "more than 2 MB", "a scenario of at most 2 MB; units go in a CSV")
        faults.raise_if_any()
    root = _compose(path, raw, faults)
    faults.raise_if_any()
    walk = _Walk(path, faults)
    content = walk.value(root, (), 0) if root is not None else None
    faults.raise_if_any()
    return YamlDocument(path, content, walk.lines, raw)


class _TooMuch(yaml.YAMLError):
    """The document is deeper or larger than is read."""

    def __init__(self, line: int, seen: str, expected: str) -> None:
        super().__init__(seen)
        self.line, self.seen, self.expected = line, seen, expected


class _BoundedLoader(yaml.SafeLoader):
    """Composes nodes and counts them; leaves the meaning of plain scalars to `_Walk`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401
        self._depth += 1
        self._count += 1
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
        if self._depth > DEEPEST:
            raise _TooMuch(line, "nesting deeper than 40", "at most 40 levels")
        if self._count > MOST_NODES:
            raise _TooMuch(line, f"more than {MOST_NODES} values", "a smaller scenario")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:  # noqa: ANN401
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _TEXT_TAGS[0]
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


def _compose(path: Path, raw: bytes, faults: FaultList) -> yaml.Node | None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        faults.add(f"{path} line {line}", f"byte 0x{raw[error.start]:02x}", "text in UTF-8")
        return None
    try:
        loader = _BoundedLoader(text)
        try:
            node: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    except _TooMuch as error:
        faults.add(f"{path} line {error.line}", error.seen, error.expected)
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path} line {mark.line + 1} column {mark.column + 1}" if mark else str(path)
        if "'\\t'" in str(error.problem):
            faults.add(where, "a tab", "spaces; YAML is indented by spaces alone")
            return None
        faults.add(where, f"broken YAML ({error.problem or error.context})", "valid YAML")
        return None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        faults.add(str(path), f"broken YAML ({type(error).__name__})", "valid YAML")
        return None
    if node is None:
        faults.add(str(path), "an empty file", "a scenario")
    return node


class _Walk:
    """Turns nodes into values; counts again, because aliases are followed here."""

    def __init__(self, path: Path, faults: FaultList) -> None:
        self._path = path
        self._faults = faults
        self._count = 0
        self.lines: dict[KeyPath, int] = {}

    def value(self, node: yaml.Node, keys: KeyPath, depth: int) -> Any:  # noqa: ANN401
        self._count += 1
        line = node.start_mark.line + 1
        self.lines.setdefault(keys, line)
        if depth > DEEPEST or self._count > MOST_NODES:
            self._faults.add(
                f"{self._path} line {line}",
                "aliases that repeat or grow without bound (a YAML bomb)",
                f"at most {MOST_NODES} values once aliases are written out",
            )
            self._faults.raise_if_any()
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(child, (*keys, number), depth + 1)
                for number, child in enumerate(node.value)
            ]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, keys: KeyPath, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._faults.add(f"{self._path} line {line}", "a list or mapping as key", "a word")
                continue
            key = str(key_node.value)
            if key in found:
                first = self.lines[*keys, key]
                self._faults.add(
                    f"{self._path} line {line}: {key}",
                    f"the key {key!r} a second time",
                    f"each key once; it stands on line {first} already",
                )
                continue
            self.lines[*keys, key] = line
            found[key] = self.value(value_node, (*keys, key), depth + 1)
        return found

    def _scalar(self, node: yaml.Node, line: int) -> str | int | float | bool | None:
        text = str(node.value)
        if node.tag in _TEXT_TAGS:
            return text
        if node.tag != _PLAIN:
            self._faults.add(f"{self._path} line {line}", f"the tag {node.tag}", "no tags")
            return None
        return _core_schema(text)


def _core_schema(text: str) -> str | int | float | bool | None:
    """Value of a plain scalar by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text
