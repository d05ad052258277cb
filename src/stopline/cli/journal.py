"""`stopline journal`: verify, prove, export and show a record."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import in_words
from stopline.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.journal.base import Entry
    from stopline.journal.compare import Observed
    from stopline.journal.export import JsonlCopy
    from stopline.journal.stored import StoredJournal
    from stopline.operation.core.voice_check import VoicesFound

EXIT_BAD_INPUT, EXIT_FAILED = 2, 3
_NOTE_BYTES = 1 << 16
app = typer.Typer(help="Verify, prove, export and show the record.", no_args_is_help=True)

Where = Annotated[
    str, typer.Argument(help="Folder of a node, SQLite file, JSON Lines file, or PostgreSQL URL.")
]


class ExportForm(StrEnum):
    """Forms of an export."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


@contextmanager
def outcomes() -> Iterator[None]:
    """Turn errors into a message and an exit code: 2 bad input, 3 something does not hold."""
    from stopline.errors import VerificationFailed
    from stopline.journal.errors import StorageDamaged, StorageError
    from stopline.link.errors import LinkError

    try:
        yield
    except (VerificationFailed, StorageDamaged, LinkError) as error:
        typer.echo(in_words(error), err=True)
        raise typer.Exit(EXIT_FAILED) from error
    except (BadInput, UnknownName, StorageError, OSError) as error:
        typer.echo(in_words(error), err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from error


def open_copy(where: str) -> StoredJournal:
    """Open a journal to look at it."""
    if where.startswith(("postgres://", "postgresql://")):
        from stopline.journal.postgres import open_postgres

        return open_postgres(where, create=False)
    from stopline.journal.sqlite import open_sqlite

    path = Path(where)
    if path.is_dir():
        from stopline.operation.core.node import open_node

        return open_node(path).journal
    if not path.exists():
        raise BadInput.single(where, "no such file", "a journal")
    return open_sqlite(path, read_only=True)


@app.command()
def verify(
    where: Where,
    key: Annotated[str, typer.Option(help="The node's first key (vkey), as people know it.")] = "",
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint kept elsewhere, e.g. by the other side.")
    ] = None,
    officer_keys: Annotated[
        Path | None, typer.Option(help="Officers' keys as people know them (`officer keys`).")
    ] = None,
) -> None:
    """Check every entry, the tree, all checkpoints and key changes; needs no private key."""
    from stopline.journal.checkpoint import SignedCheckpoint
    from stopline.journal.export import JsonlCopy
    from stopline.journal.verify import verify_journal
    from stopline.link.record_check import peer_rings
    from stopline.signed_note import PublicKey

    with outcomes():
        witnesses = [SignedCheckpoint.parse(p.read_text("utf-8")) for p in checkpoint or ()]
        trusted = PublicKey.decode(key) if key else None
        copy = _copy_of(where)
        rings = peer_rings(_entries(copy))
        report = verify_journal(copy, key=trusted, cosigners=rings, witnesses=witnesses)
        passed_over = [] if isinstance(copy, JsonlCopy) else _passed_over(copy)
        voices = _voices(copy, report.cosigned, officer_keys)
    passed_over += [
        f"sealed body of {fact}: found none; expected a fact body.erased that says why"
        for fact in report.unexplained
    ]
    passed_over += voices.faults
    for fault in (*report.faults, *passed_over):
        typer.echo(str(fault))
    for index, seconds in report.clock_back:
        why = "a clock was set back, or it waited to be written"
        typer.echo(f"entry {index}: {seconds:.0f} s older than the entry before ({why})")
    typer.echo(
        f"{report.size} entries, root {report.root.hex()}, {report.checkpoints} checkpoints, "
        f"{report.erased} bodies erased"
    )
    if rings:
        told = (
            f"the first {report.cosigned_size} entries are" if report.cosigned_size else "none is"
        )
        typer.echo(f"cosigned by {', '.join(ring.name for ring in rings)}: {told}")
    _tell_voices(voices)
    if not report.trusted:
        typer.echo("the key was read from the journal itself; give --key to check who signed")
    holds = report.holds and not passed_over
    typer.echo("holds" if holds else "DOES NOT HOLD")
    if not holds:
        raise typer.Exit(EXIT_FAILED)


