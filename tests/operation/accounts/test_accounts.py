"""Passwords are set by code, machines come by token; what was shown once is not shown again."""

from __future__ import annotations

from typing import Any

import pytest

from operation.accounts.house import CHEAP, HERE, PASSWORD, ROOT, House
from stopline.errors import BadInput
from stopline.operation.accounts.commands import (
    AdmitMachine,
    RestoreOperator,
    RevokeToken,
    SuspendOperator,
)
from stopline.operation.accounts.errors import LoginRefused, NotSignedIn
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow


def test_a_set_up_code_is_good_once_and_not_for_long(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    code = house.reset("a.novak")
    with pytest.raises(NotSignedIn):  # a reset ends what goes on
        house.access.by_token(token, house.now_s)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak")
    accounts = house.access.accounts

    def set_up(given: str, name: str = "a.novak") -> None:
        accounts.set_up(name, given, "eight dry umbrellas", source=HERE, now_s=house.now_s)

    for wrong in ("", code[:-1], code + "x"):
        with pytest.raises(LoginRefused):
            set_up(wrong)
    with pytest.raises(LoginRefused):
        set_up(code, "b.kral")
    set_up(f" {code}\n")
    house.log_in("a.novak", "eight dry umbrellas")
    with pytest.raises(LoginRefused):
        set_up(code)
    house.access.tries.forget(None)
    late = house.reset("a.novak")
    house.now_s += CHEAP.set_up_s
    with pytest.raises(LoginRefused):
        set_up(late)


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaaa", "abababababababab", "I am a.novak!!", "x" * 300,
                 "Stopline Stopline"]
)  # fmt: skip
def test_a_password_that_will_not_do_is_told_why_and_not_repeated(
    house: House, password: str
) -> None:
    house.admit("a.novak", "duty_officer", password="")
    code = house.reset("a.novak")
    with pytest.raises(BadInput) as told:
        house.access.accounts.set_up("a.novak", code, password, source=HERE, now_s=house.now_s)
    assert not password or password not in str(told.value)
    house.access.accounts.set_up("a.novak", code, PASSWORD, source=HERE, now_s=house.now_s)


def test_of_two_with_one_set_up_code_the_second_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.admit("a.novak", "duty_officer", password="")
    code = house.reset("a.novak")
    accounts = house.access.accounts
    into = accounts._set

    def set_up(password: str) -> None:
        accounts.set_up("a.novak", code, password, source=HERE, now_s=house.now_s)

    def meanwhile(*given: Any) -> None:
        monkeypatch.setattr(accounts, "_set", into)
        with pytest.raises(LoginRefused):
            set_up("eight dry umbrellas")
        into(*given)

    monkeypatch.setattr(accounts, "_set", meanwhile)
    set_up(PASSWORD)
    house.log_in("a.novak")


def test_one_password_typed_on_two_keyboards_is_one(house: House) -> None:
    house.admit("a.novak", "duty_officer", password="sieben nasse Bäume")  # noqa: S106  (of nobody)
    house.log_in("a.novak", "sieben nasse Ba\u0308ume")


def test_a_dearer_hash_is_made_at_the_next_sign_in(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    journal = house.desk.node.journal
    before = journal.look_up("people.passwords", "a.novak")
    house.access = SignIn(house.desk, settings=CHEAP.model_copy(update={"argon2_passes": 2}))
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", "wrong" * 5)
    assert journal.look_up("people.passwords", "a.novak") == before
    house.log_in("a.novak")
    after = journal.look_up("people.passwords", "a.novak")
    assert before is not None
    assert after is not None
    assert b"t=1" in before
    assert b"t=2" in after
    house.log_in("a.novak")
    assert journal.look_up("people.passwords", "a.novak") == after


def test_a_machine_comes_by_token_until_it_ends_or_is_revoked(house: House) -> None:
    token = house.machine("radio", "feed", "unit", good_for_s=1000)
    who = house.access.by_token(token, house.now_s)
    assert (who.kind, who.actor("feed")) == ("machine", Actor("radio", "feed"))
    with pytest.raises(NotSignedIn):
        house.access.by_token(token, house.now_s + 1000)
    with pytest.raises(NotSignedIn):
        house.access.log_out(token, house.now_s)
    house.do(RevokeToken(token=who.session, reason="lost"))
    with pytest.raises(NotSignedIn):
        house.access.by_token(token, house.now_s)
    with pytest.raises(NotNow, match="revoked already"):
        house.do(RevokeToken(token=who.session, reason="lost"))


def test_a_suspended_machine_opens_nothing_and_a_person_has_no_token(house: House) -> None:
    token = house.machine("radio")
    house.do(SuspendOperator(name="radio", reason="lost"))
    with pytest.raises(NotSignedIn):
        house.access.by_token(token, house.now_s)
    house.admit("a.novak", "duty_officer")
    for name, said in (("a.novak", "persons sign in"), ("radio", "suspended")):
        with pytest.raises(NotNow, match=said):
            house.access.accounts.issue_token(
                name, "l", ROOT, good_for_s=1, command_id=f"t-{name}", now_s=house.now_s
            )
    house.do(RestoreOperator(name="radio", reason="found"))
    with pytest.raises(NotNow, match="is a machine"):
        house.reset("radio")


def test_what_was_shown_once_is_not_shown_again_for_the_same_command(house: House) -> None:
    house.do(AdmitMachine(name="radio", display="R", roles=("feed",)))
    accounts = house.access.accounts

    def issue() -> str:
        return accounts.issue_token(
            "radio", "l", ROOT, good_for_s=9, command_id="t-1", now_s=house.now_s
        ).token

    token = issue()
    with pytest.raises(NotNow, match="not shown again"):
        issue()
    assert house.access.by_token(token, house.now_s)
    assert house.kinds().count("token.issued") == 1
