"""The locks fit the project, agree with each other, and tell nobody where to download from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def locked(name: str) -> set[tuple[str, str]]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    return set(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)", text, re.MULTILINE))


def names(requirements: list[object]) -> set[str]:
    found = (re.match(r"[\w.-]+", one) for one in requirements if isinstance(one, str))
    return {match[0].lower().replace("_", "-") for match in found if match}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_no_address_and_a_hash_for_each(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())

    assert not re.search(r"://|^-|@", text, re.MULTILINE)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    run = names(project["project"]["dependencies"]) | names(project["dependency-groups"]["build"])
    dev = run | names(project["dependency-groups"]["dev"])

    assert run - {name for name, _ in locked("run")} == set(), "run scripts/lock"
    assert dev - {name for name, _ in locked("dev")} == set(), "run scripts/lock"


def test_what_both_locks_name_has_one_version() -> None:
    assert locked("run") <= locked("dev")
