"""Coverage-guided fuzzing of the protocol parser, the check, the machine and signed notes.

    python benchmarks/fuzz_protocol.py -max_total_time=600 CORPUS_DIR

Needs `atheris` (dev tool). Whatever the bytes, only `BadInput` may come out; a document that reads
is also checked and run for a few steps. Arguments are libFuzzer's.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["stopline.protocol", "yaml"]):
    from stopline.errors import BadInput
    from stopline.protocol.checks.check import check
    from stopline.protocol.machine import Machine
    from stopline.protocol.reader import parse_protocol
    from stopline.protocol.state import ProtocolFact, State
    from stopline.signed_note import parse_note

ROOT = Path(__file__).resolve().parents[1]


def one_input(data: bytes) -> None:
    """Read, check and run one input."""
    with contextlib.suppress(BadInput):
        parse_note(data.decode("utf-8", "surrogateescape"))
    try:
        file = parse_protocol(data, "fuzz.yaml")
    except BadInput as error:
        str(error)
        return
    for finding in check(file):
        str(finding)
    machine = Machine(file)
    state = machine.begin(next(iter(file.protocol.sides)))
    kinds = ("alarm", "message_received", "decided", "task_done", "seal")
    names = [*file.protocol.messages, *file.protocol.decisions, *file.protocol.tasks, "x"]
    for number, name in enumerate(names):
        for kind in kinds:
            side = list(file.protocol.sides)[kind == "message_received"]
            fact = ProtocolFact(
                id=f"{number}{kind}", kind=kind, side=side, at_s=number, known_s=number,
                role=next(iter(file.protocol.roles)), person="p", about=name, outcome="yes",
            )  # fmt: skip
            state = machine.step(state, fact)
    machine.due(state, 1e6)
    if State.from_json(state.to_json()) != state:
        raise AssertionError


def main() -> None:
    """Seed the corpus and fuzz."""
    folders = [Path(a) for a in sys.argv[1:] if not a.startswith("-")]
    for folder in folders[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        seeds = [*(ROOT / "examples/protocols").glob("minimal*.yaml")]
        seeds += (ROOT / "tests/protocol/broken").glob("*.yaml")
        for seed in seeds:
            (folder / seed.name).write_bytes(seed.read_bytes())
    atheris.Setup([*sys.argv, "-max_len=8192", "-timeout=20"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
