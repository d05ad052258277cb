"""Sessions begin by a password, end by time or by somebody, and forged tokens open nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from operation.accounts.house import CHEAP, HERE, PASSWORD, House
from stopline.journal.errors import StorageFull
from stopline.operation.accounts.commands import EndSession, RestoreOperator, SuspendOperator
from stopline.operation.accounts.errors import LoginRefused, NotSignedIn
from stopline.operation.accounts.projection import People
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotPermitted

if TYPE_CHECKING:
    from collections.abc import Iterator


def refused(house: House, token: str) -> bool:
    try:
        house.access.by_token(token, house.now_s)
    except NotSignedIn:
        return True
    return False


def test_a_person_signs_in_acts_in_a_role_and_signs_out(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    signed_in = house.log_in(" A.Novak ")
    who = house.access.by_token(signed_in.token, house.now_s)
    assert who.actor(None) == Actor("a.novak", "duty_officer", "police")
    assert who == signed_in.operator
    with pytest.raises(NotPermitted, match="not chief_of_police"):
        who.actor("chief_of_police")
    house.access.log_out(signed_in.token, house.now_s)
    assert refused(house, signed_in.token)
    with pytest.raises(NotSignedIn):
        house.access.log_out(signed_in.token, house.now_s)
    assert house.kinds()[-2:] == ["session.begun", "session.ended"]


def test_who_has_several_roles_says_which(house: House) -> None:
    house.admit("a.novak", "duty_officer", "administrator")
    who = house.log_in("a.novak").operator
    with pytest.raises(NotPermitted, match="say in which role"):
        who.actor(None)
    assert who.actor("administrator").role == "administrator"


def test_a_session_ends_when_unused(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    for _ in range(5):
        house.now_s += CHEAP.idle_s * 0.9
        assert not refused(house, token)
    house.now_s += CHEAP.idle_s * 1.0
    assert refused(house, token)
    assert house.kinds()[-1] == "session.ended"
    house.now_s -= CHEAP.idle_s * 0.5  # it stays ended, whatever the clock says
    assert refused(house, token)


def test_a_session_ends_after_a_shift_however_much_it_is_used(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    signed_in = house.log_in("a.novak")
    while house.now_s + CHEAP.idle_s / 2 < signed_in.ends_s:
        house.now_s += CHEAP.idle_s / 2
        assert not refused(house, signed_in.token)
    house.now_s = signed_in.ends_s
    assert refused(house, signed_in.token)


def test_a_full_disk_keeps_nobody_from_looking(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    house.now_s += CHEAP.idle_s / 2

    @contextmanager
    def full(**_: object) -> Iterator[None]:
        detail = "no room"
        raise StorageFull(detail)
        yield

    monkeypatch.setattr(house.desk.node.journal, "transaction", full)
    assert not refused(house, token)
    house.now_s += CHEAP.idle_s
    assert refused(house, token)


def test_sessions_that_ran_out_are_ended_without_anybody_asking(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    house.log_in("a.novak")
    assert house.access.sweep(house.now_s) == 0
    house.now_s += CHEAP.idle_s
    assert house.access.sweep(house.now_s) == 1
    assert house.access.sweep(house.now_s) == 0
    assert not house.desk.read().projection(People).sessions


def test_a_forged_token_opens_nothing(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    machine = house.machine("radio")
    kind, session, secret = token.split(".")
    _, token_id, machine_secret = machine.split(".")
    forged = [
        "", "x", token[:-1], token + "A", token.upper(), " " + token, token + "\n",
        f"{kind}.{session}.{secret[::-1]}", f"{kind}.{'0' * 32}.{secret}",
        f"slm.{session}.{secret}", f"sls.{token_id}.{machine_secret}",
        f"slm.{token_id}.{secret}",
        f"{kind}.{session}.{machine_secret}", f"{kind}.{session}.{'A' * 43}",
    ]  # fmt: skip
    assert [each for each in forged if not refused(house, each)] == []
    assert not refused(house, token)
    assert not refused(house, machine)


def test_suspension_ends_every_session_and_restoring_brings_none_back(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    tokens = [house.log_in("a.novak").token for _ in range(3)]
    house.do(SuspendOperator(name="a.novak", reason="left"))
    assert all(refused(house, token) for token in tokens)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak")
    house.do(RestoreOperator(name="a.novak", reason="back"))
    assert all(refused(house, token) for token in tokens)
    house.log_in("a.novak")


def test_who_is_suspended_while_signing_in_is_not_in_afterwards(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.admit("a.novak", "duty_officer")
    check = house.access._passwords.check

    def meanwhile(*given: Any, **named: Any) -> bool:
        house.do(SuspendOperator(name="a.novak", reason="left"))
        return check(*given, **named)

    monkeypatch.setattr(house.access._passwords, "check", meanwhile)
    token = house.log_in("a.novak").token
    assert refused(house, token)
    house.do(RestoreOperator(name="a.novak", reason="back"))
    assert refused(house, token)


def test_whose_password_is_set_anew_while_signing_in_is_not_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.admit("a.novak", "duty_officer")
    check = house.access._passwords.check

    def meanwhile(*given: Any, **named: Any) -> bool:
        house.reset("a.novak")
        return check(*given, **named)

    monkeypatch.setattr(house.access._passwords, "check", meanwhile)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak")


def test_a_new_password_ends_every_session_and_the_old_one_opens_nothing(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    signed_in, other = house.log_in("a.novak"), house.log_in("a.novak")
    house.access.accounts.change_password(
        signed_in.operator, PASSWORD, "eight dry umbrellas", source=HERE, now_s=house.now_s
    )
    assert refused(house, signed_in.token)
    assert refused(house, other.token)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak")
    house.log_in("a.novak", "eight dry umbrellas")


def test_an_administrator_ends_one_session(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    one, other = house.log_in("a.novak"), house.log_in("a.novak")
    house.do(EndSession(session=one.operator.session))
    assert refused(house, one.token)
    assert not refused(house, other.token)


def test_sessions_hold_on_every_server_and_after_a_restart(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    from stopline.operation.runtime.bootstrap import open_command_handler  # noqa: PLC0415

    second = open_command_handler(house.folder)
    elsewhere = SignIn(second, settings=CHEAP)
    assert elsewhere.by_token(token, house.now_s).name == "a.novak"
    house.now_s += CHEAP.idle_s * 0.9
    assert elsewhere.by_token(token, house.now_s)
    house.now_s += CHEAP.idle_s * 0.9  # used there, so it goes on here
    assert not refused(house, token)
    house.restart()
    assert not refused(house, token)
    house.access.log_out(token, house.now_s)
    with pytest.raises(NotSignedIn):
        elsewhere.by_token(token, house.now_s)
    second.node.journal.close()
