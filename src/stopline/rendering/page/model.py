"""What stands on a page, apart from how it is drawn: title, blocks of short lines, a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["plain", "good", "bad", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a lead in bold (a time, a state), and what it says."""

    text: str
    lead: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """One question and its answer.

    Attributes:
        title: the question.
        lines: the answer.
        wide: it takes the whole width; two others stand side by side.
        boxed: it is what the reader must not miss.
        new_page: it begins a page.
        flows: it may go on over the end of a page; only a wide one may.
        picture: a PNG below its title, or nothing.
        caption: of the picture.
    """

    title: str
    lines: tuple[Line, ...]
    wide: bool = False
    boxed: bool = False
    new_page: bool = False
    flows: bool = False
    picture: bytes | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A page.

    Attributes:
        title: what it is about.
        headline: what it says, in one sentence.
        tone: whether that is good or bad.
        facts: what stands beside the title.
        blocks: questions and answers, in order.
        picture: a PNG below the title, or nothing.
        caption: of the picture.
        foot: where it comes from.
        dense: so much stands on it that printed letters are small.
    """

    title: str
    headline: str
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: str
    tone: Tone = "plain"
    picture: bytes | None = None
    caption: str = ""
    dense: bool = False

    @property
    def has_pages(self) -> bool:
        """Whether it is made of more than one page, which are numbered then."""
        return any(block.new_page for block in self.blocks)
