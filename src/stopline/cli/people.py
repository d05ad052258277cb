"""`stopline people`: who may sit at a node; whoever has its folder has the node.

What is shown once (a set-up code, a token, the secret of a device) goes to stdout alone, so that it
can be piped to where it belongs; everything else that is said goes to stderr. A password is asked
for, or read from a file or from stdin; it is never an argument, where other users would see it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.outcome import reported
from stopline.cli.people_door import (
    By,
    Folder,
    at_machine,
    do,
    give_set_up_code,
    minute,
    valid,
)
from stopline.cli.people_lists import sessions as sessions_app
from stopline.cli.people_lists import tokens as tokens_app
from stopline.cli.terminal_session import HERE, at_node, password_from

if TYPE_CHECKING:
    from stopline.operation.accounts.projection import Admitted
    from stopline.operation.core.command import Command

app = typer.Typer(
    name="people", help="Admit people and machines, suspend, reset; sessions and tokens.",
    no_args_is_help=True,
)  # fmt: skip
app.add_typer(tokens_app, name="token")
app.add_typer(sessions_app, name="sessions")

Name = Annotated[str, typer.Argument(help="Name of the operator.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; it stands in the journal.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="A role; again for each. administrator, or of the protocol."),
]
Agency = Annotated[str | None, typer.Option(help="Service; that of the role if left out.")]
Issuer = Annotated[str | None, typer.Option(help="OpenID Connect issuer that knows them.")]
Subject = Annotated[str | None, typer.Option(help="Their subject at the issuer.")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="Read the password there; `-` reads a line of stdin.")
]
Display = Annotated[str | None, typer.Option(help="How they are shown; the name if left out.")]


@app.command()
def admit(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Lower case; theirs for good, never given twice.")],
    role: Annotated[
        list[str], typer.Option(help="A role; again for each. administrator, or of the protocol.")
    ],
    display: Display = None,
    agency: Agency = None,
    issuer: Issuer = None,
    subject: Subject = None,
    password_file: PasswordFile = None,
    *,
    machine: Annotated[
        bool, typer.Option("--machine", help="A machine: it signs in by token only.")
    ] = False,
    set_up: Annotated[
        bool, typer.Option("--set-up", help="Print a code with which they choose it themselves.")
    ] = False,
    by: By = "",
) -> None:
    """Admit a person, with a password asked for here, or a machine."""
    from stopline.operation.accounts.commands import AdmitMachine, AdmitOperator

    shown, roles = display or name, tuple(role)
    with reported(), valid(), at_node(folder) as (desk, access):
        command: Command
        if machine:
            command = AdmitMachine(name=name, display=shown, roles=roles, agency=agency)
        else:
            command = AdmitOperator(
                name=name, display=shown, roles=roles, agency=agency, issuer=issuer or "",
                subject=subject or "",
            )  # fmt: skip
        password = None
        if not (machine or set_up or issuer):
            password = password_from(password_file, f"Password of {name}", new=True)
            access.accounts.check_new(password, name)
        do(desk, command, by)
        typer.echo(f"{name} is admitted: {', '.join(roles)}", err=True)
        if password is not None:
            code, _ = give_set_up_code(access, name, "admitted", by)
            access.accounts.set_up(name, code, password, source=HERE, now_s=time.time())
        elif set_up:
            _say_set_up_code(*give_set_up_code(access, name, "admitted", by))
        elif machine:
            if agency is None and not {"feed", "unit"}.isdisjoint(roles):
                change = f"stopline people change {folder} {name} --agency SERVICE"
                typer.echo(
                    f"it is of no service, so no unit is its own; say which: {change}", err=True
                )
            typer.echo(f"issue it a token: stopline people token issue {folder} {name}", err=True)


@app.command("list")
def list_(folder: Folder) -> None:
    """List who is admitted, in which roles, and how they sign in."""
    from stopline.cli.plain_table import show_table
    from stopline.operation.accounts.projection import People

    with reported(), at_node(folder) as (desk, _):
        known = list(desk.read().projection(People).operators.values())
    rows = [
        (
            each.name,
            each.kind,
            ",".join(each.roles),
            each.agency or "",
            _ways_in(each),
            each.display,
        )
        for each in known
    ]
    show_table(("name", "kind", "roles", "agency", "signs_in_by", "display"), rows)


@app.command()
def change(
    folder: Folder, name: Name, role: Roles = None, display: Display = None, agency: Agency = None,
    issuer: Issuer = None, subject: Subject = None, by: By = "",
) -> None:  # fmt: skip
    """Give an operator other roles (all of them are named), or another issuer; "" for none."""
    from stopline.operation.accounts.commands import ChangeOperator

    with reported(), valid(), at_node(folder) as (desk, _):
        command = ChangeOperator(
            name=name, roles=tuple(role) if role else None, display=display, agency=agency,
            issuer=issuer, subject=subject,
        )  # fmt: skip
        do(desk, command, by)
    typer.echo(f"{name} is changed", err=True)


@app.command()
def suspend(folder: Folder, name: Name, reason: Reason, by: By = "") -> None:
    """Shut an operator out at once: every session ends, no token opens anything."""
    from stopline.operation.accounts.commands import SuspendOperator

    with reported(), valid(), at_node(folder) as (desk, _):
        do(desk, SuspendOperator(name=name, reason=reason), by)
    typer.echo(f"{name} is suspended", err=True)


@app.command()
def restore(folder: Folder, name: Name, reason: Reason, by: By = "") -> None:
    """Let a suspended operator sign in again."""
    from stopline.operation.accounts.commands import RestoreOperator

    with reported(), valid(), at_node(folder) as (desk, _):
        do(desk, RestoreOperator(name=name, reason=reason), by)
    typer.echo(f"{name} may sign in again", err=True)


@app.command()
def reset(folder: Folder, name: Name, reason: Reason, by: By = "") -> None:
    """Take password and device away; print a code with which they choose a new password."""
    with reported(), valid(), at_node(folder) as (_, access):
        _say_set_up_code(*give_set_up_code(access, name, reason, by))


@app.command("set-up")
def set_up_(
    folder: Folder,
    name: Name,
    code_file: Annotated[
        Path | None, typer.Option(help="File with the set-up code; else it is asked for.")
    ] = None,
    password_file: PasswordFile = None,
) -> None:
    """Choose your own password with the set-up code that an administrator gave you."""
    with reported(), at_node(folder) as (_, access):
        code = password_from(code_file, "Set-up code")
        password = password_from(password_file, "New password", new=True)
        access.accounts.set_up(name, code, password, source=HERE, now_s=time.time())
    typer.echo(f"{name} has a password; sign in with it", err=True)


@app.command()
def code(folder: Folder, name: Name, by: By = "") -> None:
    """Enrol a device for one-time codes; print address, secret and recovery codes, this once."""
    with reported(), at_node(folder) as (_, access):
        made, codes = access.accounts.give_device(name, at_machine(by), now_s=time.time())
    typer.echo(f"uri\t{made.uri}\nsecret\t{made.secret}")
    for each in codes:
        typer.echo(f"recovery\t{each}")
    typer.echo(f"{name} needs a code from now on; each recovery code is good once", err=True)


@app.command()
def unbar(
    folder: Folder,
    name: Annotated[
        str | None, typer.Argument(help="Of this name only.", show_default=False)
    ] = None,
) -> None:
    """Forget wrong tries: nobody waits any more, sources neither."""
    with reported(), at_node(folder) as (_, access):
        count = access.tries.forget(name)
    typer.echo(f"{count} counts of wrong tries forgotten", err=True)


def _ways_in(known: Admitted) -> str:
    """How somebody signs in; what is joined by + is needed together, a comma means or."""
    if known.suspended:
        return "suspended"
    password = "password+code" if known.has_code else "password"
    ways = (
        ("token", known.kind == "machine"), (password, known.has_password),
        ("issuer", bool(known.issuer)),
    )  # fmt: skip
    return ",".join(word for word, there in ways if there) or "not set up"


def _say_set_up_code(code: str, ends_s: float) -> None:
    typer.echo(code)
    typer.echo(f"set-up code, good once and until {minute(ends_s)}", err=True)
