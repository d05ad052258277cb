"""One-time codes: good once, for a minute and a half, and without them a password does not do."""

from __future__ import annotations

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operation.accounts.house import HERE, PASSWORD, ROOT, House
from stopline.operation.accounts.errors import CodeWanted, LoginRefused
from stopline.operation.accounts.one_time_codes import Device, new_recovery_codes
from stopline.operation.accounts.projection import People
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow, NotPermitted

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  (of nobody)


def enrolled(house: House) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    house.admit("a.novak", "duty_officer")
    operator = house.log_in("a.novak").operator
    accounts = house.access.accounts
    made = accounts.show_device(operator, PASSWORD, source=HERE, now_s=house.now_s)
    assert made.uri.startswith("otpauth://totp/Stopline:a.novak?secret=")
    device = pyotp.TOTP(made.secret)
    with pytest.raises(LoginRefused, match="clock of the device"):
        accounts.enrol_device(operator, "000000", now_s=house.now_s)
    codes = accounts.enrol_device(operator, device.at(int(house.now_s)), now_s=house.now_s)
    return device, codes


def test_with_a_device_the_password_alone_does_not_do(house: House) -> None:
    device, _ = enrolled(house)
    house.now_s += 30
    for without in (None, ""):
        with pytest.raises(CodeWanted):
            house.log_in("a.novak", code=without)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", code="000000")
    with pytest.raises(LoginRefused):  # and it is not said that the code was right
        house.log_in("a.novak", "wrong" * 5, code=device.at(int(house.now_s)))
    house.log_in("a.novak", code=device.at(int(house.now_s)))


def test_the_code_of_the_enrolment_and_a_used_one_are_not_good_again(house: House) -> None:
    device, _ = enrolled(house)
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", code=device.at(int(house.now_s)))
    house.now_s += 60
    code = device.at(int(house.now_s))
    house.log_in("a.novak", code=f" {code[:3]} {code[3:]} ")
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", code=code)
    with pytest.raises(LoginRefused):  # nor one of before
        house.log_in("a.novak", code=device.at(int(house.now_s) - 30))


def test_a_code_that_missed_by_its_password_is_not_used_up(house: House) -> None:
    device, _ = enrolled(house)
    house.now_s += 60
    code = device.at(int(house.now_s))
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", "wrong" * 5, code=code)
    house.log_in("a.novak", code=code)


def test_a_recovery_code_is_good_once_and_the_journal_says_how_many_are_left(
    house: House,
) -> None:
    _, codes = enrolled(house)
    assert len(set(codes)) == 10
    house.log_in("a.novak", code=codes[3].upper())
    with pytest.raises(LoginRefused):
        house.log_in("a.novak", code=codes[3])
    house.log_in("a.novak", code=codes[4].replace("-", " "))
    used = [e.body for e in house.desk.node.journal.read() if e.kind == "code.recovered"]
    assert used == [{"operator": "a.novak", "left": 9}, {"operator": "a.novak", "left": 8}]


def test_a_device_is_dropped_with_the_password_only(house: House) -> None:
    device, _ = enrolled(house)
    house.now_s += 60
    operator = house.log_in("a.novak", code=device.at(int(house.now_s))).operator
    accounts = house.access.accounts
    for change in (accounts.drop_device, accounts.show_device):
        with pytest.raises(LoginRefused):
            change(operator, "not the password", source=HERE, now_s=house.now_s)
    accounts.drop_device(operator, PASSWORD, source=HERE, now_s=house.now_s)
    house.log_in("a.novak")
    with pytest.raises(NotNow, match="no device"):
        accounts.drop_device(operator, PASSWORD, source=HERE, now_s=house.now_s)
    with pytest.raises(NotNow, match="no secret was shown"):
        accounts.enrol_device(operator, "123456", now_s=house.now_s)


def test_an_administrator_gives_a_device_to_another_and_nobody_else_does(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    made, codes = house.access.accounts.give_device("a.novak", ROOT, now_s=house.now_s)
    assert len(codes) == 10
    house.log_in("a.novak", code=pyotp.TOTP(made.secret).at(int(house.now_s)))
    with pytest.raises(NotPermitted, match="enrols their own"):
        house.access.accounts.give_device(
            "a.novak", Actor("b.kral", "second_officer"), now_s=house.now_s
        )
    house.machine("radio")
    with pytest.raises(NotNow, match="machine"):
        house.access.accounts.give_device("radio", ROOT, now_s=house.now_s)


def test_a_reset_takes_the_device_away(house: House) -> None:
    enrolled(house)
    house.set_up("a.novak")
    assert not house.desk.read().projection(People).operators["a.novak"].has_code
    house.log_in("a.novak")


@given(st.integers(600, 4_000_000_000), st.integers(-5, 5))
def test_a_code_is_good_one_step_around_now_and_no_more(now_s: int, steps: int) -> None:
    shown = pyotp.TOTP(SECRET).generate_otp(now_s // 30 + steps)
    device = Device(SECRET)
    after = device.accept(shown, float(now_s))
    around = {pyotp.TOTP(SECRET).generate_otp(now_s // 30 + s) for s in (-1, 0, 1)}
    assert (after is not None) == (shown in around)
    if after is not None:
        assert after.accept(shown, float(now_s)) is None or steps == 0


@given(st.text(max_size=40))
def test_no_other_text_is_a_code(text: str) -> None:
    device = Device(SECRET, recovery=new_recovery_codes()[1])
    now_s = 1_795_000_000.0
    right = {pyotp.TOTP(SECRET).generate_otp(int(now_s) // 30 + s) for s in (-1, 0, 1)}
    plain = "".join(sign for sign in text if sign.isalnum())
    assert (device.accept(text, now_s) is not None) == (plain in right)
