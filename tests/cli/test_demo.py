"""The first minute: a sealed country, one sentence a scene, every verdict, one picture to open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stopline.cli import demo, said
from stopline.cli.main import app

RUNNER = CliRunner()
SMALL = Path(__file__).parents[1] / "operation" / "orders" / "vaduz" / "sealed.yaml"


def test_the_sealed_country_comes_first_and_what_is_beside_it_next() -> None:
    scenes = [f"{one.parent.name}/{one.stem}" for one in demo._scenes()]
    assert scenes[0] == "liechtenstein/sealed"
    beside = [name.startswith("liechtenstein/") for name in scenes]
    assert beside == sorted(beside, reverse=True)


def test_a_scene_is_a_sentence_and_the_table_closes_with_the_picture_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_scenes", lambda: (SMALL, SMALL))
    made = RUNNER.invoke(app, ["demo", "--pictures", "--out", str(tmp_path)])
    assert made.exit_code == 0, made.output
    lines = made.output.splitlines()
    assert lines[0].startswith("1 of 2  ")
    assert lines[0].endswith(".")
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["scene", "verdict", "units", "comes", "to"]
    assert all(len(line) <= 80 for line in table[:3]), table
    assert "sealed" in table[1]
    assert table[1].endswith("to spare")
    picture = table[table.index("Open this picture first:") + 1].strip()
    assert picture.endswith("plan.png")
    assert Path(picture).is_file()


def test_the_first_line_waits_for_no_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planned(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(demo, "_scene", planned)
    with pytest.raises(InterruptedError):
        demo._played(None, None)
    assert capsys.readouterr().out.startswith("First a country is sealed")


@pytest.mark.parametrize("text", ["EXERCISE 21:30:00  " + "word " * 40, "short"])
def test_at_a_terminal_no_word_is_cut(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said.say_wrapped(text)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
