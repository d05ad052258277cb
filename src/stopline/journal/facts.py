"""The kinds of fact that a journal records about itself and its node."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


@fact_kind("node.started")
class NodeStarted(FactBody):
    """The node began to run."""

    version: str = Field(description="version of Stopline")


@fact_kind("node.key-made")
class KeyMade(FactBody):
    """The node got its first key."""

    key: str = Field(description="public key as a vkey")


@fact_kind("node.made-for-exercises")
class NodeMadeForExercises(FactBody):
    """The node is for exercises, for good: nothing that it says is meant in earnest."""


@fact_kind("node.key-rotated")
class KeyRotated(FactBody):
    """A new key of this node took over."""

    note: str = Field(description="rotation note, signed by the old and the new key")


@fact_kind("node.key-revoked")
class KeyRevoked(FactBody):
    """A key of this node ended because it may be in other hands."""

    note: str = Field(description="revocation note")


@fact_kind("body.erased")
class BodyErased(FactBody):
    """A personal body was destroyed as the law asked."""

    fact_id: str = Field(description="id of the fact whose body is gone")
    authority: str = Field(description="who decided it")
    reason: str = Field(description="why, with the legal ground")


@fact_kind("clock.stepped")
class ClockStepped(FactBody):
    """The node's clock was set while it ran."""

    step_s: float = Field(description="seconds it jumped, negative if back")


@fact_kind("note.written")
class NoteWritten(FactBody):
    """A person wrote a free remark."""

    text: str = Field(description="the remark")


@fact_kind("person.described", personal=True)
class PersonDescribed(FactBody):
    """A person said something about another person."""

    text: str = Field(description="what was said")
