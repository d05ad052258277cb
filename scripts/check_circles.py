"""Check that no files and no folders import each other in a circle.

For files every import counts, also those inside functions and those for types alone. For folders
the imports count that happen at run time, lazy ones included; a folder and those inside it are
one room, as their order is held by the import contracts in pyproject.toml.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).resolve().parents[1] / "src"


def modules(source: Path = SOURCE) -> dict[str, Path]:
    """Every module by its dotted name."""
    return {
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(source.rglob("*.py"))
    }


def imports(path: Path, known: dict[str, Path], *, types: bool) -> set[str]:
    """Modules that a file imports anywhere in it; with `types`, those for types alone as well."""
    tree = ast.parse(path.read_text("utf-8"))
    return {name for name in _imported(tree, known, types) if name in known}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Every set of two and more that reach each other (strong components), by name."""
    order: list[str] = []
    seen: set[str] = set()
    for start in sorted(graph):
        _finish(start, graph, seen, order)
    back: dict[str, set[str]] = {name: set() for name in graph}
    for name, others in graph.items():
        for other in others:
            back[other].add(name)
    found = []
    seen = set()
    for start in reversed(order):
        component: list[str] = []
        _finish(start, back, seen, component)
        if len(component) > 1:
            found.append(sorted(component))
    return sorted(found)


def folders(graph: dict[str, set[str]], known: dict[str, Path]) -> dict[str, set[str]]:
    """The same graph between rooms: wings, and the rooms of `operation`."""
    room = {name: _room(name, known[name]) for name in graph}
    rooms: dict[str, set[str]] = {one: set() for one in room.values()}
    for name, others in graph.items():
        rooms[room[name]] |= {room[other] for other in others} - {room[name]}
    return rooms


def _imported(tree: ast.AST, known: dict[str, Path], types: bool) -> Iterator[str]:  # noqa: FBT001
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not types:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{name.name}" for name in node.names]
            yield from (one if one in known else node.module for one in inner)
        else:
            yield from _imported(node, known, types)


def _finish(start: str, graph: dict[str, set[str]], seen: set[str], order: list[str]) -> None:
    """Walk from a name and add each as it is left (depth first, without recursion)."""
    if start in seen:
        return
    seen.add(start)
    open_ = [(start, iter(sorted(graph[start])))]
    while open_:
        name, others = open_[-1]
        for other in others:
            if other not in seen:
                seen.add(other)
                open_.append((other, iter(sorted(graph[other]))))
                break
        else:
            order.append(name)
            open_.pop()


def _room(name: str, path: Path) -> str:
    parts = name.split(".")
    if path.name != "__init__.py":
        parts = parts[:-1] or parts
    if len(parts) == 1:
        return name  # a file at the top is a room of its own
    return ".".join(parts[:3] if parts[1] == "operation" else parts[:2])


def main() -> int:
    """Print every circle."""
    known = modules()
    files = {name: imports(path, known, types=True) for name, path in known.items()}
    running = {name: imports(path, known, types=False) for name, path in known.items()}
    found = [("files", one) for one in circles(files)]
    found += [("folders", one) for one in circles(folders(running, known))]
    for what, circle in found:
        print(f"a circle of {what}: {', '.join(circle)}")
    if not found:
        print(f"{len(known)} files: no circle of files, none of folders")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
