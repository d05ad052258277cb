"""How well plates are found: by exact string, with one error allowed, and by score.

A case is what the recogniser saw of one vehicle, as probabilities per column for each frame, with
the plate that it bears. Three ways to decide are laid over the same columns, so that only the
decision differs. Text is decoded here and nowhere else, of pictures whose plates are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.cameras.alignment_kernel import align, align_each
from stopline.cameras.models import Classes
from stopline.cameras.signs import SIGNS, bare_plate, group_names, look_alike_key
from stopline.cameras.vision import tracks
from stopline.cameras.vision.columns import columns_of
from stopline.cameras.vision.verifier import JOINED, pattern_of
from stopline.cameras.wanted import wanted_plate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from stopline.cameras.vision.columns import Columns

WAYS: Final = ("exact string", "look-alikes merged", "one error allowed", "score")
_NAMES: Final = group_names()
_NEAR: Final = 6.0  # scores of other plates further below the threshold are not told apart


@dataclass(frozen=True, slots=True, repr=False)
class SeenPlace:
    """One place of one frame.

    Attributes:
        merged: look-alikes summed, as the watching sees it.
        plain: each of the 36 signs by itself.
    """

    merged: Columns
    plain: Columns

    @classmethod
    def of(cls, chance: NDArray[np.float32], kept: Classes) -> SeenPlace:
        """Add up the classes of the recogniser in both ways."""
        alone = Classes(kept.kept, kept.plain, kept.plain)
        return cls(columns_of(chance, kept, len(_NAMES)), columns_of(chance, alone, len(SIGNS)))


@dataclass(frozen=True, slots=True)
class Case:
    """One vehicle.

    Attributes:
        plate: what it bears.
        frames: what was seen of it, the places of each frame.
        others: other plates of the same format, to count false alarms.
        one_off: plates of the same format that differ in one sign.
    """

    plate: str
    frames: Sequence[Sequence[SeenPlace]]
    others: Sequence[str]
    one_off: Sequence[str]


@dataclass(slots=True)
class Tally:
    """Counts of one way to decide.

    Attributes:
        wanted: passages of the wanted vehicle.
        found: of these, found.
        others: other plates of the same format that were asked for.
        false: of these, taken.
        one_off: plates that differ in one sign.
        taken: of these, taken.
    """

    wanted: int = 0
    found: int = 0
    others: int = 0
    false: int = 0
    one_off: int = 0
    taken: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of another part."""
        for name in ("wanted", "found", "others", "false", "one_off", "taken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class ScoreTable:
    """Counts by way, and all scores, to choose thresholds by.

    Attributes:
        ways: counts of each way.
        wanted_scores: of the wanted vehicles.
        other_scores: the highest few of other plates.
    """

    ways: dict[str, Tally] = field(default_factory=lambda: {way: Tally() for way in WAYS})
    wanted_scores: list[float] = field(default_factory=list)
    other_scores: list[float] = field(default_factory=list)

    def add(self, other: ScoreTable) -> None:
        """Add another table."""
        for way, tally in other.ways.items():
            self.ways[way].add(tally)
        self.wanted_scores += other.wanted_scores
        self.other_scores += other.other_scores


def tabulate(cases: Iterable[Case], threshold: float) -> ScoreTable:
    """Decide every case in every way.

    Args:
        cases: vehicles with known plates.
        threshold: least score of a hit.
    """
    table = ScoreTable()
    for given in cases:
        # Plates that differ by look-alikes only are both told, on purpose: no way counts them.
        key = look_alike_key(bare_plate(given.plate))
        others, one_off = (
            [bare for plate in plates if look_alike_key(bare := bare_plate(plate)) != key]
            for plates in (given.others, given.one_off)
        )
        case = replace(given, others=others, one_off=one_off)
        _scores(table, case, threshold)
        _strings(table, case)
    return table


def _scores(table: ScoreTable, case: Case, threshold: float) -> None:
    tally = table.ways["score"]
    wanted = passage_score(case.frames, case.plate)
    tally.wanted += 1
    tally.found += wanted >= threshold
    table.wanted_scores.append(wanted)
    for plates, of_one_off in ((case.others, False), (case.one_off, True)):
        if not plates:
            continue
        scores = _many(case.frames, plates, threshold - _NEAR)
        if of_one_off:
            tally.one_off += len(plates)
            tally.taken += int((scores >= threshold).sum())
        else:
            tally.others += len(plates)
            tally.false += int((scores >= threshold).sum())
            table.other_scores += sorted(scores.tolist())[-20:]


def passage_score(frames: Sequence[Sequence[SeenPlace]], plate: str) -> float:
    """Score a passage as the watching does, each frame by its best place."""
    pattern = pattern_of(wanted_plate(plate))
    scores = [
        max(float(align(seen.merged.signs, seen.merged.blank, pattern, JOINED)) for seen in places)
        for places in frames
        if places
    ]
    return tracks.passage_score(scores)


def _many(
    frames: Sequence[Sequence[SeenPlace]], plates: Sequence[str], least: float
) -> NDArray[np.float64]:
    """Score a passage for many plates; one that no frame can bring to `least` is not aligned."""
    keys = [pattern_of(wanted_plate(plate)) for plate in plates]
    patterns = np.full((len(keys), max(map(len, keys))), -9, np.int32)
    for row, key in enumerate(keys):
        patterns[row, : len(key)] = key
    whole = np.full(len(plates), -1e9)
    seen = [place.merged for places in frames for place in places]
    if not seen:
        return whole
    near = np.max([_bounds(place, patterns) for place in seen], axis=0) >= least
    if near.any():
        scores = [
            np.max(
                [
                    align_each(s.merged.signs, s.merged.blank, patterns[near], JOINED)
                    for s in places
                ],
                axis=0,
            )
            for places in frames
            if places
        ]
        best = np.sort(np.array(scores), axis=0)[-tracks.BEST :]
        whole[near] = np.maximum(best.mean(axis=0), best[-1] - tracks.ONE_FRAME)
    return whole


def _bounds(seen: Columns, patterns: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return what no alignment exceeds: each wanted sign in the column that it fits best."""
    free = np.maximum(seen.signs.max(axis=1), seen.blank)
    gains = np.append((seen.signs - free[:, None]).max(axis=0), 0.0).astype(np.float64)
    known = np.where(patterns >= 0, patterns, len(gains) - 1)
    bounds: NDArray[np.float64] = gains[known].sum(axis=1) + 1e-3  # for the kernel's own rounding
    return bounds


def _strings(table: ScoreTable, case: Case) -> None:
    """What a reader of plates would give for the vehicle: its surest string."""
    read = best_string(case.frames)
    for way in WAYS[:3]:
        key = str if way == "exact string" else look_alike_key
        errors = 1 if way == "one error allowed" else 0
        tally, seen = table.ways[way], key(read)
        tally.wanted += 1
        tally.found += apart(seen, key(bare_plate(case.plate))) <= errors
        tally.others += len(case.others)
        tally.false += sum(apart(seen, key(other), errors) <= errors for other in case.others)
        tally.one_off += len(case.one_off)
        tally.taken += sum(apart(seen, key(other), errors) <= errors for other in case.one_off)


def best_string(frames: Sequence[Sequence[SeenPlace]]) -> str:
    """The reading that is surest, of all frames and places, as a reader of plates would give it."""
    best, surest = "", -1e9
    for places in frames:
        for seen in places:
            whole = np.concatenate([seen.plain.blank[:, None], seen.plain.signs], axis=1)
            top = whole.argmax(axis=1)
            text = "".join(
                SIGNS[sign - 1]
                for at, sign in enumerate(top)
                if sign and (at == 0 or sign != top[at - 1])
            )
            sure = float(whole.max(axis=1)[top > 0].mean()) if text else -1e9
            if 4 <= len(text) <= 10 and sure > surest:  # noqa: PLR2004  (as long as plates are)
                best, surest = text, sure
    return best


def apart(one: str, other: str, most: int | None = None) -> int:
    """Fewest signs to change, add or drop (Levenshtein 1966); not counted on beyond `most`."""
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (sign != against))
        if most is not None and min(row) > most:
            return most + 1
    return row[-1]
