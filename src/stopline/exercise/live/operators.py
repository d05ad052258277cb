"""Who sits at the nodes of a live exercise: a person for each role, and for a unit taken."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from stopline.link.ids import new_id
from stopline.operation.accounts.commands import AdmitOperator
from stopline.operation.accounts.settings import SETTINGS_FILE, read_settings
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONTROL: Final = Actor("exercise.control (at the machine)", "administrator")
# Passwords of an exercise guard nothing, and thirty people sign in within a second on each side.
_CHEAP: Final = {"argon2_memory_kib": 1024, "argon2_passes": 1, "argon2_lanes": 1}


def admit_operators(folder: Path, roles: Iterable[str], password: str, now_s: float) -> None:
    """Admit an operator for each role, named after it, all with one password.

    Args:
        folder: of the node.
        roles: of the protocol.
        password: for all of them.
        now_s: by the exercise's clock, UTC seconds.
    """
    (folder / SETTINGS_FILE).write_text(json.dumps(_CHEAP) + "\n", "utf-8")
    admit = [
        AdmitOperator(name=role, display=role.replace("_", " "), roles=(role,)) for role in roles
    ]
    _admit(folder, admit, password, now_s)


def admit_unit(folder: Path, unit: str, agency: str, password: str, now_s: float) -> str:
    """Admit an operator for a unit, who sees and reports its order; return the name to sign in."""
    name = unit.lower()
    command = AdmitOperator(name=name, display=unit, roles=("unit",), agency=agency)
    _admit(folder, [command], password, now_s)
    return name


def _admit(folder: Path, admit: list[AdmitOperator], password: str, now_s: float) -> None:
    desk = open_command_handler(folder)
    with desk.node:
        access = SignIn(desk, settings=read_settings(folder))
        for command in admit:
            desk.do(command, CONTROL, command_id=new_id(now_s), now_s=now_s)
            wall_s = time.time()
            made = access.accounts.reset(
                command.name, "admitted", CONTROL, command_id=new_id(wall_s), now_s=wall_s
            )
            access.accounts.set_up(command.name, made.code, password, source="setup", now_s=wall_s)
