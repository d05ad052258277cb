"""Commands over HTTP: who may, what comes back, once and only once, and what is wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import yaml

from console.served import INCIDENT, ROOT, Served
from operation.accounts.house import DOCUMENT
from stopline.console.routes.command import path_of
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import all_commands
from stopline.operation.core.permissions import may

ROLES = (*yaml.safe_load(DOCUMENT.read_text("utf-8"))["roles"], "administrator", "unit", "feed")
ALARM = {
    "what": "shots", "place": "the hall", "happened": "2026-11-18T11:00:00+00:00",
    "vehicle": "white van",
}  # fmt: skip


def give(client: httpx.Client, kind: str, body: object, **headers: str) -> httpx.Response:
    path = path_of(all_commands()[kind]).replace("{incident}", INCIDENT)
    return client.post(path, json=body, headers=headers)


def test_403_if_and_only_if_the_table_says_so(served: Served) -> None:
    """Every role by every command; an empty body shows who was let as far as the form."""
    served.open_incident()
    book = served.house.desk.read()
    wrong = []
    for role in ROLES:
        client = served.client(role)
        for kind in all_commands():
            status = give(client, kind, {"unknown": 1}).status_code
            allowed = may(Actor("x", role), kind, book)
            if status != (422 if allowed else 403):
                wrong.append((role, kind, status))
    assert wrong == []


def test_a_command_is_on_disk_when_it_is_answered(either: Served) -> None:
    either.open_incident()
    answer = give(either.client("duty_officer"), "alarm.raise", ALARM)
    assert answer.status_code == 201
    told = answer.json()
    entry = next(either.house.desk.node.journal.read(told["entries"][0]))
    assert (entry.kind, entry.fact_id, entry.author) == (
        "alarm.raised", told["ids"][0], "p.duty-officer",
    )  # fmt: skip
    assert told["repeated"] is False
    assert answer.headers["idempotency-key"]


def test_the_same_key_happens_once_even_at_the_same_time(either: Served) -> None:
    either.open_incident()
    token = either.token("duty_officer")
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "k-1"}
    path = f"{either.url}/v1/incidents/{INCIDENT}/commands/alarm.raise"

    def raise_it(_: int) -> httpx.Response:
        return httpx.post(path, json=ALARM, headers=headers, trust_env=False)

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(raise_it, range(16)))
    assert sorted(a.status_code for a in answers) == [200] * 15 + [201]
    assert len({tuple(a.json()["ids"]) for a in answers}) == 1
    kinds = [entry.kind for entry in either.house.desk.node.journal.read()]
    assert kinds.count("alarm.raised") == 1


def test_a_key_is_of_one_command_and_of_one_person(served: Served) -> None:
    served.open_incident()
    duty, second = served.client("duty_officer"), served.client("second_officer")
    body = {"about": "search", "text": "nothing found"}
    assert give(duty, "report.take", body, **{"idempotency-key": "k"}).status_code == 201
    other = {"about": "search", "text": "found"}
    taken = give(duty, "report.take", other, **{"idempotency-key": "k"})
    assert (taken.status_code, taken.json()["type"]) == (409, "/v1/problems/command-taken")
    assert give(second, "report.take", other, **{"idempotency-key": "k"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
def test_a_key_that_will_not_do_is_a_fault(served: Served, key: str) -> None:
    answer = give(served.client("duty_officer"), "shift.begin", {}, **{"idempotency-key": key})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == "header Idempotency-Key"


def test_all_faults_come_at_once_in_our_words(served: Served) -> None:
    served.open_incident()
    told = give(served.client("duty_officer"), "alarm.raise", {"what": 7, "plase": "x"}).json()
    assert {fault["where"] for fault in told["faults"]} == {
        "what", "plase", "place", "happened", "vehicle",
    }  # fmt: skip
    by_where = {fault["where"]: fault for fault in told["faults"]}
    assert by_where["place"] == {
        "where": "place", "seen": "nothing", "expected": "where, as people name it",
    }  # fmt: skip
    assert "did you mean place?" in by_where["plase"]["expected"]


def test_refusals_say_why(served: Served) -> None:
    duty = served.client("duty_officer")
    unknown = give(duty, "alarm.raise", ALARM)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/v1/problems/unknown")
    served.open_incident()
    future = {**ALARM, "happened": "2036-11-18T11:00:00+00:00"}
    refused = give(duty, "alarm.raise", future)
    assert refused.status_code == 409
    assert "in the future" in refused.json()["detail"]
    assert refused.headers["content-type"] == "application/problem+json"


def test_the_role_acted_in(served: Served) -> None:
    served.open_incident()
    served.house.admit("two.roles", "duty_officer", "press_officer")
    token = served.house.log_in("two.roles").token
    client = served.client(authorization=f"Bearer {token}")
    body = {"about": "search", "text": "nothing found"}
    none = give(client, "report.take", body)
    assert none.status_code == 422
    assert none.json()["faults"][0]["where"] == "header Stopline-Role"
    assert give(client, "report.take", body, **{"stopline-role": "prosecutor"}).status_code == 403
    done = give(client, "report.take", body, **{"stopline-role": "press_officer"})
    entry = next(served.house.desk.node.journal.read(done.json()["entries"][0]))
    assert (entry.author, entry.role) == ("two.roles", "press_officer")


def test_commands_that_come_together_share_a_transaction(served: Served) -> None:
    """Group commit: 40 commands at once take fewer transactions than commands."""
    served.open_incident()
    journal = served.house.desk.node.journal
    counted = 0
    plain = journal.transaction

    def counting(**options: Any) -> Any:
        nonlocal counted
        counted += 1
        return plain(**options)

    headers = {"authorization": f"Bearer {served.token('duty_officer')}"}
    path = f"{served.url}/v1/incidents/{INCIDENT}/commands/report.take"
    body = {"about": "search", "text": "nothing found"}

    def note(_: int) -> int:
        return httpx.post(path, json=body, headers=headers, trust_env=False).status_code

    object.__setattr__(journal, "transaction", counting)
    with ThreadPoolExecutor(20) as many:
        assert set(many.map(note, range(40))) == {201}
    assert counted < 40


def test_an_unforeseen_error_fails_alone_and_says_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served.open_incident()
    kind = all_commands()["vehicle.stop"]

    def broken(*_: object) -> None:
        told = "the secret word"
        raise ZeroDivisionError(told)

    monkeypatch.setattr(kind, "decide", broken)
    headers = {"authorization": f"Bearer {served.token('duty_officer')}"}
    begin = f"{served.url}/v1/incidents/{INCIDENT}/commands/"
    stopped = {"place": "bridge", "text": "a van"}

    def one(number: int) -> httpx.Response:
        if number % 4 == 0:
            return httpx.post(
                begin + "vehicle.stop", json=stopped, headers=headers, trust_env=False
            )
        body = {"about": "search", "text": "nothing found"}
        return httpx.post(begin + "report.take", json=body, headers=headers, trust_env=False)

    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(one, range(32)))
    assert [a.status_code for a in answers] == [500 if n % 4 == 0 else 201 for n in range(32)]
    told = answers[0].json()
    assert told["reference"] in caplog.text
    assert "secret word" not in answers[0].text + caplog.text
    assert "Traceback" not in answers[0].text


def test_secret_commands_have_addresses_of_their_own(served: Served) -> None:
    root = served.client("administrator")
    bare = give(root, "operator.reset", {"name": "p.x", "good_for_s": 60, "reason": "x"})
    assert bare.status_code == 409
    admitted = give(
        root, "operator.admit", {"name": "eva", "display": "Eva", "roles": ["prosecutor"]}
    )
    assert admitted.status_code == 201
    code = root.post("/v1/people/eva/set-up-code", json={"reason": "first day"}).json()["code"]
    guest = served.client()
    body = {"name": "eva", "code": code, "password": "nine quiet lanterns"}
    assert guest.post("/v1/set-up", json=body).status_code == 204
    assert guest.post("/v1/set-up", json=body).status_code == 401
    begun = guest.post("/v1/session", json={"name": "eva", "password": "nine quiet lanterns"})
    assert begun.json()["roles"] == ["prosecutor"]
    people = root.get("/v1/people").json()
    assert [o["name"] for o in people["operators"] if o["has_password"]][-1] == "eva"
    assert ROOT.role == "administrator"


def test_a_machine_gets_a_token(served: Served) -> None:
    root = served.client("administrator")
    give(root, "machine.admit", {"name": "dispatch", "display": "Dispatch", "roles": ["feed"]})
    made = root.post("/v1/people/dispatch/tokens", json={"label": "positions"})
    assert made.status_code == 201
    machine = served.client(authorization=f"Bearer {made.json()['token']}")
    assert machine.get("/v1/me").json()["kind"] == "machine"
    assert machine.get("/v1/incidents").status_code == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("incident.extend", {"authority": "x", "expires": "9999-12-31T23:59:59-12:00"}),
        ("alarm.raise", {**ALARM, "happened": "0001-01-01T00:00:00+14:00"}),
        ("statement.show", {"statement": "s", "answer_by": "5659-06-01T02:04:34.66Z"}),
    ],
)
def test_times_at_the_end_of_days_are_faults(
    served: Served, kind: str, body: dict[str, object]
) -> None:
    served.open_incident()
    if kind == "statement.show":
        press = served.client("press_officer")
        draft = {"statement": "s", "text": "x", "agreed_by": ["head_of_state"],
                 "asks_other_side": True}  # fmt: skip
        assert give(press, "statement.draft", draft).status_code == 201
        answer = give(press, kind, body)
    else:
        answer = give(served.client("duty_officer"), kind, body)
    assert answer.status_code == 422, answer.text
