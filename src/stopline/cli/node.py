"""`stopline node`: make a node, pair it, change its key, run it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.journal import outcomes

app = typer.Typer(help="Make a node, pair it with the other side's, run it.", no_args_is_help=True)
pair = typer.Typer(help="Pair with the other side: offer, fingerprint, accept.")
app.add_typer(pair, name="pair")

Folder = Annotated[Path, typer.Argument(help="Folder of the node.")]
Theirs = Annotated[Path, typer.Argument(help="The other side's pairing file.")]


@app.command()
def init(
    folder: Folder,
    name: Annotated[str, typer.Option(help="Name of the node, for example north.example/node.")],
    journal: Annotated[str, typer.Option(help="File in the folder, or postgresql:// URL.")] = (
        "journal.db"
    ),
    url: Annotated[str, typer.Option(help="Where the other side calls: https://host:port.")] = "",
    listen: Annotated[str, typer.Option(help="host:port of its lines.")] = "127.0.0.1:8440",
    *,
    exercise: Annotated[
        bool,
        typer.Option("--exercise", help="For exercises, for good: another clock, all marked."),
    ] = False,
) -> None:
    """Make a node: key, certificate, journal, pairing file."""
    from stopline.operation.core.node import PAIRING_FILE, make_node

    with outcomes():
        make_node(
            folder, name, journal=journal, url=url, listen=listen, now_s=time.time(),
            exercise=exercise,
        )  # fmt: skip
    mark = "EXERCISE: " if exercise else ""
    typer.echo(f"{mark}{name} is made; give {folder / PAIRING_FILE} and tls.crt to the other side")


@pair.command()
def offer(folder: Folder) -> None:
    """Print this node's pairing file."""
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        typer.echo(node.pairing, nl=False)


@pair.command()
def fingerprint(folder: Folder, theirs: Theirs) -> None:
    """Print the digits that both sides read to each other."""
    from stopline.link.pairing import fingerprint as digits
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        typer.echo(digits(node.pairing, theirs.read_text("utf-8")))


@pair.command()
def accept(
    folder: Folder,
    theirs: Theirs,
    fingerprint: Annotated[
        str, typer.Option(prompt="The digits as the other side reads them", help="The digits.")
    ],
    person: Annotated[str, typer.Option(prompt="Your name", help="Who compared the digits.")],
    certificate: Annotated[
        Path | None, typer.Option(help="The other side's tls.crt, to call it by HTTPS.")
    ] = None,
) -> None:
    """Pair, if the digits are the same."""
    from stopline.errors import BadInput
    from stopline.link.identity import certificate_fingerprint
    from stopline.link.key_management import accept_pairing
    from stopline.link.pairing import read_offer
    from stopline.operation.core.node import open_node, peer_certificate_file

    with outcomes(), open_node(folder) as node:
        text = theirs.read_text("utf-8")
        pem = certificate.read_text("utf-8") if certificate is not None else None
        pinned = read_offer(text).certificate
        if pem is not None and certificate_fingerprint(pem) != pinned:
            raise BadInput.single(str(certificate), "another certificate", f"SHA-256 {pinned}")
        peer = accept_pairing(
            node.journal,
            node.pairing,
            text,
            spoken=fingerprint,
            person=person,
            now_s=time.time(),
        )
        if pem is not None:
            peer_certificate_file(folder, peer.name).write_text(pem, "utf-8")
    typer.echo(f"paired with {peer.name}")


@pair.command()
def revoke(
    folder: Folder,
    peer: Annotated[str, typer.Argument(help="Name of the other node.")],
    key: Annotated[str, typer.Argument(help="Id of the key, eight hex digits.")],
    person: Annotated[str, typer.Option(help="Who decided it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Stop believing a key of the other side; pair anew to go on."""
    from stopline.link.key_management import revoke_peer_key
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        revoke_peer_key(node.journal, peer, key, person=person, reason=reason, now_s=time.time())
    typer.echo(f"key {key} of {peer} is not believed any more")


@app.command("rotate-key")
def rotate_key(folder: Folder) -> None:
    """Change the node's key; the other side learns it over the link."""
    from stopline.link.key_management import rotate
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        fresh = rotate(node.journal, node.identity, folder, time.time())
    typer.echo(f"new key {fresh.key.encode()}")


@app.command()
def commitments(folder: Folder) -> None:
    """List what each side committed itself to in joint plans, and what no longer stands."""
    from stopline.operation.joint.commitment_text import commitment_lines
    from stopline.operation.runtime.bootstrap import open_command_handler

    with outcomes():
        desk = open_command_handler(folder)
        with desk.node:
            lines = commitment_lines(desk.read(), desk.node.clock())
    typer.echo("\n".join(lines) or "no commitments")
