"""The `stopline protocol` commands: check, sign, verify, simulate and show an agreed procedure.

Exit codes: 0 all is well; 2 an input could not be read; 3 faults were found, or not in force.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported

if TYPE_CHECKING:
    from stopline.signed_note import PublicKey, Signer

app = typer.Typer(
    name="protocol",
    help="The agreed algorithm of cooperation: check, sign, verify, simulate, show.",
    no_args_is_help=True,
)
NOT_IN_FORCE = 3

Document = Annotated[Path, typer.Argument(help="The protocol, YAML.", show_default=False)]


@app.command()
def check(
    document: Document,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Find gaps and contradictions before the day; every finding has its line."""
    from stopline.protocol.checks.check import check as examine
    from stopline.protocol.checks.check import errors_in
    from stopline.protocol.reader import read_protocol

    with reported():
        file = read_protocol(document)
    findings = examine(file)
    for finding in findings:
        typer.echo(f"{document.name} {finding}")
    errors = len(errors_in(findings))
    typer.echo(
        f"{document.name}: {errors} errors, {len(findings) - errors} warnings; {file.digest}"
    )
    if errors or (strict and findings):
        raise typer.Exit(NOT_IN_FORCE)


@app.command()
def stretch(
    document: Document,
    out: Annotated[Path, typer.Option(help="Write the longer one here.", show_default=False)],
    times: Annotated[int, typer.Option(min=2, max=100, help="As many times as long.")] = 10,
) -> None:
    """Make every deadline longer, for a first exercise: who reads along takes his time."""
    from stopline.errors import BadInput
    from stopline.protocol.longer_deadlines import with_longer_deadlines
    from stopline.protocol.reader import read_protocol
    from stopline.protocol.signing import SUFFIX

    with reported():
        if out.with_name(out.name + SUFFIX).exists():
            seen = f"a document that is signed: {out.name}{SUFFIX} lies beside it"
            raise BadInput.single(str(out), seen, "another file")
        if out.exists() and out.samefile(document):
            raise BadInput.single(str(out), "the document itself", "another file")
        out.write_bytes(with_longer_deadlines(read_protocol(document), times))
    typer.echo(f"{out}: every deadline {times} times as long as in {document.name}")


@app.command()
def key(
    name: Annotated[str, typer.Argument(help="Key name, for example alder.example/protocol.")],
    out: Annotated[Path, typer.Argument(help="File for the private key; OUT.pub is public.")],
) -> None:
    """Make a signing key; existing files are never overwritten."""
    import os

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from stopline.signed_note import Signer

    with reported():
        private = Ed25519PrivateKey.generate()
        public = Signer(name, private).key.encode()
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(out, flags, 0o600), "wb") as file:
            file.write(pem)
        with out.with_name(f"{out.name}.pub").open("x", encoding="utf-8") as text:
            text.write(f"{public}\n")
    typer.echo(public)


@app.command()
def sign(
    document: Document,
    side: Annotated[str, typer.Option(help="The side that signs.")],
    key_file: Annotated[Path, typer.Option("--key", help="Its private key, PEM.")],
) -> None:
    """Add one side's signature to DOCUMENT.sigs; a document with errors is not signed."""
    from stopline.errors import BadInput
    from stopline.protocol.checks.check import check as examine
    from stopline.protocol.checks.check import errors_in
    from stopline.protocol.reader import read_protocol
    from stopline.protocol.signing import SUFFIX
    from stopline.protocol.signing import sign as add_signature

    with reported():
        file = read_protocol(document)
        if side not in file.protocol.sides:
            raise BadInput.single("--side", f"`{side}`", " or ".join(file.protocol.sides))
        signer = _read_key(key_file, file.protocol.sides[side].signed_as)
        errors = errors_in(examine(file))
        for finding in errors:
            typer.echo(f"{document.name} {finding}", err=True)
        if errors:
            raise typer.Exit(NOT_IN_FORCE)
        path = document.with_name(document.name + SUFFIX)
        before = path.read_bytes() if path.exists() else b""
        path.write_bytes(add_signature(file, signer, before))
    typer.echo(f"{path}: {side} has signed {file.digest}")


