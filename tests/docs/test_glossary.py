"""The words of the domain stay: each is explained once, and forbidden synonyms stay out."""

from __future__ import annotations

import re
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
WORDS = {
    "incident",
    "side",
    "agency",
    "unit",
    "junction",
    "section",
    "site",
    "seal",
    "exit",
    "escape route",
    "plan",
    "margin",
    "sighting",
    "belief",
    "protocol",
    "order",
    "request",
    "commitment",
    "journal",
    "link",
    "exercise",
}


def rows() -> dict[str, str]:
    lines = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    assert len(lines) == len(dict(lines)), "a word is explained twice"
    return dict(lines)


def test_every_word_of_the_mission_is_explained() -> None:
    assert WORDS - set(rows()) == set()


def test_words_are_in_alphabetical_order() -> None:
    assert list(rows()) == sorted(rows())
