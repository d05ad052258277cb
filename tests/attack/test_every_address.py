"""What a role may not read at one address it does not see at any other: every address, every role.

The addresses are those of the OpenAPI document, so that a new one is walked by itself; one whose
parameters nobody knows how to fill fails. Roles that may look at the same rows are walked once
(`--long`: each). PDF is left out: it is drawn from the very page that the HTML is drawn from.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from attack.full_record import NOBODY, PLANTED, full_record
from console.served import DOCUMENT as PROTOCOL
from console.served import INCIDENT, Served
from operation.conftest import made, scenario
from stopline.console.app import openapi_document
from stopline.operation.core.context import iso
from stopline.operation.core.read_permissions import READS, rows_for, rows_of
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from stopline.journal.base import Entry

__all__ = ["made", "scenario"]
DOCUMENT = openapi_document()
ROLES = [*yaml.safe_load(PROTOCOL.read_text("utf-8"))["roles"], "administrator", "feed", "unit",
         "camera"]  # fmt: skip
GETS = [(path, item["get"]) for path, item in DOCUMENT["paths"].items() if "get" in item]
COMMANDS = [
    (path, item["post"]) for path, item in DOCUMENT["paths"].items()
    if "post" in item and "/commands/" in path
]  # fmt: skip
HEADERS = {"Stopline-Role", "last-event-id", "Idempotency-Key"}
NOT_WALKED = {
    "oidc_begin", "oidc_back", "problem", "entrance",  # for who is not signed in
    "situation_pdf",  # drawn from the page that situation_html is drawn from
    "events",  # it never ends; see events()
}  # fmt: skip
MOMENT_OR_ID = re.compile(r"\d{4}-\d\d-\d\dT|[0-9a-f]{8}-[0-9a-f]{4}-")  # no secret alone
ENDS_THE_SESSION = {"password_change", "code_drop", "code_enrol"}


@pytest.fixture(scope="module")
def full(made: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    case, house = full_record(tmp_path_factory.mktemp("full"), made)
    served = Served.of(house)
    for role in ROLES:
        served.token(role)
    yield served
    served.close()
    case.both.desks[1].node.journal.close()


def values(full: Served) -> dict[str, list[Any]]:
    """What each parameter of the document is filled with; the first one where it is needed."""
    book, entries = full.house.desk.catch_up(), list(full.house.desk.node.journal.read())
    one_of_each = {(entry.kind, rows_of(entry)): entry.index for entry in entries}
    orders = book.incident(INCIDENT).projection(Orders)
    assert orders.plan is not None
    moments = [entry.time_s for entry in entries]
    return {
        "incident": [INCIDENT], "proposal": ["x"], "kind": ["order.move", "sighting.note"],
        "plan": [orders.plan.digest], "order": list(orders.orders)[:2], "unit": ["CANARY-U1", "C"],
        "index": list(one_of_each.values()), "hit": ["h1"], "digest": ["0" * 64], "z": [9],
        "x": [269], "y": [178], "name": ["canary.person"], "zone": ["Europe/Vaduz"], "limit": [500],
        "cursor": ["x"], "reader": ["press_officer", "head_of_state", "duty_officer"],
        "first": [0], "count": [500], "q": ["canary", "Forest"], "after": [-1],
        "at": [iso(moments[len(moments) // 2]), iso(moments[-1])], "into": ["Balzers"],
        "by": [iso(moments[-1])], "could": [False], "language": ["en", "de"],
    }  # fmt: skip


def requests(full: Served) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address with every value of its path, alone and with each of its other parameters."""
    known = values(full)
    for path, operation in GETS:
        if operation["operationId"] in NOT_WALKED:
            continue
        fields = [one for one in operation.get("parameters", []) if one["name"] not in HEADERS]
        unknown = [one["name"] for one in fields if one["name"] not in known]
        assert not unknown, f"{path}: say in values() how to fill {unknown}"
        inside = [one["name"] for one in fields if one["in"] == "path"]
        needed = {one["name"]: known[one["name"]][0] for one in fields
                  if one["in"] == "query" and one.get("required")}  # fmt: skip
        for chosen in itertools.product(*(known[name] for name in inside)):
            url = path.format(**dict(zip(inside, chosen, strict=True)))
            yield url, needed
            for one in fields:
                if one["in"] == "query":
                    for value in known[one["name"]]:
                        yield url, {**needed, one["name"]: value}


