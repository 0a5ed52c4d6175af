"""Lines of a terminal as an SVG: text that can be selected, in light and dark."""

import html
import re

COLUMN, LINE, MARGIN = 8.4, 19, 16

# The colors that `provision` uses, by their codes.
CLASSES = {"1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow"}

STYLE = """
    text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
    rect { fill: #f6f8fa; stroke: #d1d9e0; }
    .bold { font-weight: bold; } .dim { opacity: 0.65; }
    .red { fill: #cf222e; } .green { fill: #1a7f37; } .yellow { fill: #9a6700; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } rect { fill: #151b23; stroke: #3d444d; }
      .red { fill: #ff7b72; } .green { fill: #3fb950; } .yellow { fill: #d29922; }
    }
"""


def spans(line):
    """The line as SVG, with a span for each stretch of one color."""
    result, classes = "", []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        codes = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if codes:
            for code in (codes[1] or "0").split(";"):
                classes = [*classes, CLASSES[code]] if code in CLASSES else []
        elif part and classes:
            result += f'<tspan class="{" ".join(classes)}">{html.escape(part)}</tspan>'
        else:
            result += html.escape(part)
    return result


def svg(panels, columns):
    """One panel below the other."""
    width = round(columns * COLUMN + 2 * MARGIN)
    body, top = "", 0
    for lines in panels:
        height = len(lines) * LINE + 2 * MARGIN
        body += f'  <rect x="0.5" y="{top + 0.5}" width="{width - 1}" height="{height - 1}" rx="6"/>\n'
        for number, line in enumerate(lines):
            y = top + MARGIN + (number + 1) * LINE - 5
            body += f'  <text x="{MARGIN}" y="{y}" xml:space="preserve">{spans(line)}</text>\n'
        top += height + MARGIN
    height = top - MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"  <style>{STYLE}  </style>\n{body}</svg>\n"
    )