@app.command()
def verify(
    document: Document,
    keys: Annotated[
        list[str], typer.Option("--key", help="SIDE=FILE with the side's public key; one each.")
    ],
    previous: Annotated[
        Path | None, typer.Option(help="The version that it amends, to compare its digest.")
    ] = None,
) -> None:
    """Say whether both sides have signed exactly these bytes: whether it is in force."""
    from stopline.protocol.reader import read_protocol
    from stopline.protocol.signing import SUFFIX
    from stopline.protocol.signing import verify as verify_signatures

    with reported():
        file = read_protocol(document)
        pinned = dict(map(_public_key, keys))
        path = document.with_name(document.name + SUFFIX)
        signatures = path.read_bytes() if path.exists() else b""
        before = None if previous is None else read_protocol(previous)
    force = verify_signatures(file, signatures, pinned, before)
    for problem in force.problems:
        typer.echo(problem)
    verdict = "in force" if force.in_force else "NOT in force"
    typer.echo(f"{document.name}: {verdict}; {force.digest}")
    if not force.in_force:
        raise typer.Exit(NOT_IN_FORCE)


@app.command()
def simulate(
    document: Document,
    rehearsal: Annotated[Path, typer.Argument(help="How long people and messages take, YAML.")],
    runs: Annotated[int, typer.Option(min=1, help="Incidents of each case.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the report here (Markdown).")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it here (.svg, .png, .pdf).")] = None,
    *,
    variants: Annotated[bool, typer.Option(help="Also what can go wrong.")] = True,
) -> None:
    """Rehearse it by simulation: times, critical path, missed deadlines, broken line, absence."""
    from stopline.protocol.reader import read_protocol
    from stopline.protocol.rehearsal.report import report
    from stopline.protocol.rehearsal.schema import read_rehearsal
    from stopline.protocol.rehearsal.simulate import simulate as run

    with reported():
        file = read_protocol(document)
        result = run(file, read_rehearsal(rehearsal), runs=runs, seed=seed, variants=variants)
        text = report(file, result)
        if out is None:
            typer.echo(text)
        else:
            out.write_text(text, encoding="utf-8")
        if plot is not None:
            from stopline.protocol.rehearsal.plot import plot as draw

            draw(file.protocol, result).savefig(plot, dpi=110)
    typer.echo(f"seed {seed}, {runs} runs of {len(result.outcomes)} cases", err=True)


@app.command()
def show(
    document: Document,
    out: Annotated[
        Path | None, typer.Option(help="Write here; .html with diagrams, else Markdown.")
    ] = None,
    phases: Annotated[Path | None, typer.Option(help="Write the phases as SVG.")] = None,
    lanes: Annotated[Path | None, typer.Option(help="Write the tasks by role as SVG.")] = None,
) -> None:
    """Write it as a document that people can read and sign, and draw it."""
    from stopline.protocol.diagram import lanes_svg, phases_svg
    from stopline.protocol.document_page import show_html, show_markdown
    from stopline.protocol.reader import read_protocol

    with reported():
        file = read_protocol(document)
        for path, draw in ((phases, phases_svg), (lanes, lanes_svg)):
            if path is not None:
                path.write_text(draw(file.protocol), encoding="utf-8")
        if out is not None:
            html = out.suffix in {".html", ".htm"}
            out.write_text((show_html if html else show_markdown)(file), encoding="utf-8")
        elif phases is None and lanes is None:
            typer.echo(show_markdown(file))


def _read_key(path: Path, name: str) -> Signer:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from stopline.errors import BadInput
    from stopline.signed_note import Signer

    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        seen = "no Ed25519 private key"
        raise BadInput.single(str(path), seen, "PEM as `stopline protocol key` writes it")
    return Signer(name, private)


def _public_key(text: str) -> tuple[str, PublicKey]:
    from stopline.errors import BadInput
    from stopline.protocol.reader import read_bytes
    from stopline.protocol.signing import read_side_key

    side, equals, path = text.partition("=")
    if not equals:
        raise BadInput.single("--key", f"`{text}`", "SIDE=FILE, for example alder=alder.pub")
    return side, read_side_key(read_bytes(Path(path)).decode("utf-8", "replace"))
