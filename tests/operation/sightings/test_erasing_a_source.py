"""Who saw the vehicle can be erased: the sighting, its proof and the record stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from stopline.journal.verify import verify_journal
from stopline.link.record_check import check_shelves
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.snapshots import check_snapshots
from stopline.operation.sightings.commands import EraseSource
from stopline.operation.sightings.projection import Sightings

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "Ms Zebra-Quagga, neighbour, 0555-4711"


def erase(sighting: str) -> EraseSource:
    return EraseSource(
        incident=INCIDENT, sighting=sighting, authority="data protection act, § 17",
        reason="she asked for it",
    )  # fmt: skip


def test_a_source_is_erased_and_the_sighting_stays(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.liaison()
    done = case.do(0, case.sighting(source=CANARY, confirmed=True), DUTY)
    name = done.ids[0]
    desk = case.both.desks[0]
    root, size = desk.node.journal.root(), desk.node.journal.size

    def held() -> str:
        return case.incident(0).projection(Sightings).by_id[name].source

    assert held() == CANARY
    with pytest.raises(NotPermitted):
        case.do(0, erase(name), actor("press_officer"))
    case.do(0, erase(name), actor("prosecutor"))
    assert held() == ""
    with pytest.raises(NotNow, match="no fact of its own"):
        case.do(0, erase(name), actor("prosecutor"))
    assert desk.node.journal.root(size) == root
    case.both.restart(0)
    desk = case.both.desks[0]
    assert held() == ""
    assert case.incident(0).projection(Sightings).by_id[name].confirmed
    report = verify_journal(desk.node.journal, key=desk.node.identity.key)
    assert report.holds, report.faults
    assert not report.unexplained
    assert not check_shelves(desk.node.journal)
    assert not check_snapshots(desk.node.journal)
    place = case.both.folders[0]
    case.both.close()
    for file in place.rglob("*"):
        if file.is_file():
            assert b"Zebra-Quagga" not in file.read_bytes(), file


def test_where_nobody_was_named_there_is_nothing_to_erase(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.liaison()
    done = case.do(0, case.sighting(source=""), DUTY)
    assert case.incident(0).projection(Sightings).by_id[done.ids[0]].source == DUTY.person
    with pytest.raises(NotNow, match="noted by who saw it"):
        case.do(0, erase(done.ids[0]), DUTY)
    case.both.close()
