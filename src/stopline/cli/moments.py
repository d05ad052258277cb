"""Moments on the command line: ISO 8601 with a zone, or a plain fault."""

from __future__ import annotations

from datetime import datetime


def moment_of(option: str, text: str) -> datetime:
    """Read a moment.

    Raises:
        BadInput: it is none, or has no zone.
    """
    from stopline.errors import BadInput

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        expected = "a time with zone, for example 2026-06-12T20:40:00+03:00"
        raise BadInput.single(option, text, expected)
    return moment
