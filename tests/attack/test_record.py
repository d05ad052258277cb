"""A peer that signs falsely: its lines stay out of our record, its contradictions are found."""

from __future__ import annotations

import base64
import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from attack.victim import Victim, prepared
from stopline.operation.core.node_alarms import node_alarms
from stopline.signed_note import parse_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("record")
    return folder, prepared(folder, "alarm")


@pytest.fixture
def victim(case: tuple[Path, float], tmp_path: Path) -> Iterator[Victim]:
    shutil.copytree(case[0], tmp_path / "case")
    found = Victim.of(tmp_path / "case", 0, case[1])
    yield found
    found.close()


def checkpoint(victim: Victim, size: int, filling: str) -> str:
    """A checkpoint note of the hostile node's journal, with a root of its own making."""
    root = base64.b64encode(hashlib.sha256(filling.encode()).digest()).decode()
    text = f"{victim.hostile.name}\n{size}\n{root}\n"
    blob = bytes.fromhex(victim.hostile.key_id) + victim.hostile.key.sign(text.encode())
    return f"{text}\n\u2014 {victim.hostile.name} {base64.b64encode(blob).decode()}\n"


def show(victim: Victim, note: str, earlier: int = 0) -> list[str]:
    body = {"checkpoint": note, "earlier": earlier, "consistency": []}
    return victim.send(victim.hostile.envelope("journal.checkpoint", body, lane="routine"))


@pytest.mark.parametrize("lines", [1, 65])
def test_false_cosignatures_stay_out_of_the_record(victim: Victim, lines: int) -> None:
    size = victim.desk.node.sign_checkpoint().checkpoint.size
    line = victim.hostile.false_line(size)
    body = {"size": size, "line": f"{line}\n" * lines}
    assert victim.send(victim.hostile.envelope("journal.cosigned", body, lane="routine"))
    (kept,) = [c for c in victim.desk.node.journal.checkpoints() if c.checkpoint.size == size]
    assert len(kept.note.signatures) == 1
    assert not victim.verify()


def test_lines_of_others_are_not_laid_under_our_checkpoint(victim: Victim) -> None:
    size = victim.desk.node.sign_checkpoint().checkpoint.size
    other = "\u2014 someone.else/node " + base64.b64encode(bytes(76)).decode()
    body = {"size": size, "line": f"{other}\n"}
    assert victim.send(victim.hostile.envelope("journal.cosigned", body, lane="routine"))
    text = victim.desk.node.journal.checkpoints()[-1].note.encode()
    assert len(parse_note(text).signatures) == 1


@pytest.mark.parametrize(("size", "earlier"), [(9, 0), (9, 5), (9, 3), (5, 0), (3, 0)], ids=str)
def test_a_checkpoint_that_does_not_continue_the_one_held_is_a_contradiction(
    victim: Victim, size: int, earlier: int
) -> None:
    assert show(victim, checkpoint(victim, 5, "first")) == []
    assert [a["kind"] for a in victim.answers()].count("journal.cosigned") == 1
    assert show(victim, checkpoint(victim, size, "other"), earlier)
    assert [a["kind"] for a in victim.answers()].count("journal.cosigned") == 0
    facts = [e for e in victim.desk.node.journal.read() if e.kind == "peer.contradiction"]
    assert len(facts) == 1
    told = facts[0].body
    assert told is not None
    assert told["held"] == checkpoint(victim, 5, "first")
    assert told["shown"] == checkpoint(victim, size, "other")
    alarms = node_alarms(victim.desk.catch_up(), victim.now_s)
    assert "THEIR RECORD CONTRADICTS ITSELF" in [one.lead for one in alarms]
    for number in range(20):
        show(victim, checkpoint(victim, 10 + number, f"again {number}"))
    facts = [e for e in victim.desk.node.journal.read() if e.kind == "peer.contradiction"]
    assert len(facts) == 1  # no more than one a minute


def test_the_same_checkpoint_shown_again_is_none(victim: Victim) -> None:
    note = checkpoint(victim, 5, "first")
    assert show(victim, note) == []
    assert show(victim, note) == []
    assert not [e for e in victim.desk.node.journal.read() if e.kind == "peer.contradiction"]
