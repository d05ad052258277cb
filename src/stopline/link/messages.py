"""Every kind of message that two nodes exchange: its lane and its typed body.

A message speaks about the world as one side tells the other; it is not a fact of this journal
(the fact is that it was sent, or received).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stopline.documents.plain_text import without_hidden_signs
from stopline.documents.type_words import type_words
from stopline.errors import BadInput, Fault, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Lane: TypeAlias = Literal["alarm", "routine", "bulk"]
LANES: tuple[Lane, ...] = ("alarm", "routine", "bulk")  # first comes first


class MessageBody(BaseModel):
    """The body of a message: frozen, no unknown fields, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    _plain = field_validator("*", mode="before")(without_hidden_signs)


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of message.

    Attributes:
        name: for example `procedure.said`.
        lane: messages of one lane arrive in order; alarms go before routine before bulk.
        schema: version of the body's form.
        body: the pydantic model.
        personal: journaled so that it can be erased.
    """

    name: str
    lane: Lane
    schema: int
    body: type[MessageBody]
    personal: bool


_FORMS_IN = ("stopline.link.plan_messages", "stopline.link.procedure_message")
_BY_NAME: dict[str, MessageKind] = {}
_BY_BODY: dict[type[MessageBody], MessageKind] = {}
_Body = TypeVar("_Body", bound=type[MessageBody])


def message_kind(
    name: str, *, lane: Lane = "routine", schema: int = 1, personal: bool = False
) -> Callable[[_Body], _Body]:
    """Register the body model that follows as a kind of message."""

    def register(body: _Body) -> _Body:
        kind = MessageKind(name, lane, schema, body, personal)
        _BY_NAME[name] = kind
        _BY_BODY[body] = kind
        return body

    return register


@cache
def _load_forms() -> None:
    """Have every file of forms register them: what a process knows must not depend on imports."""
    for module in _FORMS_IN:
        import_module(module)


def kind_of_message(body: MessageBody) -> MessageKind:
    """Find the kind of a body."""
    return kind_of_message_body(type(body))


def kind_of_message_body(body: type[MessageBody]) -> MessageKind:
    """Find the kind that a body's class stands for.

    Raises:
        UnknownName: the class was never registered.
    """
    try:
        return _BY_BODY[body]
    except KeyError:
        raise UnknownName(body.__name__) from None


def all_message_kinds() -> list[MessageKind]:
    """List every kind by name."""
    _load_forms()
    return [_BY_NAME[name] for name in sorted(_BY_NAME)]


def read_message(name: str, body: Mapping[str, object]) -> MessageBody:
    """Make the typed body of a message.

    Raises:
        UnknownName: no such kind is registered.
        BadInput: the body does not fit its form.
    """
    _load_forms()
    kind = _BY_NAME.get(name)
    if kind is None:
        raise UnknownName(name)
    try:
        return kind.body.model_validate(body)
    except ValidationError as error:
        raise BadInput(
            Fault(f"{name}.{e['loc']}", repr(e["input"])[:60], e["msg"]) for e in error.errors()
        ) from error


def describe_messages() -> str:
    """Write the reference of all messages as Markdown; the docs hold it and a test compares."""
    parts = []
    for kind in all_message_kinds():
        note = "; **personal**" if kind.personal else ""
        doc = (kind.body.__doc__ or "").strip().splitlines()[0]
        parts.append(f"### `{kind.name}` (lane {kind.lane}, schema {kind.schema}{note})\n\n{doc}\n")
        rows = ["| field | type | meaning |", "|---|---|---|"]
        for name, field in kind.body.model_fields.items():
            rows.append(f"| `{name}` | {type_words(field.annotation)} | {field.description} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


@message_kind("text.sent")
class TextSent(MessageBody):
    """A person writes to the other side."""

    text: str = Field(max_length=8000, description="the text")


@message_kind("file.sent", lane="bulk")
class FileSent(MessageBody):
    """A piece of a file."""

    name: str = Field(description="name of the file")
    part: int = Field(description="number of the piece, from zero")
    parts: int = Field(description="count of pieces")
    content: str = Field(description="the piece, base64")


@message_kind("person.described", personal=True)
class PersonDescribedToOther(MessageBody):
    """A side describes a person to the other."""

    text: str = Field(description="the description")


@message_kind("recipient.introduced")
class RecipientIntroduced(MessageBody):
    """A person of one side shows the key to which the other may seal intelligence for them."""

    role: str = Field(description="role of the protocol")
    person: str = Field(description="name of the person")
    key: str = Field(description="X25519 public key, base64")


@message_kind("message.acknowledged", lane="alarm")
class MessageAcknowledged(MessageBody):
    """A named person has taken note of a message: not the node, the officer."""

    message: str = Field(description="id of the message")
    person: str = Field(description="name of the person")
    role: str = Field(description="role in which the person took note")


@message_kind("message.declined", lane="alarm")
class MessageDeclined(MessageBody):
    """A node does not take a message, as the agreed protocol does not give it; it counts not."""

    message: str = Field(max_length=200, description="id of the message")
    kind: str = Field(max_length=100, description="its kind")
    reason: str = Field(max_length=400, description="why, in words")
    more: int = Field(ge=0, description="further ones since the last answer, not named")


@message_kind("node.key-rotated", lane="alarm")
class PeerKeyRotated(MessageBody):
    """A node's new key takes over."""

    note: str = Field(description="rotation note, signed by both keys")
    until: dict[str, int] = Field(description="last sequence of each lane under the old key")


@message_kind("journal.checkpoint", lane="routine")
class CheckpointShown(MessageBody):
    """A node shows the state of its journal and asks for a cosignature."""

    checkpoint: str = Field(description="signed checkpoint, a C2SP note")
    earlier: int = Field(description="size of the checkpoint shown before, 0 if none")
    consistency: list[str] = Field(description="proof from there, hashes in base64")


@message_kind("journal.cosigned", lane="routine")
class CheckpointCosigned(MessageBody):
    """A node cosigns the other's checkpoint."""

    size: int = Field(description="size of the checkpoint")
    line: str = Field(description="signature line cosignature/v1")
