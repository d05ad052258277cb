"""Guessing passwords: it is slowed down at the source, and shuts nobody out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operation.accounts.house import CHEAP, HERE, PASSWORD, House
from stopline.journal.sqlite import open_sqlite
from stopline.operation.accounts import passwords
from stopline.operation.accounts.errors import LoginRefused, NotSignedIn, TooManyTries
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.accounts.storage_keys import TRIES
from stopline.operation.accounts.throttling import Tries, source_of

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "203.0.113.9"


def guess(house: House, name: str = "a.novak", *, source: str = EVIL, code: str = "") -> float:
    """One wrong try; give the seconds to wait, 0 if the password was looked at."""
    try:
        house.log_in(name, "wrong" * 5, code or None, source=source)
    except TooManyTries as error:
        return error.retry_after_s
    except LoginRefused:
        return 0.0
    pytest.fail("let in")


def test_a_source_waits_longer_and_longer(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    assert [guess(house) for _ in range(CHEAP.free_tries)] == [0.0] * CHEAP.free_tries
    waits = []
    for _ in range(14):
        waits.append(guess(house))
        house.now_s += waits[-1]
        assert guess(house) == 0.0
    assert waits[:4] == [2.0, 4.0, 8.0, 16.0]
    assert waits == sorted(waits)
    assert waits[-1] == CHEAP.longest_wait_source_s


def test_while_one_waits_nothing_is_looked_at_and_nothing_counted(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    for _ in range(CHEAP.free_tries):
        guess(house)
    first = guess(house)
    with pytest.raises(TooManyTries):
        house.log_in("a.novak", source=EVIL)
    assert [guess(house) for _ in range(20)] == [first] * 20


def test_who_guesses_elsewhere_shuts_nobody_out_of_their_own_place(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    house.log_in("a.novak")
    for number in range(60):
        guess(house, source=f"198.51.100.{number}")
    assert guess(house, source="198.51.100.99") > 0
    house.log_in("a.novak")


def test_who_guesses_from_the_same_place_at_other_names_shuts_nobody_out(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    house.admit("b.kral", "second_officer")
    house.log_in("a.novak")
    for _ in range(30):
        guess(house, "b.kral", source=HERE)
        guess(house, "nobody", source=HERE)
    house.log_in("a.novak")


def test_however_long_it_goes_on_a_person_waits_a_minute_at_most(house: House) -> None:
    """Guesses at one's name, from one's own place: the worst there is."""
    house.admit("a.novak", "duty_officer")
    house.log_in("a.novak")
    for _ in range(200):
        house.now_s += guess(house, source=HERE)
    wait_s = guess(house, source=HERE) or guess(house, source=HERE)
    assert 0 < wait_s <= CHEAP.longest_wait_name_s
    house.now_s += wait_s
    house.log_in("a.novak")


def test_a_name_tried_from_many_sources_waits_and_an_unknown_one_just_so(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    told = {}
    for name in ("a.novak", "c.nobody"):
        told[name] = [guess(house, name, source=f"198.51.{n}.1") for n in range(30)]
    assert told["a.novak"] == told["c.nobody"]
    assert max(told["a.novak"]) > 0
    assert max(told["a.novak"]) <= CHEAP.longest_wait_name_s


def test_an_account_of_ones_own_does_not_clear_what_one_did_to_others(house: House) -> None:
    house.admit("e.vil", "press_officer")
    for number in range(CHEAP.free_tries - 1):
        assert guess(house, f"name{number}") == 0.0
    house.log_in("e.vil", source=EVIL)
    assert guess(house, "name8") == 0.0
    assert guess(house, "name9") > 0


def test_waits_outlast_a_restart_and_hold_on_every_server(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    for _ in range(CHEAP.free_tries + 1):
        guess(house)
    assert guess(house) > 0
    house.restart()
    assert guess(house) > 0
    other = SignIn(house.desk, settings=CHEAP)
    with pytest.raises(TooManyTries):
        other.log_in("a.novak", PASSWORD, None, source=EVIL, now_s=house.now_s)


def test_a_thousand_at_once_gain_nothing(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    heard = []

    def work() -> None:
        if guess(house) == 0.0:
            heard.append(1)

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == CHEAP.free_tries


def test_tries_are_forgotten_in_time_and_at_an_administrators_word(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    for _ in range(20):
        house.now_s += guess(house)
    assert guess(house) + guess(house) > 0
    assert house.access.tries.forget(None) > 0
    assert guess(house) == 0.0
    house.now_s += CHEAP.forget_tries_s + 1
    house.access.sweep(house.now_s)
    assert list(house.desk.node.journal.shelf(TRIES)) == []


def test_a_clock_set_back_makes_nobody_wait_longer(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    for _ in range(CHEAP.free_tries):
        guess(house)
    house.now_s -= 86_400
    assert guess(house) <= CHEAP.longest_wait_source_s


def test_what_is_typed_as_a_name_that_nobody_has_is_not_kept(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    guess(house, "my password by mistake")
    rows = list(house.desk.node.journal.shelf(TRIES))
    assert rows
    assert not any("password" in key + raw.decode() for key, raw in rows)


def test_many_wrong_tries_in_a_row_stand_in_the_journal_and_few_do_not(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    for _ in range(9):
        house.now_s += guess(house)
        guess(house)
    told = [e for e in house.desk.node.journal.read() if e.kind == "sign-in.attacked"]
    assert len(told) == 1
    assert told[0].body == {"operator": "a.novak", "source": f"{EVIL}/32", "tries": 10}
    assert told[0].personal


def test_a_flood_of_tries_is_no_flood_of_facts(house: House) -> None:
    began_s = house.now_s
    for number in range(400):
        house.now_s += 1.0
        guess(house, f"name{number % 7}", source=f"198.51.{number % 19}.1")
    told = [e for e in house.desk.node.journal.read() if e.kind == "sign-in.attacked"]
    assert 1 <= len(told) <= (house.now_s - began_s) / 60 + 1
    assert {e.body["operator"] for e in told if e.body} == {""}


@pytest.mark.parametrize(
    "odd", ["\ud800", "\x00", "\U0001f600" * 9, "", "a" * 100_000], ids=lambda o: ascii(o[:3])
)
def test_odd_signs_are_refused_like_any_wrong_ones(house: House, odd: str) -> None:
    house.admit("a.novak", "duty_officer")
    accounts = house.access.accounts
    for name, password, code in ((odd, PASSWORD, None), ("a.novak", odd, odd), (odd, odd, odd)):
        with pytest.raises(LoginRefused):
            house.log_in(name, password, code, source="somewhere" + odd[:3])
    with pytest.raises(LoginRefused):
        accounts.set_up("a.novak", odd, PASSWORD, source=EVIL, now_s=house.now_s)
    with pytest.raises(NotSignedIn):
        house.access.by_token(odd, house.now_s)


def test_a_flood_keeps_nobody_waiting_at_their_own_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All turns for strangers are taken; who is known there has turns of their own."""
    monkeypatch.setattr(passwords, "_BUSY_S", 0.01)
    house.admit("a.novak", "duty_officer")
    house.log_in("a.novak")
    turns = house.access._passwords._turns[False]
    for _ in range(CHEAP.checks_at_once):
        assert turns.acquire(timeout=1)
    house.log_in("a.novak")
    for _ in range(3 * CHEAP.free_tries):  # and what nobody looked at does not count
        assert guess(house) == 0.01
    for _ in range(CHEAP.checks_at_once):
        turns.release()
    house.log_in("a.novak", source=EVIL)


