"""A journal that is gone, replaced or tampered with: told at once, and none is made for it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.liaison_case import DUTY, INCIDENT, Case
from stopline.cli.main import app
from stopline.journal.base import Fact
from stopline.journal.errors import StorageGone
from stopline.journal.facts import PersonDescribed
from stopline.journal.work import _check_of
from stopline.link.ids import new_id
from stopline.operation.core.node import make_node, open_node
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.situation.report import situation_report

if TYPE_CHECKING:
    from click.testing import Result

START_S = 1_795_000_000.0


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def node(tmp_path: Path) -> Path:
    make_node(
        tmp_path / "north", "north.example/node", journal="journal.db", url="",
        listen="127.0.0.1:0", now_s=START_S,
    )  # fmt: skip
    return tmp_path / "north"


@pytest.mark.parametrize(
    "words",
    [
        ("journal", "verify"), ("journal", "show"), ("node", "serve"), ("serve",),
        ("link", "status"), ("people", "list"),
    ],
)  # fmt: skip
def test_only_who_makes_a_node_makes_its_journal(node: Path, words: tuple[str, ...]) -> None:
    (node / "journal.db").rename(node.parent / "kept.db")
    done = run(*words, str(node))
    assert done.exit_code == 2
    assert f"no journal at {node / 'journal.db'}" in done.output
    assert not (node / "journal.db").exists()
    sqlite3.connect(node / "journal.db").close()  # an empty file in its place is none, either
    (node / "journal.db").touch()
    assert run(*words, str(node)).exit_code != 0


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_goes_under_a_running_node_stops_commands_at_once(
    tmp_path: Path, *, replaced: bool
) -> None:
    case = Case(tmp_path)
    case.alarm()
    desk, folder = case.both.desks[0], case.both.folders[0]
    kept = tmp_path / "kept.db"
    (folder / "journal.db").rename(kept)
    if replaced:
        shutil.copy(kept, folder / "journal.db")
    size = desk.node.journal.size
    for _ in range(3):
        with pytest.raises(StorageGone):
            case.both.do(0, case.said("alert", what_happened="x", vehicle="y"), DUTY)
    book = desk.catch_up()  # reads go on
    assert (book.size, book.incident(INCIDENT).phase) == (size, "ALARM")
    assert [one.lead for one in node_alarms(book, case.both.now_s)] == ["NOTHING IS RECORDED"]
    page = situation_report(book, book.incident(INCIDENT), case.both.now_s)
    assert "NOTHING IS RECORDED" in [line.lead for part in page.blocks for line in part.lines]
    (folder / "journal.db").unlink(missing_ok=True)
    kept.rename(folder / "journal.db")
    desk.look_after_storage()
    assert node_alarms(desk.catch_up(), case.both.now_s) == []
    case.both.do(0, case.said("alert", what_happened="x", vehicle="y"), DUTY)
    case.both.close()


def test_a_body_that_no_fact_erased_is_a_fault(node: Path) -> None:
    with open_node(node) as opened:
        fact = Fact(
            fact_id=new_id(START_S), time_s=START_S, author="x", role="y",
            body=PersonDescribed(text="tall"),
        )  # fmt: skip
        opened.journal.append([fact])
        opened.journal.erase(fact.fact_id)
    done = run("journal", "verify", str(node))
    assert done.exit_code == 3
    assert f"sealed body of {fact.fact_id}: found none; expected a fact body.erased" in done.output


def change(folder: Path, shelf: str, key: str, value: bytes | None) -> None:
    """Write on a shelf as an administrator can, past the product."""
    with sqlite3.connect(folder / "journal.db") as db:
        db.execute("DELETE FROM shelf WHERE shelf=? AND key=?", (shelf, key))
        if value is not None:
            whole = _check_of(shelf, key, value) + value
            db.execute("INSERT INTO shelf VALUES (?, ?, ?)", (shelf, key, whole))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    case = Case(folder)
    case.liaison()
    case.both.close()
    return folder


def test_an_honest_journal_verifies_with_all_its_shelves(honest: Path) -> None:
    for name in ("alder", "birch"):
        done = run("journal", "verify", str(honest / name))
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("shelf", "key", "value", "said"),
    [
        ("marks:birch.example/node", "delivered:alarm", b"9", "9 delivered; expected 1"),
        ("marks:birch.example/node", "received:alarm", b"0", "0 received; expected"),
        ("marks:birch.example/node", "posted:alarm", b"0", "0 posted; expected"),
        ("outbox:birch.example/node", f"0:{7:020d}", b'{"kind":"text.sent"}', "no entry names"),
    ],
)
def test_a_shelf_that_does_not_follow_from_the_entries_is_a_fault(
    honest: Path, tmp_path: Path, shelf: str, key: str, value: bytes, said: str
) -> None:
    shutil.copytree(honest / "alder", tmp_path / "alder")
    change(tmp_path / "alder", shelf, key, value)
    done = run("journal", "verify", str(tmp_path / "alder"))
    assert done.exit_code == 3
    assert said in done.output


def test_two_histories_of_one_journal_are_told_apart(honest: Path, tmp_path: Path) -> None:
    names = ("one", "other")
    for name in names:
        shutil.copytree(honest / "alder", tmp_path / name)
    paths = [str(tmp_path / name) for name in names]
    assert run("journal", "compare", *paths).output.endswith("the same\n")
    for number, path in enumerate(paths):
        with open_node(Path(path)) as node:
            node.sign_checkpoint()
        if number == 1:
            longer = run("journal", "compare", *paths)
            assert longer.exit_code == 0
        with open_node(Path(path), now_s=START_S + number) as node:
            node.sign_checkpoint()
    done = run("journal", "compare", *paths)
    assert done.exit_code == 3
    assert "CONTRADICT" in done.output
    notes = [str(Path(path) / "checkpoint.note") for path in paths]
    assert run("journal", "compare", *notes).exit_code == 3
    assert run("journal", "compare", notes[0], paths[0]).exit_code == 0
    assert run("journal", "compare", notes[0], paths[1]).exit_code == 3
