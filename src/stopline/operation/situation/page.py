"""What stands on the page, apart from how it is drawn: blocks of short lines, and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Tone: TypeAlias = Literal["plain", "good", "bad", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a lead in bold (a time, a state), and what it says."""

    text: str
    lead: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the page, with the answer to one question.

    Attributes:
        title: the question.
        lines: the answer.
        wide: it takes the whole width.
    """

    title: str
    lines: tuple[Line, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The page.

    Attributes:
        title: what the incident is called.
        reader: who it is for.
        headline: how it stands, in one sentence.
        facts: what stands beside the title: times, phase, line.
        decisions: what is wanted from the reader; empty for nothing.
        blocks: the other questions and answers.
        foot: where it comes from.
    """

    title: str
    reader: str
    headline: str
    facts: tuple[str, ...]
    decisions: Block
    blocks: tuple[Block, ...]
    foot: str


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is: characters of a line, and the share of a block's lines."""

    line: int
    share: float


# Tried in this order until the page fits; the last one always does (a test tries the longest).
ROOMS: Final = (
    Room(150, 1.0), Room(100, 1.0), Room(80, 0.75), Room(70, 0.6), Room(60, 0.5), Room(50, 0.4),
)  # fmt: skip
# Of an A4 page in the sizes of `html.py`, measured on rendered pages, with something to spare.
ROWS: Final = 52
WIDE_ROW, HALF_ROW = 88, 38


def block(
    title: str,
    lines: list[Line],
    most: int,
    *,
    none: str,
    room: Room = ROOMS[0],
    wide: bool = False,
) -> Block:
    """Make a block of at most so many lines; what is left out is counted, never dropped in silence.

    Args:
        title: the question.
        lines: the answer, most important first.
        most: lines that have room.
        none: what to say if there is no line.
        room: how much room there is.
        wide: it takes the whole width.
    """
    if not lines:
        return Block(title, (Line(none, tone="quiet"),), wide)
    most = max(2, math.ceil(most * room.share))
    kept = [Line(short(line.text, room.line), line.lead, line.tone) for line in lines]
    if len(kept) > most:
        left = len(kept) - (most - 1)
        kept = [*kept[: most - 1], Line(f"and {left} more", tone="quiet")]
    return Block(title, tuple(kept), wide)


def short(text: str, most: int = 150) -> str:
    """Cut a line to what has room, with a sign that it goes on."""
    one = " ".join(text.split())
    return one if len(one) <= most else f"{one[: most - 1]}…"


def rows(page: Page) -> int:
    """How many rows of print the page takes, by the length of its lines; rather too many."""
    total = 3 + math.ceil(len(page.headline) / (WIDE_ROW // 2)) + _rows(page.decisions)
    halves = [_rows(each) for each in page.blocks if not each.wide]
    total += sum(max(halves[at : at + 2]) for at in range(0, len(halves), 2))
    return total + sum(_rows(each) for each in page.blocks if each.wide)


def _rows(block: Block) -> int:
    width = WIDE_ROW if block.wide else HALF_ROW
    return 2 + sum(math.ceil((len(e.lead) + 1 + len(e.text)) / width) for e in block.lines)