def test_an_unknown_name_costs_a_password_check_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted and not timed: the same work is done, with the same cost, for either."""
    house.admit("a.novak", "duty_officer")
    seen: list[str] = []
    hasher = house.access._passwords._hasher
    verify = type(hasher).verify

    def counted(self: object, kept: str, password: str) -> bool:
        seen.append(kept.rpartition("$")[0].rpartition("$")[0])
        return verify(self, kept, password)  # type: ignore[arg-type]

    monkeypatch.setattr(type(hasher), "verify", counted)
    for name in ("a.novak", "nobody", "x" * 500, ""):
        guess(house, name, source=f"{name[:3]}-place")
    assert len(seen) == 4
    assert len(set(seen)) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("terminal", "terminal"),
        ("", "unknown"),
        ("a\nb" + "x" * 500, "ab" + "x" * 62),
    ],
)
def test_what_counts_as_one_source(address: str, counted: str) -> None:
    assert source_of(address) == counted


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["a.novak", "b.kral", "nobody"]), st.integers(0, 3),
            st.booleans(), st.floats(0, 500),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_whatever_happens_a_wait_is_bounded_and_one_person_is_heard_again(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bool, float]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("tries")
    now_s, waits = 1_795_000_000.0, [1.0]
    with open_sqlite(folder / "j.db") as journal:
        tries = Tries(journal, CHEAP, "node")
        for name, source, right, pause_s in steps:
            now_s += pause_s
            try:
                tried = tries.enter(
                    name, f"192.0.2.{source}", admitted=name != "nobody", now_s=now_s
                )
            except TooManyTries as error:
                waits.append(error.retry_after_s)
                now_s += error.retry_after_s
                tries.enter(name, f"192.0.2.{source}", admitted=name != "nobody", now_s=now_s)
                continue
            if right and name != "nobody":
                with journal.transaction() as work:
                    tries.take_back(work, tried, now_s)
    assert 0 < min(waits) <= max(waits) <= CHEAP.longest_wait_source_s
