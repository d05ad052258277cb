"""What an administrator of one side can still do: shown, so that docs/trust.md says no more."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from operation.liaison_case import INCIDENT, Case
from stopline.journal.base import Fact
from stopline.journal.verify import verify_journal
from stopline.link.ids import new_id
from stopline.operation.core.node import open_node
from stopline.operation.facts.incident import DecisionVoiced, ReportTaken
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, author: str, role: str, body: object, now_s: float) -> None:
    """Write a fact under any name, with the node's own key and database."""
    with open_node(folder) as node:
        fact = Fact(
            fact_id=new_id(now_s), time_s=now_s, author=author, role=role, incident=INCIDENT,
            body=body,  # type: ignore[arg-type]
        )  # fmt: skip
        node.journal.append([fact])
        node.sign_checkpoint()
        assert verify_journal(node.journal, key=node.identity.key).holds


def test_an_administrator_can_write_both_voices_of_a_decision(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.liaison()
    folder, now_s = case.both.folders[0], case.both.now_s
    case.both.close()
    for name, role in (("A. Novak", "chief_of_police"), ("B. Kral", "interior_minister")):
        voice = DecisionVoiced(decision="stand_down", outcome="yes", reason="")
        write(folder, name, role, voice, now_s)
    desk = open_command_handler(folder)
    assert desk.catch_up().incident(INCIDENT).phase == "STAND_DOWN"  # nobody had decided it
    desk.node.journal.close()


def test_what_no_checkpoint_outside_covers_can_be_rewritten(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.alarm()
    folder, now_s = case.both.folders[0], case.both.now_s
    case.both.close()
    shutil.copytree(folder, tmp_path / "before")
    said = ReportTaken(about="search", outcome="", text="nothing found")
    write(folder, "A. Novak", "duty_officer", said, now_s)
    other = ReportTaken(about="search", outcome="", text="a boat was found")
    write(tmp_path / "before", "A. Novak", "duty_officer", other, now_s)
    # Both verify; that they are two histories shows only who holds a checkpoint of the first.
    with open_node(folder) as node:
        seen = node.journal.checkpoints()[-1]
        key = node.identity.key
    with open_node(tmp_path / "before") as node:
        assert verify_journal(node.journal, key=key).holds
        assert not verify_journal(node.journal, key=key, witnesses=[seen]).holds
