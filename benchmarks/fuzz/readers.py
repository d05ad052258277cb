"""Fuzz the readers of road networks: no crash, no hang, nothing lost without a word.

    python benchmarks/fuzz/readers.py osm -max_total_time=600
    python benchmarks/fuzz/readers.py graphml -max_total_time=600
    python benchmarks/fuzz/readers.py gmns -max_total_time=600

With atheris installed the run is guided by coverage; without it, small files are changed at random
from a seed. A reader may refuse (BadInput). What it reads must be a sound network, in which ways
read and ways left out add up to the ways of the file.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
import tempfile
import time
from pathlib import Path

from stopline.errors import BadInput

try:
    import atheris
except ImportError:
    watched: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
else:
    watched = atheris.instrument_imports(include=["stopline.network", "stopline.documents"])
with watched:
    for kind in ("osm", "graphml", "gmns"):
        importlib.import_module(f"stopline.network.readers.{kind}")
    from stopline.network.invariants import violations
    from stopline.network.reading import read_network

CASES = Path(__file__).parents[2] / "tests/network/cases"
FOLDER = Path(tempfile.mkdtemp(prefix="stopline-fuzz-"))
LONGEST_S = 20.0
PARTED = b"\0\0--\0\0"  # between node.csv and link.csv
GRAPHML = (
    b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="x" attr.name="x"/>'
    b'<key id="y" attr.name="y"/><key id="h" attr.name="highway"/><graph edgedefault="directed">'
    b'<node id="1"><data key="x">9</data><data key="y">47</data></node>'
    b'<node id="a1"><data key="x">9.1</data><data key="y">47</data></node>'
    b'<edge source="1" target="a1"><data key="h">primary</data></edge></graph></graphml>'
)


def osm(data: bytes) -> None:
    """Read an OSM file: XML, or the binary form."""
    path = FOLDER / ("a.osm" if data.lstrip()[:1] == b"<" else "a.osm.pbf")
    path.write_bytes(data)
    check(path)


def graphml(data: bytes) -> None:
    """Read a GraphML file."""
    (FOLDER / "a.graphml").write_bytes(data)
    check(FOLDER / "a.graphml")


def gmns(data: bytes) -> None:
    """Read node.csv and link.csv."""
    nodes, _, links = data.partition(PARTED)
    (FOLDER / "node.csv").write_bytes(nodes)
    (FOLDER / "link.csv").write_bytes(links)
    check(FOLDER)


def check(path: Path) -> None:
    """Read a network and hold it to what must be so."""
    began = time.monotonic()
    network = read_network(path)
    assert violations(network) == []  # noqa: S101
    left = sum(one.count for one in network.findings if one.ways)
    assert network.ways_in_file == network.ways_read + left  # noqa: S101
    assert time.monotonic() - began < LONGEST_S  # noqa: S101


def seeds(name: str) -> list[bytes]:
    """Small files to begin with."""
    if name == "osm":
        return [path.read_bytes() for path in sorted(CASES.glob("**/*.osm"))]
    if name == "graphml":
        return [GRAPHML]
    folders = sorted(path.parent for path in CASES.glob("*/node.csv"))
    return [(f / "node.csv").read_bytes() + PARTED + (f / "link.csv").read_bytes() for f in folders]


TARGETS = {f.__name__: f for f in (osm, graphml, gmns)}


def changed(text: bytes, rng: random.Random) -> bytes:
    """A file with a few bytes or pieces changed."""
    data = bytearray(text)
    for _ in range(rng.randrange(1, 6)):
        at, size = rng.randrange(len(data)), rng.randrange(1, 40)
        way = rng.randrange(4)
        if way == 0:
            data[at] = rng.randrange(256)
        elif way == 1:
            del data[at : at + size]
        elif way == 2:
            data[at:at] = data[rng.randrange(len(data)) :][:size]
        else:
            data[at:at] = rng.choice([b"-1", b'"', b"<", b">", b",", b";", b"\n", b"yes", b"1e9"])
        if not data:
            data = bytearray(b"<")
    return bytes(data)


def main() -> None:
    """Run the named target until the time is over."""
    name = sys.argv.pop(1)
    target = TARGETS[name]

    def once(data: bytes) -> None:
        with contextlib.suppress(BadInput):
            target(data)

    if "atheris" not in sys.modules:
        limit = next((a for a in sys.argv if a.startswith("-max_total_time=")), "=60")
        until = time.monotonic() + float(limit.partition("=")[2])
        rng, runs, start = random.Random(1), 0, seeds(name)
        while time.monotonic() < until:
            data = changed(rng.choice(start), rng)
            try:
                once(data)
            except BaseException:
                (FOLDER / "finding").write_bytes(data)
                print(f"finding after {runs} runs: {FOLDER / 'finding'}")
                raise
            runs += 1
        print(f"{name}: {runs} files, no finding")
        return
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds(name)):
        (corpus / str(number)).write_bytes(data)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if data and rng.random() < 0.5:
            return changed(data, rng)[:most]
        return bytes(atheris.Mutate(data, most))

    atheris.Setup([*sys.argv, str(corpus)], once, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
