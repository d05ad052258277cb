"""What a process knows never depends on what it imported before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import stopline
from stopline.journal.base import Fact
from stopline.journal.kinds import _BY_BODY, _BY_NAME, FactBody, fact_kind
from stopline.link.ids import derived_id
from stopline.operation.core.errors import UnknownFact
from stopline.operation.core.rooms import ROOMS
from stopline.testing.two_desks import TwoNodes

DOCUMENT = Path(__file__).parents[3] / "examples/protocols/joint_search.yaml"
PACKAGE = Path(stopline.__file__).parent
REGISTERS = ("@fact_kind(", "@message_kind(", "@command(", "@area(")
LOOK = """
import json, sys
__import__(sys.argv[1])
from stopline.operation.core.command import all_commands
from stopline.operation.core.projection import projections_of, fleeting_kinds
from stopline.journal.kinds import all_kinds
scopes = ("node", "incident")
known = [list(all_commands()), sorted(str(a) for s in scopes for a in projections_of(s))]
print(json.dumps([*known, sorted(fleeting_kinds()), [kind.name for kind in all_kinds()]]))
"""


def known_after(first: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, first], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_process_knows_the_same_whichever_room_it_enters_first() -> None:
    entered = [
        "stopline.operation.joint.wiring",
        "stopline.operation.core.state",
        "stopline.operation.sightings.commands",
        "stopline.console.app",
    ]
    whole = known_after("stopline.operation.runtime.bootstrap")
    assert [known_after(first) == whole for first in entered] == [True] * len(entered)


def test_every_file_that_registers_anything_is_loaded_with_the_rooms() -> None:
    script = f"import sys\nfor room in {ROOMS!r}: __import__(room)\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    registering = {
        ".".join(["stopline", *path.relative_to(PACKAGE).with_suffix("").parts])
        for path in PACKAGE.rglob("*.py")
        if any(line.startswith(REGISTERS) for line in path.read_text("utf-8").splitlines())
    }
    assert registering
    assert registering <= loaded


def test_a_fact_of_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    @fact_kind("future.happened")
    class FutureHappened(FactBody):
        """Something that only a newer version knows."""

    both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes())
    fact = Fact(
        fact_id=derived_id(both.now_s, "future"),
        time_s=both.now_s,
        author="a.setup",
        role="administrator",
        body=FutureHappened(),
        incident=None,
    )
    with both.desks[0].node.journal.transaction() as work:
        work.append([fact])
    del _BY_NAME["future.happened"], _BY_BODY[FutureHappened]
    with pytest.raises(UnknownFact, match=r"`future.happened` of schema 1, which this version"):
        both.desks[0].catch_up()
    both.close()
