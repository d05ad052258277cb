"""A protocol as a document that people read before they sign it: Markdown or HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from stopline.protocol.diagram import lanes_svg, phases_svg
from stopline.protocol.document_text import DocumentWords, seconds_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.schema import Decision, Protocol


class PageBlock(NamedTuple):
    """A heading (`h1`, ...), a paragraph (`p`) or a table, whose first row is its head."""

    kind: str
    text: str
    rows: Sequence[Sequence[str]] = ()


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;
margin:2rem auto;padding:0 1rem;color:#1b2430}
h1{font-size:1.7rem;line-height:1.2}h2{margin-top:2.2rem;border-bottom:2px solid #d8dee6}
h3{margin-bottom:.3rem}table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
th,td{border:1px solid #cfd6df;padding:.35rem .5rem;text-align:left;vertical-align:top}
th{background:#eef2f6}figure{margin:1rem 0;overflow-x:auto}svg{max-width:100%;height:auto}
code{font-size:.85em;overflow-wrap:anywhere}
@media print{body{max-width:none;font-size:10pt}h2{break-after:avoid}tr{break-inside:avoid}}
"""


def show_markdown(file: ProtocolFile) -> str:
    """Write the document as Markdown; the diagrams are not in it."""
    lines: list[str] = []
    for block in _blocks(file):
        if block.rows:
            rows = [[_cell(c) for c in row] for row in block.rows]
            lines += [f"| {' | '.join(rows[0])} |", f"|{'---|' * len(rows[0])}"]
            lines += [f"| {' | '.join(row)} |" for row in rows[1:]]
        elif block.kind.startswith("h"):
            lines.append(f"{'#' * int(block.kind[1:])} {block.text}")
        else:
            lines.append(block.text)
        lines.append("")
    return "\n".join(lines)


