"""The door under attack: floods of passwords, streams, doubled keys; officers do not notice."""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from console.conftest import built, house, served, shared
from console.served import INCIDENT, PASSWORD, Served
from operation.accounts.house import HERE, House
from stopline.link.gate import Gate, GateLimits
from stopline.operation.accounts.errors import LoginRefused, TooManyTries

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["built", "house", "served", "shared"]


def code_at(secret: str, time_s: float) -> str:
    """RFC 6238, from the standard alone."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time_s) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def flood(house: House, name: str, tries: int, seconds: float) -> Iterator[None]:
    """Wrong tries at a name from everywhere, spread over some minutes."""
    for number in range(tries):
        house.now_s += seconds / tries
        source = f"{11 + number % 180}.{number * 7 % 250}.{number % 250}.{1 + number % 200}"
        try:
            house.log_in(name, "wrong" * 5, source=source)
        except (LoginRefused, TooManyTries):
            yield


@pytest.mark.parametrize(
    ("tries", "seconds"), [(210, 7.2), pytest.param(7000, 240.0, marks=pytest.mark.long)]
)
def test_a_chief_at_a_new_place_gets_in_during_a_distributed_attack(
    house: House, tries: int, seconds: float
) -> None:
    house.admit("c.chief", "chief_of_police")
    operator = house.access.by_token(house.log_in("c.chief").token, house.now_s)
    device = house.access.accounts.show_device(operator, PASSWORD, source=HERE, now_s=house.now_s)
    house.access.accounts.enrol_device(
        operator, code_at(device.secret, house.now_s), now_s=house.now_s
    )
    attack = flood(house, "c.chief", tries, seconds)
    for _ in range(tries // 2):
        next(attack)
    house.now_s += 30
    begun_s = house.now_s
    for _ in attack:
        code = code_at(device.secret, house.now_s)
        house.log_in("c.chief", code=code, source="203.0.113.50")
        break
    assert house.now_s - begun_s < 30
    code = code_at(device.secret, house.now_s + 30)
    with pytest.raises((LoginRefused, TooManyTries)):  # a right code is no password
        house.log_in("c.chief", "wrong" * 5, code=code, source="203.0.113.51")


def test_forty_wrong_log_ins_at_once_keep_nobody_waiting(served: Served) -> None:
    served.open_incident()
    officer = served.client("duty_officer")
    answers: list[int] = []

    def guess(number: int) -> None:
        body = {"name": f"n{number}", "password": "wrong" * 5}
        answers.append(served.client().post("/v1/session", json=body).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    longest_s = 0.0
    for _ in range(5):
        began_s = time.monotonic()
        told = officer.post(
            f"/v1/incidents/{INCIDENT}/commands/report.take", json={"about": "x", "text": "y"}
        )
        longest_s = max(longest_s, time.monotonic() - began_s)
        assert told.status_code < 300, told.text
    for thread in threads:
        thread.join()
    assert set(answers) <= {401, 403, 429}
    assert longest_s < 5  # a second on a quiet machine


def test_a_key_that_stands_twice_is_refused(shared: Served) -> None:
    client = shared.client("duty_officer")
    for body in (
        '{"about": "a", "about": "b", "text": "x"}',
        '{"text": "x", "a": {"b": 1, "b": 2}}',
    ):
        told = client.post(
            f"/v1/incidents/{INCIDENT}/commands/report.take", content=body,
            headers={"content-type": "application/json"},
        )  # fmt: skip
        assert told.status_code == 400
        assert "twice" in told.text


def test_streams_have_a_limit_for_each_account_and_kind(shared: Served) -> None:
    feed = shared.server.app.state.console.feed
    for _ in range(4):
        assert feed.no_room("machine", "m.one") == ""
        feed.opened("machine", "m.one")
    assert "4 streams open" in feed.no_room("machine", "m.one")
    for number in range(246):
        feed.opened("machine", f"m.{number}")
    assert "machines have all" in feed.no_room("machine", "m.new")
    assert feed.no_room("person", "a.novak") == ""  # officers have room all the same
    for number in range(246):
        feed.ended("machine", f"m.{number}")
    for _ in range(4):
        feed.ended("machine", "m.one")
    assert feed.streams == 0


def test_at_the_limit_of_files_clients_are_refused_and_the_log_stays_short(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate(socket.AF_INET, limits=GateLimits())

    def full(_: Gate) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(Gate, "_accept", full, raising=False)
    for _ in range(500):
        with pytest.raises(BlockingIOError):
            gate.accept()
    assert len(caplog.records) == 1
    gate.close()


def test_one_account_leaves_room_for_the_others() -> None:
    """A machine's token in wrong hands opens connection after connection, and keeps them alive."""
    gate = Gate(socket.AF_INET, limits=GateLimits(of_one_account=3, proven_in_all=5))
    gate.bind(("127.0.0.1", 0))
    gate.listen(50)
    clients = [socket.create_connection(gate.getsockname()) for _ in range(10)]
    accepted = [gate.accept()[0] for _ in clients]
    gate.prove(clients[0].getsockname(), "a.novak")
    for one in clients[1:9]:
        gate.prove(one.getsockname(), "m.taken")
    gate.prove(clients[9].getsockname(), "b.kral")
    assert gate.dropped == 5  # all of the machine's own
    for number in (0, 9):
        clients[number].settimeout(0.05)
        with pytest.raises(TimeoutError):  # an officer's is open
            clients[number].recv(1)
    for one in (*clients, *accepted, gate):
        one.close()


def test_one_address_leaves_room_for_the_others() -> None:
    gate = Gate(socket.AF_INET, limits=GateLimits(from_one_address=3, in_all=5, seconds=1))
    gate.bind(("127.0.0.1", 0))
    gate.listen(50)
    clients = [socket.create_connection(gate.getsockname()) for _ in range(10)]
    accepted = [gate.accept()[0] for _ in clients]
    assert gate.dropped == 7
    gate.prove(clients[-1].getsockname())
    gate._clock = lambda: time.monotonic() + 10
    gate.sweep()
    assert gate.dropped == 9  # who has shown who he is stays
    for one in (*clients, *accepted, gate):
        one.close()
