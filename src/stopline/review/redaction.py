"""What stays out of a review: what people wrote is shown without what looks like a number plate.

A review is read by many, long after the search for the vehicle is over. It names roles and not
persons, and no field of it holds the vehicle's description. Free text may still hold a plate; so
everything that is written like one is masked, which is a rule of thumb and errs towards hiding.
"""

from __future__ import annotations

import re
from typing import Final

# One to three letters and three to six digits beside each other, either way round, in any alphabet,
# and digits with letters on both sides; so that "A 3", "section 4977" and "21:40" stay readable.
_PLATE: Final = re.compile(
    r"\b[^\W\d_]{1,3}[ -]?\d{2,6}[ -]?[^\W\d_]{1,3}(?:[ -]?\d{1,3})?\b"
    r"|\b[^\W\d_a-zß-ÿ]{1,3}[ -]?\d{3,6}\b"
    r"|\b\d{3,6}[ -]?[^\W\d_a-zß-ÿ]{1,3}\b(?!\.)"
)
MASK: Final = "▮▮▮"
_NO_PLATE: Final = re.compile(r"\b(?:at|by|of|to|in|on|and|m|s|km|min|h|UTC|CET|the)\b")


def masked(text: str) -> str:
    """A text without what is written like a number plate."""

    def hide(found: re.Match[str]) -> str:
        return found[0] if _NO_PLATE.search(found[0]) else MASK

    return _PLATE.sub(hide, text)
