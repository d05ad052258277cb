"""The reader: strict, with a line for every fault, and never anything but `BadInput`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.documents.lines import MAX_BYTES, read_yaml
from stopline.errors import BadInput
from stopline.protocol.checks.check import check
from stopline.protocol.reader import parse_protocol, read_protocol

EXAMPLES = Path(__file__).parents[2] / "examples" / "protocols"
MINIMAL = (EXAMPLES / "minimal.yaml").read_bytes()


def faults(data: bytes | str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        parse_protocol(data.encode() if isinstance(data, str) else data, "p.yaml")
    return [str(fault) for fault in caught.value.faults]


def line_of(text: str) -> int:
    return MINIMAL.decode().split(text)[0].count("\n") + 1


def test_all_faults_come_at_once_each_at_its_line() -> None:
    broken = (
        MINIMAL.decode()
        .replace("version: 1\n", "version: one\n")
        .replace("within_s: 180", "within_s: -5")
        .replace("who: chief", "whom: chief")
        .replace("on: alarm_raised", "on: task tell_other_side finished")
    )
    found = faults(broken)
    assert [f.split(":")[0] for f in found] == [
        f"p.yaml line {line_of(text)}"
        for text in ("version: 1", "on: alarm_raised", "within_s: 180", "who: chief")
    ]
    assert found[0].endswith("version: found `one`; expected a whole number, for example 2")
    assert "found `-5`; expected a number greater than 0" in found[2]
    assert "found `whom`, which the form does not have" in found[3]


def test_a_missing_field_is_named_at_the_entry_that_lacks_it() -> None:
    (found,) = faults(MINIMAL.decode().replace("    title: Answer that the alarm", "    #"))
    assert found.startswith(
        f"p.yaml line {line_of('  answer:')}: tasks.answer.title: found nothing"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty document"),
        ("a: [1", "well-formed YAML"),
        ("a: 1\na: 2\n", "line 2: found `a` again; expected each key once; first on line 1"),
        ("a: &x [1]\nb: *x\n", "line 1: found anchor or alias `x`"),
        ("a: !!python/object:os.system {}\n", "tag `tag:yaml.org,2002:python/object:os.system`"),
        ("a: !!binary aGk=\n", "a plain value without a tag"),
        ("---\na: 1\n---\nb: 2\n", "well-formed YAML"),
        ("[" * 100 + "]" * 100, "at most 12 levels"),
        ("{a: " * 5000, "at most 12 levels"),
        ("? [a, b]\n: 1\n", "a word as key"),
        ("a: 1e999\n", "a finite number"),
        ("- 1\n" * 20_001, "at most 20000"),
        ("a: \x00", "well-formed YAML"),
        ("x" * (MAX_BYTES + 1), "at most 262144 bytes"),
    ],
)
def test_what_could_surprise_is_refused(text: str, said: str) -> None:
    assert any(said in fault for fault in faults(text)), faults(text)


def test_bytes_that_are_not_utf8_are_named_at_their_line() -> None:
    assert faults(b"a: 1\nb: \xff\xfe\n")[0].startswith("p.yaml line 2")


def test_a_billion_laughs_is_refused_without_being_built() -> None:
    bomb = "a0: &a0 lol\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    assert "anchor or alias" in faults(bomb)[0]


def test_words_that_yaml_1_1_turns_into_booleans_stay_words() -> None:
    value, _ = read_yaml(b"on: yes\noff: [no, 'true', true, 012, 1_000, 0x1F, 1:30, ~, 3.5]\n", "x")
    assert value == {
        "on": "yes",
        "off": ["no", "true", True, 12, "1_000", "0x1F", "1:30", None, 3.5],
    }


def test_a_missing_file_and_a_folder_are_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadInput):
            read_protocol(path)


def survives(data: bytes) -> None:
    """Anything but `BadInput` fails the test."""
    try:
        file = parse_protocol(data)
    except BadInput as error:
        found = [str(fault) for fault in error.faults]
    else:
        found = [str(finding) for finding in check(file)] or ["clean"]
    assert all(found)
    assert found


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_random_bytes_give_only_bad_input(data: bytes) -> None:
    survives(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from([*yaml.safe_load(MINIMAL)]), values))
def test_random_values_under_known_keys_give_only_bad_input(value: dict[str, object]) -> None:
    survives(yaml.safe_dump(value).encode())


@pytest.mark.parametrize("seed", range(25))
def test_mutated_documents_give_only_bad_input(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(MINIMAL)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        choice = rng.randrange(4)
        if choice == 0:
            data[at] = rng.randrange(256)
        elif choice == 1:
            del data[at : at + rng.randrange(30)]
        elif choice == 2:
            end = rng.randrange(len(data))
            data[at:at] = data[end : end + 40]
        else:
            data[at:at] = rng.choice([b"\n", b": ", b"- ", b"{", b"]", b"'", b"&a ", b"|\n", b"#"])
    survives(bytes(data))
