"""Check the pages: every relative link leads somewhere, every command shown exists.

Commands are read from ```console blocks, on the lines that start with `$ stopline` or
`$ scripts/`; `tests/docs/test_documented_commands.py` runs those that can be run.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^(?P<mark>```+|~~~+)(?P<info>.*)$")
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*$")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a page shows.

    Attributes:
        page: the page, relative to the root.
        line: its line number.
        words: the command, split as a shell does, without the prompt.
        runnable: whether its block is marked ```console run.
    """

    page: str
    line: int
    words: tuple[str, ...]
    runnable: bool


def pages(root: Path = ROOT) -> list[Path]:
    """List the pages of the project."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def documented_commands(page: Path, root: Path = ROOT) -> list[Command]:
    """List the commands that a page shows in its console blocks."""
    found = []
    info = ""
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence:
            info = "" if info else (fence["info"].strip() or "text")
        elif info.split()[:1] == ["console"] and line.startswith(("$ stopline", "$ scripts/")):
            words = tuple(shlex.split(line[2:], comments=True))
            name = page.relative_to(root).as_posix()
            found.append(Command(name, number, words, "run" in info.split()))
    return found


def broken_links(page: Path, root: Path = ROOT) -> list[str]:
    """Describe every relative link of a page that leads nowhere."""
    faults = []
    for number, line in _prose(page):
        for link in _LINK.finditer(line):
            target = unquote(link["to"])
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            to = (page.parent / path).resolve() if path else page
            where = f"{page.relative_to(root).as_posix()} line {number}: {target}"
            if not to.exists():
                faults.append(f"{where} leads to no file")
            elif anchor and to.suffix == ".md" and anchor not in _anchors(to):
                faults.append(f"{where} leads to no heading of {to.relative_to(root).as_posix()}")
    return faults


def unknown_commands(page: Path, known: set[str], root: Path = ROOT) -> list[str]:
    """Describe every command shown on a page that the project does not have."""
    faults = []
    for command in documented_commands(page, root):
        first = command.words[0]
        where = f"{command.page} line {command.line}: {shlex.join(command.words)}"
        if first.startswith("scripts/") and not (root / first).is_file():
            faults.append(f"{where}: there is no {first}")
        if first == "stopline" and not _is_known(command.words[1:], known):
            faults.append(f"{where}: stopline knows {', '.join(sorted(known)) or 'no commands'}")
    return faults


def stopline_commands() -> set[str]:
    """Name every command of `stopline`, those of groups as `group command`."""
    import typer.main  # noqa: PLC0415  (the other checks need no package)

    from stopline.cli.main import app  # noqa: PLC0415

    root = typer.main.get_command(app)
    found: set[str] = set()
    below = [("", root)]
    while below:
        prefix, command = below.pop()
        inner = getattr(command, "commands", {})
        found |= {f"{prefix}{name}" for name, one in inner.items() if not hasattr(one, "commands")}
        below += [(f"{prefix}{name} ", one) for name, one in inner.items()]
    return found


def _is_known(words: tuple[str, ...], known: set[str]) -> bool:
    """Options alone, as in `stopline --version`, are no command and always known."""
    named = [word for word in words if not word.startswith("-")]
    if not named or words[0].startswith("-"):
        return True
    return any(" ".join(named[:count]) in known for count in (1, 2, 3))


def _prose(page: Path, *, code: bool = False) -> list[tuple[int, str]]:
    """Lines outside of fenced blocks, with inline code or without."""
    lines = []
    fenced = False
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            lines.append((number, line if code else re.sub(r"`[^`]*`", "", line)))
    return lines


def _anchors(page: Path) -> set[str]:
    found = set()
    for _, line in _prose(page, code=True):
        heading = _HEADING.match(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading["text"].lower())
            found.add(words.replace(" ", "-"))
    return found


def main() -> int:
    """Check all pages; print every fault."""
    known = stopline_commands()
    faults = []
    for page in pages():
        faults += broken_links(page) + unknown_commands(page, known)
    for fault in faults:
        print(fault)
    if faults:
        return 1
    print(f"{len(pages())} pages: links and commands are good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
