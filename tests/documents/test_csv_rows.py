"""Tables as spreadsheets save them: separators, decimal commas, encodings, and their own lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.documents.capped_faults import CappedFaults
from stopline.documents.csv import read_table
from stopline.documents.csv_rows import CsvRow, read_rows, separator_of
from stopline.errors import FaultList
from stopline.forces.reading import read_units
from stopline.forces.side import Side

if TYPE_CHECKING:
    from pathlib import Path

SIDES = {"LI": Side(id="LI", territories=("LI",))}


def rows(folder: Path, content: bytes) -> tuple[list[CsvRow], str]:
    path = folder / "table.csv"
    path.write_bytes(content)
    faults = FaultList()
    found = list(read_rows(path, faults))
    try:
        faults.raise_if_any()
    except ValueError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_units_from_any_spreadsheet(
    tmp_path: Path, separator: str, encoding: str, end: str
) -> None:
    point = "." if separator == "," else ","
    lines = [
        ["id", "side", "agency", "lon", "lat", "ready_s", "Bemerkung"],
        ["Müller", "LI", "police", f"9{point}5215", f"47{point}1410", "60", "hat Urlaub"],
    ]
    path = tmp_path / "units.csv"
    path.write_bytes(end.join(separator.join(line) for line in [*lines, [""]]).encode(encoding))
    (unit,) = read_units(path, SIDES)
    assert (unit.id, unit.lon, unit.lat, unit.ready_s) == ("Müller", 9.5215, 47.1410, 60.0)


def test_a_comma_in_a_text_is_kept_and_a_decimal_comma_becomes_a_point(tmp_path: Path) -> None:
    (row,), _ = rows(tmp_path, b"name;lon;note\nPost A, north;9,5;1,2 or 3\n")
    assert row.fields == {"name": "Post A, north", "lon": "9.5", "note": "1,2 or 3"}


def test_names_keep_their_joiners_without_width(tmp_path: Path) -> None:
    name = "\u0645\u06cc\u200c\u062e\u0648"
    (row,), _ = rows(tmp_path, f"name\n{name}\n".encode())
    assert row.fields["name"] == name


def test_a_fault_bears_the_files_own_line_also_behind_a_text_of_several(tmp_path: Path) -> None:
    content = b'name,note\nA,"two\nlines"\n\nB\n'
    found, said = rows(tmp_path, content)
    assert [row.line for row in found] == [3]
    assert "table.csv line 5: found 1 cells; expected 2 cells" in said


def test_columns_of_a_network_table_have_their_own_lines_and_separators(tmp_path: Path) -> None:
    path = tmp_path / "node.csv"
    path.write_text('node_id;x_coord;note\n1;9,5;"a\nb"\n2;x;c\n', encoding="utf-8")
    faults = CappedFaults(str(path))
    table = read_table(path, faults)
    values = table.numbers("x_coord", faults, expected="degrees")
    assert values[0] == 9.5
    with pytest.raises(ValueError, match=r"node.csv line 4: x_coord"):
        faults.raise_if_any()


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_faults(content: bytes) -> None:
    import tempfile  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        found, said = rows(Path(folder), content)
        assert found or said or b"\n" not in content.strip()
        for row in found:
            assert all(isinstance(cell, str) for cell in row.fields.values())


@given(st.sampled_from([",", ";", "\t"]), st.integers(1, 9))
def test_the_separator_is_what_stands_there_most_often(separator: str, columns: int) -> None:
    header = separator.join(f'"a,b;c{number}"' for number in range(columns + 1))
    assert separator_of(header) == separator
