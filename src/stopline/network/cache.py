"""Open a network from a memory-mapped copy beside its file, made on the first reading.

The copy is one file: a JSON header, then the arrays, each aligned to 64 bytes. It is written
under another name and moved into place, so a reader sees a whole copy or none; it is used only if
its header tells of the same content, settings, format and readers, and is made anew if anything is
odd:
the header is guarded by SHA-256, the arrays by CRC-32, so no damaged array ever enters a proof.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.findings import Finding
from stopline.network.read_settings import ReadSettings
from stopline.network.readers import READERS
from stopline.network.reading import files_of, read_network
from stopline.network.road_network import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT: Final = "stopline-network-2"
_SAMPLES: Final = 16
_SAMPLE_BYTES: Final = 4096
_ALIGN = 64
_ANY_WRITE = 0o222
_TEXTS = ("attribution", "source", "digest", "ways_in_file", "ways_read")
_ARRAYS = {
    name: str(kind).split("np.")[1].rstrip("]").rstrip("_")
    for name, kind in RoadNetwork.__annotations__.items()
    if "NDArray" in str(kind)
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a copy must tell of itself to be used."""

    paths: list[Path]
    settings: str

    def stamps(self) -> list[list[int | str]]:
        """Size, time of change and a sample of each file; equal stamps are taken for equal content.

        Tools that restore files keep size and time, so some of the content is looked at too.
        """
        return [
            [stat.st_size, stat.st_mtime_ns, _sample(path, stat.st_size)]
            for path, stat in ((path, path.stat()) for path in self.paths)
        ]

    def digest(self) -> str:
        """SHA-256 over the settings and the content of all files."""
        total = hashlib.sha256(f"{FORMAT}\n{READERS}\n{self.settings}\n".encode())
        for path in self.paths:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest()


