"""What an attacker tries: guessing, other sites, tricks with paths, floods, tokens of all kinds."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from console.served import INCIDENT, PASSWORD, Served
from stopline.console.authentication import COOKIE
from stopline.operation.core.command import all_commands

if TYPE_CHECKING:
    import httpx

    from operation.accounts.house import House

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}
TAKE = f"/v1/incidents/{INCIDENT}/commands/report.take"
REPORT = {"about": "search", "text": "nothing"}


def log_in(client: httpx.Client, name: str, password: str, **more: str) -> httpx.Response:
    return client.post("/v1/session", json={"name": name, "password": password, **more})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"), ("GET", "/v1/openapi.json"), ("GET", "/nothing"), ("PUT", "/v1/me"),
        ("GET", "/v1/events"), ("POST", "/v1/session"), ("OPTIONS", "/v1/me"), ("TRACE", "/"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", ["", "duty_officer"])
def test_every_answer_has_the_security_headers(
    shared: Served, method: str, path: str, role: str
) -> None:
    with shared.client(role).stream(method, path) as answer:
        # The document is everybody's and has an entity tag; what it says is asked for each time.
        kept = {"cache-control": "no-cache"} if path == "/v1/openapi.json" else {}
        for name, value in (SECURITY_HEADERS | kept).items():
            assert answer.headers[name] == value
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_guessing_is_slowed_down_and_does_not_shut_the_owner_out(served: Served) -> None:
    served.token("duty_officer")
    guest = served.client()
    statuses = [log_in(guest, "p.duty-officer", f"guess {n}").status_code for n in range(8)]
    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429
    waits = log_in(guest, "p.duty-officer", "guess again")
    assert waits.headers["content-type"] == "application/problem+json"
    assert int(waits.headers["retry-after"]) >= 1
    served.house.now_s += int(waits.headers["retry-after"])
    assert log_in(guest, "p.duty-officer", PASSWORD).status_code == 201


def test_a_header_cannot_say_from_where_one_comes(served: Served) -> None:
    """Each guess claims another address; they are counted together all the same."""
    statuses = []
    for number in range(8):
        client = served.client(**{"x-forwarded-for": f"203.0.113.{number}"})
        statuses.append(log_in(client, "nobody", "guess").status_code)
    assert statuses[-1] == 429


def test_a_wrong_name_and_a_wrong_password_look_alike(served: Served) -> None:
    served.token("duty_officer")
    guest = served.client()
    known = log_in(guest, "p.duty-officer", "wrong password").json()
    unknown = log_in(guest, "p.nobody", "wrong password").json()
    assert known == unknown


def test_what_was_given_as_a_password_is_never_repeated(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    guest = served.client()
    body = {
        "name": 7,
        "password": ["zanzibar"],
        "code": {"zanzibar": "zanzibar"},
        "more": "zanzibar",
    }
    answer = guest.post("/v1/session", json=body)
    assert answer.status_code == 422
    assert "zanzibar" not in answer.text + caplog.text
    entries = b"".join(leaf for *_, leaf in served.house.desk.node.journal.leaves())
    assert b"zanzibar" not in entries


@pytest.mark.parametrize(
    "said",
    [
        "", "Bearer", "Basic cDpw", "Bearer x", "Bearer sls.0.0", "bearer " + "a" * 9000,
        "Bearer \u00e9".encode().decode("latin-1"), "Bearer a b",
    ],
)  # fmt: skip
def test_forged_tokens_open_nothing(shared: Served, said: str) -> None:
    client = shared.client()
    answer = client.get("/v1/me", headers={b"authorization": said.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_that_was_changed_opens_nothing(shared: Served) -> None:
    token = shared.token("duty_officer")
    for at in range(0, len(token), 7):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        answer = shared.client(authorization=f"Bearer {other}").get("/v1/me")
        assert answer.status_code == 401, at


def test_a_session_ends(served: Served) -> None:
    client = served.client("duty_officer")
    assert client.get("/v1/me").status_code == 200
    served.house.now_s += 14 * 3600
    assert client.get("/v1/me").status_code == 401
    assert client.post(TAKE, json=REPORT).status_code == 401


def test_signing_out_ends_it_at_once(house: House) -> None:
    """Even while the node still remembers that the token was good."""
    served = Served.of(house, remembered_s=1000.0)
    try:
        client = served.client("duty_officer")
        assert client.get("/v1/me").status_code == 200
        assert client.delete("/v1/session").status_code == 204
        assert client.get("/v1/me").status_code == 401
    finally:
        served.close()


def cookie_client(served: Served, **headers: str) -> httpx.Client:
    served.token("duty_officer")
    answer = log_in(served.client(), "p.duty-officer", PASSWORD, keep="cookie")
    assert answer.json()["token"] is None
    said = answer.headers["set-cookie"]
    assert said.startswith(f"{COOKIE}=")
    assert said.split("; ")[1:] == ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]
    value = said.partition("=")[2].partition(";")[0]
    return served.client(cookie=f"{COOKIE}={value}", **headers)


def test_a_cookie_works_from_pages_of_this_host_alone(served: Served) -> None:
    served.open_incident()
    good = {"origin": served.url, "stopline-request": "1"}
    client = cookie_client(served)
    assert client.get("/v1/me").status_code == 200
    assert client.post(TAKE, json=REPORT, headers=good).status_code == 201
    for bad in (
        {},
        {"origin": served.url},
        {"stopline-request": "1"},
        {**good, "origin": "https://evil.example"},
        {**good, "origin": "null"},
        {**good, "origin": served.url.replace("http:", "https:")},
        {**good, "origin": served.url + ".evil.example"},
    ):
        answer = client.post(TAKE, json=REPORT, headers=bad)
        assert (answer.status_code, answer.json()["type"]) == (403, "/v1/problems/cross-site")
    assert client.delete("/v1/session").status_code == 403
    assert client.delete("/v1/session", headers=good).status_code == 204
    assert client.get("/v1/me").status_code == 401


def test_another_site_cannot_sign_somebody_in(shared: Served) -> None:
    shared.token("duty_officer")
    evil = shared.client(origin="https://evil.example")
    assert log_in(evil, "p.duty-officer", PASSWORD).status_code == 403
    form = f'{{"name":"p.duty-officer","password":"{PASSWORD}"}}'
    plain = shared.client().post(
        "/v1/session", content=form, headers={"content-type": "text/plain"}
    )
    assert plain.status_code == 415


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80", "127.0.0.1@evil"]
)
def test_another_host_is_refused(shared: Served, host: str) -> None:
    answer = shared.client("duty_officer").get("/v1/me", headers={"host": host})
    assert answer.status_code in {400, 421}


PATHS = [
    "/v1/incidents/../node", "/v1/incidents/%2e%2e/node", "/v1/incidents/..%2f..%2fnode.key/board",
    "//v1/me", "/v1//me", "/v1/me/", "/v1/me%00", "/v1/incidents/%00/board", "/v1/me;x=1",
    "/V1/ME", "/v1/incidents/i-1%0d%0aSet-Cookie:%20a=b/board", "/v1/incidents/\\..\\/board",
    "/node.key", "/../../etc/passwd", "/v1/problems/..%2f..%2fnode.key", "/v1/incidents/%ff/board",
    "/docs", "/redoc", "/openapi.json", "/link/v1/frames", "/static/../node.key",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_tricks_with_paths_lead_nowhere(shared: Served, path: str) -> None:
    """Sent as they are, by hand: a client would tidy them up."""
    told = raw(
        shared,
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {shared.token('duty_officer')}\r\n\r\n",
    )
    status = int(told.split()[1])
    assert status in {400, 403, 404, 422}, told
    assert b"\r\nset-cookie" not in told.lower()
    assert b"PRIVATE" not in told


def raw(served: Served, text: str | bytes, wait_s: float = 5.0) -> bytes:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=wait_s) as line:
        line.sendall(data)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_bodies_that_are_too_long(shared: Served) -> None:
    client = shared.client("duty_officer")
    long = json.dumps({**REPORT, "text": "x" * (1 << 20)})
    headers = {"content-type": "application/json"}
    assert client.post(TAKE, content=long, headers=headers).status_code == 413

    def parts() -> list[bytes]:  # without a length
        return [b"x" * 65536] * 20

    assert client.post(TAKE, content=iter(parts()), headers=headers).status_code == 413


def test_only_who_may_adopt_a_plan_can_send_a_long_one(shared: Served) -> None:
    path = f"/v1/incidents/{INCIDENT}/commands/plan.adopt"
    long = json.dumps({"plan": "x" * (3 << 20)})
    headers = {"content-type": "application/json"}
    read = shared.client("duty_officer").post(path, content=long, headers=headers)
    assert (read.status_code, read.json()["type"]) == (409, "/v1/problems/not-now")
    # Who may not is refused before a byte of it is read.
    told = raw(
        shared,
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(long)}\r\n"
        f"Authorization: Bearer {shared.token('press_officer')}\r\n\r\n",
    )
    assert told.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff\xfe", b'{"a":' * 5000, b"[" * 100_000,
        b'{"about":"x","text":"\xed\xa0\x80"}', b'{"about":"x","text":"\\ud800"}',
        b'{"about":NaN,"text":"x"}', b'{"about":"x","text":1e999}', b"{}" * 3,
        b'{"about":"x","text":"y","incident":"other"}',
    ],
)  # fmt: skip
def test_bodies_that_are_none(shared: Served, body: bytes) -> None:
    client = shared.client("duty_officer")
    answer = client.post(TAKE, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/session", TAKE])
def test_only_json_is_taken(shared: Served, path: str) -> None:
    client = shared.client("duty_officer")
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = client.post(path, content=b"{}", headers={"content-type": media})
        assert answer.status_code == 415, media


def test_a_request_that_takes_too_long_is_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served.of(house, request_s=0.2)
    try:
        served.open_incident()
        client = served.client("duty_officer")
        kind = all_commands()["report.take"]
        monkeypatch.setattr(kind, "decide", lambda *_: time.sleep(0.6))
        answer = client.post(TAKE, json=REPORT)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    finally:
        served.close()


def test_a_method_that_is_none_says_which_are(shared: Served) -> None:
    answer = shared.client("duty_officer").put("/v1/session")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) <= {"POST", "DELETE"}
    assert answer.json()["type"] == "/v1/problems/no-such-method"


def test_the_document_is_there_and_loads_nothing_from_elsewhere(shared: Served) -> None:
    told = shared.client().get("/v1/openapi.json")
    assert told.json()["openapi"].startswith("3.1")
    assert "cdn" not in told.text.lower()
    assert shared.client().get("/docs").status_code == 404


def test_problems_explain_themselves(shared: Served) -> None:
    guest = shared.client()
    problem = guest.get("/v1/me").json()
    explained = guest.get(problem["type"])
    assert explained.status_code == 200
    assert explained.json()["title"] == problem["title"]
