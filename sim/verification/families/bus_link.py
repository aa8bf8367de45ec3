"""How long a bus takes over links: running time in traffic, stopping, and dwell."""

from __future__ import annotations

from typing import Final

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number, whole_number
from sim.verification.line import line_scenario, one_rider, times_at
from sim.verification.theory import traffic
from sim.verification.verdict import Tolerance

FREE_S = 600.0
DISPATCH_S = 3600.0
CAPACITY_PER_S = 0.5
MOST_STOPS = 100
UNTIL_S = 10.0 * 86_400.0


def _number_of(params: Params) -> int:
    return int(params["stops"])


def _lost_s(params: Params) -> float:
    return traffic.stop_lost_s(float(params["v"]), float(params["acc"]), float(params["dec"]))


def _undelayed(params: Params) -> dict[str, object]:
    """Return the parameters of the scenario in which a bus only runs and stops."""
    return {**params, "x": 0.0, "dwell": 0.0}


def _theory(params: Params) -> float:
    running_s = FREE_S * traffic.bpr(float(params["x"]))
    return _number_of(params) * (running_s + _lost_s(params) + float(params["dwell"]))


def _scenario(params: Params) -> ScenarioParameters:
    volume = {"link_class": "road", "start": 0.0, "end": UNTIL_S, "volume": CAPACITY_PER_S * float(params["x"])}
    road = {"delay": "bpr", "classes": {"road": {"capacity": CAPACITY_PER_S}}, "volumes": [volume]}
    lost = {
        "speed": float(params["v"]) / 3.6,
        "acceleration_m_s2": float(params["acc"]),
        "deceleration_m_s2": float(params["dec"]),
    }
    return line_scenario(
        name="verify-bus-link",
        description="One bus over links in background traffic, which stops at the start of each.",
        running_times_s=[FREE_S] * _number_of(params),
        dispatch={"departures": [DISPATCH_S]},
        vehicle={"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": float(params["dwell"])},
        changes={
            "traffic": {"bus_equivalents": 0, "step": 3600.0, **road},
            "service": {"stop_lost_time": lost},
            "demand": one_rider(DISPATCH_S),
        },
    )


def _took_s(tables: Tables, params: Params) -> FloatArray:
    took: FloatArray = times_at(tables, _number_of(params), "arrival_s")[:, 0] - times_at(tables, 0, "arrival_s")[:, 0]
    return took


TOOK_SQL = "(max(arrival_s) - min(arrival_s))"

KEYS: Final = (
    whole_number("stops", least=1),
    number("v", "km/h", above=0.0),
    number("acc", "m/s2", above=0.0),
    number("dec", "m/s2", above=0.0),
)
CITY_BUS: Final[Params] = {"v": 40.0, "acc": 1.0, "dec": 1.2}
SOURCE = "uniform acceleration; running time by Bureau of Public Roads 1964"


def _objection(params: Params) -> str:
    return "" if _number_of(params) <= MOST_STOPS else f"stops must be at most {MOST_STOPS}"


CASES = (
    Case(
        id="bus_link.lost",
        quantity="seconds lost per stop by speeding up and braking",
        keys=KEYS,
        defaults=({"stops": 1, **CITY_BUS}, {"stops": 12, **CITY_BUS}),
        usual=2,
        objection=_objection,
        theory=_lost_s,
        scenario=lambda params: _scenario(_undelayed(params)),
        measure=lambda tables, params: _took_s(tables, params) / _number_of(params) - FREE_S,
        tolerance=Tolerance("exact", 1e-9, 1e-6),
        formula="v/2 (1/acc + 1/dec)",
        source=SOURCE,
        recompute=lambda params: (
            f"select {TOOK_SQL} / {_number_of(params)} - {FREE_S!r} from 'tables/stop_visits.parquet'"
        ),
    ),
    Case(
        id="bus_link.time",
        quantity="seconds of a bus over links with a stop at the start of each",
        keys=(
            *KEYS,
            number("x", "volume over capacity", least=0.0, most=3.0),
            number("dwell", "seconds", least=0.0, most=600.0),
        ),
        defaults=({"stops": 5, **CITY_BUS, "x": 0.9, "dwell": 15.0},),
        usual=1,
        objection=_objection,
        theory=_theory,
        scenario=_scenario,
        measure=_took_s,
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        formula="stops [t0 (1 + 0.15 x^4) + v/2 (1/acc + 1/dec) + dwell], t0 = 10 min",
        source=SOURCE,
        recompute=lambda _: f"select {TOOK_SQL} from 'tables/stop_visits.parquet'",
    ),
)
