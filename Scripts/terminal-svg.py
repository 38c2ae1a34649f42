#!/usr/bin/env python3
"""Draws what a terminal program printed, colours included, as an SVG.

    script -qec "stty cols 120; vestibule demo" /dev/null | Scripts/terminal-svg.py > docs/demo.svg
"""

import re
import sys
from xml.sax.saxutils import escape

COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
WIDTH, HEIGHT, PAD = 8.0, 18, 16


def runs(line):
    """The pieces of a line with the SGR codes that hold for each."""
    codes = set()
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        match = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if match is None:
            if part:
                yield part, frozenset(codes)
            continue
        for code in (match.group(1) or "0").split(";"):
            if code in ("0", ""):
                codes.clear()
            else:
                codes.add(code)


def style(codes):
    colour = next((COLOURS[code] for code in codes if code in COLOURS), None)
    if colour is None:
        colour = "#8b949e" if "2" in codes else "#e6edf3"
    return f'fill="{colour}"' + (' font-weight="bold"' if "1" in codes else "")


lines = sys.stdin.read().replace("\r", "").rstrip("\n").split("\n")
plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
width = max(map(len, plain)) * WIDTH + 2 * PAD
height = len(lines) * HEIGHT + 2 * PAD
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img" '
      f'aria-label="Transcript of vestibule demo">')
print(f'<rect width="{width:g}" height="{height}" rx="8" fill="#0d1117"/>')
print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13">')
for row, line in enumerate(lines):
    column = 0
    for text, codes in runs(line):
        # SVG folds white space, so each run of single-spaced words is placed by itself.
        for words in re.finditer(r"\S+(?: \S+)*", text):
            x, y = PAD + (column + words.start()) * WIDTH, PAD + row * HEIGHT + 13
            length = len(words.group()) * WIDTH
            print(f'<text x="{x:g}" y="{y}" textLength="{length:g}" {style(codes)}>{escape(words.group())}</text>')
        column += len(text)
print("</g></svg>")
