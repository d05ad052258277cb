"""Kernels compile alike, and keep their machine code where they can."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import cache_directory, kernel

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@kernel
def ratio_sum(above: np.ndarray, below: np.ndarray) -> float:
    total = 0.0
    for i in range(above.shape[0]):
        total += above[i] / below[i]
    return total


def test_a_kernel_computes_and_divides_by_zero_like_numpy() -> None:
    assert ratio_sum(np.array([1.0, 4.0]), np.array([2.0, 2.0])) == 2.5
    assert ratio_sum(np.array([1.0]), np.array([0.0])) == np.inf


def test_machine_code_lies_beside_the_source_where_that_can_be_written(tmp_path: Path) -> None:
    assert cache_directory(tmp_path) is None


def test_machine_code_goes_to_the_user_where_the_package_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    package.write_text("a file, so that no folder can be made in it")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert cache_directory(package) == tmp_path / "cache" / "stopline" / "kernels"

    monkeypatch.setenv("XDG_CACHE_HOME", str(package))
    assert cache_directory(package) is not None, "a folder of this process alone"


def test_a_cache_directory_that_the_user_chose_is_kept(tmp_path: Path) -> None:
    code = "import numba, stopline.compiled; print(numba.config.CACHE_DIR)"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert shown.strip() == str(tmp_path)
