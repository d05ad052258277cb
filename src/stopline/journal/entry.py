"""A fact as the bytes of a leaf, and back: the form that docs/formats/journal.md describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from stopline.documents.canonical_json import canonical, parse_json
from stopline.errors import BadInput, FaultList
from stopline.journal.base import Entry, read_time, write_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.documents.canonical_json import Json
    from stopline.journal.base import Fact

ENTRY_FIELDS: dict[str, str] = {
    "author": "who says so: name of a person or node",
    "body": "content, an object of the kind's form; absent if the kind is personal",
    "id": "ULID or UUIDv7 of the fact",
    "incident": "name of the incident, or null",
    "kind": "name of the kind",
    "role": "role in which the author spoke",
    "schema": "version of the body's form, an integer from 1",
    "sealed": "base64 of SHA-256 of the sealed body; only if the kind is personal",
    "time": "UTC, ISO 8601 with six decimals and Z",
}
_TIME_AT = slice(-29, -2)  # 27 characters before the last quotation mark and brace
_TEXTS = ("author", "id", "kind", "role", "time")


def body_bytes(fact: Fact) -> bytes:
    """Write the body alone in canonical form: what is sealed if the kind is personal."""
    return canonical(fact.body.model_dump(mode="json"))


def leaf_bytes(fact: Fact, sealed: str | None) -> bytes:
    """Write a fact as a leaf; `sealed` is the commitment that stands for a personal body."""
    kind = fact.kind
    leaf: dict[str, Json] = {
        "author": fact.author,
        "id": fact.fact_id,
        "incident": fact.incident,
        "kind": kind.name,
        "role": fact.role,
        "schema": kind.schema,
        "time": write_time(fact.time_s),
    }
    if sealed is None:
        leaf["body"] = fact.body.model_dump(mode="json")
    else:
        leaf["sealed"] = sealed
    return canonical(leaf)


def time_of_leaf(leaf: bytes) -> float:
    """Read the time alone: a leaf's keys are sorted, and `time` is the last of them.

    Raises:
        BadInput: the leaf does not end in a time.
    """
    return read_time(leaf[_TIME_AT].decode("ascii", "replace"))


def parse_leaf(leaf: bytes, where: str = "entry") -> dict[str, object]:
    """Read a leaf and check its form.

    Raises:
        BadInput: it is not of the form.
    """
    value = parse_json(leaf, where)
    faults = FaultList()
    if not isinstance(value, dict):
        raise BadInput.single(where, type(value).__name__, "an object")
    for name in _TEXTS:
        if not isinstance(value.get(name), str):
            faults.add(f"{where}.{name}", value.get(name), "text")
    if not isinstance(value.get("incident", 0), (str, type(None))):
        faults.add(f"{where}.incident", value.get("incident"), "text or null")
    if type(value.get("schema")) is not int:
        faults.add(f"{where}.schema", value.get("schema"), "an integer")
    if isinstance(value.get("body"), dict) == isinstance(value.get("sealed"), str):
        faults.add(f"{where}.body", value.get("body"), "either a body or a sealed hash")
    unknown = set(value) - set(ENTRY_FIELDS)
    if unknown or len(value) != len(ENTRY_FIELDS) - 1:
        faults.add(where, sorted(value), f"eight of {sorted(ENTRY_FIELDS)}")
    faults.raise_if_any()
    return cast("dict[str, object]", value)


def read_entry(
    index: int, leaf: bytes, open_body: Callable[[str, str], Mapping[str, object] | None]
) -> Entry:
    """Read a leaf into an entry; `open_body(fact_id, sealed)` fetches a personal body.

    Raises:
        BadInput: the leaf is not of the form.
    """
    value = parse_leaf(leaf, f"entry {index}")
    fact_id, sealed = cast("str", value["id"]), value.get("sealed")
    if isinstance(sealed, str):
        body = open_body(fact_id, sealed)
    else:
        body = cast("Mapping[str, object]", value["body"])
    return Entry(
        index=index,
        fact_id=fact_id,
        time_s=read_time(cast("str", value["time"])),
        author=cast("str", value["author"]),
        role=cast("str", value["role"]),
        incident=cast("str | None", value["incident"]),
        kind=cast("str", value["kind"]),
        schema=cast("int", value["schema"]),
        body=body,
        leaf=leaf,
        personal=isinstance(sealed, str),
    )
