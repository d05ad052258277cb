"""The alignment against an oracle that tries every path, and what it says of near plates."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stopline.cameras.alignment_kernel import ANY, RUN, align, align_each
from stopline.cameras.signs import group_names

GROUPS = group_names()


def columns(text: str, sure: float = 0.9, gap: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """What a recogniser sees: each sign in one column, blanks between; a space is wider."""
    seen = []
    for sign in text:
        seen += [None] * (3 * gap) if sign == " " else [None] * gap + [sign]
    seen += [None] * gap
    rest = (1 - sure) / len(GROUPS)
    signs = np.full((len(seen), len(GROUPS)), rest, np.float32)
    blank = np.full(len(seen), sure, np.float32)
    for t, sign in enumerate(seen):
        if sign is not None:
            signs[t, GROUPS.index(sign)], blank[t] = sure, rest
    return np.log(signs), np.log(blank)


def pattern(text: str) -> np.ndarray:
    special = {"?": ANY, "*": RUN}
    return np.array([special.get(s, GROUPS.index(s) if s in GROUPS else 0) for s in text], np.int32)


def score(wanted: str, seen: str, **how: float) -> float:
    return align(*columns(seen, **how), pattern(wanted), 3.0)


@pytest.mark.parametrize("wanted", ["F11234", "4477", "F1?234", "F1*34", "*1234", "F1123*"])
def test_the_plate_itself_costs_nothing(wanted: str) -> None:
    seen = "4477" if wanted == "4477" else "F11234"
    assert score(wanted, seen) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [("F11234", "F11235"), ("F11234", "F1123"), ("F11234", "F112344"), ("4477", "477"),
     ("F1?234", "F1234"), ("F11234", "4F11234")],
)  # fmt: skip
def test_another_plate_is_no_certain_hit(wanted: str, seen: str) -> None:
    assert score(wanted, seen) < -2


def test_free_text_that_stands_apart_costs_nothing() -> None:
    assert score("F11234", "A F11234 X") == pytest.approx(0, abs=1e-4)


def brute(signs: np.ndarray, blank: np.ndarray, wanted: list[int]) -> float:
    """Try each labelling of the columns: free text, the plate, free text."""
    count = len(blank)
    free = np.maximum(signs.max(axis=1), blank)
    best = -np.inf
    for first in range(count):
        for last in range(first, count):
            for path in itertools.product(range(-1, len(wanted)), repeat=last - first + 1):
                if path[0] == -1 or path[-1] == -1 or not follows(path, wanted):
                    continue
                inner = sum(
                    blank[first + k] if at == -1 else signs[first + k, wanted[at]]
                    for k, at in enumerate(path)
                )
                best = max(best, free[:first].sum() + inner + free[last + 1 :].sum())
    return best - free.sum()


def follows(path: tuple[int, ...], wanted: list[int]) -> bool:
    before, gap = 0, False
    if path[0] != 0:
        return False
    for at in path[1:]:
        if at == -1:
            gap = True
            continue
        if at not in (before, before + 1):
            return False
        if at == before and gap and before_blank(path, at):
            return False
        if at == before + 1 and not gap and wanted[at] == wanted[before]:
            return False
        before, gap = at, False
    return before == len(wanted) - 1


def before_blank(path: tuple[int, ...], at: int) -> bool:
    """Whether a sign comes again after a blank: then it would be two signs."""
    places = [k for k, each in enumerate(path) if each == at]
    return any(-1 in path[a + 1 : b] for a, b in itertools.pairwise(places))


@pytest.mark.parametrize("number", range(12))
def test_against_every_path(rng: np.random.Generator, number: int) -> None:
    count = 5 + number % 2
    chance = rng.dirichlet(np.ones(4) * 0.5, count).astype(np.float32) + np.float32(1e-4)
    signs, blank = np.log(chance[:, :3]), np.log(chance[:, 3])
    wanted = rng.integers(0, 3, 3)
    got = align(signs, blank, wanted.astype(np.int32), 0.0)
    assert got == pytest.approx(brute(signs, blank, list(wanted)), abs=1e-3)


def test_many_at_once_are_the_same(rng: np.random.Generator) -> None:
    seen = columns("F11234")
    wanted = rng.integers(0, len(GROUPS), (20, 6)).astype(np.int32)
    wanted[0] = pattern("F11234")
    many = align_each(*seen, wanted, 3.0)
    assert many[0] == pytest.approx(0, abs=1e-4)
    assert [align(*seen, each, 3.0) for each in wanted] == pytest.approx(list(many))
