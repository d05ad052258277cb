"""What lies beside the record of people and commands follows from it, and is verified."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from operation.accounts.house import PASSWORD, ROOT, House
from stopline.journal.work import _check_of
from stopline.operation.accounts.one_time_codes import new_secret
from stopline.operation.accounts.shelf_check import check_people_and_commands
from stopline.operation.accounts.storage_keys import CODES, PASSWORDS, SESSIONS, TOKENS
from stopline.operation.core.erasing import COMMAND_SHELF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stopline.journal.base import Entry


@pytest.fixture
def lived(house: House) -> House:
    """A node where people came and went in every way."""
    house.admit("eva", "duty_officer")
    house.admit("ivo", "duty_officer")
    house.machine("m-1")
    house.log_in("eva")
    out = house.log_in("ivo")
    house.access.log_out(out.token, now_s=house.now_s)
    house.access.accounts.give_device("ivo", ROOT, now_s=house.now_s)
    house.reset("ivo")
    house.set_up("ivo", "eight dry umbrellas")
    return house


def put(house: House, shelf: str, key: str, value: bytes | None) -> None:
    with sqlite3.connect(house.folder / "journal.db") as db:
        db.execute("DELETE FROM shelf WHERE shelf=? AND key=?", (shelf, key))
        if value is not None:
            whole = _check_of(shelf, key, value) + value
            db.execute("INSERT INTO shelf VALUES (?, ?, ?)", (shelf, key, whole))


def first(house: House, shelf: str) -> tuple[str, bytes]:
    return next(iter(house.desk.node.journal.shelf(shelf)))


def test_what_people_did_leaves_shelves_that_follow(lived: House) -> None:
    assert check_people_and_commands(lived.desk.node.journal) == []
    lived.restart()
    lived.log_in("ivo", "eight dry umbrellas")
    assert check_people_and_commands(lived.desk.node.journal) == []


@pytest.mark.parametrize("late", [False, True], ids=["before the entries", "after the entries"])
def test_a_node_at_work_is_not_accused(
    lived: House, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    journal = lived.desk.node.journal
    read = journal.read

    def busy() -> Iterator[Entry]:
        entries = list(read()) if late else []
        monkeypatch.undo()
        lived.log_in("eva")
        lived.machine("m-2")
        lived.admit("uma", "duty_officer")
        return iter(entries or list(read()))

    monkeypatch.setattr(journal, "read", busy)
    assert check_people_and_commands(journal) == []


def other_password(house: House) -> None:
    put(house, PASSWORDS, "eva", house.access._passwords.hash("another password of mine"))


def no_password(house: House) -> None:
    put(house, PASSWORDS, "eva", None)


def new_person(house: House) -> None:
    put(house, PASSWORDS, "mallory", house.access._passwords.hash(PASSWORD))


def new_device(house: House) -> None:
    put(house, CODES, "eva", json.dumps([new_secret(), -1, []]).encode())


def new_session(house: House) -> None:
    _, raw = first(house, SESSIONS)
    put(house, SESSIONS, "01900000-0000-7000-8000-00000000abcd", raw)


def other_session(house: House) -> None:
    key, _ = first(house, SESSIONS)
    put(house, SESSIONS, key, json.dumps({"hash": "00" * 32, "used_s": 0.0}).encode())


def other_token(house: House) -> None:
    key, _ = first(house, TOKENS)
    put(house, TOKENS, key, bytes(32))


def other_entry(house: House) -> None:
    key, raw = first(house, COMMAND_SHELF)
    told = json.loads(raw)
    put(house, COMMAND_SHELF, key, json.dumps({**told, "entries": [0]}).encode())


def invented_command(house: House) -> None:
    _, raw = first(house, COMMAND_SHELF)
    put(house, COMMAND_SHELF, "c-invented", raw)


def unreadable_command(house: House) -> None:
    put(house, COMMAND_SHELF, "c-x", b"{")


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (other_password, "people.passwords: eva is another"),
        (no_password, "people.passwords: eva is not there"),
        (new_person, "people.passwords: mallory, which no entry names"),
        (new_device, "people.codes: eva, which no entry names"),
        (new_session, "people.sessions: 01900000"),
        (other_session, "is another than the entries name"),
        (other_token, "people.tokens"),
        (other_entry, "names entries that are not its own"),
        (invented_command, "commands: c-invented names entries that are not its own"),
        (unreadable_command, "commands: c-x is unreadable"),
    ],
)
def test_what_was_exchanged_is_told(
    lived: House, tamper: Callable[[House], None], said: str
) -> None:
    tamper(lived)
    found = check_people_and_commands(lived.desk.node.journal)
    assert len(found) == 1, found
    assert said in found[0]
