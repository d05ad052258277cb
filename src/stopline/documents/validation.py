"""Say each fault of a scenario file in the words of its form: where, found what, expected what."""

from __future__ import annotations

import difflib
import re
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo

    from stopline.documents.yaml import KeyPath, YamlDocument
    from stopline.errors import FaultList

_CHOICE: Final = re.compile(r"'([^']*)'")
_COMMA: Final = re.compile(r"[-+]?\d+,\d+")  # a decimal comma
_MOST_FAULTS: Final = 200
_LIMITS: Final = {"less_than_equal": ("le", "at most"), "less_than": ("lt", "less than"),
                  "too_long": ("max_length", "at most")}  # fmt: skip


def note_faults(
    error: ValidationError,
    form: type[BaseModel],
    document: YamlDocument,
    faults: FaultList,
    concerns: Callable[[KeyPath, str], bool] | None = None,
) -> None:
    """Add every fault that pydantic found to `faults`.

    Args:
        error: what it found.
        form: of the document.
        document: where it was found.
        faults: take it.
        concerns: told path and what was expected, whether a fault is to be added.
    """
    found = faults_by_path(error, form, document.content)
    for keys in sorted(found, key=document.line):
        if concerns is None or concerns(keys, found[keys][1]):
            faults.add(document.where(keys), *found[keys])
    if error.error_count() > _MOST_FAULTS:
        faults.add(str(document.path), "more faults than these", "these to be mended first")


def faults_of(
    error: ValidationError, form: type[BaseModel], content: object
) -> list[tuple[str, str, str]]:
    """List key, found and expected of every fault in content that does not come from YAML."""
    found = faults_by_path(error, form, content)
    return [(".".join(map(str, keys)), *found[keys]) for keys in found]


def faults_by_path(
    error: ValidationError, form: type[BaseModel], content: object
) -> dict[KeyPath, tuple[str, str]]:
    """Give what was found and expected by path of keys; the first fault of each path.

    Where a key may hold one of two kinds of value, the kind that was not meant is not a fault.
    """
    details = error.errors(include_url=False)[:_MOST_FAULTS]
    paths = [_path_in_file(detail["loc"], content) for detail in details]
    above = {keys[:end] for keys in paths for end in range(len(keys))}
    found: dict[KeyPath, tuple[str, str]] = {}
    for detail, keys in zip(details, paths, strict=True):
        # A list is also told to be too short by the members that have faults of their own.
        if not (keys in above and detail["type"].endswith(("_type", "too_short"))):
            found.setdefault(keys, _seen_and_expected(detail, keys, form))
    return found


def _seen_and_expected(detail: Any, keys: KeyPath, form: type[BaseModel]) -> tuple[str, str]:  # noqa: ANN401
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _keys_of(_type_at(form, keys[:-1]))
        near = difflib.get_close_matches(str(keys[-1]), known, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return "an unknown key", f"keys of {', '.join(known)}{hint}"
    if kind == "expected":
        context = detail["ctx"]
        return context["seen"] or _shown(detail["input"]), context["expected"]
    if kind == "model_type" and (known := _keys_of(_type_at(form, keys))):
        return _shown(detail["input"]), f"a mapping with keys of {', '.join(known)}"
    field = _field_at(form, keys)
    expected = (field.description if field else None) or str(detail["msg"]).lower()
    if kind.startswith("bool_") and "true" not in expected:
        expected = f"true or false ({expected})"
    elif kind == "float_parsing" and _COMMA.fullmatch(str(detail["input"]).strip()):
        expected = f"{str(detail['input']).strip().replace(',', '.')} ({expected})"
    elif kind in {"literal_error", "enum"}:
        choices = str(detail["ctx"]["expected"])
        if not all(one in expected for one in _CHOICE.findall(choices)):
            expected = f"{choices} ({expected})"
    elif kind in _LIMITS:
        key, words = _LIMITS[kind]
        limit = f"{detail['ctx'][key]:,.10g}"
        if limit not in expected and limit.replace(",", "") not in expected:
            expected = f"{words} {limit} ({expected})"
    return ("nothing" if kind == "missing" else _shown(detail["input"])), expected


def _path_in_file(loc: tuple[str | int, ...], content: object) -> KeyPath:
    """Path of keys that stand in the file; names of union branches are left out."""
    path: list[str | int] = []
    here: Any = content
    for part in loc:
        if _holds(here, part):
            here = here[part]
        elif part == "[key]" or not isinstance(here, dict):
            continue
        path.append(part)
    return tuple(path)


def _holds(here: Any, part: str | int) -> bool:  # noqa: ANN401
    if isinstance(here, list):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, dict) and part in here


def _shown(value: object) -> str:
    if value == "":
        return "empty text"
    if value is None:
        return "nothing"
    if isinstance(value, list | dict) and not value:
        return "none"
    return repr(value)


def _keys_of(kind: object) -> list[str]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _field_at(form: type[BaseModel], keys: KeyPath) -> FieldInfo | None:
    """The nearest field of the form at or above a path."""
    for end in range(len(keys), 0, -1):
        owner = _type_at(form, keys[: end - 1])
        if isinstance(owner, type) and issubclass(owner, BaseModel):
            for name, field in owner.model_fields.items():
                if keys[end - 1] in {name, field.alias}:
                    return field
    return None


def _type_at(form: type[BaseModel], keys: KeyPath) -> Any:  # noqa: ANN401
    """The type that the form has at a path; None where it has none."""
    here: Any = form
    for key in keys:
        here = _step(_bare(here), key)
    return _bare(here)


def _bare(kind: Any) -> Any:  # noqa: ANN401
    """Strip annotations and None; of a union, the model in it."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in {Union, UnionType}:
        parts = [_bare(part) for part in get_args(kind) if part is not type(None)]
        models = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
        return (models or parts)[0]
    return kind


def _step(kind: Any, key: str | int) -> Any:  # noqa: ANN401
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if key in {name, field.alias}:
                return field.annotation
        return None
    if get_origin(kind) in {list, dict}:
        return get_args(kind)[-1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return None
