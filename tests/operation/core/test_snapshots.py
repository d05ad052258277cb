"""A book that begins at a landmark is the book that read everything; nothing hides behind one."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.journal.base import Fact
from stopline.journal.sqlite import open_sqlite
from stopline.link.ids import derived_id
from stopline.operation.core.snapshots import (
    EVERY_S,
    check_snapshots,
    is_due,
    lasting_entries,
    state_from_snapshot,
    take_snapshot,
)
from stopline.operation.core.state import NodeState
from stopline.operation.facts.readiness import (
    PositionsReported,
    RegisteredUnit,
    UnitRetired,
    UnitSet,
    UnitsRegistered,
)
from stopline.operation.readiness.projection import Readiness
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from pathlib import Path

    from operation.liaison_case import Case
    from stopline.journal.kinds import FactBody
    from stopline.journal.stored import StoredJournal

NOW_S = 1_795_000_000.0
UNITS = st.integers(0, 3).map("U-{}".format)


def registered(name: str) -> UnitsRegistered:
    unit = RegisteredUnit(id=name, side="LI", agency="police", lon=9.5, lat=47.1)
    return UnitsRegistered(agency="police", state="on call", units=(unit,))


def position(name: str, lon: float = 9.5, at_ms: int = 1_795_000_000_000) -> PositionsReported:
    return PositionsReported(
        unit=(name,), lon=(lon,), lat=(47.1,), at_ms=(at_ms,), speed_mps=None, heading_deg=(90.0,),
        left_out={},
    )  # fmt: skip


def append(journal: StoredJournal, bodies: list[FactBody]) -> None:
    size = journal.size
    journal.append(
        [
            Fact(
                fact_id=derived_id(NOW_S, "test", size + n), time_s=NOW_S + size + n, author="x",
                role="feed", body=body,
            )
            for n, body in enumerate(bodies)
        ]
    )  # fmt: skip


def whole(journal: StoredJournal) -> NodeState:
    book = NodeState()
    book.fold(journal.read())
    return book


def caught_up(journal: StoredJournal, book: NodeState) -> NodeState:
    book.fold(journal.read(book.size))
    return book


def known(book: NodeState) -> tuple[object, ...]:
    units = book.projection(Readiness)
    return book.size, units.units, units.fixes, book.unread


FACTS = st.one_of(
    st.builds(registered, UNITS),
    st.builds(position, UNITS, st.floats(-180, 180), st.integers(0, 2**41)),
    st.builds(position, UNITS, st.floats(-180, 180), st.integers(0, 2**41)),
    st.builds(UnitRetired, unit=UNITS, reason=st.just("sold")),
    st.builds(
        UnitSet, unit=UNITS, state=st.sampled_from(["off duty", "on call"]), reason=st.just("")
    ),
)
STEPS = st.lists(
    st.one_of(
        st.lists(FACTS, min_size=1, max_size=8),
        st.sampled_from([("lay", 0), ("lay", 1), ("restart", 0), ("restart", 1), ("read", 0)]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_two_servers_that_lay_landmarks_and_restart_know_what_is_in_the_journal(
    steps: list[list[FactBody] | tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    with open_sqlite(path) as journal:
        books = [NodeState(), NodeState()]
        for step in steps:
            match step:
                case list():
                    append(journal, step)
                case "lay", server:
                    take_snapshot(journal, caught_up(journal, books[server]))
                case "restart", server:
                    books[server] = state_from_snapshot(journal)
                case _, server:
                    caught_up(journal, books[server])
        truth = whole(journal)
        for book in (*books, state_from_snapshot(journal)):
            assert known(caught_up(journal, book)) == known(truth)
        assert not check_snapshots(journal)
        lasting = [one for one in lasting_entries(journal) if one.kind != "positions.reported"]
        asked = [one for one in journal.read() if one.kind != "positions.reported"]
        assert lasting == asked


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    """A journal with a landmark, and facts of every kind on both sides of it."""
    path = tmp_path / "journal.db"
    with open_sqlite(path) as journal:
        append(
            journal, [registered("U-1"), position("U-1"), position("U-1", 9.6), registered("U-2")]
        )
        take_snapshot(journal, whole(journal))
        append(journal, [position("U-2", 9.7)])
    return path


def test_what_is_fleeting_is_not_read_again(laid: Path) -> None:
    with open_sqlite(laid) as journal:
        read = [entry.index for entry in lasting_entries(journal)]
        assert read == [0, 3, 4]
        assert state_from_snapshot(journal).size == 4


def test_another_server_goes_on_from_the_landmark_of_the_first(laid: Path) -> None:
    with open_sqlite(laid) as journal:
        late = whole(journal)  # read everything, as if it had begun before the landmark
        assert late.landmark == 0
        take_snapshot(journal, late)
        assert (late.landmark, late.lasting) == (4, [])  # taken note of, not laid again
        append(journal, [registered("U-3")])
        take_snapshot(journal, caught_up(journal, late))
        assert known(state_from_snapshot(journal)) == known(whole(journal))


@pytest.mark.parametrize(
    ("entries", "lasting", "age_s", "due"),
    [
        (9_999, 9_999, 0.0, False),
        (10_000, 10_000, 0.0, True),
        (50, 50, 2 * EVERY_S, False),  # nothing fleeting: nothing is won
        (50, 49, 2 * EVERY_S, True),
        (50, 49, 0.5 * EVERY_S, False),
    ],
)
def test_when_a_landmark_is_due(entries: int, lasting: int, age_s: float, *, due: bool) -> None:
    book = NodeState()
    book.size, book.lasting = entries, list(range(lasting))
    assert is_due(book, age_s) is due


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as db:
        assert db.execute(statement, values).rowcount >= 1
    db.close()


@pytest.mark.parametrize("key", ["last", f"{0:020d}"])
def test_a_damaged_landmark_is_not_believed(
    laid: Path, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    change(laid, "UPDATE shelf SET value = x'00112233445566778899' WHERE key = ?", key)
    with open_sqlite(laid) as journal:
        book = state_from_snapshot(journal)
        assert book.size == 0
        assert "the whole journal is read" in caplog.text
        assert known(caught_up(journal, book)) == known(whole(journal))
    assert CliRunner().invoke(app, ["journal", "verify", str(laid)]).exit_code == 3


def test_nobody_can_hide_a_fact_behind_a_landmark(laid: Path) -> None:
    with open_sqlite(laid) as journal:
        name = next(
            str(row[0])
            for row in journal._rows._run("SELECT DISTINCT shelf FROM shelf")  # type: ignore[attr-defined]
            if str(row[0]).startswith("landmarks-")
        )
        with journal.transaction() as work:  # whoever holds the database can do so
            work.put(name, f"{0:020d}", json.dumps([[0, 1]]).encode())
        assert check_snapshots(journal) == [
            "entry 3 (units.registered) is not listed by the landmarks"
        ]
    told = CliRunner().invoke(app, ["journal", "verify", str(laid)])
    assert told.exit_code == 3
    assert "entry 3 (units.registered)" in told.output
    assert "DOES NOT HOLD" in told.output


def test_a_running_node_lays_them_and_the_next_start_reads_from_there(case: Case) -> None:
    folder = case.both.folders[0]
    desk = case.both.desks[0]
    append(
        desk.node.journal, [registered("U-1"), *(position("U-1", 9.5 + n / 1e3) for n in range(50))]
    )
    case.both.duties[0].run(case.both.now_s)
    size = desk.node.journal.size
    again = open_command_handler(folder)
    try:
        assert state_from_snapshot(again.node.journal).size == size
        assert again.read().projection(Readiness).fixes["U-1"].lon == pytest.approx(9.549)
        assert again.read().incidents.keys() == desk.read().incidents.keys()
        states = [
            one.incidents[name].state
            for name in again.read().incidents
            for one in (again.read(), desk.read())
        ]
        assert states[::2] == states[1::2]
    finally:
        again.node.journal.close()
