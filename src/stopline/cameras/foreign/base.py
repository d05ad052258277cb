"""What every format of a plate reader says: what was read, how surely, when, where, which way."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.errors import CameraFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST: Final = 1_048_576
MOST_READS: Final = 500
_DEEPEST: Final = 30
_MOST_PARTS: Final = 20_000  # no read has as many
_MOST_CANDIDATES: Final = 50
_LONGEST_PLATE: Final = 32
_PERCENT: Final = 100.0


class BadRead(CameraFailed):
    """A post is not of its format; what it held is told nowhere."""


@dataclass(frozen=True, slots=True, repr=False)
class ForeignRead:
    """One vehicle as another system read it.

    Attributes:
        candidates: what the plate may be, with probability where the system gives one.
        at_s: UTC seconds; None if it says nothing.
        camera: the system's name for it; empty for none.
        direction: towards, away, or None.
    """

    candidates: tuple[tuple[str, float | None], ...]
    at_s: float | None
    camera: str
    direction: str | None

    def __repr__(self) -> str:
        return "ForeignRead(hidden)"


def read_of(
    candidates: Iterable[tuple[object, object]], at_s: float | None, camera: object,
    direction: str | None = None, *, of_hundred: bool = False,
) -> ForeignRead | None:  # fmt: skip
    """Make a read of what a format holds; None if it names no plate.

    Args:
        candidates: plate and score of each.
        at_s: UTC seconds.
        camera: its name.
        direction: towards, away, or None.
        of_hundred: scores are from 0 to 100.
    """
    kept: dict[str, float | None] = {}
    for plate, score in candidates:
        if isinstance(plate, str) and 0 < len(plate.strip()) <= _LONGEST_PLATE:
            chance = number(score)
            if chance is not None:
                chance = min(max(chance / (_PERCENT if of_hundred else 1.0), 0.0), 1.0)
            text = plate.strip().replace("\n", "")
            if text not in kept:
                kept[text] = chance
        if len(kept) >= _MOST_CANDIDATES:
            break
    if not kept:
        return None
    name = str(camera)[:200] if isinstance(camera, str | int) else ""
    return ForeignRead(tuple(kept.items()), at_s, name, direction)


def read_json(body: bytes) -> Any:  # noqa: ANN401  (whatever stands there)
    """Read JSON of bounded size and depth.

    Raises:
        BadRead: it is none.
    """
    if len(body) > LARGEST:
        raise BadRead(f"the post is over {LARGEST // 1024} KiB")
    if body.count(b"[") + body.count(b"{") > _MOST_PARTS:
        raise BadRead("the post has too many parts")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRead("the post is not JSON") from None
    if _depth(content) > _DEEPEST:
        raise BadRead("the post is nested too deeply")
    return content


def _depth(content: object) -> int:
    deepest, waiting = 0, [(content, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        if depth > _DEEPEST:
            return depth
        if isinstance(part, dict):
            waiting += [(value, depth + 1) for value in part.values()]
        elif isinstance(part, list):
            waiting += [(value, depth + 1) for value in part]
    return deepest


def read_xml(body: bytes) -> Any:  # noqa: ANN401  (an element of lxml)
    """Read XML of bounded size, without entities, document types and networks.

    Raises:
        BadRead: it is none, or has a document type.
    """
    from lxml import etree  # noqa: PLC0415  (only where it is needed)

    if len(body) > LARGEST:
        raise BadRead(f"the post is over {LARGEST // 1024} KiB")
    if body.count(b"<") > _MOST_PARTS:
        raise BadRead("the post has too many parts")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise BadRead("the post is not XML") from None
    if root.getroottree().docinfo.doctype:
        raise BadRead("the post has a document type; expected none")
    return root


def number(value: object) -> float | None:
    """Return a finite number, also if it is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def moment(value: object, form: str | None = None) -> float | None:
    """Return UTC seconds of ISO 8601 or of another form; without a zone, UTC is meant."""
    if not isinstance(value, str) or len(value) > 64:  # noqa: PLR2004  (no time is as long)
        return None
    try:
        read = datetime.strptime(value, form) if form else datetime.fromisoformat(value)  # noqa: DTZ007
    except ValueError:
        return None
    try:
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, OSError):
        return None


def as_dict(value: object) -> dict[str, Any]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return a list of bounded length, or an empty one for anything else."""
    return value[:MOST_READS] if isinstance(value, list) else []
