"""What can go wrong with a record, each with a name of its own.

JournalError (StoplineError)
├── Conflict              another writer was first; nothing was written
├── IdTaken               the id was given before, with other content
├── Erased                the body was destroyed on purpose
└── StorageError          the database refused
    ├── StorageFull         no room; nothing was written
    ├── StorageReadOnly     may not write here
    ├── StorageGone         the file is gone, or another lies there
    ├── StorageBusy         others held the lock too long
    ├── StorageDamaged      what is on disk is not what was written
    ├── StorageNotDurable   the server is set up to forget on a power cut
    └── OutcomeUnknown      lost touch while committing; append again with the same ids
VerificationFailed (stopline.errors; BadSignature is one, too)
├── BadProof              the hashes do not lead to the root
└── Contradiction         two signed checkpoints cannot both be true
"""

from __future__ import annotations

from stopline.errors import StoplineError, VerificationFailed


class JournalError(StoplineError):
    """The root of what a journal raises."""


class Conflict(JournalError):  # noqa: N818
    """Another writer was first: nothing was written.

    Attributes:
        expected_size: facts that the caller had seen.
        size: facts that the journal holds.
    """

    def __init__(self, expected_size: int, size: int) -> None:
        self.expected_size = expected_size
        self.size = size
        super().__init__(
            f"the journal holds {size} facts; expected {expected_size}: read the new ones and "
            "decide again"
        )


class IdTaken(JournalError):  # noqa: N818
    """The id was given before, with other content: nothing was written."""

    def __init__(self, fact_id: str, index: int) -> None:
        self.fact_id = fact_id
        self.index = index
        super().__init__(
            f"id {fact_id} stands at entry {index} with other content; expected a new id, or the "
            "very same fact again"
        )


class Erased(JournalError):  # noqa: N818
    """The body was destroyed on purpose; the entry stays."""

    def __init__(self, fact_id: str) -> None:
        self.fact_id = fact_id
        super().__init__(f"the body of {fact_id} was erased; its entry and proof remain")


class StorageError(JournalError):
    """The database refused; the message of the driver follows."""

    _says = "the database refused"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"{self._says}: {detail}")


class StorageFull(StorageError):  # noqa: N818
    """There is no room; nothing was written."""

    _says = "no room on the disk, nothing was written; make room and append again"


class StorageReadOnly(StorageError):  # noqa: N818
    """Writing here is not allowed."""

    _says = "the journal may not be written here; check owner and mode of file and folder"


class StorageGone(StorageError):  # noqa: N818
    """The file that was opened is not at its place any more: what is written would be lost."""

    _says = (
        "the journal is gone or was replaced, nothing was written; stop the node and put it back"
    )


class StorageBusy(StorageError):  # noqa: N818
    """Other writers held the lock for too long; nothing was written."""

    _says = "other writers held the journal too long, nothing was written; append again"


class StorageDamaged(StorageError):  # noqa: N818
    """What is on disk is not what was written."""

    _says = "the journal on disk is damaged; stop writing, and restore it from the last copy"


class StorageNotDurable(StorageError):  # noqa: N818
    """The server is set up to forget acknowledged facts on a power cut."""

    _says = "the server may forget acknowledged facts"


class OutcomeUnknown(StorageError):  # noqa: N818
    """Contact was lost while committing: append again with the same ids, nothing will double."""

    _says = "contact with the database was lost, the outcome is unknown; append the same ids again"


class BadProof(VerificationFailed):
    """The hashes of a proof do not lead to the root."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


class Contradiction(VerificationFailed):
    """Two signed checkpoints of one journal cannot both be true: somebody rewrote history.

    Attributes:
        origin: the journal.
        earlier_size: facts under the earlier checkpoint.
        later_size: facts under the later one.
    """

    def __init__(self, origin: str, earlier_size: int, later_size: int, why: str) -> None:
        self.origin = origin
        self.earlier_size = earlier_size
        self.later_size = later_size
        super().__init__(
            f"checkpoints {earlier_size} and {later_size} of {origin} contradict each other: {why}"
        )
