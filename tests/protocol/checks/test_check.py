"""Every planted fault is found, at its line, and nothing else is called an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stopline.protocol.checks.check import check, errors_in
from stopline.protocol.checks.findings import Severity
from stopline.protocol.reader import read_protocol

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples" / "protocols"
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


def planted(path: Path) -> set[tuple[int, str]]:
    found = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.search(r"# expect: ([a-z, -]+)$", line)
        if match:
            found |= {(number, code.strip()) for code in match.group(1).split(",")}
    return found


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_planted_faults_are_found_at_their_lines(path: Path) -> None:
    expected = planted(path)
    assert expected
    assert {(f.line, f.code) for f in errors_in(check(read_protocol(path)))} == expected


def test_there_are_enough_broken_documents() -> None:
    assert len(BROKEN) >= 20
    assert len({code for path in BROKEN for _, code in planted(path)}) >= 18


@pytest.mark.parametrize("name", ["minimal", "joint_search"])
def test_shipped_documents_are_clean(name: str) -> None:
    assert check(read_protocol(EXAMPLES / f"{name}.yaml")) == ()


def test_a_finding_reads_as_a_sentence_with_line_and_advice() -> None:
    (finding,) = check(read_protocol(HERE / "broken" / "impossible_deadline.yaml"))
    assert finding.severity is Severity.ERROR
    assert str(finding) == (
        f"line {finding.line}: error: tasks.tell_other_side.within_s: `tell_other_side` takes "
        "200 s at least, 180 s are allowed; allow more time, or start it earlier"
    )


def test_a_translation_of_what_the_document_does_not_say_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "minimal.yaml"
    text = (EXAMPLES / "minimal.yaml").read_text("utf-8")
    path.write_text(
        f"{text}translations:\n  de:\n    Nobody says this: Niemand sagt das\n", "utf-8"
    )
    (finding,) = check(read_protocol(path))
    assert finding.severity is Severity.WARNING
    assert finding.line == len(text.splitlines()) + 3
    assert "translates 'Nobody says this', which the document does not say" in str(finding)
