"""The manual and the reference pages as a person reads them: nothing twice, a copy, plain types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.glob("*.md"), DOCS.parent / "README.md"])
_CODE = re.compile(r"^\s*```.*?^\s*```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(
    r"Annotated|Literal|Optional|Union|\bNone\b|\b(?:list|dict|tuple|frozenset)\[|"
    r"\b(?:str|int|float|bool|datetime|AwareDatetime)\b"
)


def paragraphs(text: str) -> list[str]:
    bare = _CODE.sub("", text)
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", bare))
    return [part for part in parts if len(part) > 80 and not part.startswith("|")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_paragraph_stands_twice(page: Path) -> None:
    said = paragraphs(page.read_text("utf-8"))
    assert sorted({one for one in said if said.count(one) > 1}) == []
    for one in said:  # nor does one begin as another does
        assert sum(other[:80] == one[:80] for other in said) == 1, one[:80]


def test_step_one_of_an_alarm_shows_a_copy_of_a_scenario() -> None:
    manual = (DOCS / "manual.md").read_text("utf-8")
    first = manual.split("\n1. ", 1)[1].split("\n2. ", 1)[0]
    command = re.search(r"\$ cp (\S+\.yaml) (\S+\.yaml)", first)
    assert command is not None, first
    original, copied = (Path(name) for name in command.groups())
    assert (DOCS.parent / original).is_file()
    assert original.parent == copied.parent  # so that its map and its tables are found
    assert f"stopline plan {copied}" in manual


@pytest.mark.parametrize("page", sorted(DOCS.glob("formats/*.md")), ids=lambda page: page.stem)
def test_types_are_written_as_a_person_writes_them(page: Path) -> None:
    column, told = -1, []
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith("|"):
            column = -1
        elif "type" in cells:
            column = cells.index("type")
        elif 0 <= column < len(cells):
            told.append(cells[column])
    assert [one for one in told if _PYTHON.search(re.sub(r"`[^`]*`", "", one))] == []
