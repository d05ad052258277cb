"""The permission table, walked completely: every command, every role, read apart from the code."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from operation.liaison_case import DOCUMENT, Case, actor
from stopline.operation.core.permissions import OFFICER, PERMISSIONS, may

PLAIN: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
OUTSIDERS = ("administrator", "unit", "feed", "camera", "node", "", "nobody", OFFICER)


def test_each_role_may_what_the_table_says_and_nothing_else(case: Case) -> None:
    book = case.both.desks[0].catch_up()
    wrong = []
    for name, allowed in PERMISSIONS.items():
        for role in (*PLAIN["roles"], *OUTSIDERS):
            known = role in PLAIN["roles"]
            stands_in = any(
                role in PLAIN["roles"].get(other, {}).get("deputies", []) for other in allowed
            )
            expected = (
                (role in allowed and role != OFFICER)
                or (known and OFFICER in allowed)
                or (known and stands_in)
            )
            if may(actor(role), name, book) != expected:
                wrong.append((name, role, expected))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_each_row_names_roles_that_exist(name: str) -> None:
    groups = {OFFICER, "administrator", "node", "feed", "unit", "camera"}
    assert PERMISSIONS[name] - groups - set(PLAIN["roles"]) == set()
    assert PERMISSIONS[name]
