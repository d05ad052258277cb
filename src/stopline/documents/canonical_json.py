"""One value, one sequence of bytes: the JSON Canonicalization Scheme of RFC 8785."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, TypeAlias

from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Json: TypeAlias = bool | int | float | str | "Sequence[Json]" | "Mapping[str, Json]" | None
else:
    Json = object

_LARGEST_INTEGER = 2**53 - 1  # beyond it a reader that holds numbers as doubles would round
_PLAIN_FLOAT_BELOW = 1e16  # Python and ECMAScript write a float alike from 1e-4 up to here
_PLAIN_FLOAT_FROM = 1e-4
_FIRST_SURROGATE = "\ud800"
_DEPTH_LIMIT = 64
_SAFE_DIGITS = 15
_PLAIN, _WHOLE, _ODD = 0, 1, 2  # what Python's fast encoder makes of a value: see `_look`

_encode_string = json.JSONEncoder(ensure_ascii=False).encode
_encode_plain = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical(value: Json) -> bytes:
    """Write a JSON value as RFC 8785 asks: sorted keys, no spaces, numbers as ECMAScript has them.

    Raises:
        BadInput: a number is not finite or is an integer beyond 2**53 - 1, a key is no string,
            text holds half of a surrogate pair, or the value is nested deeper than 64.
    """
    found = _look(value, 0)
    if found == _ODD:
        text = _encode(value)
    else:
        text = _encode_plain(value if found == _PLAIN else _whole(value))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadInput.single(
            "canonical JSON", f"half a surrogate pair at {error.start}", "whole characters"
        ) from error


def parse_json(data: bytes, where: str) -> object:
    """Read JSON strictly: UTF-8, no doubled keys, no NaN, nested at most 64 deep.

    Raises:
        BadInput: it is not such JSON.
    """
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object_once,
            parse_constant=_no_constant,
            parse_int=_integer,
        )
        _look(value, 0)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput.single(where, _short(error), "JSON in UTF-8") from error
    return value


def is_canonical(data: bytes) -> bool:
    """Tell whether bytes are exactly what `canonical` writes."""
    try:
        return canonical(parse_json(data, "entry")) == data  # type: ignore[arg-type]
    except BadInput:
        return False


def _short(error: BaseException) -> str:
    return str(error)[:60] or type(error).__name__


def _object_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadInput.single("JSON object", "a key twice", "each key once")
    return found


def _integer(text: str) -> int | float:
    """Read large integers as doubles, as ECMAScript does: such a text was written from one."""
    return int(text) if len(text) <= _SAFE_DIGITS else _rounded(text)


def _rounded(text: str) -> int | float:
    value = float(text)
    return int(value) if abs(value) <= _LARGEST_INTEGER else value


def _no_constant(name: str) -> object:
    raise BadInput.single("JSON number", name, "a finite number")


def _look(value: object, depth: int) -> int:  # noqa: C901, PLR0912
    """Tell whether Python's fast encoder writes the value as RFC 8785 does; refuse what may not.

    It does for `_PLAIN` values, and for `_WHOLE` ones once their whole floats are integers.
    """
    if value is None or isinstance(value, (str, bool)):
        return _PLAIN
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise BadInput.single("canonical JSON", "an integer beyond 2**53 - 1", "a string")
        return _PLAIN
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadInput.single("canonical JSON", repr(value), "a finite number")
        size = abs(value)
        if value.is_integer():
            return _WHOLE if size <= _LARGEST_INTEGER else _ODD
        return _PLAIN if _PLAIN_FLOAT_FROM <= size < _PLAIN_FLOAT_BELOW else _ODD
    if depth >= _DEPTH_LIMIT:
        raise BadInput.single("canonical JSON", "deeper than 64", "a flatter value")
    worst = _PLAIN
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise BadInput.single("canonical JSON key", repr(key)[:40], "a string")
            if not key.isascii() and any(sign >= _FIRST_SURROGATE for sign in key):
                worst = _ODD  # UTF-16 order and code point order differ from here on
        inner: Iterable[object] = value.values()
    elif isinstance(value, (list, tuple)):
        inner = value
    else:
        raise BadInput.single("canonical JSON", type(value).__name__, "a JSON value")
    for each in inner:  # look at each one: a later one may be refused
        found = _look(each, depth + 1)
        worst = max(worst, found)
    return worst


def _whole(value: object) -> object:
    """The same value with each whole float as an integer, as ECMAScript writes it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(inner) for inner in value]
    return value


def _encode(value: object) -> str:
    if isinstance(value, float):
        return _ecmascript(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_encode_string(k)}:{_encode(value[k])}" for k in keys) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_encode(inner) for inner in value) + "]"
    return _encode_plain(value)


def _ecmascript(value: float) -> str:
    """Write a finite float as ECMAScript's Number::toString does (ECMA-262, 6.1.6.1.20)."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    exponent = int(exponent_text or 0) - len(fraction)
    stripped = digits.rstrip("0")
    exponent += len(digits) - len(stripped)
    count, point = len(stripped), len(stripped) + exponent
    if count <= point <= 21:  # noqa: PLR2004  (the numbers of the standard)
        return sign + stripped + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004
        return f"{sign}{stripped[:point]}.{stripped[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004
        return f"{sign}0.{'0' * -point}{stripped}"
    rest = f".{stripped[1:]}" if count > 1 else ""
    return f"{sign}{stripped[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"
