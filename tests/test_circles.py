"""The check for circles finds those of files and of folders, lazy imports and types included."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parents[1] / "scripts" / "check_circles.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_circles", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(
    script: ModuleType, source: Path, *, types: bool
) -> tuple[list[list[str]], list[list[str]]]:
    known = script.modules(source)
    graph = {name: script.imports(path, known, types=types) for name, path in known.items()}
    return script.circles(graph), script.circles(script.folders(graph, known))


def write(source: Path, **files: str) -> Path:
    for name, text in files.items():
        path = source / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return source


def test_a_lazy_import_closes_a_circle(script: ModuleType, tmp_path: Path) -> None:
    source = write(
        tmp_path,
        house__a="from house import b\n",
        house__b="def late():\n    from house.a import x\n",
        house__c="import house.a\n",
    )
    assert found(script, source, types=True)[0] == [["house.a", "house.b"]]


def test_types_count_for_files_only(script: ModuleType, tmp_path: Path) -> None:
    source = write(
        tmp_path,
        house__one__a="from house.two.b import y\n",
        house__two__b="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from house.one.a import x\n",
    )
    assert found(script, source, types=True)[0] == [["house.one.a", "house.two.b"]]
    assert found(script, source, types=False) == ([], [])


def test_folders_in_a_circle_though_no_files_are(script: ModuleType, tmp_path: Path) -> None:
    source = write(
        tmp_path,
        house__one__a="from house.two import b\n",
        house__one__c="",
        house__two__b="",
        house__two__d="from house.one import c\n",
    )
    assert found(script, source, types=False) == ([], [["house.one", "house.two"]])
