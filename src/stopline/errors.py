"""Every error that Stopline raises on purpose.

    StoplineError
    ├── BadInput (ValueError)      what a person gave is wrong; carries every fault found
    ├── UnknownName (LookupError)  a name that nothing answers to
    ├── VerificationFailed (ValueError)  a signature, a proof or a checkpoint does not hold
    │   └── BadSignature
    └── Unsupported (NotImplementedError)  asked for something the form allows but this build lacks

A fault says where it is, what was seen and what was expected, so that the person can mend the
file without reading our code.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class StoplineError(Exception):
    """The root of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    Attributes:
        where: file and line or key, for example `units.csv line 7: ready_s`.
        seen: what stands there, shortened if long.
        expected: what should stand there, with an example.
    """

    where: str
    seen: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.seen}; expected {self.expected}"


class BadInput(StoplineError, ValueError):  # noqa: N818  (reads as a sentence where it is raised)
    """Something given from outside is wrong; `faults` lists all that was found, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def single(cls, where: str, seen: str, expected: str) -> BadInput:
        """Make the error for one fault."""
        return cls([Fault(where, seen, expected)])


def unreadable(error: OSError) -> str:
    """What stands in the way of reading or writing a file, as a person would say it."""
    said = {
        FileNotFoundError: "no such file",
        IsADirectoryError: "a folder",
        NotADirectoryError: "a file where a folder should be",
        PermissionError: "a file that may not be opened",
        FileExistsError: "a file that is there",
    }.get(type(error))
    return said or (error.strerror or type(error).__name__).lower()


def meant(given: str, known: Iterable[str]) -> str:
    """The one that is meant by a mistyped name, as the end of a sentence; a stop where none is."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(given.casefold(), names, n=1)
    return f"; is {names[near[0]]} meant?" if near else "."


class UnknownName(StoplineError, LookupError):  # noqa: N818
    """A name that nothing answers to."""


class VerificationFailed(StoplineError, ValueError):  # noqa: N818
    """A signature, a proof or a checkpoint does not hold."""


class BadSignature(VerificationFailed):
    """No trusted key signed it, or a trusted key's signature is wrong."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


class Unsupported(StoplineError, NotImplementedError):  # noqa: N818
    """The form allows what was asked, this build does not do it."""


_LONGEST = 240  # signs of what was seen


class FaultList:
    """Collects faults while a file is read, and raises them together at the end."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, where: str, seen: object, expected: str) -> None:
        """Note one fault; of a long `seen` the middle is left out: a hint may stand at its end."""
        text = seen if isinstance(seen, str) else repr(seen)
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
        self._faults.append(Fault(where, text, expected))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over the faults of an inner reader."""
        self._faults.extend(faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def raise_if_any(self) -> None:
        """Raise `BadInput` with all faults noted so far, if there are any."""
        if self._faults:
            raise BadInput(self._faults)
