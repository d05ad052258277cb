"""Every name in the document must mean something in it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from stopline.protocol.events import parse_event
from stopline.protocol.schema import CONFIRMATION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from stopline.protocol.checks.findings import FindingLog

SIDE_WORDS = ("each", "lead", "assist")
Path = tuple[str | int, ...]


def check_names(desk: FindingLog) -> None:
    """Find references to roles, phases, tasks, ... that the document does not define."""
    protocol = desk.protocol
    known: dict[str, Collection[str]] = {
        "side": (*SIDE_WORDS, *protocol.sides),
        "milestone side": (*SIDE_WORDS[1:], "both", "first", *protocol.sides),
        "party": tuple(protocol.sides),
        "role": protocol.roles,
        "phase": protocol.phases,
        "level": protocol.levels,
        "task": protocol.tasks,
        "message": protocol.messages,
        "disclosure": protocol.disclosures,
        "authority": (*protocol.decisions, *protocol.standing),
        "agency": {role.agency for role in protocol.roles.values() if role.agency is not None},
    }
    for path, kind, name in _references(desk):
        if name not in known[kind]:
            _unknown(desk, path, kind, name, known[kind])
    for path, text in events_of(desk):
        _check_event(desk, path, text)
    _check_version(desk)
    _check_translations(desk)


def events_of(desk: FindingLog) -> Iterator[tuple[Path, str]]:
    """Every event named in the document, with where it stands."""
    protocol = desk.protocol
    for name, phase in protocol.phases.items():
        yield from _each(("phases", name, "requires"), phase.requires)
        for number, way in enumerate(phase.exits):
            yield from _each(("phases", name, "exits", number), (*way.all_of, *way.any_of))
    for name, task in protocol.tasks.items():
        yield from _each(("tasks", name, "on"), task.on)
        yield from _each(("tasks", name, "withdrawn_on"), task.withdrawn_on)
        if task.counted_from is not None:
            yield ("tasks", name, "counted_from"), task.counted_from
        if task.closed_by is not None and task.closed_by != CONFIRMATION:
            yield ("tasks", name, "closed_by"), task.closed_by
    for name, leave in protocol.standing.items():
        yield from _each(("standing", name, "ends_on"), leave.ends_on)
    for name, milestone in protocol.milestones.items():
        yield from _each(("milestones", name, "on"), milestone.on)


def _each(path: Path, events: Iterable[str]) -> Iterator[tuple[Path, str]]:
    for event in events:
        yield path, event


def _references(desk: FindingLog) -> Iterator[tuple[Path, str, str]]:
    protocol = desk.protocol
    for name, side in protocol.sides.items():
        yield from _all(("sides", name, "titles"), "role", side.titles)
    for name, role in protocol.roles.items():
        yield from _all(("roles", name, "sides"), "party", role.sides)
        yield from _all(("roles", name, "deputies"), "role", role.deputies)
        yield from _one(("roles", name, "reports_to"), "role", role.reports_to)
    for name, level in protocol.levels.items():
        yield from _all(("levels", name, "readiness"), "agency", level.readiness)
        yield from _all(("levels", name, "set_by"), "role", level.set_by)
    for name, phase in protocol.phases.items():
        yield from _one(("phases", name, "level"), "level", phase.level)
        for number, way in enumerate(phase.exits):
            yield ("phases", name, "exits", number, "to"), "phase", way.to
    for name, decision in protocol.decisions.items():
        yield ("decisions", name, "side"), "side", decision.side
        yield from _all(("decisions", name, "taken_by"), "role", decision.taken_by)
        yield from _all(("decisions", name, "phases"), "phase", decision.phases)
    yield from _task_references(desk)
    yield from _exchange_references(desk)


def _exchange_references(desk: FindingLog) -> Iterator[tuple[Path, str, str]]:
    protocol = desk.protocol
    for name, message in protocol.messages.items():
        yield ("messages", name, "side"), "side", message.side
        yield ("messages", name, "sent_by"), "role", message.sent_by
        yield ("messages", name, "expected_by"), "role", message.expected_by
        yield from _one(("messages", name, "answers"), "message", message.answers)
        yield from _all(("messages", name, "carries"), "disclosure", message.carries)
        yield from _all(("messages", name, "phases"), "phase", message.phases)
    for name, item in protocol.disclosures.items():
        yield ("disclosures", name, "side"), "side", item.side
        yield from _all(("disclosures", name, "phases"), "phase", item.phases)
        yield from _all(("disclosures", name, "to"), "role", item.to)
    for name, leave in protocol.standing.items():
        yield ("standing", name, "side"), "side", leave.side
        yield ("standing", name, "given_by"), "role", leave.given_by
        yield from _all(("standing", name, "phases"), "phase", leave.phases)
        yield from _all(("standing", name, "allows"), "task", leave.allows)
    for name, milestone in protocol.milestones.items():
        yield ("milestones", name, "side"), "milestone side", milestone.side


def _task_references(desk: FindingLog) -> Iterator[tuple[Path, str, str]]:
    for name, task in desk.protocol.tasks.items():
        at = ("tasks", name)
        yield (*at, "side"), "side", task.side
        yield from _one((*at, "who"), "role", task.who)
        yield from _one((*at, "sends"), "message", task.sends)
        yield from _all((*at, "phases"), "phase", task.phases)
        yield from _all((*at, "acknowledged_by"), "role", task.acknowledged_by)
        yield from _all((*at, "escalates_to"), "role", task.escalates_to)
        yield from _all((*at, "authority"), "authority", task.authority)
        yield from _all((*at, "needs"), "disclosure", task.needs)


def _all(path: Path, kind: str, names: Iterable[str]) -> Iterator[tuple[Path, str, str]]:
    for name in names:
        yield path, kind, name


def _one(path: Path, kind: str, name: str | None) -> Iterator[tuple[Path, str, str]]:
    if name is not None:
        yield path, kind, name


def _check_event(desk: FindingLog, path: Path, text: str) -> None:
    event = parse_event(text)
    if event is None:
        return
    protocol = desk.protocol
    sections: dict[str, Collection[str]] = {
        "task": protocol.tasks,
        "message": protocol.messages,
        "phase": protocol.phases,
        "level": protocol.levels,
        "decision": protocol.decisions,
        "trigger": protocol.triggers,
    }
    section = sections[event.about]
    if event.name not in section:
        _unknown(desk, path, event.about, event.name, section)
    elif event.about == "decision":
        outcomes = (*protocol.decisions[event.name].outcomes, "taken")
        if event.what not in outcomes:
            _unknown(desk, path, "outcome", event.what, outcomes)


def _unknown(desk: FindingLog, path: Path, kind: str, name: str, known: Collection[str]) -> None:
    near = get_close_matches(name, list(known), n=1)
    advice = f"perhaps `{near[0]}`?" if near else f"define it, or use one of {_some(known)}"
    kind = kind.removeprefix("milestone ")
    desk.error(path, "unknown-name", f"`{name}` is no {kind} of this document", advice)


def _some(names: Collection[str]) -> str:
    shown = sorted(names)[:6]
    return ", ".join(shown) + (", ..." if len(names) > len(shown) else "") or "none yet"


def _check_translations(desk: FindingLog) -> None:
    """What is translated must stand in the document, to the letter."""
    said = set(_texts(desk.protocol.model_dump(exclude={"translations"})))
    for language, texts in desk.protocol.translations.items():
        for text in texts.keys() - said:
            near = get_close_matches(text, said, n=1)
            desk.warn(
                ("translations", language, text),
                "translation",
                f"translates {text!r}, which the document does not say",
                f"write it as it stands there{f': {near[0]!r}' if near else ''}",
            )


def _texts(value: object) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)


def _check_version(desk: FindingLog) -> None:
    protocol = desk.protocol
    if protocol.amends is None:
        if protocol.version > 1:
            desk.error(
                ("version",),
                "version",
                f"version {protocol.version} does not name the version it replaces",
                "add `amends` with the version and digest of the one before",
            )
    elif protocol.amends.version >= protocol.version:
        desk.error(
            ("amends", "version"),
            "version",
            f"version {protocol.version} cannot replace version {protocol.amends.version}",
            "give the new document a higher version",
        )
    signers = [side.signed_as for side in protocol.sides.values()]
    if signers[0] == signers[1]:
        last = list(protocol.sides)[1]
        desk.error(
            ("sides", last, "signed_as"),
            "same-signer",
            "both sides sign with a key of the same name",
            "give each side a key name of its own",
        )
