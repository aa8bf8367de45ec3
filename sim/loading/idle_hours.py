"""Hours that a scenario names although no vehicle is planned to run then: said, since nothing comes of them."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Problem
from sim.loading.inline import KeyPath, PlaceKey
from sim.model.parameters import ScenarioParameters
from sim.model.service import Service
from sim.units import format_clock_short


def remarks_on_hours(parameters: ScenarioParameters, service: Service, place: PlaceKey) -> list[Problem]:
    """Return remarks on disruptions and discounts at hours when nothing runs.

    Hours after midnight belong to the day before where its vehicles run on: `01:00` is before the first vehicle there,
    and `25:00` is meant.

    Parameters
    ----------
    parameters : ScenarioParameters
    service : Service
        Before anything is left out.
    place : callable
        Makes a problem of a key path and a message.
    """
    if not len(service.scheduled_departure_s):
        return []
    first_s, last_s = float(service.scheduled_departure_s.min()), float(service.scheduled_arrival_s.max())
    runs = f"by the timetable vehicles run from {format_clock_short(first_s)} to {format_clock_short(last_s)}"
    return [
        place(path, f"changes nothing from {format_clock_short(start_s)} to {format_clock_short(end_s)}: {runs}")
        for path, start_s, end_s in _hours(parameters)
        if end_s <= first_s or start_s > last_s
    ]


def _hours(parameters: ScenarioParameters) -> Iterator[tuple[KeyPath, float, float]]:
    """Yield the key, the start and the end of each stretch of time."""
    for number, link in enumerate(parameters.disruptions.links):
        yield ("disruptions", "links", number), link.start_s, link.end_s
    for number, stop in enumerate(parameters.disruptions.closed_stops):
        yield ("disruptions", "closed_stops", number), stop.start_s, stop.end_s
    for number, discount in enumerate(parameters.advisor.incentive.discounts):
        yield ("advisor", "incentive", "discounts", number), discount.start_s, discount.end_s
