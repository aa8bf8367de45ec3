"""The marks of a chart as SVG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.report.charts.chart import (
    Band,
    Bars,
    Corner,
    Curve,
    Dots,
    GuideLine,
    HeatMap,
    Label,
    Mark,
    Segments,
    Steps,
    Whiskers,
)
from sim.report.charts.colours import LEVELS
from sim.report.charts.png import data_address

_ANCHORS: Final = {-1: "end", 0: "middle", 1: "start"}
_AWAY_PX: Final = 6.0
_LETTER_HEIGHT_PX: Final = 8.0


@dataclass(frozen=True)
class PlotArea:
    """Where data lie on a panel: the area between the axes in pixels, and the data at its ends."""

    left: float
    top: float
    width: float
    height: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return the pixel of a value from the left."""
        return self.left + (value - self.x_low) / (self.x_high - self.x_low) * self.width

    def y(self, value: float) -> float:
        """Return the pixel of a value from the top."""
        return self.top + self.height - (value - self.y_low) / (self.y_high - self.y_low) * self.height

    def points(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return pixels, shape (..., 2)."""
        across = self.left + (x - self.x_low) / (self.x_high - self.x_low) * self.width
        up = self.top + self.height - (y - self.y_low) / (self.y_high - self.y_low) * self.height
        return np.stack(np.broadcast_arrays(across, up), axis=-1)

    def with_equal_steps(self) -> PlotArea:
        """Return the placement whose steps along x and y are equally long, the data in the middle."""
        per_px = max((self.x_high - self.x_low) / self.width, (self.y_high - self.y_low) / self.height)
        wide, high = per_px * self.width, per_px * self.height
        x_middle, y_middle = (self.x_low + self.x_high) / 2.0, (self.y_low + self.y_high) / 2.0
        return replace(
            self,
            x_low=x_middle - wide / 2.0,
            x_high=x_middle + wide / 2.0,
            y_low=y_middle - high / 2.0,
            y_high=y_middle + high / 2.0,
        )


def mark_svg(mark: Mark, area: PlotArea) -> str:  # noqa: PLR0911 - one answer for each kind of mark
    """Return a mark as SVG elements.

    Parameters
    ----------
    mark : Mark
    area : PlotArea
    """
    match mark:
        case Steps():
            points = area.points(np.repeat(mark.edges, 2)[1:-1], np.repeat(mark.values, 2))
            return f'<path {_stroke(mark.colour)} stroke-width="{mark.width:g}" d="{_line(points)}"/>'
        case Curve():
            return (
                f'<path {_stroke(mark.colour)} stroke-width="{mark.width:g}" d="{_line(area.points(mark.x, mark.y))}"/>'
            )
        case Dots():
            return _dots(mark, area)
        case Whiskers():
            ends = np.stack([area.points(mark.low, mark.y), area.points(mark.high, mark.y)], axis=1)
            return f'<path {_stroke(mark.colour)} stroke-width="1.6" d="{_pieces(ends)}"/>'
        case Band():
            outline = np.concatenate([area.points(mark.x, mark.high), area.points(mark.x, mark.low)[::-1]])
            return f'<path {_fill(mark.colour)} fill-opacity="0.18" d="{_line(outline)}z"/>'
        case Bars():
            return _bars(mark, area)
        case HeatMap():
            return _cells(mark, area)
        case Segments():
            return _segments(mark, area)
        case GuideLine():
            kind = "faint" if mark.is_faint else "rule"
            if mark.x is not None:
                return f'<path class="{kind}" d="M{area.x(mark.x):.1f} {area.top:.1f}v{area.height:.1f}"/>'
            return f'<path class="{kind}" d="M{area.left:.1f} {area.y(mark.y or 0.0):.1f}h{area.width:.1f}"/>'
        case Label():
            return _label(mark, area)
        case Corner():
            return _corner(mark, area)


def _stroke(colour: str) -> str:
    return f'fill="none" stroke="{colour}"' if colour.startswith("#") else f'class="line-{colour}"'


def _fill(colour: str) -> str:
    return f'fill="{colour}"' if colour.startswith("#") else f'class="fill-{colour}"'


def _line(points: FloatArray) -> str:
    """Return the path through points, shape (points, 2); NaN parts it."""
    known = np.isfinite(points).all(axis=1)
    starts = known & ~np.concatenate([[False], known[:-1]])
    return "".join(
        f"{'M' if start else 'L'}{x:.1f} {y:.1f}"
        for (x, y), start in zip(points[known].tolist(), starts[known].tolist(), strict=True)
    )


def _pieces(ends: FloatArray) -> str:
    """Return the path of separate pieces, shape (pieces, 2, 2)."""
    ends = ends[np.isfinite(ends).all(axis=(1, 2))].reshape(-1, 4)
    return "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in ends.tolist())


def _dots(mark: Dots, area: PlotArea) -> str:
    points = area.points(mark.x, mark.y)
    points = points[np.isfinite(points).all(axis=1)].tolist()
    if mark.look == "cross":
        path = "".join(f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" for x, y in points)
        return f'<path {_stroke(mark.colour)} stroke-width="2" d="{path}"/>'
    radius = 7.0 if mark.look == "ring" else mark.radius
    paint = f'{_stroke(mark.colour)} stroke-width="1.5"' if mark.look != "full" else _fill(mark.colour)
    return "".join(f'<circle {paint} cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>' for x, y in points)


def _bars(mark: Bars, area: PlotArea) -> str:
    low, high = area.points(mark.edges[:-1], mark.low), area.points(mark.edges[1:], mark.high)
    path = "".join(
        f"M{a:.1f} {b:.1f}H{c:.1f}V{d:.1f}H{a:.1f}z"
        for (a, b), (c, d) in zip(low.tolist(), high.tolist(), strict=True)
        if abs(b - d) >= 0.05
    )
    return f'<path {_fill(mark.colour)} fill-opacity="{mark.strength:g}" d="{path}"/>'


def _cells(mark: HeatMap, area: PlotArea) -> str:
    """Return the heat map as one picture of a pixel a cell."""
    rows = len(mark.values)
    left, right = area.x(float(mark.edges[0])), area.x(float(mark.edges[-1]))
    top, bottom = sorted((area.y(-0.5), area.y(rows - 0.5)))
    levels = mark.scale.levels(mark.values)
    levels = levels if area.y(-0.5) < area.y(rows - 0.5) else levels[::-1]
    return (
        f'<image x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" '
        f'preserveAspectRatio="none" href="{data_address(levels, mark.scale.palette())}"/>'
    )


def _segments(mark: Segments, area: PlotArea) -> str:
    ends = area.points(mark.points[..., 0], mark.points[..., 1])
    if mark.values is None or mark.scale is None:
        return f'<path class="line-muted" stroke-width="{mark.width:g}" d="{_pieces(ends)}"/>'
    levels = mark.scale.levels(mark.values)
    palette = mark.scale.palette()
    return "".join(
        f'<path fill="none" stroke="#{palette[level, 0]:02x}{palette[level, 1]:02x}{palette[level, 2]:02x}" '
        f'stroke-width="{mark.width:g}" d="{_pieces(ends[levels == level])}"/>'
        for level in range(LEVELS)
        if (levels == level).any()
    )


def _label(mark: Label, area: PlotArea) -> str:
    across, up = mark.side
    x = area.x(mark.x) + across * _AWAY_PX
    y = area.y(mark.y) - up * _AWAY_PX + (1 - up) * _LETTER_HEIGHT_PX / 2.0
    return f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="{_ANCHORS[across]}">{escape(mark.text)}</text>'


def _corner(mark: Corner, area: PlotArea) -> str:
    x, anchor = (area.left + 4.0, "start") if mark.side == "left" else (area.left + area.width - 4.0, "end")
    y = area.top + 14.0
    return f'<text class="strong" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(mark.text)}</text>'
