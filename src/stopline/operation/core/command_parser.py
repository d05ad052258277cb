"""Read a command from the words that a person types: FIELD=VALUE, one for each field.

incident=i-1                 text goes in as it stands
lon=9.52  confirmed=true     what is no text is JSON
expires=+24h  seen=-90s      a time from now; or now; or ISO 8601 with zone
said.name=alert              a field of a field
plan=@out/plan.json          what stands in a file
sightings=ID                 one thing where several may stand; more of them as JSON: ["ID", "ID"]
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from stopline.documents.validation import faults_of
from stopline.errors import BadInput, FaultList, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.operation.core.command import Command

_FROM_NOW: Final = re.compile(r"([+-]\d+(?:\.\d+)?)(s|m|min|h|d)")
_UNIT_S: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def command_from_words(
    kind: type[Command],
    words: Sequence[str],
    now_s: float,
    *,
    read: Callable[[str], str] = lambda name: Path(name).read_text("utf-8"),
) -> Command:
    """Make a command of words.

    Args:
        kind: which command.
        words: FIELD=VALUE each.
        now_s: UTC seconds, for times from now.
        read: gives the text of a file that a word names with `@`.

    Raises:
        BadInput: words that are none, or a command that will not do; every fault at once.
    """
    schema = kind.model_json_schema()
    content: dict[str, Any] = {}
    faults = FaultList()
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            faults.add(kind.kind, word, "FIELD=VALUE, for example incident=i-1")
            continue
        try:
            text = read(value[1:]) if value.startswith("@") else value
        except OSError as error:
            faults.add(name, f"{value}: {unreadable(error)}", "a file that can be read")
            continue
        except UnicodeDecodeError:
            faults.add(name, value, "a file of UTF-8 text")
            continue
        path = name.split(".")
        if not _place(content, path, _value(_part(schema, path), text, now_s)):
            faults.add(name, value, "a field that is given once")
    try:
        made = kind.model_validate_json(json.dumps(content))
    except ValidationError as error:
        for key, seen, expected in faults_of(error, kind, content):
            faults.add(f"{kind.kind}: {key}", seen, expected)
        made = None
    faults.raise_if_any()
    if made is None:
        raise BadInput.single(kind.kind, " ".join(words), "the fields of this command")
    return made


def _place(content: dict[str, Any], path: list[str], value: object) -> bool:
    """Put a value at a path of names; say whether nothing was there."""
    for name in path[:-1]:
        inner: object = content.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        content = inner
    if path[-1] in content:
        return False
    content[path[-1]] = value
    return True


def _part(schema: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """Find the schema of a field; an empty one if there is none."""
    part = schema
    for name in path:
        part = _named(schema, part).get("properties", {}).get(name, {})
    return _named(schema, part)


def _named(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to where the part is written down."""
    name = str(part.get("$ref", "")).removeprefix("#/$defs/")
    found: dict[str, Any] = schema.get("$defs", {}).get(name, part)
    return found


def _value(part: dict[str, Any], text: str, now_s: float) -> object:
    """Take a text for what its field holds."""
    kinds = [part, *part.get("anyOf", [])]
    if any(one.get("format") == "date-time" for one in kinds):
        return _moment(text, now_s)
    if any(one.get("type") == "string" or "enum" in one for one in kinds) and text != "null":
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = text  # the form says what it expected
    lists = [one for one in kinds if one.get("type") == "array"]
    if not lists or isinstance(found, list) or found is None:
        return found
    return [text if "string" in str(lists[0].get("items")) else found]


def _moment(text: str, now_s: float) -> str:
    found = _FROM_NOW.fullmatch(text)
    if text != "now" and found is None:
        return text
    after_s = 0.0 if found is None else float(found[1]) * _UNIT_S[found[2]]
    moment = datetime.fromtimestamp(now_s, UTC) + timedelta(seconds=after_s)
    return moment.isoformat(timespec="milliseconds")