def show_html(file: ProtocolFile) -> str:
    """Write the document as one HTML page with its diagrams; it loads nothing from elsewhere."""
    parts: list[str] = []
    for block in _blocks(file):
        if block.rows:
            parts.append("<table><thead>" + _row(block.rows[0], "th") + "</thead><tbody>")
            parts += [_row(row, "td") for row in block.rows[1:]]
            parts.append("</tbody></table>")
        else:
            parts.append(f"<{block.kind}>{escape(block.text)}</{block.kind}>")
        if block.text == "Phases":
            parts.append(f"<figure>{phases_svg(file.protocol)}</figure>")
        if block.text == "Tasks":
            parts.append(f"<figure>{lanes_svg(file.protocol)}</figure>")
    title = escape(file.protocol.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _blocks(file: ProtocolFile) -> Iterator[PageBlock]:
    protocol = file.protocol
    words = DocumentWords(protocol)
    yield PageBlock("h1", protocol.title)
    sides = " and ".join(side.name for side in protocol.sides.values())
    yield PageBlock("p", f"Version {protocol.version}, between {sides}. {file.digest}")
    if protocol.amends is not None:
        yield PageBlock(
            "p", f"It replaces version {protocol.amends.version}, {protocol.amends.digest}."
        )
    for text in (protocol.purpose, protocol.legal_basis):
        if text is not None:
            yield PageBlock("p", text)
    yield PageBlock(
        "p",
        "The leading side is the one on which the alarm is raised; if both raise it at once, "
        f"{next(iter(protocol.sides.values())).name} leads. Each side runs this document on its "
        "own node; only messages cross.",
    )
    yield from _phases(protocol, words)
    yield from _tasks(protocol, words)
    yield from _choices(protocol, words)
    yield from _exchange(protocol, words)


def _phases(protocol: Protocol, words: DocumentWords) -> Iterator[PageBlock]:
    yield PageBlock("h2", "Phases")
    for name, phase in protocol.phases.items():
        yield PageBlock("h3", f"{name}: {phase.title}")
        facts = [f"Alert level {phase.level}."] if phase.level else []
        if phase.requires:
            facts.append(f"Entered only after: {words.events(phase.requires, 'and')}.")
        if phase.withdraws or phase.final:
            facts.append("Open tasks are withdrawn.")
        leave = [t.title for t in protocol.standing.values() if name in t.phases]
        facts += [f"Leave given in advance: {title}." for title in leave]
        if facts:
            yield PageBlock("p", " ".join(facts))
        if phase.exits:
            yield PageBlock(
                "table", "", [("then", "when"), *((w.to, words.exit(w)) for w in phase.exits)]
            )
    if protocol.levels:
        yield PageBlock("h3", "Alert levels")
        rows = [
            (name, level.title, "; ".join(f"{a}: {s}" for a, s in level.readiness.items()))
            for name, level in protocol.levels.items()
        ]
        yield PageBlock("table", "", [("level", "meaning", "what each service must reach"), *rows])


def _tasks(protocol: Protocol, words: DocumentWords) -> Iterator[PageBlock]:
    yield PageBlock("h2", "Tasks")
    for role in protocol.roles:
        mine = {name: task for name, task in protocol.tasks.items() if task.who == role}
        if not mine:
            continue
        entry = protocol.roles[role]
        deputies = f" (deputies: {words.roles(entry.deputies)})" if entry.deputies else ""
        yield PageBlock("h3", f"{entry.title}{deputies}")
        rows = []
        for task in mine.values():
            acknowledged = words.roles(task.acknowledged_by)
            if acknowledged and task.acknowledge_within_s is not None:
                acknowledged += f", within {seconds_in_words(task.acknowledge_within_s)}"
            done = words.evidence(task) + (
                f"; acknowledged by {acknowledged}" if acknowledged else ""
            )
            rows.append(
                (
                    task.title
                    if task.side == "each"
                    else f"{task.title} ({words.side(task.side)})",
                    words.events(task.on),
                    words.deadline(task),
                    done,
                    words.roles(task.escalates_to) or words.role(entry.reports_to),
                )
            )
        yield PageBlock("table", "", [("what", "when", "within", "done when", "if overdue"), *rows])


def _persons(protocol: Protocol, decision: Decision) -> str:
    """How many must agree, and whether each signs by a key of their own."""
    signs = protocol.signed_by_person or decision.signed_by_person
    each = "signs" if decision.persons == 1 else "each signs"
    return f"{decision.persons}, {each}" if signs else str(decision.persons)


def _choices(protocol: Protocol, words: DocumentWords) -> Iterator[PageBlock]:
    if protocol.decisions:
        yield PageBlock("h2", "Decisions")
        rows = [
            (
                decision.title,
                words.side(decision.side),
                words.roles(decision.taken_by),
                _persons(protocol, decision),
                " / ".join(decision.outcomes),
            )
            for decision in protocol.decisions.values()
        ]
        yield PageBlock(
            "table", "", [("question", "side", "taken by", "persons", "outcomes"), *rows]
        )
    if protocol.standing:
        yield PageBlock("h2", "Leave given in advance")
        rows3 = [
            (
                leave.title,
                ", ".join(leave.phases),
                words.role(leave.given_by),
                "; ".join(protocol.tasks[t].title for t in leave.allows if t in protocol.tasks),
            )
            for leave in protocol.standing.values()
        ]
        yield PageBlock("table", "", [("leave", "in phase", "given by", "for"), *rows3])


def _exchange(protocol: Protocol, words: DocumentWords) -> Iterator[PageBlock]:
    if protocol.messages:
        yield PageBlock("h2", "Messages between the sides")
        rows = [
            (
                message.title,
                f"{words.role(message.sent_by)}, {words.side(message.side)}",
                words.role(message.expected_by),
                ", ".join(message.carries),
                f"{message.fallback.by}, after {seconds_in_words(message.fallback.after_s)}"
                if message.fallback
                else "it waits",
            )
            for message in protocol.messages.values()
        ]
        yield PageBlock(
            "table", "", [("message", "from", "to", "shows", "if the line is broken"), *rows]
        )
    if protocol.disclosures:
        yield PageBlock("h2", "What may be shown to the other side")
        rows4 = [
            (
                f"{name}: {item.title}",
                ", ".join(item.phases),
                words.roles(item.to) or "anybody",
                f"TLP:{item.label.replace('_', '+')}",
            )
            for name, item in protocol.disclosures.items()
        ]
        yield PageBlock("table", "", [("what", "in phase", "to", "label"), *rows4])
    if protocol.milestones:
        yield PageBlock("h2", "Times that are measured")
        rows3 = [
            (item.title, words.side(item.side), seconds_in_words(item.within_s))
            for item in protocol.milestones.values()
        ]
        yield PageBlock("table", "", [("moment", "side", "agreed within"), *rows3])
