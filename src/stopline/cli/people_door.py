"""What the `stopline people` commands share: who acts, how faults and times are written."""

from __future__ import annotations

import getpass
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler

Folder = Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)]
By = Annotated[
    str, typer.Option(help="Who does it; the user of this machine if left out.", show_default=False)
]

_NAME = "1 to 64 of a-z, 0-9 and . _ -, a letter or digit first, for example a.novak"


@contextmanager
def valid() -> Iterator[None]:
    """Say what is wrong with a name or a role in the words of other faults."""
    from pydantic import ValidationError

    from stopline.errors import FaultList

    try:
        yield
    except ValidationError as error:
        faults = FaultList()
        for each in error.errors(include_url=False):
            where = str(each["loc"][0]) if each["loc"] else "command"
            expected = _NAME if each["type"] == "string_pattern_mismatch" else each["msg"]
            faults.add(where, each["input"], expected)
        faults.raise_if_any()


def at_machine(by: str) -> Actor:
    """Whoever has the folder acts as administrator, by the name of the machine's user.

    The words behind the name keep it apart from every operator: theirs hold no space.
    """
    from stopline.operation.core.actor import Actor

    return Actor(f"{by or getpass.getuser()} (at the machine)", "administrator")


def do(desk: CommandHandler, command: Command, by: str) -> None:
    """Give a command at the machine."""
    from stopline.link.ids import new_id

    now_s = time.time()
    desk.do(command, at_machine(by), command_id=new_id(now_s), now_s=now_s)


def give_set_up_code(access: SignIn, name: str, reason: str, by: str) -> tuple[str, float]:
    """Reset an operator; give the set-up code and when it ends."""
    from stopline.link.ids import new_id

    now_s = time.time()
    made = access.accounts.reset(
        name, reason, at_machine(by), command_id=new_id(now_s), now_s=now_s
    )
    return made.code, made.ends_s


def minute(time_s: float) -> str:
    """Write a time for a person at the machine: UTC, to the minute."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%MZ")
