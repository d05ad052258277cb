"""Hand out the objects of an OpenStreetMap file in order, each once, whoever wrote the file.

Files come with ways before their nodes, with several versions of one object, joined from two
extracts, or straight from an editor with negative ids and objects marked as deleted. osmium sorts
them in memory and keeps the newest version; what editors write is put into plain form before.
"""

from __future__ import annotations

import bz2
import gzip
import io
import re
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import osmium
from lxml import etree

from stopline.errors import BadInput
from stopline.network.readers.osm_copies import find_copies
from stopline.network.road_network import NO_ID

if TYPE_CHECKING:
    from stopline.network.findings import Findings
    from stopline.network.readers.osm_copies import Copy

# Ids that an editor gave to new objects, moved above all real ones: osmium finds only those.
EDITOR_IDS: Final = NO_ID
_EDITED: Final = re.compile(
    rb"""\baction\s*=\s*['"]delete|\b(?:id|ref)\s*=\s*['"]\s*-\d|<delete\b|<modify\b|<create\b"""
)
_MOST_EDITED_BYTES: Final = 256 << 20
_MOST_SORTED_BYTES: Final = 1 << 30
_OBJECTS: Final = ("node", "way", "relation")


@dataclass(slots=True)
class OsmSource:
    """A file that is ready to be read, perhaps several times.

    Attributes:
        path: the file.
        plain: its content as plain OSM XML, where an editor wrote it.
        is_text: whether it is XML.
        several: copies by way, where several of them count.
    """

    path: Path
    plain: bytes | None = None
    is_text: bool = False
    several: dict[int, set[Copy]] = field(default_factory=dict)

    def apply(self, *handlers: Any, newest: bool = True) -> None:  # noqa: ANN401
        """Let handlers see all objects: nodes, ways, relations, by id and version.

        Args:
            handlers: osmium's filters and handlers, which have no base class.
            newest: show only the newest version of each.

        Raises:
            RuntimeError: from osmium, where the file is broken.
        """
        reader = osmium.MergeInputReader()
        if self.plain is not None:
            reader.add_buffer(self.plain, "osm")
        else:
            reader.add_file(str(self.path))
        reader.apply(*handlers, simplify=newest)


def open_source(path: Path, findings: Findings, *, edited: bool = False) -> OsmSource:
    """Look at a file before it is read.

    Args:
        path: the file.
        findings: where to note what stands in it several times, and what is deleted.
        edited: whether it is known to hold ids below zero.

    Raises:
        BadInput: it is too large to be sorted in memory.
        RuntimeError: from osmium, where the file is broken.
    """
    size = path.stat().st_size
    if size > _MOST_SORTED_BYTES:
        seen, expected = f"{size >> 20:,} MiB", f"at most {_MOST_SORTED_BYTES >> 20:,} MiB, a cut"
        raise BadInput.single(str(path), seen, expected)
    text = _xml_of(path) or (_as_xml(path) if edited else None)
    source = OsmSource(path, is_text=text is not None)
    if text is not None and _EDITED.search(text):
        source.plain = _plain(path, text, findings)
    source.several = find_copies(source, findings, original_id)
    return source


def _as_xml(path: Path) -> bytes:
    """A file of another kind as XML; ids below zero are looked for there."""
    with tempfile.TemporaryDirectory(prefix="stopline-") as folder:
        made = Path(folder) / "plain.osh"  # a form that tells what is deleted
        writer = osmium.SimpleWriter(str(made))
        try:
            for one in osmium.FileProcessor(str(path)):
                writer.add(one)
        finally:
            writer.close()
        if made.stat().st_size > _MOST_EDITED_BYTES:
            seen, most = "ids below zero in a large file", _MOST_EDITED_BYTES >> 20
            raise BadInput.single(str(path), seen, f"at most {most:,} MiB of XML, or plain ids")
        return made.read_bytes()


def original_id(number: int) -> int:
    """The id that stands in the file."""
    return EDITOR_IDS - number if number > EDITOR_IDS else number


def _xml_of(path: Path) -> bytes | None:
    """The text of an XML file, unpacked; None for a file of another kind."""
    with path.open("rb") as file:
        head = file.read(4)
    opener: Any = open
    if head[:2] == b"\x1f\x8b":
        opener = gzip.open
    elif head[:3] == b"BZh":
        opener = bz2.open
    try:
        with opener(path, "rb") as file:
            begin = file.read(512)
            if begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<":
                return None
            text = begin + file.read(_MOST_EDITED_BYTES)
    except (OSError, EOFError, ValueError, zlib.error):
        return None  # osmium says what is wrong with it
    return text if len(text) < _MOST_EDITED_BYTES else None


def _plain(path: Path, text: bytes, findings: Findings) -> bytes:
    """Put an editor's file, or a file of changes, into the form of a plain extract."""
    out = io.BytesIO()
    out.write(b'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">')
    events = etree.iterparse(
        io.BytesIO(text),
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    deleting = False
    try:
        for event, element in events:
            if element.tag in ("delete", "modify", "create"):
                deleting = event == "start" and element.tag == "delete"
                continue
            if event == "start":
                if element.getparent() is None and element.getroottree().docinfo.internalDTD:
                    raise BadInput.single(str(path), "a DOCTYPE", "OSM XML without one")
                continue
            if element.tag not in _OBJECTS:
                continue
            _tidy(element, findings, deleted=deleting or element.get("action") == "delete")
            out.write(etree.tostring(element))
            element.clear()
    except etree.XMLSyntaxError as error:
        raise BadInput.single(str(path), str(error), "whole OpenStreetMap XML") from error
    out.write(b"</osm>")
    return out.getvalue()


def _tidy(element: Any, findings: Findings, *, deleted: bool) -> None:  # noqa: ANN401
    """Put one object into plain form: positive ids, and invisible if it is marked as deleted."""
    if deleted:
        label = f"{element.tag} {element.get('id')}"
        findings.note("left out", "deleted", "objects marked as deleted", label)
        # A deleted version must still outdo the older ones of the same object.
        element.set("visible", "false")
    for part in element.iter():
        for key in ("id", "ref"):
            number = (part.get(key) or "").strip()
            if number.startswith("-") and number[1:].isdigit():
                part.set(key, str(EDITOR_IDS + int(number[1:])))
