"""What is off by default is known in few places: its keys, columns and metrics, the room that compiles it, the loader.

Other rooms work with what is made of it: a journey that begins after another one (`JourneyChain`, `metrics.persons`), a
run of trips (`TripRuns`), the stops that people on board reach. A file that begins to ask for the feature itself has to
be put into the list, and ought to ask those instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from test_architecture import Source, path_of, read_package

RETURN_JOURNEYS = re.compile(
    r"return_?leg|return_journeys|outward_(commuter|before|not)|before_return|demand_both_ways|journeys? back\b",
    re.IGNORECASE,
)
THROUGH_SERVICES = re.compile(
    r"through_services|through services|(?<!self)\.onward\b|\bonward=|with_onward|\.continues\b|\bcontinues="
)

ROOMS: Mapping[re.Pattern[str], Mapping[str, str]] = {
    RETURN_JOURNEYS: {
        "sim/model/parameters/__init__.py": "keys",
        "sim/model/parameters/demand.py": "keys",
        "sim/loading/removed_keys.py": "a key that was",
        "sim/population/return_journeys.py": "the room",
        "sim/population/commuters.py": "asks the room",
        "sim/advisor/rehearsal/known_people.py": "keeps them beside people drawn anew",
        "sim/model/journeys.py": "says what chains there are",
        "sim/model/outcome.py": "two causes",
        "sim/engine/outcomes.py": "tells the two causes",
        "sim/records/day_tables.py": "a column",
        "sim/metrics/persons.py": "reads the column",
        "sim/metrics/reference.py": "says what persons are",
        "sim/metrics/advice_metrics.py": "metrics",
        "sim/metrics/cost_metrics.py": "metrics",
        "sim/metrics/travel_metrics.py": "metrics",
        "sim/metrics/return_metrics.py": "metrics",
        "sim/report/return_section.py": "their section of the report",
    },
    THROUGH_SERVICES: {
        "sim/model/parameters/service.py": "a key",
        "sim/loading/through_services.py": "the loader",
        "sim/loading/scenario.py": "asks the loader",
        "sim/model/service.py": "what a pattern leads on to",
        "sim/model/service_trips.py": "a column of trips",
        "sim/model/trip_runs.py": "the room",
        "sim/model/rerouting.py": "refuses a graph that parts trips",
    },
}


def known_in(package: Source, words: re.Pattern[str]) -> set[str]:
    """Return the paths of the modules that speak of a feature."""
    return {path_of(module) for module, source in package.items() if words.search(source)}


@pytest.mark.parametrize("words", ROOMS, ids=["return journeys", "through services"])
def test_a_feature_is_known_where_it_is_listed_and_nowhere_else(words: re.Pattern[str]) -> None:
    assert known_in(read_package(), words) == set(ROOMS[words])


def test_a_module_that_asks_for_a_feature_is_found() -> None:
    leak = {"sim.engine.vehicle": "if parameters.demand.return_leg.share:\n    pass"}
    assert known_in(leak, RETURN_JOURNEYS) == {"sim/engine/vehicle.py"}
    assert known_in({"sim.engine.vehicle": "pattern.onward is None"}, THROUGH_SERVICES) == {"sim/engine/vehicle.py"}
    assert known_in({"sim.engine.vehicle": "ride = onward"}, THROUGH_SERVICES) == set()
