"""What `check` says: one finding, and the desk on which the checks lay theirs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from stopline.protocol.schema import evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.documents.lines import Lines
    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.schema import Protocol


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class ProtocolFinding:
    """One thing that would go wrong on the day.

    Attributes:
        line: line of the document.
        code: short name of the kind of finding, the same for ever.
        severity: an error must be mended before the document is signed.
        where: the key, for example `tasks.report.within_s`.
        message: what is wrong.
        advice: what to do.
    """

    line: int
    code: str
    severity: Severity
    where: str
    message: str
    advice: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.severity}: {self.where}: {self.message}; {self.advice}"


class FindingLog:
    """The document under examination and the findings so far."""

    def __init__(self, file: ProtocolFile) -> None:
        self.protocol: Protocol = file.protocol
        self.lines: Lines = file.lines
        self.evidence = {name: evidence_of(task) for name, task in file.protocol.tasks.items()}
        self._findings: list[ProtocolFinding] = []

    def error(self, path: Iterable[str | int], code: str, message: str, advice: str) -> None:
        """Lay down something that must be mended."""
        self._lay(tuple(path), code, Severity.ERROR, message, advice)

    def warn(self, path: Iterable[str | int], code: str, message: str, advice: str) -> None:
        """Lay down something that should be looked at."""
        self._lay(tuple(path), code, Severity.WARNING, message, advice)

    def findings(self) -> tuple[ProtocolFinding, ...]:
        """All findings in the order of the document, each once."""
        return tuple(sorted(set(self._findings)))

    def has(self, code: str, name: str) -> bool:
        """Whether a finding of this kind stands at a key that ends so."""
        return any(f.code == code and f".{name}" in f.where for f in self._findings)

    def _lay(
        self, path: tuple[str | int, ...], code: str, severity: Severity, message: str, advice: str
    ) -> None:
        where = ".".join(map(str, path))
        line = self.lines.of(*path)
        self._findings.append(ProtocolFinding(line, code, severity, where, message, advice))