def _voices(
    copy: JsonlCopy | StoredJournal, cosigned: list[int], officer_keys: Path | None
) -> VoicesFound:
    from stopline.operation.core.rooms import load_rooms
    from stopline.operation.core.voice_check import check_voices, read_officer_keys

    load_rooms()
    trusted = None
    if officer_keys is not None:
        trusted = read_officer_keys(officer_keys.read_text("utf-8"), str(officer_keys))
    return check_voices(_entries(copy), cosigned, trusted)


def _tell_voices(found: VoicesFound) -> None:
    """Say which voices are proven by their officers' keys, and which only claimed."""
    for voice in found.voices:
        typer.echo(voice.line())
    proven = sum(voice.proven for voice in found.voices)
    if found.voices:
        typer.echo(
            f"{len(found.voices)} voice{'s' if len(found.voices) != 1 else ''}: "
            f"{proven} proven by officers' own keys, "
            f"{len(found.voices) - proven} only claimed by this node"
        )


def _passed_over(journal: StoredJournal) -> list[str]:
    """What a restart would not read, and what lies beside the entries and does not follow."""
    from stopline.link.record_check import check_shelves
    from stopline.operation.accounts.shelf_check import check_people_and_commands
    from stopline.operation.core.snapshots import check_snapshots
    from stopline.operation.joint.shelf_check import check_joint_plans

    found = [*check_snapshots(journal), *check_shelves(journal)]
    return [*found, *check_people_and_commands(journal), *check_joint_plans(journal)]


def _copy_of(where: str) -> JsonlCopy | StoredJournal:
    from stopline.journal.export import JsonlCopy

    if where.endswith(".jsonl"):
        with Path(where).open("rb") as file:
            return JsonlCopy(file)
    return open_copy(where)


def _entries(copy: JsonlCopy | StoredJournal) -> Iterator[Entry]:
    """The entries of a copy, as far as they can be read; what cannot is told by `verify`."""
    from stopline.errors import StoplineError
    from stopline.journal.entry import read_entry

    try:
        for index, _, leaf in copy.leaves():
            yield read_entry(index, leaf, lambda _id, _sealed: None)
    except StoplineError:
        return


@app.command()
def compare(
    one: Annotated[str, typer.Argument(help="A journal as above, or a file with a checkpoint.")],
    other: Annotated[str, typer.Argument(help="Another place's copy or checkpoint of it.")],
) -> None:
    """Say whether two copies or checkpoints of one journal can both be true."""
    from stopline.journal.compare import compare as compare_them

    with outcomes():
        found = compare_them(_observed(one), _observed(other))
    for line in found.told:
        typer.echo(line)
    if found.outcome == "contradicts":
        typer.echo("THEY CONTRADICT EACH OTHER: two histories of one journal were shown")
        raise typer.Exit(EXIT_FAILED)
    if found.outcome == "cannot tell":
        typer.echo("cannot tell: they do not meet; give the journal itself on one side")
        raise typer.Exit(EXIT_BAD_INPUT)
    typer.echo(
        "the same" if found.outcome == "same" else "one history: the one continues the other"
    )


def _observed(where: str) -> Observed:
    from stopline.journal.checkpoint import SignedCheckpoint
    from stopline.journal.compare import Observed

    path = Path(where)
    if path.is_file() and not where.endswith(".jsonl"):
        start = path.read_bytes()[:_NOTE_BYTES]
        if not start.startswith(b"SQLite format 3"):
            try:
                text = start.decode()
            except UnicodeDecodeError as error:
                raise BadInput.single(where, "bytes", "a journal or a checkpoint") from error
            return Observed(where, None, [SignedCheckpoint.parse(text)])
    copy = _copy_of(where)
    return Observed(where, (leaf for _, _, leaf in copy.leaves()), copy.checkpoints())


