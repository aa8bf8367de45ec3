"""A chart as a piece of HTML: an SVG element for each panel, so that panels stand below each other on a phone.

Inks and grids are those of the page (classes in report.css), coordinates are rounded to a tenth of a
pixel, and nothing has an identifier: the same chart gives the same text.
"""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np

from sim.report.charts.axes import ends, shorten, text_px, ticks_of
from sim.report.charts.chart import PANEL_PX, Axis, Chart, LegendEntry, Panel
from sim.report.charts.colours import LEVELS, ColourScale
from sim.report.charts.marks import PlotArea, mark_svg
from sim.report.charts.png import data_address

TEXT_PX: Final = 11.5
"""Size of the letters of axes."""

_TITLE_PX: Final = 20.0
_LABEL_PX: Final = 16.0
_RIGHT_PX: Final = 18.0
_SLANTED_PX: Final = 62.0


def chart_html(chart: Chart, alt: str) -> str:
    """Return the chart as HTML.

    Parameters
    ----------
    chart : Chart
    alt : str
        What it shows, for those who do not see it.
    """
    panels = "\n".join(_panel_svg(panel, chart) for panel in chart.panels)
    key = _legend(chart.legend) + (_scale(chart.scale) if chart.scale is not None else "")
    key = f'<p class="key" aria-hidden="true">{key}</p>\n' if key else ""
    body = f'{key}<div class="panels {chart.width}">\n{panels}\n</div>'
    return f'<div class="chart" role="img" aria-label="{escape(alt)}">\n{body}</div>'


def _legend(entries: tuple[LegendEntry, ...]) -> str:
    return "".join(
        f'<span><svg viewBox="0 0 14 10" class="swatch"><rect width="14" height="10" rx="2" '
        f'{_fill(entry.colour)} fill-opacity="{entry.strength:g}"/></svg>{escape(entry.label)}</span>'
        for entry in entries
    )


def _scale(scale: ColourScale) -> str:
    """Return the colours of a scale with the values at its ends and in the middle."""
    address = data_address(np.arange(LEVELS).reshape(1, -1), scale.palette())
    decimals = 0 if scale.high - scale.low > 5.0 else 1
    low, middle, high = (
        f"{value + 0.0:.{decimals}f}".replace("-", "−")
        for value in (scale.low, (scale.low + scale.high) / 2.0, scale.high)
    )
    values = f"<b>{low}</b><b>{middle}</b><b>{high}</b>"
    return f'<span>{escape(scale.label)}<span class="scale"><img src="{address}" alt="">{values}</span></span>'


def _fill(colour: str) -> str:
    return f'fill="{colour}"' if colour.startswith("#") else f'class="fill-{colour}"'


def _panel_svg(panel: Panel, chart: Chart) -> str:
    width = float(PANEL_PX[chart.width])
    area, up = _area(panel, width, chart.height_px)
    across, slanted, bottom = [], "", 2.0
    if not panel.is_map:
        bottom += _LABEL_PX + (_LABEL_PX if panel.x.label else 0.0)
        across = ticks_of(panel.x, area.x_low, area.x_high, area.width, TEXT_PX, is_across=True)
        if panel.x.names:
            across, slanted, bottom = [], _slanted_names(panel.x, area), bottom + _SLANTED_PX
    total = area.top + area.height + bottom
    marks = "".join(mark_svg(mark, area) for mark in panel.marks)
    body = f"{_heads(panel, area, width, total)}{_frame(panel, area, across, up)}{marks}{slanted}"
    return f'<svg viewBox="0 0 {width:.0f} {total:.0f}" aria-hidden="true">{body}</svg>'


def _area(panel: Panel, width: float, height: float) -> tuple[PlotArea, list[tuple[float, str]]]:
    """Return where the data lie, and the ticks of the vertical axis, whose widest label says where it begins."""
    (x_low, x_high), (y_low, y_high) = ends(panel)
    top = _TITLE_PX if panel.title or panel.note else 0.0
    if panel.is_map:
        return PlotArea(0.0, top, width, height, x_low, x_high, y_low, y_high).with_equal_steps(), []
    ticks = ticks_of(panel.y, y_low, y_high, height, TEXT_PX, is_across=False)
    up = [(place, shorten(name, panel.y.most_letters)) for place, name in ticks]
    left = 8.0 + max((text_px(name, TEXT_PX) for _, name in up), default=0.0)
    top += _LABEL_PX + 5.0 if panel.y.label else 4.0
    return PlotArea(left, top, width - left - _RIGHT_PX, height, x_low, x_high, y_low, y_high), up


def _heads(panel: Panel, area: PlotArea, width: float, height: float) -> str:
    """Return title, note and what runs along the axes."""
    parts = []
    if panel.title:
        parts.append(f'<text class="title" x="2" y="13">{escape(panel.title)}</text>')
    if panel.note:
        parts.append(f'<text class="note" x="{width - 6:.0f}" y="13" text-anchor="end">{escape(panel.note)}</text>')
    if panel.y.label and not panel.is_map:
        parts.append(f'<text class="axis" x="2" y="{area.top - 10:.1f}">{escape(panel.y.label)}</text>')
    if panel.x.label and not panel.is_map:
        middle = area.left + area.width / 2.0
        label = escape(panel.x.label)
        parts.append(f'<text class="axis" x="{middle:.1f}" y="{height - 4:.1f}" text-anchor="middle">{label}</text>')
    return "".join(parts)


def _frame(panel: Panel, area: PlotArea, across: list[tuple[float, str]], up: list[tuple[float, str]]) -> str:
    """Return grid, ticks and their labels, and the base line."""
    if panel.is_map:
        return ""
    parts = []
    base = area.top + area.height
    grid = "".join(f"M{area.left:.1f} {area.y(place):.1f}h{area.width:.1f}" for place, _ in up if panel.y.has_grid)
    grid += "".join(f"M{area.x(place):.1f} {area.top:.1f}v{area.height:.1f}" for place, _ in across if panel.x.has_grid)
    if grid:
        parts.append(f'<path class="grid" d="{grid}"/>')
    marks = "".join(f"M{area.x(place):.1f} {base:.1f}v4" for place, _ in across)
    parts.append(f'<path class="base" d="M{area.left:.1f} {base:.1f}h{area.width:.1f}{marks}"/>')
    parts += [
        f'<text x="{area.x(place):.1f}" y="{base + 16:.1f}" text-anchor="middle">{escape(label)}</text>'
        for place, label in across
    ]
    parts += [
        f'<text x="{area.left - 6:.1f}" y="{area.y(place) + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        for place, label in up
    ]
    return "".join(parts)


def _slanted_names(axis: Axis, area: PlotArea) -> str:
    """Return the names below an axis that counts stops, slanted so that all find room; empty for numbers."""
    if not axis.names:
        return ""
    step = max(1, -(-len(axis.names) * 16 // int(area.width)))
    base = area.top + area.height + 12.0
    return "".join(
        f'<text text-anchor="end" transform="translate({area.x(place) + 4:.1f} {base:.1f}) rotate(-38)">'
        f"{escape(shorten(name, 16))}</text>"
        for place, name in axis.names[::step]
    )
