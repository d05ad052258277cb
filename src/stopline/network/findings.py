"""What a reader left out, guessed or holds doubtful: counted, named, and told wherever it matters.

A finding travels with the network: into `network info`, beside the verdict of every plan, into
plan.json, and to whoever verifies the plan.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Group = Literal["left out", "guessed", "doubtful"]
GROUPS: Final[tuple[Group, ...]] = ("left out", "guessed", "doubtful")
_MOST_NAMES: Final = 8
_MOST_LETTERS: Final = 80


_PLURAL: Final = re.compile(
    r"\b(road|unit|way|link|edge|node|gate|ford|wall|sign|square|outline|shape|speed|sighting|object"
    r"|gap|pair|dead end|state border|turn ban|change|bollard)s\b"
)
_OF_ONE: Final = (
    ("that end ", "that ends "), ("which count ", "which counts "), ("do not", "does not"),
    ("that go on", "that goes on"), ("that stand ", "that stands "), ("they can", "it can"),
    ("which bind ", "which binds "), ("that fit ", "that fits "), ("which stop ", "which stops "),
    ("that are no roads ", "that is no road "), ("that are ", "that is "),
    ("which are ", "which is "),
    ("square and yards drawn", "square or yard drawn"), ("drawn as areas", "drawn as an area"),
    ("drawn as relations", "drawn as a relation"), (", blocks and the like", ", block or the like"),
    ("of their shape", "of its shape"), ("along their link", "along its link"),
)  # fmt: skip


def of_one(text: str) -> str:
    """The same of one thing: `roads that end` become `road that ends`."""
    text = _PLURAL.sub(r"\1", text, count=1)
    for many, one in _OF_ONE:
        text = text.replace(many, one)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of thing that was left out, guessed or is doubtful.

    Attributes:
        group: `left out`, `guessed` or `doubtful`.
        kind: a key that stays the same, for example `closed_by_sign`.
        count: how many.
        text: what it means for the plan, after the count: `roads under construction`.
        names: some of them by name.
        ways: whether it counts whole ways (or links, or edges) of the file that were left out.
        matters: whether it stands in the sentence beside a verdict.
    """

    group: Group
    kind: str
    count: int
    text: str
    names: tuple[str, ...] = ()
    ways: bool = False
    matters: bool = True

    @property
    def counted(self) -> str:
        """How many of what: `1 road that ends ...`, `2 roads that end ...`."""
        return f"{self.count:,} {self.text if self.count != 1 else of_one(self.text)}"

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        named = f" ({', '.join(self.names)}{', ...' if self.count > len(self.names) else ''})"
        return f"{self.counted}{named if self.names else ''}"

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain types, for JSON."""
        return {
            "group": self.group,
            "kind": self.kind,
            "count": self.count,
            "text": self.text,
            "names": list(self.names),
            "ways": self.ways,
            "matters": self.matters,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Finding:
        """Make one of what `as_dict` gave."""
        return cls(**{**content, "names": tuple(content["names"])})


@dataclass(slots=True)
class Findings:
    """Findings in the making; `note` may be called as often as there are ways."""

    _text: dict[tuple[Group, str], tuple[str, bool, bool]] = field(default_factory=dict)
    _count: Counter[tuple[Group, str]] = field(default_factory=Counter)
    _names: dict[tuple[Group, str], dict[str, None]] = field(default_factory=dict)

    def note(
        self,
        group: Group,
        kind: str,
        text: str,
        name: str = "",
        *,
        count: int = 1,
        ways: bool = False,
        matters: bool = True,
    ) -> None:
        """Count one more (or `count` more) of a kind, and keep its name if few are known."""
        key = (group, kind)
        self._text.setdefault(key, (text, ways, matters))
        self._count[key] += count
        names = self._names.setdefault(key, {})
        if name and len(names) < _MOST_NAMES:
            names.setdefault(name[:_MOST_LETTERS])

    def all(self) -> tuple[Finding, ...]:
        """Give what was found, what was left out first and the most frequent first."""
        found = [
            Finding(
                group=key[0],
                kind=key[1],
                count=count,
                text=self._text[key][0],
                names=tuple(self._names[key]),
                ways=self._text[key][1],
                matters=self._text[key][2],
            )
            for key, count in self._count.items()
            if count
        ]
        return tuple(sorted(found, key=lambda one: (GROUPS.index(one.group), -one.count, one.kind)))


def map_sentence(findings: Iterable[Finding]) -> str:
    """Say in one sentence what a plan on this network rests on; empty where there is nothing."""
    told = list(findings)
    parts = []
    for group in GROUPS:
        own = [one for one in told if one.group == group and one.matters]
        if own:
            shown = "; ".join(one.counted for one in own[:3])
            more = f"; and {len(own) - 3} kinds more" if len(own) > 3 else ""  # noqa: PLR2004
            parts.append(f"{group}: {shown}{more}")
    return (
        f"What it rests on. {'. '.join(part[0].upper() + part[1:] for part in parts)}."
        if parts
        else ""
    )
