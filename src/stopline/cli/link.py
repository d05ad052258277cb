"""`stopline link`: how the line is, send a text, carry messages by hand."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.journal import outcomes

if TYPE_CHECKING:
    from stopline.link.envelope import Envelope
    from stopline.link.line_state import Moment
    from stopline.operation.core.command_handler import CommandHandler

app = typer.Typer(help="See the line, send, carry messages by hand.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder of the node.")]
Peer = Annotated[str, typer.Argument(help="Name of the other node.")]


@app.command()
def status(folder: Folder) -> None:
    """Show each line as it is now, in each direction and why, and what waits."""
    from stopline.journal.base import write_time
    from stopline.link.engine import LinkEngine
    from stopline.operation.core.line_now import line_now
    from stopline.operation.core.snapshots import lasting_entries
    from stopline.operation.runtime.bootstrap import open_command_handler

    with outcomes(), (desk := open_command_handler(folder)).node as node:
        last = {
            str(entry.body["peer"]): entry
            for entry in lasting_entries(node.journal)
            if entry.kind == "link.changed" and entry.body is not None
        }
        line = line_now(desk.catch_up(), time.time())
        for name in node.peers():
            waiting = LinkEngine(node.journal, node.identity, name).state().unacknowledged
            entry = last.get(name)
            told = "never up"
            if line.up is not None:
                word = "up" if line.up else "down"
                offset = None if entry is None else (entry.body or {})["clock_offset_s"]
                told = f"{word} since {write_time(line.since_s)}"
                if offset is not None:
                    told += f", clock offset {offset:+.3f} s"
                if not line.up:
                    told += f"; {'its frames arrive' if line.hears else 'nothing arrives'}"
                told += f"; {line.why}" if line.why else ""
            typer.echo(f"{name}: {told}; {waiting} unacknowledged")


@app.command()
def send(
    folder: Folder,
    peer: Peer,
    text: Annotated[str, typer.Argument(help="What to say.")],
    person: Annotated[str, typer.Option(help="Who says it.")],
    role: Annotated[str, typer.Option(help="In which role.")] = "duty-officer",
) -> None:
    """Put a text into the outbox; a running node sends it at once."""
    from stopline.link.engine import LinkEngine
    from stopline.link.ids import new_id
    from stopline.link.mailbox import Message
    from stopline.link.messages import TextSent
    from stopline.operation.core.node import open_node

    now_s = time.time()
    message = Message(
        message_id=new_id(now_s), body=TextSent(text=text), time_s=now_s, author=person, role=role
    )
    with outcomes(), open_node(folder) as node:
        LinkEngine(node.journal, node.identity, peer).post(message)
    typer.echo(message.message_id)


@app.command("carry-out")
def carry_out(
    folder: Folder, peer: Peer, out: Annotated[Path, typer.Argument(help="File to write.")]
) -> None:
    """Write everything unconfirmed into a file to carry by hand."""
    from stopline.link.engine import LinkEngine
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        engine = LinkEngine(node.journal, node.identity, peer)
        out.write_bytes(engine.carry_out(_now()))
        waiting = engine.state().unacknowledged
    typer.echo(f"{waiting} messages")


@app.command("carry-in")
def carry_in(
    folder: Folder, file: Annotated[Path, typer.Argument(help="File that was carried here.")]
) -> None:
    """Take a carried file in; twice changes nothing."""
    from stopline.link.engine import LinkEngine
    from stopline.link.frame import parse_frame
    from stopline.operation.core.admission import DeskAdmission
    from stopline.operation.runtime.bootstrap import open_command_handler

    with outcomes(), (desk := open_command_handler(folder)).node as node:
        data = file.read_bytes()
        sender, admission = parse_frame(data).sender, DeskAdmission(desk)
        engine = LinkEngine(node.journal, node.identity, sender, admission=admission)
        received = engine.receive(data, _now(), carried=True)
        for error in received.refused:
            typer.echo(f"refused: {error}", err=True)
    typer.echo(f"{len(received.new)} new messages")
    if received.refused:
        raise typer.Exit(3)


@app.command()
def recover(
    folder: Folder,
    peer: Peer,
    export: Annotated[Path, typer.Argument(help="The other node's journal, JSON Lines.")],
) -> None:
    """Get back, from the other side's export, what a node put back from an old copy has lost."""
    from stopline.journal.export import JsonlCopy
    from stopline.link.engine import LinkEngine
    from stopline.link.recovery import recover as recover_from
    from stopline.operation.core.admission import DeskAdmission
    from stopline.operation.runtime.bootstrap import open_command_handler

    with outcomes(), (desk := open_command_handler(folder)).node as node:
        with export.open("rb") as file:
            copy = JsonlCopy(file)
        engine = LinkEngine(node.journal, node.identity, peer, admission=DeskAdmission(desk))
        found = recover_from(engine, copy, _now(), partial(_role_of, desk))
    typer.echo(f"{found.ours} messages of this node and {found.theirs} of {peer} are back")
    if found.erasable:
        typer.echo(f"{found.erasable} personal ones are in no export; tell each other again")
    typer.echo(f"this copy counts from its next start on, number {found.epoch + 1}")


def _role_of(desk: CommandHandler, envelope: Envelope) -> str:
    """The role that the protocol of its incident lets send a message; else the node itself."""
    incident = desk.catch_up().incidents.get(envelope.incident or "")
    if incident is None:
        return "node"
    message = incident.machine.protocol.messages.get(str(envelope.body.get("name", "")))
    return "node" if message is None else message.sent_by


def _now() -> Moment:
    from stopline.link.line_state import Moment

    return Moment(time.monotonic(), time.time())
