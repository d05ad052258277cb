"""Makes the page fit: lines and lists are cut until it stays one page, and what is cut is said."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.rendering.page.model import Block, Line

if TYPE_CHECKING:
    from stopline.rendering.page.model import Paper


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is: characters of a line, and the share of a block's lines."""

    line: int
    share: float


# Tried in this order until the page fits; the last one always does (a test tries the longest).
ROOMS: Final = (
    Room(300, 2.5), Room(220, 1.6), Room(220, 1.0), Room(150, 1.0), Room(100, 1.0),
    Room(80, 0.75), Room(70, 0.6), Room(60, 0.5), Room(50, 0.4),
)  # fmt: skip
AS_ASKED: Final = Room(220, 1.0)
# Of an A4 page as `rendering/page` draws it, measured on rendered pages, with some to spare.
ROWS: Final = 68
LOOSE_ROWS: Final = 52  # up to so many the letters of a printed page may be large
WIDE_ROW, HALF_ROW = 52.0, 24.5  # widths of a row, in heights of its letters
_NARROW: Final = frozenset(" .,;:'|!iljIftr()[]-\"“”")
_BROAD: Final = frozenset("mwMW@%…OQDGN")


def block(
    title: str,
    lines: list[Line],
    most: int,
    *,
    none: str,
    room: Room = AS_ASKED,
    wide: bool = False,
    boxed: bool = False,
) -> Block:
    """Make a block of at most so many lines; what is left out is counted, never dropped in silence.

    Args:
        title: the question.
        lines: the answer, most important first.
        most: lines that have room.
        none: what to say if there is no line.
        room: how much room there is.
        wide: it takes the whole width.
        boxed: the reader must not miss it.
    """
    if not lines:
        return Block(title, (Line(none, tone="quiet"),), wide, boxed)
    most = max(2, math.ceil(most * room.share))
    kept = [Line(short(line.text, room.line), line.lead, line.tone) for line in lines]
    if len(kept) > most:
        left = len(kept) - (most - 1)
        kept = [*kept[: most - 1], Line(f"and {left} more", tone="quiet")]
    return Block(title, tuple(kept), wide, boxed)


def short(text: str, most: int = 150) -> str:
    """Cut a line to what has room, after a word, with a sign that it goes on."""
    one = re.sub(r"[ \t\r\n]+", " ", text).strip()  # a space that must not break stays
    if len(one) <= most:
        return one
    words = one[: most - 1].rpartition(" ")[0]
    kept = words if len(words) > most // 2 else one[: most - 2]
    return f"{kept.rstrip(' ,;:(')} …"


def rows(paper: Paper) -> int:
    """How many rows of print a page takes, by the length of its lines; rather too many."""
    total = 5 + math.ceil(_width(paper.headline) * 1.3 / WIDE_ROW)  # in large, bold letters
    halves = [_rows(each) for each in paper.blocks if not (each.wide or each.boxed)]
    total += max(sum(halves[::2]), sum(halves[1::2]))  # two columns
    return total + sum(_rows(each) for each in paper.blocks if each.wide or each.boxed)


def _rows(block: Block) -> int:
    width = WIDE_ROW if block.wide or block.boxed else HALF_ROW
    lines = (_width(e.lead) * 1.12 + _width(e.text) + 0.4 for e in block.lines)  # leads are bold
    return 2 + sum(math.ceil(one / width) for one in lines)


def _width(text: str) -> float:
    """How wide a text is printed, in heights of its letters; rather too wide."""
    return sum(0.38 if c in _NARROW else 0.86 if c in _BROAD else 0.62 for c in text)
