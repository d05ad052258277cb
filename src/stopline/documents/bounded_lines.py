"""Read a text file from outside line by line without trusting its size, encoding or line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.errors import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.errors import FaultList

LONGEST_LINE: Final = 1_000_000
MOST_LINES: Final = 1_000_000
_MOST_WIDE: Final = 64_000_000
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def bounded_lines(path: Path, faults: FaultList) -> Iterator[str]:
    """Yield the lines of a text file; stop with a fault at what cannot be read safely.

    It is UTF-8, or UTF-16 with a byte order mark, as spreadsheets save it; the mark is skipped. A
    line over a million bytes is refused after its first million bytes, so that a file of one
    endless line costs nothing.

    Args:
        path: the file.
        faults: where a fault is noted; the lines end at the first.

    Yields:
        Each line with its end.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(LONGEST_LINE + 1):
                number += 1
                where = f"{path} line {number}"
                if number == 1 and raw.startswith(_WIDE_MARKS):
                    yield from _wide_lines(path, raw + file.read(_MOST_WIDE), faults)
                    return
                if len(raw) > LONGEST_LINE:
                    faults.add(where, "a line over 1 MB", "lines of at most 1 MB")
                    return
                if number > MOST_LINES:
                    faults.add(where, f"more than {MOST_LINES} lines", "a shorter file")
                    return
                if b"\0" in raw:
                    faults.add(where, "a zero byte", "text in UTF-8")
                    return
                try:
                    yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    faults.add(
                        f"{where} byte {error.start + 1}",
                        f"byte 0x{raw[error.start]:02x}, which is not UTF-8",
                        "text in UTF-8; save the file as UTF-8",
                    )
                    return
    except OSError as error:
        faults.add(str(path), unreadable(error), "a file that can be read")


def _wide_lines(path: Path, raw: bytes, faults: FaultList) -> Iterator[str]:
    """Lines of UTF-16 text with its mark."""
    if len(raw) > _MOST_WIDE:
        faults.add(str(path), "more than 64 MB of UTF-16 text", "a smaller file, or UTF-8")
        return
    try:
        lines = raw.decode("utf-16").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        faults.add(f"{path} byte {error.start + 1}", "bytes that are not UTF-16", "text in UTF-8")
        return
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE or number > MOST_LINES or "\0" in line:
            faults.add(f"{path} line {number}", "a line too long, or too many", "a plain table")
            return
        yield line
