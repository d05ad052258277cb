"""A file of cameras that says what cannot be is refused, all its faults by line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stopline.cameras.camera import read_cameras
from stopline.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

SOUND = {"name": "A", "section": 1, "legal_basis": "Police Act, section 31"}
WRONG: dict[str, tuple[Any, str]] = {
    "name": ("a\nb", "in one line"),
    "source": ("rtsp://a\n/b", "in one line"),
    "section": (True, "section of the network"),
    "lon": (float("nan"), "WGS 84"),
    "detection": (1.5, "at most 1"),
    "clock_offset_s": (1e9, "at most 86,400"),
    "pixels_per_m": (0, "pixels for a metre"),
    "directions": (["up"], "'towards' or 'away'"),
}


def told(folder: Path, content: object) -> str:
    path = folder / "cameras.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(BadInput) as raised:
        read_cameras(path)
    return str(raised.value)


def test_all_faults_of_all_cameras_are_told_at_once(tmp_path: Path) -> None:
    cameras = [{**SOUND, key: value} for key, (value, _) in WRONG.items()]
    text = told(tmp_path, {"cameras": cameras})
    for number, (key, (_, expected)) in enumerate(WRONG.items()):
        (line,) = [one for one in text.splitlines() if f"cameras[{number}].{key}" in one]
        assert expected in line
        assert " line " in line


def test_a_name_or_law_of_blanks_and_a_direction_twice_are_faults(tmp_path: Path) -> None:
    assert "name: found '  '" in told(tmp_path, {"cameras": [{**SOUND, "name": "  "}]})
    text = told(
        tmp_path,
        {"cameras": [{**SOUND, "legal_basis": " ", "directions": ["away", "away"]}]},
    )
    assert "legal_basis: found nothing" in text
    assert "directions: found one of them twice; expected each direction once" in text


@pytest.mark.parametrize("content", [7, [], {"cameras": 7}, {"cameras": [7]}, {"cameras": []}])
def test_what_is_no_list_of_cameras_is_refused_in_words(tmp_path: Path, content: object) -> None:
    text = told(tmp_path, content)
    assert "valid dictionary" not in text
    assert "camera" in text
