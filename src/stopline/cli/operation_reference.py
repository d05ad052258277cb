"""The reference pages of facts, messages and commands, made from the code that defines them.

    python -m stopline.cli.operation_reference docs/formats

A test fails when a page is out of date.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.documents.type_words import type_words
from stopline.journal.kinds import describe_kinds
from stopline.link import procedure_message
from stopline.link.messages import describe_messages
from stopline.operation.core.command import all_commands
from stopline.operation.core.permissions import PERMISSIONS
from stopline.operation.core.rooms import load_rooms
from stopline.operation.facts.joint import GivenSeal, GivenUnit
from stopline.operation.facts.whereabouts import Chance, Whereabouts
from stopline.review import schema as review

if TYPE_CHECKING:
    from pydantic import BaseModel

_MADE: Final = "Made by `python -m stopline.cli.operation_reference docs/formats`"
_PARTS: Final = (
    procedure_message.SharedSighting,
    procedure_message.SharedBelief,
    procedure_message.WantedSection,
    procedure_message.CommittedSection,
    procedure_message.SealStatus,
)


_REVIEW_PARTS: Final = (
    review.ReviewFile, review.Summary, review.ReviewedEvent, review.PhaseSpan,
    review.ReviewedLineDown,
    review.Deadline, review.ReviewedOrder, review.Leak, review.SeenLine, review.Believed,
    review.PlanThen, review.Hindsight, review.Asked, review.Undelivered, review.Spoken,
    review.Watched,
)  # fmt: skip


def pages() -> dict[str, str]:
    """Every page by file name."""
    load_rooms()
    return {
        "facts.md": (
            f"# Facts of the operation\n\n{_MADE}; a test fails when it is out of date. How facts "
            "are stored, and the facts of the journal and the link themselves: "
            f"[journal](journal.md).\n\n{describe_kinds('operation')}\n"
            f"## Parts of facts\n\n{_models((GivenSeal, GivenUnit, Whereabouts, Chance))}"
        ),
        "messages.md": (
            f"# Messages between two nodes\n\n{_MADE}; a test fails when it is out of date. How "
            "they are signed and carried: [envelope](envelope.md).\n\n"
            f"{describe_messages()}\n## Parts of messages\n\n{_models(_PARTS)}"
        ),
        "commands.md": (
            f"# Commands of the desk\n\n{_MADE}; a test fails when it is out of date. What an "
            "officer or a machine asks the desk to do, over the HTTP API or in Python. `may` names "
            f"roles of the shipped protocol.\n\n{_commands()}"
        ),
        "review.md": (
            f"# Review: review.json\n\n{_MADE}; a test fails when it is out of date. How to read "
            "a review: [review](../review.md). Keys that end in `_s` are seconds, moments counted "
            f"from the alarm; what could not be computed is null.\n\n{_models(_REVIEW_PARTS)}"
        ),
    }


def _commands() -> str:
    parts = []
    for name, kind in all_commands().items():
        roles = ", ".join(f"`{role}`" for role in sorted(PERMISSIONS.get(name, ())))
        doc = (kind.__doc__ or "").strip().splitlines()[0]
        parts.append(f"### `{name}`\n\n{doc} May: {roles or 'nobody'}.\n\n{_fields(kind)}")
    return "\n".join(parts)


def _models(models: tuple[type[BaseModel], ...]) -> str:
    return "\n".join(
        f"### {model.__name__}\n\n{(model.__doc__ or '').strip()}\n\n{_fields(model)}"
        for model in models
    )


def _fields(model: type[BaseModel]) -> str:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{name}` | {type_words(field.annotation)} | {field.description} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    import sys

    for file, text in pages().items():
        (Path(sys.argv[1]) / file).write_text(text, encoding="utf-8")
