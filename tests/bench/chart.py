# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Draws one kind of picture: lines on two logarithmic axes, as SVG that is
readable on light and on dark ground."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 150, 60, 60

# Of one lightness, so that they stand out against black and white alike.
COLOURS = ("#d9534f", "#d08a1d", "#1f9e89", "#4c8dd6", "#a06cd5")

STYLE = """
  text { font: 14px sans-serif; fill: #6e7781; }
  .title { font-size: 17px; font-weight: bold; }
  .grid { stroke: #8c959f; stroke-opacity: 0.35; }
  @media (prefers-color-scheme: dark) { text { fill: #adb6c0; } }
"""

LABEL_HEIGHT = 17


class Axis:
    """A logarithmic axis whose ends are powers of ten (`whole`), or the
    outermost values with some space around."""

    def __init__(self, values, start, end, whole):
        low, high = math.log10(min(values)), math.log10(max(values))
        if whole:
            low, high = math.floor(low), math.ceil(high)
        else:
            low, high = low - 0.1, high + 0.1
        self.low, self.high = low, max(high, low + 0.2)
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def decades(self):
        return [10.0 ** e for e in range(math.ceil(self.low),
                                         math.floor(self.high) + 1)]


def number(value):
    return "{:,}".format(int(value)) if value >= 1 else "%g" % value


def draw(title, x_title, y_title, lines):
    """Returns an SVG document.  `lines` are (name, points) and points (x, y,
    hollow): a hollow point was measured otherwise than the others."""
    points = [p for _, line in lines for p in line]
    x = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT, False)
    y = Axis([p[1] for p in points], HEIGHT - BOTTOM, TOP, True)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" '
             'viewBox="0 0 %d %d" role="img">' % (WIDTH, HEIGHT),
             "<title>%s</title>" % escape(title),
             "<style>%s</style>" % STYLE,
             _text(LEFT, 28, title, 'class="title"')]
    parts += _grid(x, y, sorted({p[0] for p in points}))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x_title,
                       'text-anchor="middle"'))
    parts.append(_text(LEFT - 56, TOP - 12, y_title))
    ends = []
    for (name, line), colour in zip(lines, COLOURS):
        if line:
            parts += _line(x, y, line, colour)
            ends.append([y(line[-1][1]), x(line[-1][0]), name, colour])
    parts += _labels(ends)
    return "\n".join(parts + ["</svg>", ""])


def _text(x, y, text, attributes=""):
    return '<text x="%.1f" y="%.1f" %s>%s</text>' % (x, y, attributes,
                                                     escape(text))


def _grid(x, y, xs):
    for value in y.decades():
        yield ('<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>' % (
            LEFT, y(value), WIDTH - RIGHT, y(value)))
        yield _text(LEFT - 8, y(value) + 5, number(value),
                    'text-anchor="end"')
    for value in xs:
        yield ('<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>' % (
            x(value), TOP, x(value), HEIGHT - BOTTOM))
        yield _text(x(value), HEIGHT - BOTTOM + 20, number(value),
                    'text-anchor="middle"')


def _line(x, y, line, colour):
    yield ('<polyline fill="none" stroke="%s" stroke-width="2.5" '
           'points="%s"/>' % (colour, " ".join(
               "%.1f,%.1f" % (x(p[0]), y(p[1])) for p in line)))
    for px, py, hollow in line:
        yield ('<circle cx="%.1f" cy="%.1f" r="4.5" stroke="%s" '
               'stroke-width="2" fill="%s"/>' % (
                   x(px), y(py), colour, "#ffffff" if hollow else colour))


def _labels(ends):
    """Names at the ends of their lines, none upon another."""
    ends.sort()
    for above, below in zip(ends, ends[1:]):
        below[0] = max(below[0], above[0] + LABEL_HEIGHT)
    for py, px, name, colour in ends:
        yield _text(px + 12, py + 5, name,
                    'style="fill: %s; font-weight: bold"' % colour)
