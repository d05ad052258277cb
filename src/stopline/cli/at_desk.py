"""Give a command at the desk of a node, in a person's name."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.operation.desk.actor import Actor
    from stopline.operation.desk.book import Book
    from stopline.operation.desk.command import Command
    from stopline.operation.desk.desk import Desk, Done

Person = Annotated[str, typer.Option(help="Your name; it stands in the record.")]
RoleName = Annotated[str, typer.Option(help="Your role, by the protocol in force; or unit, feed.")]
Agency = Annotated[str, typer.Option(help="Your service, if the protocol gives your role none.")]


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    """Open the desk of a node and let it go afterwards."""
    from stopline.operation.bootstrap import open_desk

    desk = open_desk(folder)
    try:
        yield desk
    finally:
        desk.node.journal.close()


def actor_of(book: Book, person: str, role: str, agency: str) -> Actor:
    """Who somebody is: the protocol in force says which service a role belongs to.

    Raises:
        BadInput: the role is of another service than the one named.
    """
    from stopline.errors import BadInput
    from stopline.operation.desk.actor import Actor

    machine = book.machines.get(book.in_force)
    post = None if machine is None else machine.protocol.roles.get(role)
    if post is not None and agency not in {"", post.agency}:
        expected = f"{post.agency or 'nothing'}, the service of {role} by the protocol in force"
        raise BadInput.single("--agency", agency, expected)  # noqa: EM101
    return Actor(person, role, (post.agency if post is not None else agency) or None)


def give(desk: Desk, command: Command, actor: Actor) -> Done:
    """Give a command now, under a new id."""
    from stopline.link.ids import new_id

    now_s = time.time()
    return desk.do(command, actor, command_id=new_id(now_s), now_s=now_s)
