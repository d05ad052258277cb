"""The Python shown on the pages runs, and prints what the pages say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SESSION = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = re.compile(r"^```python run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def _with(pattern: re.Pattern[str]) -> list[Path]:
    return [page for page in _PAGES if pattern.search(page.read_text(encoding="utf-8"))]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", _with(_SESSION), ids=_name)
def test_a_session_on_a_page_prints_what_it_shows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    session = "\n".join(found[1] for found in _SESSION.finditer(text))
    test = doctest.DocTestParser().get_doctest(session, {}, _name(page), str(page), 0)
    outcome = doctest.DocTestRunner(verbose=False).run(test)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("page", _with(_PROGRAM), ids=_name)
def test_a_program_on_a_page_prints_what_the_page_says(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(ROOT)
    for found in _PROGRAM.finditer(text):
        shown = re.match(r"\s*```text\n(.*?)^```$", text[found.end() :], re.MULTILINE | re.DOTALL)
        assert shown, "a program is followed by a block of text with what it prints"
        exec(compile(found[1], _name(page), "exec"), {"__name__": "__page__"})  # noqa: S102  (ours)
        assert capsys.readouterr().out == shown[1]
