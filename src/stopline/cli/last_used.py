"""What was used last at a node from this terminal, for who leaves it out: role and incident."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stopline.cli.app_folder import token_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LastUsed:
    """What whoever is signed in used last.

    Attributes:
        role: the role that was named last; empty for none.
        incident: the incident that a command was given in last; empty for none.
    """

    role: str = ""
    incident: str = ""


def last_used(node: Path) -> LastUsed:
    """What was used last at a node; nothing where that cannot be read."""
    told = _read(node)
    known = told.get("people", {}).get(told.get("name", ""), {})
    return LastUsed(str(known.get("role", "")), str(known.get("incident", "")))


def remember(node: Path, *, role: str | None, incident: str | None) -> None:
    """Remember what was used, of what was named; a terminal that cannot is none the worse."""
    told = _read(node)
    last = last_used(node)
    now = {"role": role or last.role, "incident": incident or last.incident}
    people = {**told.get("people", {}), told.get("name", ""): now}
    _write(node, {"name": told.get("name", ""), "people": people})


def sits_down(node: Path, name: str) -> None:
    """Note who signed in: what others used is theirs."""
    _write(node, {"name": name, "people": _read(node).get("people", {})})


def _read(node: Path) -> dict[str, Any]:
    try:
        told = json.loads(_file(node).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(node: Path, told: dict[str, Any]) -> None:
    if told == _read(node):
        return
    place = _file(node)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.write_text(json.dumps(told), "utf-8")
        os.chmod(place, 0o600)  # noqa: PTH101  (as the token beside it)
    except OSError:
        return


def _file(node: Path) -> Path:
    return token_file(node).with_suffix(".last")
