"""A short exercise that every test can afford, played once for all that only look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stopline.exercise.document.load import LoadedExercise, load_exercise
from stopline.exercise.document.schema import Exercise
from stopline.exercise.engine.play import play_headless

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.exercise.engine.engine import Engine
    from stopline.exercise.engine.play import ExerciseOutcome

FOLDER = Path(__file__).parents[2] / "examples" / "exercises"
SHORT = Path(__file__).parent / "short.yaml"


def changed(loaded: LoadedExercise, change: Callable[[dict[str, Any]], None]) -> LoadedExercise:
    """The exercise with something changed in its document."""
    content = loaded.exercise.model_dump(mode="json", by_alias=True, exclude_none=True)
    change(content)
    exercise = Exercise.model_validate(content, strict=False)
    return replace(loaded, file=replace(loaded.file, exercise=exercise))


@pytest.fixture(scope="session")
def whole() -> LoadedExercise:
    return load_exercise(FOLDER / "liechtenstein.yaml")


@pytest.fixture(scope="session")
def short() -> LoadedExercise:
    return load_exercise(SHORT)


@pytest.fixture(scope="session")
def played(
    short: LoadedExercise, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ExerciseOutcome, Engine, Path]:
    """The short exercise, played once for all tests that only look."""
    folder = tmp_path_factory.mktemp("played") / "one"
    return (*play_headless(short, folder), folder)
