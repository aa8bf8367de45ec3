"""What a chart is: panels with axes and marks, as plain data that knows nothing of how it is drawn.

A figure of the report builds a `Chart` once; `sim.report.charts.svg` draws it on a page and
`sim.report.charts.picture` as a matplotlib figure. Coordinates are those of the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal

from sim.arrays import FloatArray
from sim.errors import SimError
from sim.report.charts.colours import ColourScale

INK: Final = "ink"
MUTED: Final = "muted"
"""Colours that the drawing chooses, so that a chart suits a light and a dark page; others are hexadecimal."""

Width = Literal["wide", "half", "third"]
"""Share of the page that a panel takes; on a narrow page each takes a row of its own."""

PANEL_PX: Final[dict[Width, int]] = {"wide": 900, "half": 440, "third": 288}
"""Width of a panel in pixels at which its text has the size of the page's small print."""


class NothingToShowError(SimError):
    """There is nothing that a chart could show; the text says what is missing."""


@dataclass(frozen=True)
class Axis:
    """One direction of a panel.

    Attributes
    ----------
    label : str
        What runs along it, with the unit.
    low, high : float
        Ends in the data's unit; NaN where the marks decide.
    names : tuple of (float, str)
        Places with names, for an axis that counts stops, strategies or classes; as many are written as
        there is room for. Round numbers where empty.
    is_clock : bool
        Whether the numbers are seconds after midnight.
    has_grid : bool
    most_letters : int
        From how many letters a name is cut.
    least_step : float
        No two round numbers are closer; 1 where the axis counts.
    """

    label: str = ""
    low: float = math.nan
    high: float = math.nan
    names: tuple[tuple[float, str], ...] = ()
    is_clock: bool = False
    has_grid: bool = False
    most_letters: int = 22
    least_step: float = 0.0


def rows_axis(names: list[str] | tuple[str, ...], has_grid: bool = False, most_letters: int = 22) -> Axis:
    """Return a vertical axis of named rows, the first on top."""
    places = tuple((float(row), name) for row, name in enumerate(names))
    return Axis("", len(names) - 0.5, -0.5, places, False, has_grid, most_letters)


@dataclass(frozen=True)
class Steps:
    """A line that is level between edges, shape (steps + 1,), at values, shape (steps,); NaN leaves a gap."""

    edges: FloatArray
    values: FloatArray
    colour: str
    width: float = 1.6


@dataclass(frozen=True)
class Curve:
    """A line through points, shape (points,); NaN leaves a gap."""

    x: FloatArray
    y: FloatArray
    colour: str
    width: float = 1.6


@dataclass(frozen=True)
class Dots:
    """Points, shape (points,); `rings` are wide and hollow, `hollow` ones of usual size."""

    x: FloatArray
    y: FloatArray
    colour: str
    look: Literal["full", "hollow", "ring", "cross"] = "full"
    radius: float = 3.5


@dataclass(frozen=True)
class Whiskers:
    """Horizontal intervals from low to high at heights y, shape (intervals,)."""

    low: FloatArray
    high: FloatArray
    y: FloatArray
    colour: str


@dataclass(frozen=True)
class Band:
    """The area between two lines over x, all of shape (points,)."""

    x: FloatArray
    low: FloatArray
    high: FloatArray
    colour: str


@dataclass(frozen=True)
class Bars:
    """Upright bars between edges, shape (bars + 1,), from low to high, shape (bars,)."""

    edges: FloatArray
    low: FloatArray
    high: FloatArray
    colour: str
    strength: float = 1.0


@dataclass(frozen=True)
class HeatMap:
    """A heat map: values, shape (rows, columns), over edges, shape (columns + 1,), row r from r - 0.5 to r + 0.5."""

    edges: FloatArray
    values: FloatArray
    scale: ColourScale


@dataclass(frozen=True)
class Segments:
    """Straight pieces, shape (pieces, 2, 2) as (x, y) of both ends, coloured by values or all muted."""

    points: FloatArray
    values: FloatArray | None = None
    scale: ColourScale | None = None
    width: float = 1.5


@dataclass(frozen=True)
class GuideLine:
    """A straight line across the panel at x, or at y; `is_faint` where it only divides."""

    x: float | None = None
    y: float | None = None
    is_faint: bool = False


@dataclass(frozen=True)
class Label:
    """A text beside a point, to that side of it: -1 left or below, 0 in the middle, 1 right or above."""

    x: float
    y: float
    text: str
    side: tuple[int, int]


@dataclass(frozen=True)
class Corner:
    """A text in an upper corner of the panel."""

    text: str
    side: Literal["left", "right"]


Mark = Steps | Curve | Dots | Whiskers | Band | Bars | HeatMap | Segments | GuideLine | Label | Corner


@dataclass(frozen=True)
class Panel:
    """Axes with marks, drawn in their order.

    Attributes
    ----------
    title : str
    marks : tuple of Mark
    x, y : Axis
    note : str
        A remark beside the title.
    is_map : bool
        Whether a step has the same length along x and y, and no axes are drawn.
    """

    title: str
    marks: tuple[Mark, ...]
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    note: str = ""
    is_map: bool = False


@dataclass(frozen=True)
class LegendEntry:
    """One entry of the legend; colours as in marks."""

    label: str
    colour: str
    strength: float = 1.0


@dataclass(frozen=True)
class Chart:
    """Panels that belong together, and what they share.

    Attributes
    ----------
    caption : str
        How to read it, naming only what is there.
    panels : tuple of Panel
    width : Width
        Of each panel.
    height_px : float
        Of the area between the axes, at the width of `PANEL_PX`.
    legend : tuple of LegendEntry
        Empty where one line needs no name.
    scale : ColourScale or None
        Of the heat maps or coloured lines.
    """

    caption: str
    panels: tuple[Panel, ...]
    width: Width = "half"
    height_px: float = 170.0
    legend: tuple[LegendEntry, ...] = ()
    scale: ColourScale | None = None
