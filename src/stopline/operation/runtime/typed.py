"""Commands as a person types them at a terminal; what is left out is filled in if one thing fits.

The role: the one that the person used last, or the only one in which the command can be given now.
The incident: the one used last, or the only one that runs. A name that is not there gets the near
ones and the list. Served by the node itself, or by a process that opens its journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from stopline.errors import BadInput
from stopline.operation.core.command import IncidentCommand, all_commands, command_named
from stopline.operation.core.command_handler import CommandEnvelope
from stopline.operation.core.command_parser import command_from_words
from stopline.operation.core.errors import NotAgreed, NotPermitted
from stopline.operation.core.permissions import check_permission, may
from stopline.operation.runtime.fact_words import fact_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.operation.accounts.operator import Operator
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler, CommandReceipt
    from stopline.operation.core.state import NodeState

_INCIDENT: Final = "incident"
_FEW: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed.

    Attributes:
        command: its name.
        words: FIELD=VALUE each.
        files: text of the files that words name with `@`, by name.
        role: the role that was named; None for none.
        last_role: the role that this person acted in last; empty for none.
        last_incident: the incident of the command before; empty for none.
    """

    command: str
    words: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    last_role: str = ""
    last_incident: str = ""


def understood(
    desk: CommandHandler, operator: Operator, typed: Typed, now_s: float
) -> tuple[Command, Actor]:
    """What a person means.

    Raises:
        BadInput: words that are none, or a name that is not there.
        NotPermitted: in none of their roles, or several would do and none was named.
    """
    kind = known_command(typed.command)
    if typed.role is not None and typed.role not in operator.roles:
        near = _near(typed.role, operator.roles)
        names = f"{operator.name} is {' and '.join(operator.roles)}, not {typed.role}"
        raise NotPermitted(f"{names}{near}")
    words = list(typed.words)
    with desk.reading:
        book = desk.catch_up()
        if issubclass(kind, IncidentCommand):
            words = _with_incident(book, kind, words, typed.last_incident)
    given = command_from_words(kind, words, now_s, read=_reader(typed.files))
    if isinstance(given, IncidentCommand) and kind.kind != "incident.open":
        with desk.reading:
            _known_incident(desk.catch_up(), given.incident)
    return given, actor_for(desk, operator, given, now_s, typed.role, typed.last_role)


def known_command(name: str) -> type[Command]:
    """Find a command.

    Raises:
        BadInput: there is none of that name; the near ones are said.
    """
    known = all_commands()
    if name in known:
        return command_named(name)
    group = name.partition(".")[0]
    near = get_close_matches(name, known, n=3, cutoff=0.55)
    near += [one for one in known if one.startswith(f"{group}.") and one not in near]
    some = ", ".join(near[:_FEW]) or ", ".join(list(known)[:_FEW]) + ", ..."
    expected = f"a command, for example {some}; `stopline do NODE` lists those that you may give"
    raise BadInput.single("command", name, expected)


def said_of(desk: CommandHandler, done: CommandReceipt) -> list[str]:
    """What a command did: a line for each fact or message, in their order."""
    with desk.reading:
        book = desk.catch_up()
        return [fact_words(entry, book) for entry in desk.node.journal.read_at(done.entries)]


def first_line(kind: type[BaseModel]) -> str:
    """What a command does, in a line."""
    return (kind.__doc__ or "").strip().splitlines()[0]


def fields_of(kind: type[BaseModel], before: str = "") -> list[tuple[str, bool, str]]:
    """Name, whether it is needed, and meaning of each field of a command, and of their fields.

    The incident is no needed one: it may be left out where only one runs.
    """
    found: list[tuple[str, bool, str]] = []
    for name, one in kind.model_fields.items():
        needed = one.is_required() and f"{before}{name}" != _INCIDENT
        found.append((f"{before}{name}", needed, one.description or ""))
        inner = one.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += fields_of(inner, f"{before}{name}.")
    return found


def actor_for(
    desk: CommandHandler,
    operator: Operator,
    given: Command,
    now_s: float,
    role: str | None = None,
    last_role: str = "",
) -> Actor:
    """In which role somebody gives a command.

    Args:
        desk: the desk.
        operator: who.
        given: the command.
        now_s: the moment, UTC seconds.
        role: the one that was named; None for none.
        last_role: the one they acted in last; empty for none.

    Raises:
        NotPermitted: in none of their roles, or several would do and none was named.
    """
    if role is not None or len(operator.roles) == 1:
        return operator.actor(role)
    actors = [operator.actor(one) for one in operator.roles]
    with desk.reading:
        book = desk.catch_up()
        fit = [one for one in actors if may(one, given.kind, book)]
        if not fit:
            check_permission(actors[0], given.kind, book)
        if len(fit) > 1:
            agreed = [one for one in fit if _agreed(desk, given, one, now_s)]
            fit = agreed or fit
    if len(fit) == 1:
        return fit[0]
    used = next((one for one in fit if one.role == last_role), None)
    if used is not None:
        return used
    names = " or ".join(one.role for one in fit)
    raise NotPermitted(f"say in which role: {names} (`--role`, which is remembered)")


def _agreed(desk: CommandHandler, given: Command, actor: Actor, now_s: float) -> bool:
    """Whether nothing speaks against the role itself; what else may be refused is not asked."""
    refusal = desk.refusal(CommandEnvelope(given, actor, "asked only"), now_s)
    return not isinstance(refusal, (NotPermitted, NotAgreed))


def _with_incident(book: NodeState, kind: type[Command], words: list[str], last: str) -> list[str]:
    """The words with the incident, if they left it out and only one can be meant."""
    named = next((w.partition("=")[2] for w in words if w.startswith(f"{_INCIDENT}=")), None)
    opens = kind.kind == "incident.open"
    if named is not None or opens:
        return words
    running = [one.id for one in book.incidents.values() if not one.is_over]
    if last in running:
        return [f"{_INCIDENT}={last}", *words]
    if len(running) == 1:
        return [f"{_INCIDENT}={running[0]}", *words]
    if not running:
        expected = "an incident that runs; `incident.open` opens one"
        raise BadInput.single(f"{kind.kind}: incident", "nothing", expected)
    expected = f"one that runs: {', '.join(f'incident={one}' for one in running[:_FEW])}"
    raise BadInput.single(f"{kind.kind}: incident", "nothing", expected)


def known_incident(book: NodeState, named: str | None, last: str = "") -> str:
    """The incident that is meant: as named, the last one, or the only one that runs.

    Raises:
        BadInput: there is none of that name, or several run and none was named.
    """
    if named:
        _known_incident(book, named)
        return named
    running = [one.id for one in book.incidents.values() if not one.is_over]
    if last in book.incidents and (last in running or not running):
        return last
    if len(running) == 1 or (not running and len(book.incidents) == 1):
        return (running or list(book.incidents))[0]
    names = ", ".join((running or list(book.incidents))[:_FEW]) or "this node knows none"
    raise BadInput.single("incident", "nothing", f"one of {names}" if book.incidents else names)


def _known_incident(book: NodeState, named: str) -> None:
    if named in book.incidents:
        return
    near = _near(named, book.incidents)
    names = ", ".join(list(book.incidents)[:_FEW]) or "none"
    raise BadInput.single("incident", named, f"an incident of this node: {names}{near}")


def _near(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; is {found[0]} meant?" if found else ""


def _reader(files: Mapping[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN202
    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return files[name]

    return read
