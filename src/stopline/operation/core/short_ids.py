"""Ids as people give them: how they begin or end, if only one fits; and as they are shown.

Ids of facts begin with their time, so that two of one minute begin alike and end differently: a
person gives either part, and is shown the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.errors import NotNow

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN: Final = 6  # 24 bits of chance: enough for the ids of one incident
_NAMED: Final = 24  # ids that are made are longer
_LEAST: Final = 4
_FEW: Final = 6


def short(name: str, among: Iterable[str] = ()) -> str:
    """The shortest end of an id, six signs at least, that no other of some ids has.

    What people named themselves, `LP-Balzers`, stays whole.
    """
    if len(name) <= _NAMED:
        return name
    others = [one for one in among if one != name]
    length = SHOWN
    while length < len(name) and any(one.endswith(name[-length:]) for one in others):
        length += 1
    return name[-length:]


def pick(given: str, among: Iterable[str], what: str) -> str:
    """Find the id that is meant.

    Args:
        given: an id, or how one begins or ends, four signs at least.
        among: those there are.
        what: what they are, in one word.

    Raises:
        NotNow: none is meant, or several may be; those that may be are said.
    """
    known = list(among)
    if given in known:
        return given
    wanted = given.casefold()
    near = [one for one in known if one.casefold().startswith(wanted)]
    near += [one for one in known if one.casefold().endswith(wanted) and one not in near]
    if len(near) == 1 and len(given) >= _LEAST:
        return near[0]
    if len(near) > 1:
        raise NotNow(f"{what} {given} may be each of {_some(near, known)}; give more of it")
    if not known:
        raise NotNow(f"there is no {what} {given}; there is none at all")
    raise NotNow(f"there is no {what} {given}; there is {_some(known, known)}")


def _some(names: list[str], among: list[str]) -> str:
    shown = ", ".join(short(one, among) for one in names[:_FEW])
    return shown + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")
