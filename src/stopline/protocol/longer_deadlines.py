"""A protocol with longer deadlines, for people who play it for the first time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from stopline.errors import BadInput
from stopline.protocol.fields import MOST_S
from stopline.protocol.reader import parse_protocol

if TYPE_CHECKING:
    from stopline.protocol.reader import ProtocolFile

_DEADLINE: Final = re.compile(r"(\b(?:acknowledge_)?within_s:[ \t]+)([0-9.]+)")
_KEYS: Final = frozenset({"within_s", "acknowledge_within_s"})


def with_longer_deadlines(file: ProtocolFile, times: int) -> bytes:
    """Give the document with every deadline so many times as long; all else stays as written.

    Thirty days, the longest that a document may give, is the end.

    Raises:
        BadInput: a deadline is written in a way that is not found in the text.
    """
    text = _DEADLINE.sub(
        lambda m: f"{m[1]}{_longer(float(m[2]), times):.10g}", file.data.decode("utf-8")
    )
    made = f"# Every deadline is {times} times as long, for an exercise.\n{text}".encode()
    wanted = _stretched(file.protocol.model_dump(mode="json"), times)
    if parse_protocol(made).protocol.model_dump(mode="json") != wanted:
        expected = "each written as `within_s: 120` or `acknowledge_within_s: 120`"
        raise BadInput.single("deadlines", "one that is written in another way", expected)
    return made


def _longer(seconds: float, times: int) -> float:
    return min(seconds * times, MOST_S)


def _stretched(part: Any, times: int) -> Any:  # noqa: ANN401  (what a document holds)
    if isinstance(part, dict):
        return {
            key: _longer(value, times) if key in _KEYS and value else _stretched(value, times)
            for key, value in part.items()
        }
    return [_stretched(one, times) for one in part] if isinstance(part, list | tuple) else part