def open_network(
    path: Path | str,
    settings: ReadSettings | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> RoadNetwork:
    """Open a road network; the first time it is read, later it is mapped into memory.

    Args:
        path: an OpenStreetMap file, an OSMnx GraphML file, or a GMNS directory.
        settings: what to take from it; the defaults suit a car on public roads.
        progress: called with a word and a count while the file is read.

    Returns:
        The network; its arrays are read-only.

    Raises:
        BadInput: the file is missing or faulty.
    """
    # What is made with it says where the map lies, for whoever stands in another folder.
    path, settings = Path(path).absolute(), settings or ReadSettings()
    files = files_of(path, settings)
    if not all(file.is_file() for file in files):
        return read_network(path, settings)  # which says what is missing
    wanted = _Wanted(files, settings.as_json())
    key = hashlib.sha256(wanted.settings.encode()).hexdigest()[:16]
    places = [folder / f"{key}.network" for folder in cache_folders(path)]
    for place in places:
        network = _load(place, wanted, path)
        if network is not None:
            return network
    network = read_network(path, settings, progress, digest=wanted.digest())
    for place in places:
        if _may_write(place.parent) and _store(network, place, wanted):
            return _load(place, wanted, path) or network
    return network


def cache_folders(path: Path) -> list[Path]:
    """The folders where the copy of a network may lie, the preferred one first."""
    whole = path.resolve()
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    apart = hashlib.sha256(str(whole).encode()).hexdigest()[:16]
    return [
        whole.with_name(f"{whole.name}.stopline-cache"),
        user / "stopline" / f"{whole.name}-{apart}",
    ]


def cache_place(path: Path | str, settings: ReadSettings | None = None) -> Path | None:
    """The copy that `open_network` would use, if there is one."""
    key = hashlib.sha256((settings or ReadSettings()).as_json().encode()).hexdigest()[:16]
    places = [folder / f"{key}.network" for folder in cache_folders(Path(path))]
    return next((place for place in places if place.is_file()), None)


def _load(place: Path, wanted: _Wanted, path: Path) -> RoadNetwork | None:
    """Map a copy of the network at `path`, or None where there is none that fits."""
    try:
        header, begin = _header(place)
        if header["format"] != FORMAT or header["readers"] != READERS:
            return None
        if header["settings"] != wanted.settings:
            return None
        if header["stamps"] != wanted.stamps() and header["texts"]["digest"] != wanted.digest():
            return None
        return _mapped(place, header, begin, path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _header(place: Path) -> tuple[dict[str, Any], int]:
    """Header, and where the arrays begin."""
    with place.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        text = file.read(size) if size < place.stat().st_size else b""
    check, _, body = text.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != check:
        message = "the header is damaged"
        raise ValueError(message)
    return json.loads(body), _aligned(8 + size)


def _mapped(place: Path, header: dict[str, Any], begin: int, path: Path) -> RoadNetwork:
    content = np.memmap(place, dtype=np.uint8, mode="r")
    if content.shape[0] != begin + header["bytes"]:
        message = "the copy is cut short"
        raise ValueError(message)
    plain = content.view(np.ndarray)
    if zlib.crc32(plain[begin:].data) != header["crc32"]:
        message = "the arrays are damaged"
        raise ValueError(message)
    arrays = {}
    for name, (kind, offset, count) in header["arrays"].items():
        size = count * np.dtype(kind).itemsize
        arrays[name] = plain[begin + offset : begin + offset + size].view(kind)
    first, size = header["names"]
    blob = plain[begin + first : begin + first + size].tobytes()
    return RoadNetwork(
        **arrays,
        # A copied folder brings the copy along, but the map lies where it was asked for.
        **{**header["texts"], "source": str(path)},
        names=tuple(blob.decode().split("\0")),
        territories=tuple(header["territories"]),
        conditions=tuple(header["conditions"]),
        findings=tuple(Finding.from_dict(one) for one in header["findings"]),
    )


def _may_write(folder: Path) -> bool:
    """Whether nobody has marked the folder, or the nearest one above it, as read-only.

    The mode is looked at because root may write anywhere, and should not.
    """
    there = next((place for place in (folder, *folder.parents) if place.is_dir()), None)
    if there is None:
        return False
    return bool(there.stat().st_mode & _ANY_WRITE) and os.access(there, os.W_OK)


def _store(network: RoadNetwork, place: Path, wanted: _Wanted) -> bool:
    """Write a copy; false where the folder does not allow it."""
    names = "\0".join(name.replace("\0", "") for name in network.names).encode()
    arrays, offset = {}, 0
    for name in _ARRAYS:
        array = getattr(network, name)
        arrays[name] = (array.dtype.str, offset, int(array.shape[0]))
        offset = _aligned(offset + array.nbytes)
    content = np.zeros(offset + len(names), dtype=np.uint8)
    for name, (_, at, _) in arrays.items():
        part = np.ascontiguousarray(getattr(network, name)).view(np.uint8)
        content[at : at + part.shape[0]] = part
    content[offset:] = np.frombuffer(names, dtype=np.uint8)
    header = {
        "format": FORMAT,
        "readers": READERS,
        "settings": wanted.settings,
        "stamps": wanted.stamps(),
        "texts": {name: getattr(network, name) for name in _TEXTS},
        "territories": network.territories,
        "conditions": network.conditions,
        "findings": [one.as_dict() for one in network.findings],
        "arrays": arrays,
        "names": (offset, len(names)),
        "bytes": content.shape[0],
        "crc32": zlib.crc32(content.data),
    }
    body = json.dumps(header).encode()
    text = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    padding = b"\0" * (_aligned(8 + len(text)) - 8 - len(text))
    temporary = ""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text + padding)
            file.write(content.data)
        Path(temporary).replace(place)
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        return False
    return True


def _sample(path: Path, size: int) -> str:
    """A digest of the whole of a small file, of pieces throughout a large one."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        if size <= _SAMPLES * _SAMPLE_BYTES:
            found.update(file.read())
        else:
            for piece in range(_SAMPLES):
                file.seek(piece * (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
                found.update(file.read(_SAMPLE_BYTES))
    return found.hexdigest()[:32]


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN
