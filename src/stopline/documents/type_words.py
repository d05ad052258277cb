"""Types of fields as a person writes them: `text`, `list of numbers`, `a time with zone`."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.types import AwareDatetime

_PLAIN: Final[dict[Any, str]] = {
    str: "text",
    bytes: "bytes",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dt.datetime: "time",
    AwareDatetime: "time with zone",
    dt.date: "date",
    object: "anything",
    Any: "anything",
    type(None): "nothing",
}
_MANY: Final = (list, tuple, set, frozenset, Sequence)


def type_words(annotation: Any) -> str:  # noqa: ANN401, C901, PLR0911  (a line for each form)
    """Say what a field holds, from its annotation."""
    try:
        plain = _PLAIN.get(annotation)
    except TypeError:  # an annotation that cannot be a key
        plain = None
    if plain is not None:
        return plain
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_words(parts[0])
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in {Union, types.UnionType}:
        return _union(parts)
    if origin in _MANY:
        return _many(origin, parts)
    if origin in {dict, Mapping}:
        return f"{type_words(parts[1])} by {type_words(parts[0])}"
    if annotation in _MANY or annotation is dict:
        return "list" if annotation is not dict else "mapping"
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return annotation.__name__
        base = next(
            (one for one in annotation.__mro__ if one in _PLAIN and one is not object), None
        )
        return annotation.__name__ if base is None else _PLAIN[base]
    return str(annotation).replace("typing.", "").replace("|", "or")


def _union(parts: tuple[Any, ...]) -> str:
    words = [type_words(part) for part in parts if part is not type(None)]
    text = " or ".join(dict.fromkeys(words))
    return f"{text}, or nothing" if type(None) in parts else text


def _many(origin: Any, parts: tuple[Any, ...]) -> str:  # noqa: ANN401
    if origin is tuple and parts and parts[-1] is not Ellipsis:
        return ", ".join(type_words(part) for part in parts)
    return f"list of {type_words(parts[0])}"
