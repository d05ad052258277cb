"""The expected actions of an exercise, as its evaluation has them, and as lines of a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from stopline.errors import BadInput, unreadable
from stopline.rendering.page.model import Line, Tone
from stopline.rendering.time_text import span
from stopline.review.schema import Evaluated

if TYPE_CHECKING:
    from pathlib import Path

_FORM: Final = "stopline-evaluation/1"
_TONES: Final[dict[str, Tone]] = {
    "met": "good", "late": "bad", "missed": "bad", "not given": "quiet",
}  # fmt: skip


def read_evaluation(path: Path) -> Evaluated:
    """Read what `stopline exercise run` has written beside the nodes.

    Raises:
        BadInput: it cannot be read, or is not of the form.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        if not isinstance(told, dict) or told.pop("form", None) != _FORM:
            raise BadInput.single(str(path), "another form", f"an object with form: {_FORM}")
        return Evaluated.model_validate_json(json.dumps(told))
    except OSError as error:
        raise BadInput.single(str(path), unreadable(error), "a file") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = f"{path}: {'.'.join(map(str, first['loc']))}"
        raise BadInput.single(where, repr(first["input"])[:60], first["msg"]) from None
    except ValueError as error:
        raise BadInput.single(str(path), str(error)[:60], "JSON") from None


def expected_lines(found: Evaluated) -> tuple[Line, ...]:
    """Say of each expected action whether it was met, late or missed, and by whom."""
    lines = []
    for one in found.expected_actions:
        who = one.by or f"{one.side}.{one.role}"
        took = "" if one.took_s is None else f" after {span(one.took_s)} of {span(one.within_s)}"
        if one.result == "missed":
            took = f" within {span(one.within_s)}"
        lines.append(
            Line(
                f"{one.expected}, {who}{took}. Inject {one.number}: {one.text}",
                lead=one.result.upper(), tone=_TONES[one.result],
            )
        )  # fmt: skip
    return tuple(lines)


def objective_lines(found: Evaluated) -> tuple[Line, ...]:
    """A line for each objective."""
    return tuple(Line(text) for text in found.objectives.values())
