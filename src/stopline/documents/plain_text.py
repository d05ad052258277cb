"""Text in which nothing hides: no sign that moves a terminal's cursor or turns a line round.

What people say is shown on screens, printed at terminals and read aloud. A sign that is not seen
could wipe a line of a terminal, or make a road's name read backwards. New lines and tabs are text.
"""

from __future__ import annotations

import re
from typing import Final

from pydantic_core import PydanticCustomError

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)"
)


def without_hidden_signs(value: object) -> object:
    """Let a value through, with all texts in it.

    Raises:
        PydanticCustomError: a text in it has a sign that is not seen.
    """
    if isinstance(value, str):
        found = _HIDDEN.search(value)
        if found is not None:
            expected = f"no sign that is not seen, as U+{ord(found[0][0]):04X} is"
            raise PydanticCustomError(
                "expected", "expected {expected}", {"seen": "", "expected": expected}
            )
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            without_hidden_signs(part)
    elif isinstance(value, list | tuple):
        for part in value:
            without_hidden_signs(part)
    return value