@app.command()
def witness(
    folder: Annotated[Path, typer.Argument(help="Folder of the node.")],
    url: Annotated[str, typer.Option(help="Submission prefix of the witness.")],
    key: Annotated[Path, typer.Option(help="File with the witness's vkey.")],
    out: Annotated[Path, typer.Option(help="File for the checkpoint with its cosignature.")],
) -> None:
    """Have a third party cosign the record as it is now (c2sp.org/tlog-witness)."""
    from stopline.journal.checkpoint import SignedCheckpoint
    from stopline.link.witness import asking_at, read_witness_key, witnessed
    from stopline.operation.core.node import open_node

    with outcomes(), open_node(folder) as node:
        trusted = read_witness_key(key.read_text("utf-8"))
        before = SignedCheckpoint.parse(out.read_text("utf-8")) if out.exists() else None
        earlier = 0 if before is None else before.checkpoint.size
        signed = node.sign_checkpoint()
        made = witnessed(node.journal, signed, trusted, asking_at(url), earlier)
        out.write_text(made.encode(), "utf-8")
    typer.echo(f"{trusted.name} cosigned {made.checkpoint.size} entries; see {out}")


@app.command()
def prove(where: Where, entry: Annotated[str, typer.Argument(help="Id of the fact.")]) -> None:
    """Print the tlog-proof of an entry; in a node's folder a checkpoint is signed if needed."""
    from stopline.operation.core.node import open_node

    with outcomes():
        if Path(where).is_dir():
            with open_node(Path(where)) as node:
                covered = [c.checkpoint.size for c in node.journal.checkpoints()]
                if max(covered, default=0) <= node.journal.find(entry).index:
                    node.sign_checkpoint()
                typer.echo(node.journal.prove(entry).encode(), nl=False)
        else:
            with open_copy(where) as journal:
                typer.echo(journal.prove(entry).encode(), nl=False)


@app.command()
def export(
    where: Where,
    out: Annotated[Path, typer.Argument(help="File to write; `-` for the screen (not Parquet).")],
    form: Annotated[ExportForm, typer.Option(help="Form of the file.")] = ExportForm.jsonl,
) -> None:
    """Write the journal as JSON Lines (verifiable), CSV or Parquet."""
    from stopline.journal import export as forms

    with outcomes(), open_copy(where) as journal:
        if form is ExportForm.parquet:
            count = forms.write_parquet(journal.read(), out)
        elif form is ExportForm.csv:
            with open(
                1 if str(out) == "-" else out,
                "w",
                encoding="utf-8",
                newline="",
                closefd=str(out) != "-",
            ) as text:
                count = forms.write_csv(journal.read(), text)
        else:
            with open(1 if str(out) == "-" else out, "wb", closefd=str(out) != "-") as file:
                count = forms.write_jsonl(journal.read(), journal.checkpoints(), file)
    print(f"{count} entries", file=sys.stderr)  # noqa: T201


@app.command()
def show(
    where: Where,
    as_of: Annotated[str, typer.Option(help="Show what was known then: ISO 8601 with zone.")] = "",
    incident: Annotated[str, typer.Option(help="Only this incident.")] = "",
) -> None:
    """List the entries, by default all, or those that stood there at a time."""
    import json

    from stopline.journal.base import write_time

    with outcomes(), open_copy(where) as journal:
        until_s = _moment(as_of) if as_of else float("inf")
        for entry in journal.read():
            if entry.time_s > until_s or (incident and entry.incident != incident):
                continue
            body = "(erased)" if entry.body is None else json.dumps(entry.body, ensure_ascii=False)
            typer.echo(
                f"{entry.index} {write_time(entry.time_s)} {entry.fact_id} {entry.author} "
                f"({entry.role}) {entry.kind} {body}"
            )


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        expected = "for example 2026-11-23T21:40:00+01:00"
        raise BadInput.single("--as-of", text, expected)
    return moment.timestamp()
