"""Read a protocol document: bytes to a strict model, with all faults at once and at their lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from stopline.documents.lines import MAX_BYTES, Lines, read_yaml
from stopline.errors import BadInput, Fault, unreadable
from stopline.protocol.schema import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

_Model = TypeVar("_Model", bound=BaseModel)

_MOST_SHOWN = 60
_EXPECTED = {
    "missing": "this field, which is required",
    "extra_forbidden": "only fields of the form, see docs/formats/protocol.md",
    "string_pattern_mismatch": "a name: a letter, then letters, digits or `_`, at most 48",
    "string_type": "text",
    "float_type": "a number, for example 300",
    "int_type": "a whole number, for example 2",
    "bool_type": "true or false",
    "dict_type": "a mapping: names with something under each",
    "model_type": "a mapping: fields with their values",
    "tuple_type": "a list, for example [a, b]",
    "less_than": "a number less than {lt}",
    "greater_than": "a number greater than {gt}",
    "less_than_equal": "a number of at most {le}",
    "greater_than_equal": "a number of at least {ge}",
    "literal_error": "one of {expected}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "some text",
    "string_too_long": "at most {max_length} characters",
}


@dataclass(frozen=True, slots=True)
class ProtocolFile:
    """A protocol document as it was read.

    Attributes:
        protocol: what it says.
        lines: where each value stands.
        data: the exact bytes; what is signed.
    """

    protocol: Protocol
    lines: Lines
    data: bytes

    @property
    def digest(self) -> str:
        """The name of exactly these bytes: `sha256:` and 64 hexadecimal digits."""
        return digest_of(self.data)


def digest_of(data: bytes) -> str:
    """The digest of a document's bytes, as it stands in signatures and amendments."""
    return f"sha256:{sha256(data).hexdigest()}"


def read_protocol(path: Path) -> ProtocolFile:
    """Read a protocol document from a file.

    Raises:
        BadInput: with all faults, if the file cannot be read or is not of the form.
    """
    return parse_protocol(read_bytes(path), path.name)


@lru_cache(maxsize=16)  # a node reads the same document at each adoption and for each review
def parse_protocol(data: bytes, name: str = "protocol") -> ProtocolFile:
    """Read a protocol document from bytes; `name` stands in faults.

    Raises:
        BadInput: with all faults found.
    """
    protocol, lines = parse_model(Protocol, data, name)
    return ProtocolFile(protocol, lines, data)


def read_bytes(path: Path) -> bytes:
    """Read a file that should be a document, without swallowing a disk image.

    Raises:
        BadInput: if it cannot be read or is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        expected = "a readable file"
        raise BadInput.single(str(path), unreadable(error), expected) from None
    if len(data) > MAX_BYTES:
        raise BadInput.single(str(path), f"over {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes")
    return data


def parse_model(model: type[_Model], data: bytes, name: str) -> tuple[_Model, Lines]:
    """Read a document of any strict form from YAML bytes, with the lines of its values.

    Raises:
        BadInput: with all faults found.
    """
    value, lines = read_yaml(data, name)
    try:
        return model.model_validate(value), lines
    except ValidationError as error:
        raise BadInput(_faults_of(error, value, lines)) from None


def _faults_of(error: ValidationError, value: Any, lines: Lines) -> Iterator[Fault]:  # noqa: ANN401
    found = [(_path_in(value, detail["loc"]), detail) for detail in error.errors(include_url=False)]
    for path, detail in sorted(found, key=lambda pair: lines.of(*pair[0])):
        yield Fault(lines.where(*path), _shown(_seen(detail)), _expected(detail))


def _shown(text: str) -> str:
    """What was seen, on one line and without signs that a terminal would obey."""
    line = " ".join(text.split())
    line = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in line)
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 3]}..."


def _path_in(value: Any, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:  # noqa: ANN401
    """Keep the parts of pydantic's location that are keys of the document."""
    path: list[int | str] = []
    for part in loc:
        if isinstance(value, dict):
            if part == "[key]" and part not in value:
                continue
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def _seen(detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return "nothing"
    if detail["type"] == "extra_forbidden":
        return f"`{detail['loc'][-1]}`, which the form does not have"
    seen = detail["input"]
    if isinstance(seen, dict):
        return "a mapping" if seen else "an empty mapping"
    if isinstance(seen, list | tuple):
        return f"a list of {len(seen)}"
    return "nothing" if seen is None else f"`{seen}`"


def _expected(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", "")).removeprefix("expected ")
    template = _EXPECTED.get(kind)
    return detail["msg"] if template is None else template.format(**context)
