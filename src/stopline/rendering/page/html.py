"""Draws a page as HTML: self-contained, A4 in print, readable in grey; no script, no address."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.rendering.page.model import Block, Line, Paper

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# For papers of several pages only, so that one page of an earlier day stays what it was.
_PAGES: Final = """section.new-page { break-before: page; }
section.flows { break-inside: auto; }
h2, section .caption { break-after: avoid; }
section img { width: 80%; margin: 1mm auto; }
section.flows li { display: grid; grid-template-columns: 24mm 1fr; gap: 2mm;
  break-inside: avoid; }
section.flows li span:only-child { grid-column: 1 / -1; }
"""
_DENSE: Final = """@media print { body { font-size: 8.2pt; line-height: 1.2; }
h1 { font-size: 13pt; } h2 { font-size: 8.6pt; margin-bottom: .6mm; } .facts { font-size: 7.2pt; }
.headline { font-size: 11pt; margin: 2mm 0; padding: 2mm 3mm; } li { padding: .1mm 0 .1mm 3mm; }
main { gap: 1.6mm 6mm; margin-top: 2mm; } section.boxed { padding: 1.2mm 3mm; }
.caption { font-size: 7pt; margin-top: .6mm; } footer { margin-top: 1.6mm; font-size: 6.6pt; }
section.wide img { width: 80%; margin: 0 auto; } }
"""
_STYLE: Final = """
@page { size: A4; margin: 12mm; }
* { box-sizing: border-box; margin: 0; }
body { font: 10.2pt/1.36 "DejaVu Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  color: #111; background: #fff; max-width: 186mm; margin: 0 auto; }
@media screen { body { padding: 8mm 4mm; } }
header { display: flex; justify-content: space-between; gap: 6mm; border-bottom: 1.6pt solid #111;
  padding-bottom: 2mm; }
h1 { font-size: 15pt; line-height: 1.2; }
.facts { text-align: right; font-size: 8.6pt; white-space: nowrap; }
.headline { font-size: 13pt; font-weight: 700; margin: 3mm 0; padding: 2.4mm 3mm;
  border-left: 2mm solid #555; background: #f3f3f3; }
.headline.good { border-left-color: #18723a; } .headline.bad { border-left-color: #b01218; }
img { width: 100%; border: .5pt solid #888; display: block; }
.caption { font-size: 8.4pt; color: #444; margin-top: 1mm; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 3mm 6mm; margin-top: 3mm; }
.columns { grid-column: 1 / -1; display: grid; grid-template-columns: 1fr 1fr; gap: inherit; }
.columns > div { display: flex; flex-direction: column; gap: inherit; min-width: 0; }
section { break-inside: avoid; } section.wide { grid-column: 1 / -1; }
section.boxed { border: 1.2pt solid #111; background: #f3f3f3; padding: 2mm 3mm;
  grid-column: 1 / -1; }
h2 { font-size: 10.2pt; border-bottom: .5pt solid #888; padding-bottom: .5mm; margin-bottom: 1mm; }
ul { list-style: none; padding: 0; }
li { padding: .35mm 0 .35mm 3mm; border-left: 1.4mm solid transparent; overflow-wrap: anywhere; }
li.good { border-left-color: #18723a; } li.bad { border-left-color: #b01218; }
li.bad b { color: #b01218; } li.quiet { color: #555; }
footer { margin-top: 3mm; border-top: .5pt solid #888; padding-top: 1mm; font-size: 7.4pt;
  color: #444; }
@media print { body { max-width: none; -webkit-print-color-adjust: exact;
  print-color-adjust: exact; } }
"""


def paper_html(paper: Paper, language: str = "en") -> str:
    """Draw the page; the same page gives the same text, to the byte."""
    facts = "".join(f"<p>{escape(each)}</p>" for each in paper.facts)
    picture = _picture(paper.picture, paper.caption)
    blocks = "\n".join(_blocks(paper.blocks))
    style = f"{_STYLE}{_PAGES}" if paper.has_pages else _STYLE
    if paper.dense:
        style += _DENSE
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(paper.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header><h1>{escape(paper.title)}</h1><div class="facts">{facts}</div></header>\n'
        f'<p class="headline {paper.tone}">{escape(paper.headline)}</p>\n{picture}'
        f"<main>\n{blocks}\n</main>\n<footer>{escape(paper.foot)}</footer>\n</body>\n</html>\n"
    )


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    """Wide blocks across the page, the others in two columns between them."""
    written: list[str] = []
    columns: tuple[list[str], list[str]] = [], []
    for block in blocks:
        if block.wide or block.boxed:
            written += [*_side_by_side(columns), _block(block)]
            columns = [], []
        else:
            columns[len(columns[0]) > len(columns[1])].append(_block(block))
    return [*written, *_side_by_side(columns)]


def _side_by_side(columns: tuple[list[str], list[str]]) -> list[str]:
    if not columns[0]:
        return []
    cells = "\n".join("<div>\n" + "\n".join(column) + "\n</div>" for column in columns)
    return [f'<div class="columns">{cells}</div>']


def _block(block: Block) -> str:
    kept = ("wide", "boxed", "new_page", "flows")
    names = " ".join(name.replace("_", "-") for name in kept if getattr(block, name))
    lines = "\n".join(_line(each, column=block.flows) for each in block.lines)
    picture = _picture(block.picture, block.caption)
    return (
        f'<section class="{names}"><h2>{escape(block.title)}</h2>\n{picture}'
        f"<ul>\n{lines}\n</ul></section>"
    )


def _picture(picture: bytes | None, caption: str) -> str:
    if picture is None:
        return ""
    data, words = base64.b64encode(picture).decode(), escape(caption)
    return f'<img alt="{words}" src="data:image/png;base64,{data}"><p class="caption">{words}</p>\n'


def _line(line: Line, *, column: bool) -> str:
    lead = f"<b>{escape(line.lead)}</b> " if line.lead else ""
    text = f"<span>{escape(line.text)}</span>" if column else escape(line.text)
    return f'<li class="{line.tone}">{lead}{text}</li>'
