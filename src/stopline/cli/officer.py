"""The `stopline officer` commands: a signing key of one's own, and voices signed with it.

The private key and its passphrase stay where the officer sits; a node sees public keys and
signatures alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.at_desk import RoleName, acting
from stopline.cli.outcome import reported
from stopline.cli.terminal_session import password_from

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command

app = typer.Typer(
    name="officer",
    help="Your own signing key: make it, enrol it, sign decisions and reports.",
    no_args_is_help=True,
)
KeyFile = Annotated[Path, typer.Argument(help="Your private key.", show_default=False)]
NodeFolder = Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="File with the passphrase, `-` for stdin; asked for if left out."),
]


@app.command()
def key(
    out: Annotated[Path, typer.Argument(help="File for the private key.", show_default=False)],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a signing key under a passphrase; an existing file is never overwritten."""
    from stopline.cli.intelligence import write_new
    from stopline.operation.core.officer_key_file import make_officer_key, read_officer_key
    from stopline.operation.core.officer_signatures import public_key_of

    with reported():
        passphrase = password_from(passphrase_file, "Passphrase", new=True)
        made = make_officer_key(passphrase)
        write_new(out, made.decode())
        public = public_key_of(read_officer_key(made, passphrase, str(out)))
    typer.echo(f"{out}: public key {public}; enrol it with `stopline officer enrol NODE {out}`")


@app.command()
def enrol(
    node: NodeFolder,
    key_file: KeyFile,
    before: Annotated[
        Path | None, typer.Option(help="Your key before it; it signs the new one.")
    ] = None,
    role: RoleName = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Enrol your key at a node where you are signed in; what you sign is proven from then on."""
    from stopline.link.ids import new_id
    from stopline.operation.core.officer_signatures import enrolment, public_key_of
    from stopline.operation.core.signing_key_commands import EnrolSigningKey

    with reported():
        passphrase = password_from(passphrase_file, f"Passphrase of {key_file}")
        private = _unlocked(key_file, passphrase)
        old = None
        if before is not None:
            same = passphrase_file is not None
            old = _unlocked(
                before, passphrase if same else password_from(None, f"Passphrase of {before}")
            )
    with acting(node, role) as (desk, actor):
        now_s = desk.node.clock()
        said = enrolment(public_key_of(private), desk.read().side, actor.person)
        command = EnrolSigningKey(
            key=public_key_of(private), signature=said.sign(private, now_s),
            before="" if old is None else said.sign(old, now_s),
        )  # fmt: skip
        done = desk.do(command, actor, command_id=new_id(now_s), now_s=now_s)
    typer.echo(f"{done.ids[0]}: {actor.person} signs with {public_key_of(private)}")


@app.command()
def keys(node: NodeFolder) -> None:
    """List the keys that count at a node, a JSON object a line; compare them by telephone."""
    from stopline.operation.core.signing_keys import SigningKeys
    from stopline.operation.runtime.bootstrap import open_command_handler

    with reported():
        desk = open_command_handler(node)
        try:
            held = dict(desk.read().projection(SigningKeys).held)
        finally:
            desk.node.journal.close()
    for person, one in sorted(held.items()):
        shown = {"person": person, "key": one.key, "entry": one.entry}
        typer.echo(json.dumps(shown, ensure_ascii=False))


@app.command()
def sign(
    key_file: KeyFile,
    command: Annotated[str, typer.Argument(help="decision.voice or intelligence.file.")],
    words: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="Its fields, with the incident.")
    ],
    side: Annotated[str, typer.Option(help="Side of the node, as the protocol names it.")],
    person: Annotated[str, typer.Option(help="Your name as an operator of the node.")],
    role: Annotated[str, typer.Option(help="The role in which you speak.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Print the signature of a voice, far from any node; it is the command's field `signature`."""
    import time

    from stopline.cli.node_client import text_of_files
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command_parser import command_from_words
    from stopline.operation.runtime.typed import known_command

    with reported():
        files = text_of_files(words)
        given = command_from_words(
            known_command(command), words, time.time(), read=files.__getitem__
        )
        private = _unlocked(key_file, password_from(passphrase_file, "Passphrase"))
        line = signature_of(given, Actor(person, role), side, private, time.time())
    typer.echo(line)


def signed(
    given: Command,
    actor: Actor,
    side: str,
    key_file: Path,
    passphrase_file: Path | None,
    now_s: float,
) -> Command:
    """A command with the signature of whoever gives it.

    Raises:
        BadInput: it is none that is signed, or the key does not unlock.
    """
    private = _unlocked(key_file, password_from(passphrase_file, "Passphrase"))
    line = signature_of(given, actor, side, private, now_s)
    return given.model_copy(update={"signature": line})


def signature_of(
    given: Command, actor: Actor, side: str, private: Ed25519PrivateKey, now_s: float
) -> str:
    """Sign a voice.

    Raises:
        BadInput: the command is none that is signed.
    """
    from stopline.errors import BadInput
    from stopline.operation.core.commands import VoiceDecision
    from stopline.operation.core.signing_keys import said_by
    from stopline.operation.intelligence.commands import FileIntelligence

    if not isinstance(given, VoiceDecision | FileIntelligence):
        expected = "decision.voice or intelligence.file"
        raise BadInput.single("command", given.kind, expected)
    voice = given.voice()
    return said_by(voice, side, given.incident, actor.person, actor.role).sign(private, now_s)


def _unlocked(path: Path, passphrase: str) -> Ed25519PrivateKey:
    from stopline.operation.core.officer_key_file import read_officer_key

    return read_officer_key(path.read_bytes(), passphrase, str(path))
