"""What the pages show works: commands exist, and those marked `console run` are run."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


def load_check_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_docs", ROOT / "scripts" / "check_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_docs"] = module
    spec.loader.exec_module(module)
    return module


check_docs = load_check_docs()
RUNNABLE = [
    command
    for page in check_docs.pages()
    for command in check_docs.documented_commands(page)
    if command.runnable
]


@pytest.mark.parametrize("command", RUNNABLE, ids=lambda c: f"{c.page}:{c.line}")
def test_runnable_commands_run(command: object, tmp_path: Path) -> None:
    """Marked commands are quick and read only the examples; they run in an empty folder."""
    first, *rest = command.words  # type: ignore[attr-defined]
    assert first == "stopline", "scripts/ are run by CI itself; mark only stopline commands"
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", tmp_path / "examples")

    done = subprocess.run(
        [sys.executable, "-m", "stopline", *rest],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode in {0, 3}, done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# Two words, *here*\n", "utf-8")
    return tmp_path / "docs" / "page.md"


def test_broken_links_are_found(page: Path) -> None:
    page.write_text(
        "[a](other.md) [b](other.md#two-words-here) [c](https://example.org/none)\n"
        "[d](none.md)\n`[e](code.md)` [f](other.md#three)\n```\n[g](fenced.md)\n```\n",
        "utf-8",
    )

    faults = check_docs.broken_links(page, page.parents[1])

    assert faults == [
        "docs/page.md line 2: none.md leads to no file",
        "docs/page.md line 3: other.md#three leads to no heading of docs/other.md",
    ]


def test_unknown_commands_are_found(page: Path) -> None:
    page.write_text(
        "```console\n$ stopline plan x.yaml   # a word\n$ stopline network info f\nsealed\n"
        "$ stopline --version\n$ stopline paln x.yaml\n$ scripts/none\n```\n$ stopline prose\n",
        "utf-8",
    )

    faults = check_docs.unknown_commands(page, {"plan", "network info"}, page.parents[1])

    assert [fault.split(": ")[0] for fault in faults] == [
        "docs/page.md line 6",
        "docs/page.md line 7",
    ]


def test_runnable_blocks_are_told_apart(page: Path) -> None:
    page.write_text(
        "```console run\n$ stopline --version\n```\n```console\n$ stopline plan\n```\n", "utf-8"
    )

    shown = check_docs.documented_commands(page, page.parents[1])

    assert [(one.words, one.runnable) for one in shown] == [
        (("stopline", "--version"), True),
        (("stopline", "plan"), False),
    ]
