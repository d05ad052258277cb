"""The `stopline intelligence` commands: make a key, see who can receive, seal and open reports.

They run where the person sits; a passphrase or an open report never goes to a node. Exit codes: 0
all is well; 2 an input could not be read; 3 it cannot be opened.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.intelligence.sealed import Recipient

app = typer.Typer(
    name="intelligence",
    help="Reports for named persons only: make a key, list recipients, seal, open.",
    no_args_is_help=True,
)
CANNOT_OPEN = 3

KeyFile = Annotated[Path, typer.Argument(help="Your locked key.", show_default=False)]


@contextmanager
def _reported() -> Iterator[None]:
    """As other commands do; what cannot be opened has a code of its own."""
    from stopline.operation.intelligence.sealed import CannotOpen

    with reported():
        try:
            yield
        except CannotOpen as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(CANNOT_OPEN) from None


@app.command()
def key(
    out: Annotated[Path, typer.Argument(help="File for the locked key.", show_default=False)],
) -> None:
    """Make a key under a passphrase; an existing file is never overwritten."""
    from stopline.operation.intelligence.recipient_key import make_locked_key
    from stopline.operation.intelligence.sealed import fingerprint

    with _reported():
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
        made = make_locked_key(passphrase)
        write_new(out, made.text())
    typer.echo(f"{out}: enrol it with `recipient.enrol`; fingerprint {fingerprint(made.public)}")


@app.command()
def recipients(
    node: Annotated[Path, typer.Argument(help="Folder of the node.", show_default=False)],
) -> None:
    """List who of both sides can receive, as JSON lines; compare fingerprints by telephone."""
    from stopline.operation.intelligence.projection import Recipients
    from stopline.operation.intelligence.sealed import Recipient, fingerprint
    from stopline.operation.runtime.bootstrap import open_command_handler

    with _reported():
        desk = open_command_handler(node)
        try:
            book = desk.read()
            known = book.projection(Recipients)
            named = [
                Recipient(side=book.side, role=each.role, person=each.person, key=each.key)
                for each in known.ours.values()
            ] + [
                Recipient(side=book.other_side, role=role, person=person, key=public)
                for (role, person), public in known.theirs.items()
            ]
        finally:
            desk.node.journal.close()
    for each in named:
        shown = {**each.model_dump(mode="json"), "fingerprint": fingerprint(each.key)}
        typer.echo(json.dumps(shown, ensure_ascii=False))


@app.command()
def seal(
    report: Annotated[Path, typer.Argument(help="The report, JSON.", show_default=False)],
    to: Annotated[Path, typer.Option(help="Who may read: lines of `recipients`.")],
    side: Annotated[str, typer.Option(help="Your side: the other's copy has no source.")],
    out: Annotated[Path, typer.Option(help="OUT.ours and OUT.theirs are written.")],
    label: Annotated[str, typer.Option(help="TLP 2.0 label.")] = "RED",
) -> None:
    """Seal a report for the persons named; what is written can go through any hands."""
    from stopline.errors import BadInput
    from stopline.operation.intelligence.report import read_report, seal_report
    from stopline.operation.intelligence.sealed import LABELS

    with _reported():
        found = next((each for each in LABELS if each == label.replace("+", "_")), None)
        if found is None:
            raise BadInput.single("--label", label, " or ".join(LABELS))
        named = _recipients(to)
        ours = [each for each in named if each.side == side]
        theirs = [each for each in named if each.side != side]
        copies = seal_report(read_report(report.read_text("utf-8")), found, ours, theirs)
        for ending, text in zip(("ours", "theirs"), copies, strict=True):
            if text:
                write_new(out.with_name(f"{out.name}.{ending}"), text)
    for each in named:
        typer.echo(f"{'ours' if each.side == side else 'theirs'}: {each.person} ({each.role})")


@app.command("open")
def open_(
    sealed: Annotated[Path, typer.Argument(help="The sealed text.", show_default=False)],
    key_file: KeyFile,
) -> None:
    """Open a report with your key and show it; nothing is written."""
    from stopline.operation.intelligence.recipient_key import read_locked_key
    from stopline.operation.intelligence.report import open_report
    from stopline.operation.intelligence.sealed import read_sealed

    with _reported():
        text = sealed.read_text("utf-8")
        label = read_sealed(text).label.replace("_", "+")
        locked = read_locked_key(key_file.read_text("utf-8"))
        report = open_report(text, locked, typer.prompt("Passphrase", hide_input=True, err=True))
    typer.echo(f"TLP:{label}  {report.subject}  ({report.grade}, {report.written})")
    typer.echo(report.text)
    if report.source:
        typer.echo(f"Source: {report.source}")


def _recipients(path: Path) -> list[Recipient]:
    from pydantic import ValidationError

    from stopline.errors import BadInput
    from stopline.operation.intelligence.sealed import Recipient

    named = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            value.pop("fingerprint", None)
            named.append(Recipient.model_validate(value))
        except (ValueError, AttributeError, ValidationError):
            where, expected = (
                f"{path} line {number}",
                "a line of `stopline intelligence recipients`",
            )
            raise BadInput.single(where, line[:60], expected) from None
    return named


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner reads; one that is there is never overwritten."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
