"""Draws a page as PDF with Typst, from a wheel: no browser, no system library, no network."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.rendering.page.model import Block, Line, Paper

_SHEET: Final = re.compile(rb"/Type ?/Page\b")
_TONES: Final = {"plain": "#555555", "good": "#18723a", "bad": "#b01218", "quiet": "#777777"}
_HEAD: Final = """#set page(paper: "a4", margin: 12mm)
#set text(font: ("DejaVu Sans", "Libertinus Serif"), lang: "en")
#set par(leading: 0.52em, spacing: 0.6em)
"""


def paper_pdf(paper: Paper) -> bytes:
    """Draw the page as PDF; the same page gives the same bytes (it carries no time of making)."""
    import typst  # noqa: PLC0415  (13 MB, only when a page is printed)

    with tempfile.TemporaryDirectory(prefix="stopline-page-") as name:
        folder = Path(name)
        if paper.picture is not None:
            (folder / "picture.png").write_bytes(paper.picture)
        for number, block in enumerate(paper.blocks):
            if block.picture is not None:
                (folder / f"block-{number}.png").write_bytes(block.picture)
        (folder / "page.typ").write_text(paper_typst(paper), "utf-8")
        made: bytes = typst.compile(
            str(folder / "page.typ"), format="pdf", timestamp=0, font_paths=_fonts()
        )
    return made


def pdf_pages(paper: Paper) -> int:
    """How many sheets a page takes as PDF."""
    return len(_SHEET.findall(paper_pdf(paper)))


def paper_typst(paper: Paper) -> str:
    """Write the page for Typst; every text is a quoted string, so nothing in it is code."""
    facts = " \\ ".join(f"#{_quoted(each)}" for each in paper.facts)
    numbers = ""
    if paper.has_pages:
        numbers = (
            "#set page(footer: context align(right, text(size: 6.4pt, fill: luma(70))["
            f'#{_quoted(paper.title)} · #counter(page).display("1 / 1", both: true)]))'
        )
    parts = [
        _HEAD,
        numbers,
        f"#set text(size: {_letters(paper)})",
        f"#set document(title: {_quoted(paper.title)}, date: none)",
        "#grid(columns: (1fr, auto), column-gutter: 6mm, align: (left + horizon, right + horizon),",
        f"  text(size: 13pt, weight: 700, {_quoted(paper.title)}), text(size: 7.4pt)[{facts}])",
        "#line(length: 100%, stroke: 1.4pt)",
        _headline(paper),
    ]
    if paper.picture is not None:
        parts += [
            '#block(stroke: 0.5pt + gray, image("picture.png", width: 100%))',
            f"#text(size: 7.2pt, fill: luma(70), {_quoted(paper.caption)})",
            "#v(1mm)" if paper.has_pages else "",
        ]
    gap = "0mm" if paper.picture is not None else "1.6mm"
    parts.append(_blocks(paper.blocks, "2mm" if paper.has_pages else gap))
    parts += ["#line(length: 100%, stroke: 0.4pt + gray)",
              f"#text(size: 6.4pt, fill: luma(70), {_quoted(paper.foot)})"]  # fmt: skip
    return "\n".join(parts) + "\n"


def _letters(paper: Paper) -> str:
    if paper.has_pages:
        return "9pt"
    pictures = [paper.picture, *(one.picture for one in paper.blocks)]
    small = paper.dense or pictures.count(None) < len(pictures)
    return "8.6pt" if small else "9.6pt"


def _headline(paper: Paper) -> str:
    stroke = f'(left: 2mm + rgb("{_TONES[paper.tone]}"))'
    text = f"text(size: 11pt, weight: 700, {_quoted(paper.headline)})"
    return f'#block(width: 100%, fill: rgb("#f3f3f3"), inset: 2.6mm, stroke: {stroke}, {text})'


def _blocks(blocks: tuple[Block, ...], gap: str) -> str:
    """Wide blocks across the page, the others in two columns between them."""
    between = f"\n#v({gap})\n"
    written: list[str] = []
    columns: tuple[list[str], list[str]] = [], []
    for number, block in enumerate(blocks):
        if not block.wide and not block.boxed:
            columns[len(columns[0]) > len(columns[1])].append(_block(block, number))
            continue
        written += _side_by_side(columns, between)
        columns = [], []
        frame = "stroke: 1pt, inset: 2.4mm, " if block.boxed else ""
        breaks = "true" if block.flows else "false"
        first = "#pagebreak(weak: true)\n" if block.new_page else ""
        written.append(
            f"{first}#block(width: 100%, {frame}breakable: {breaks})[{_block(block, number)}]"
        )
    return between.join([*written, *_side_by_side(columns, between)])


def _side_by_side(columns: tuple[list[str], list[str]], between: str) -> list[str]:
    if not columns[0]:
        return []
    cells = ", ".join(f"[{between.join(column)}]" for column in columns)
    return [f"#grid(columns: (1fr, 1fr), column-gutter: 6mm, {cells})"]


def _block(block: Block, number: int = 0) -> str:
    picture = ""
    if block.picture is not None:
        width = "80%" if block.wide else "100%"
        picture = (
            "#block(width: 100%, breakable: false, sticky: true)[#align(center, block(stroke: "
            f'0.5pt + gray, image("block-{number}.png", width: {width})))\n'
            f"#text(size: 7.2pt, fill: luma(70), {_quoted(block.caption)})]\n"
        )
    lines = "\n".join(_line(each, column=block.flows) for each in block.lines)
    title = (
        f"#text(weight: 700, size: 1.02em, {_quoted(block.title)})\n"
        "#v(-1mm)\n#line(length: 100%, stroke: 0.4pt + gray)"
    )
    if block.flows:  # its title never stands alone at the foot of a page
        title = f"#block(width: 100%, sticky: true)[{title}]"
    return f"{title}\n#v(-1mm)\n{picture}{lines}"


def _line(line: Line, *, column: bool = False) -> str:
    """A line; where a block goes on for pages, leads stand in a column of their own."""
    colour = _TONES[line.tone]
    stroke = f'(left: 1.2mm + rgb("{colour}"))' if line.tone in {"good", "bad"} else "none"
    fill = ', fill: rgb("#555555")' if line.tone == "quiet" else ""
    lead = f"#text(weight: 700, {_quoted(line.lead + ' ')})" if line.lead else ""
    if column and line.lead:
        head = f"text(weight: 700, {_quoted(line.lead)})"
        text = f"text({_quoted(line.text)}{fill})"
        return (
            f"#block(stroke: {stroke}, inset: (left: 2.2mm), spacing: 0.55em, breakable: false, "
            f"grid(columns: (24mm, 1fr), column-gutter: 2mm, {head}, {text}))"
        )
    return (
        f"#block(stroke: {stroke}, inset: (left: 2.2mm), spacing: 0.55em)"
        f"[{lead}#text({_quoted(line.text)}{fill})]"
    )


def _quoted(text: str) -> str:
    """A Typst string literal."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ")
    return f'"{safe}"'


def _fonts() -> list[str]:
    """The DejaVu fonts that come with matplotlib, which is needed anyway."""
    import matplotlib as mpl  # noqa: PLC0415

    return [str(Path(mpl.get_data_path()) / "fonts" / "ttf")]