def made_up(schema: dict[str, Any], name: str = "") -> Any:
    """A body of the right form in which every name is wrong."""
    if "$ref" in schema:
        return made_up(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
    several = next((schema[word] for word in ("anyOf", "allOf", "oneOf") if word in schema), None)
    if several is not None:
        return made_up(several[0], name)
    kind = schema.get("type")
    if kind == "object":
        inside = schema.get("properties", {})
        return {key: made_up(inside[key], key) for key in schema.get("required", inside)}
    if kind == "array":
        return [made_up(schema["items"], name)] * max(1, schema.get("minItems", 1))
    text = "2026-12-01T10:00:00Z" if schema.get("format") == "date-time" else "x"
    plain = {"number": 1, "integer": 1, "boolean": True}.get(str(kind), text)
    least = schema.get("minimum", INCIDENT if name == "incident" else plain)
    return schema.get("const", next(iter(schema.get("enum", [])), least))


def leaves(value: Any) -> Iterator[str]:
    """Texts and numbers that are found nowhere by chance."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and value[:1] == "{":
        yield from leaves(json.loads(value))
    elif isinstance(value, str | float):
        yield str(value)


def is_rare(text: str) -> bool:
    """Whether a text is no word of everybody's: a name with a number, a sentence, a coordinate."""
    if len(text) < 7 or MOMENT_OR_ID.match(text):
        return False
    return " " in text or any(sign.isdigit() for sign in text)


def secrets_from(full: Served, rows: frozenset[str]) -> set[str]:
    """What stands only in entries that somebody with these rows may not read."""
    kept: list[Entry] = []
    readable = [PROTOCOL.read_text("utf-8"), json.dumps(DOCUMENT)]
    if "map" in rows:  # roads and places, with where they come from: nothing secret
        public = full.client("duty_officer").get("/v1/region", params={"incident": INCIDENT})
        readable.append(public.text)
    for entry in full.house.desk.node.journal.read():
        if entry.body is None:
            continue
        if "journal" in rows or rows_of(entry) <= rows:
            readable.append(json.dumps(entry.body, ensure_ascii=False).replace('\\"', '"'))
            readable += [entry.author, entry.fact_id]
        else:
            kept.append(entry)
    known = "\n".join(readable)
    found = {text for entry in kept for text in leaves(dict(entry.body or {}))}
    allowed = [text for text, enough in PLANTED.items() if enough & rows]
    return {
        text for text in found
        if is_rare(text) and text not in known and not any(one in text for one in allowed)
    }  # fmt: skip


def planted_for(rows: frozenset[str]) -> set[str]:
    if "journal" in rows:
        return set(NOBODY)
    return {*NOBODY, *(text for text, enough in PLANTED.items() if not enough & rows)}


def read(client: httpx.Client, url: str, params: dict[str, Any]) -> str:
    answer = client.get(url, params=params)
    assert answer.status_code < 500, (url, params, answer.text)
    return answer.content.decode("utf-8", "replace").replace('\\"', '"')


def events(client: httpx.Client) -> str:
    shown = ""
    with client.stream("GET", "/v1/events", params={"after": -1}) as response:
        for line in response.iter_lines():
            shown += line.replace('\\"', '"')
            if line == "event: heartbeat" or response.status_code != 200:
                break
    return shown


def refusals(client: httpx.Client) -> Iterator[tuple[str, str]]:
    """What is said to who gives every command with names that are wrong."""
    for path, operation in COMMANDS:
        if operation["operationId"] in ENDS_THE_SESSION:
            continue
        form = operation["requestBody"]["content"]["application/json"]["schema"]
        url = path.format(incident=INCIDENT)
        answer = client.post(url, json=made_up(form))
        assert answer.status_code < 500, (url, answer.text)
        yield url, answer.text


def groups(full: Served, *, every: bool) -> list[tuple[str, frozenset[str]]]:
    """Roles with what they may look at; without `every` one of those that may look at the same."""
    book = full.house.desk.catch_up()
    rows = {role: rows_for([role], book) for role in ROLES}
    if every:
        return list(rows.items())
    first = {held: role for role, held in reversed(rows.items())}
    return [(role, held) for held, role in first.items()]


def test_the_record_holds_something_of_every_row(full: Served) -> None:
    """Else the walk would find nothing because nothing is there."""
    named = {row for enough in PLANTED.values() for row in enough}
    assert READS.keys() - named - {"node", "journal", "map", "own orders"} <= {
        "situation", "intelligence"}  # fmt: skip
    text = "\n".join(
        json.dumps(entry.body, ensure_ascii=False)
        for entry in full.house.desk.node.journal.read()
        if entry.body is not None
    )
    assert [word for word in PLANTED if word not in text and word != "picturepicture"] == []
    assert [word for word in NOBODY if word in text] == []
    kinds = {entry.kind for entry in full.house.desk.node.journal.read()}
    assert {"situation.issued", "intelligence.filed", "hit.crop-kept"} <= kinds


def test_who_may_read_it_does(full: Served) -> None:
    """The same walk as somebody who may look at nearly all: what is hidden is shown there."""
    client, rows = full.client("duty_officer"), rows_for(["duty_officer"], full.house.desk.read())
    shown = "".join(read(client, url, params) for url, params in requests(full))
    missing = [word for word, enough in PLANTED.items() if enough & rows and word not in shown]
    assert missing == []


def test_no_address_shows_a_role_what_the_table_keeps_from_it(
    full: Served, request: pytest.FixtureRequest
) -> None:
    walked, every = list(requests(full)), request.config.getoption("--long")
    leaks: dict[tuple[str, str], set[str]] = {}
    hidden = {
        role: planted_for(rows) | secrets_from(full, rows)
        for role, rows in groups(full, every=every)
    }
    for giving in (False, True):  # commands last: they change what there is to see
        for role, words in hidden.items():
            client = full.client(role)
            looked = ((url, read(client, url, params)) for url, params in walked)
            answers = refusals(client) if giving else (*looked, ("/v1/events", events(client)))
            for url, text in answers:
                shown = {word for word in words if word in text}
                if shown:
                    leaks.setdefault((role, url), set()).update(shown)
    assert not leaks
