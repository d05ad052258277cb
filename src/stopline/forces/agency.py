"""One spelling of a service: files write `border service`, documents `border_service`."""

from __future__ import annotations

import re
from typing import Final

_BETWEEN: Final = re.compile(r"[\s_-]+")


def agency_name(text: str) -> str:
    """The one spelling of a service's name: lower case, with `_` between its words."""
    return _BETWEEN.sub("_", text.strip()).casefold()


def agency_words(name: str) -> str:
    """The name of a service as people read it."""
    return name.replace("_", " ")
