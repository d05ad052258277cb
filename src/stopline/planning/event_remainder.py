"""What can still be read of an event file with faults in its form, so that all are told at once.

A value that breaks the form is left out, or another stands in for it where it cannot be missing;
what remains is put on the roads, where more faults may show. No plan is made of it. What was left
out must not look like a fault of what remains: whoever reads on is told which keys not to judge.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from stopline.documents.validation import faults_by_path, note_faults
from stopline.documents.yaml import YamlDocument
from stopline.planning.event_schema import EventForm

if TYPE_CHECKING:
    from stopline.documents.yaml import KeyPath
    from stopline.errors import FaultList

_MOST_ROUNDS: Final = 12
# Without these nothing can be put on the roads.
_NEEDED: Final = frozenset({"network", "sides"})
_ENDS: Final = ("exits", "radius_m")  # one of them must be there
_STAND_INS: Final[dict[str, Any]] = {
    "venue": {"name": "?", "gates": [{"section": 0}]},
    "phases": [{"name": "?", "from": "2000-01-01T00:00:00Z", "until": "2000-01-01T01:00:00Z"}],
    "risk": {"level": "low", "reasons": ["?"]},
}
# What may stand for a value that cannot be missing, one after the other.
_VALUES: Final = (1, "?")


@dataclass(frozen=True, slots=True)
class _Renumbered(YamlDocument):
    """What remains of a document; faults name the places in the whole one."""

    whole: YamlDocument
    removed: dict[KeyPath, list[int]]

    def line(self, keys: KeyPath) -> int:
        return self.whole.line(self.in_whole(keys))

    def where(self, keys: KeyPath) -> str:
        return self.whole.where(self.in_whole(keys))

    def in_whole(self, keys: KeyPath) -> KeyPath:
        """The path before entries of lists were removed."""
        path: KeyPath = ()
        for key in keys:
            was = key
            if isinstance(was, int):
                for gone in sorted(self.removed.get(path, ())):
                    was += gone <= was
            path = (*path, was)
        return path


@dataclass(slots=True)
class _Remainder:
    """What remains, while faults are taken out of it."""

    document: _Renumbered
    tried: dict[KeyPath, int] = field(default_factory=dict)  # values that stood in, by path
    left_out: set[str] = field(default_factory=set)

    @property
    def content(self) -> dict[Any, Any]:
        content: dict[Any, Any] = self.document.content
        return content

    def concerns(self, keys: KeyPath, expected: str) -> bool:
        """Whether a fault that shows only now is one of the file, and not of what was left out."""
        path = self.document.in_whole(keys)
        for touched in self.tried:
            below = touched[: len(path)] == path
            if path[: len(touched)] == touched or (
                below and str(touched[len(path)]) in expected.replace(",", " ").split()
            ):
                return False
        return True

    def take_out(self, keys: KeyPath, gone: list[KeyPath], expected: str = "") -> None:
        """Take out the innermost key of a path, or put the next value in its place.

        Where keys do not go together, they are those that are named by what was expected. Entries
        of lists that went out with it are added to `gone`.
        """
        keys = self._there(keys)
        if not keys:
            return
        inside = self._at(keys)
        named = expected.replace(",", " ").split()
        together = [key for key in inside if key in named] if isinstance(inside, dict) else []
        if together and isinstance(keys[-1], str):
            for key in together:
                self.take_out((*keys, key), gone)
            return
        path = self.document.in_whole(keys)
        tried = self.tried.get(path, -1)
        self.tried[path] = tried + 1
        top = str(keys[0])
        # A number of spectators that is left out is none; anything else may be missed elsewhere.
        if path[-1] != "crowd":
            self.left_out.add(top)
        owner = self._at(keys[:-1])
        if len(keys) == 1 and (top in _STAND_INS or top in _ENDS):
            owner.pop(top, None)
            if top in _STAND_INS:
                owner[top] = deepcopy(_STAND_INS[top])
        elif isinstance(owner, list):
            self.document.removed.setdefault(path[:-1], []).append(int(path[-1]))
            del owner[int(keys[-1])]
            gone.append(keys)
        elif tried < 0:
            owner.pop(keys[-1], None)
        elif tried < len(_VALUES):
            value = _VALUES[tried]
            owner[keys[-1]] = f"?{len(self.tried)}" if value == "?" else value
        else:
            owner.pop(keys[-1], None)
            self.take_out(keys[:-1], gone)

    def _at(self, keys: KeyPath) -> Any:  # noqa: ANN401
        here: Any = self.content
        for key in keys:
            here = here.get(key) if isinstance(here, dict) else here[key]
        return here

    def _there(self, keys: KeyPath) -> KeyPath:
        """The part of a path that is there, and one key more where that is missing."""
        here: Any = self.content
        for count, key in enumerate(keys):
            if isinstance(here, dict):
                if key not in here:
                    return keys[: count + 1]
            elif not (isinstance(here, list) and isinstance(key, int) and key < len(here)):
                return keys[:count]
            here = here[key]
        return keys


def remainder(
    document: YamlDocument, error: ValidationError, faults: FaultList
) -> tuple[EventForm, YamlDocument, frozenset[str]] | None:
    """Note all faults of the form, and leave out what has them; None where too little remains.

    Args:
        document: the file.
        error: its faults.
        faults: take all of them.

    Returns:
        The rest as a form and as a document, and the keys of the whole file that are not to be
        judged by it.
    """
    note_faults(error, EventForm, document, faults)
    if not isinstance(document.content, dict):
        return None
    rest = _Remainder(
        _Renumbered(
            document.path, deepcopy(document.content), document.lines, document.digest_input,
            document, {},
        )
    )  # fmt: skip
    for _ in range(_MOST_ROUNDS):
        # Innermost first and last entries first, so that no path moves before its turn.
        found = faults_by_path(error, EventForm, rest.content)
        gone: list[KeyPath] = []
        for keys in sorted(found, key=_order, reverse=True):
            if not any(keys[: len(one)] == one for one in gone):
                rest.take_out(keys, gone, found[keys][1])
        if not rest.content.keys() & set(_ENDS):
            rest.left_out |= set(_ENDS)
            rest.content["radius_m"] = 1000.0
        if "units" in rest.left_out:  # a shift may name one of them
            rest.left_out.add("shifts")
            rest.content.pop("shifts", None)
        if rest.left_out & _NEEDED:
            return None
        try:
            form = EventForm.model_validate(rest.content)
        except ValidationError as again:
            error = again
            note_faults(error, EventForm, rest.document, faults, concerns=rest.concerns)
        else:
            return form, rest.document, frozenset(rest.left_out)
    return None


def _order(keys: KeyPath) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, key, "") if isinstance(key, int) else (1, 0, key) for key in keys)
