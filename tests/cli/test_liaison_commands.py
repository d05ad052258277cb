"""Sealing, opening and the situation page from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.liaison_case import INCIDENT, Case, actor
from stopline.cli.main import app
from stopline.operation.intelligence.commands import EnrolRecipient, IntroduceRecipient

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

SECRET = "correct horse battery"  # noqa: S105  (of a test)
REPORT = {
    "subject": "Route", "text": "Over Kestrel bridge.", "source": "Zebra", "grade": "B2",
    "written": "2026-11-18T10:00:00+00:00", "author": "S. Sperling",
}  # fmt: skip


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    made = (tmp_path / "head.key", tmp_path / "their-head.key")
    for path in made:
        result = run("intelligence", "key", path, typed=f"{SECRET}\n{SECRET}\n")
        assert result.exit_code == 0, result.output
        assert "fingerprint" in result.stdout
        assert SECRET not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0
    return made


def test_from_key_to_report_and_no_further(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    (tmp_path / "nodes").mkdir()
    case = Case(tmp_path / "nodes")
    case.liaison()
    head = actor("head_of_state")
    for end, path in enumerate(keys):
        case.do(end, EnrolRecipient(locked=path.read_text()), head)
        case.do(end, IntroduceRecipient(), head)
    node = case.both.folders[0]
    case.both.close()
    listed = run("intelligence", "recipients", node)
    assert listed.exit_code == 0, listed.output
    assert [json.loads(line)["side"] for line in listed.stdout.splitlines()] == ["alder", "birch"]
    to, report, out = tmp_path / "to.jsonl", tmp_path / "report.json", tmp_path / "sealed"
    to.write_text(listed.stdout)
    report.write_text(json.dumps(REPORT))
    sealed = run("intelligence", "seal", report, "--to", to, "--side", "alder", "--out", out)
    assert sealed.exit_code == 0, sealed.output
    opened = run("intelligence", "open", f"{out}.theirs", keys[1], typed=f"{SECRET}\n")
    assert "TLP:RED  Route  (B2" in opened.stdout
    assert "Over Kestrel bridge." in opened.stdout
    assert "Zebra" not in opened.stdout
    ours = run("intelligence", "open", f"{out}.ours", keys[0], typed=f"{SECRET}\n")
    assert "Source: Zebra" in ours.stdout
    for sealed_file, key, typed, said in (
        (f"{out}.theirs", keys[0], SECRET, "not sealed to this key"),
        (f"{out}.theirs", keys[1], "another passphrase", "does not unlock"),
    ):
        refused = run("intelligence", "open", sealed_file, key, typed=f"{typed}\n")
        assert refused.exit_code == 3
        assert said in refused.stderr
        assert "Kestrel" not in refused.output


def test_what_is_wrong_is_said(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    report, to = tmp_path / "report.json", tmp_path / "to.jsonl"
    report.write_text(json.dumps({**REPORT, "grade": "Z9"}))
    to.write_text("nonsense\n")
    out = tmp_path / "sealed"
    words = ("intelligence", "seal", report, "--to", to, "--side", "alder", "--out", out)
    for result, said in (
        (
            run("intelligence", "key", keys[0], typed=f"{SECRET}\n{SECRET}\n"),
            "a file that is there",
        ),
        (run("intelligence", "key", tmp_path / "k", typed="short\nshort\n"), "at least 12"),
        (run("intelligence", "recipients", tmp_path), "no node"),
        (run(*words), "to.jsonl line 1"),
        (run(*words, "--label", "PINK"), "CLEAR or GREEN"),
        (run("intelligence", "open", report, keys[0]), "sealed text"),
        (run("situation", tmp_path, "i-1", "--out", out), "no node"),
    ):
        assert result.exit_code == 2, result.output
        assert said in result.stderr
    to.write_text("")
    assert "grade" in run(*words).stderr


def test_the_situation_page_is_written_in_both_forms(tmp_path: Path) -> None:
    (tmp_path / "nodes").mkdir()
    case = Case(tmp_path / "nodes")
    case.agree()
    node = case.both.folders[0]
    case.both.close()
    out = tmp_path / "out"
    written = run("situation", node, INCIDENT, "--out", out, "--zone", "Europe/Vaduz")
    assert written.exit_code == 0, written.output
    assert "Seen last at bridge" in written.stdout
    assert "Do both sides seal jointly" in (out / "situation.html").read_text("utf-8")
    assert (out / "situation.pdf").read_bytes().startswith(b"%PDF")
    assert run("situation", node, "none", "--out", out).exit_code == 2
    assert "no zone" in run("situation", node, INCIDENT, "--out", out, "--zone", "Vaduz").stderr
