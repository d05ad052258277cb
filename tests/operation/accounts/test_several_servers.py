"""Several servers of one side on PostgreSQL let the same people in, and count tries together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.accounts.house import CHEAP, DOCUMENT, HERE, PASSWORD, House
from operation.own_server import running
from stopline.operation.accounts.commands import SuspendOperator
from stopline.operation.accounts.errors import LoginRefused, NotSignedIn, TooManyTries
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from pathlib import Path


def test_two_servers_are_one_door(tmp_path: Path) -> None:
    with running() as server:
        both = TwoNodes.make(
            tmp_path, DOCUMENT.read_bytes(), journals=(server.url("people"), "journal.db")
        )
        house = House.of(both)
        other_desk = open_command_handler(both.folders[0])
        other = SignIn(other_desk, settings=CHEAP)
        house.admit("a.novak", "duty_officer")
        token = other.log_in("a.novak", PASSWORD, None, source=HERE, now_s=house.now_s).token
        assert house.access.by_token(token, house.now_s).name == "a.novak"
        for number in range(CHEAP.free_tries):
            with pytest.raises(LoginRefused):
                (house.access, other)[number % 2].log_in(
                    "a.novak", "wrong" * 5, None, source="203.0.113.9", now_s=house.now_s
                )
        for door in (house.access, other):
            with pytest.raises(TooManyTries):
                door.log_in("a.novak", PASSWORD, None, source="203.0.113.9", now_s=house.now_s)
        house.do(SuspendOperator(name="a.novak", reason="left"))
        with pytest.raises(NotSignedIn):
            other.by_token(token, house.now_s)
        other_desk.node.journal.close()
        both.close()
