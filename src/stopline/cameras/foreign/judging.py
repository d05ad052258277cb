"""What a read of another system says of the one vehicle; whatever is not it is dropped here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.cameras.vision.eye import PassageAnswer
from stopline.cameras.wanted import fits, is_exact

if TYPE_CHECKING:
    from stopline.cameras.foreign.base import ForeignRead
    from stopline.cameras.wanted import WantedPlate

_UNSAID: Final = 0.9  # where a system gives no score
_CERTAIN, _POSSIBLE = 0.8, 0.2
_SUREST: Final = 0.98


def judge(read: ForeignRead, wanted: WantedPlate | None, arrived_s: float) -> PassageAnswer | None:
    """Say whether it is the one: by all candidates that fit, with their scores.

    Args:
        read: of another system.
        wanted: the one plate that may be looked for now; None for nothing.
        arrived_s: stands for the time where the system gives none.
    """
    if wanted is None:
        return None
    unsaid = 0.0 if any(score is not None for _, score in read.candidates) else _UNSAID
    scores = [(plate, unsaid if score is None else score) for plate, score in read.candidates]
    good = [(plate, score) for plate, score in scores if fits(plate, wanted)]
    if not good:
        return None
    # Systems give scores that need not add up to one; the best read stands for the whole.
    whole = max(1.0, sum(score for _, score in scores))
    chance = min(max(score for _, score in good), sum(score for _, score in good) / whole * 1.5)
    chance = min(chance, _SUREST)
    likeliest, _ = max(scores, key=lambda pair: pair[1])
    if chance < _POSSIBLE:
        if not fits(likeliest, wanted):
            return None
        chance = _POSSIBLE  # the system's own answer, however unsure of it: for a person
    doubt = ""
    if wanted.partial:
        doubt = "a part of the plate is not known"
    elif not any(is_exact(plate, wanted) for plate, _ in good):
        doubt = "read with a sign that looks alike"
    certain = chance >= _CERTAIN and not doubt
    return PassageAnswer(
        at_s=arrived_s if read.at_s is None else read.at_s,
        hit_class="certain" if certain else "possible",
        score=0.0, confidence=round(chance, 4), direction=read.direction, plate_px=0.0, frames=1,
        crop=b"", doubt=doubt,
    )  # fmt: skip
