"""The reference pages name every field of every form, kind of fact and kind of message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stopline.journal import facts as _journal_facts
from stopline.journal.entry import ENTRY_FIELDS
from stopline.journal.kinds import all_kinds, describe_kinds
from stopline.link import facts as _link_facts
from stopline.link.envelope import ENVELOPE_FIELDS
from stopline.link.frame import FRAME_FIELDS
from stopline.link.pairing import PAIRING_FIELDS

FORMATS = Path(__file__).parents[2] / "docs" / "formats"
REGISTERED = (_journal_facts, _link_facts)  # importing them registers their kinds
OWN_KINDS = [
    kind for kind in all_kinds() if kind.body.__module__.split(".")[1] in {"journal", "link"}
]


def page(name: str) -> str:
    return (FORMATS / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("journal", ENTRY_FIELDS),
        ("envelope", ENVELOPE_FIELDS),
        ("envelope", FRAME_FIELDS),
        ("pairing", PAIRING_FIELDS),
    ],
)
def test_every_field_of_a_form_is_documented(name: str, fields: dict[str, str]) -> None:
    for field, meaning in fields.items():
        assert f"| `{field}` | {meaning} |" in page(name)


def section(text: str, name: str) -> str:
    found = re.search(rf"^### `{re.escape(name)}` .*?(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no section"
    return found[0]


@pytest.mark.parametrize("kind", OWN_KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_fact_is_documented_as_it_is(kind: object) -> None:
    name = kind.name  # type: ignore[attr-defined]
    assert section(page("journal"), name).strip() == section(describe_kinds(), name).strip()
