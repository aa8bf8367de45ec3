"""How long a vehicle stands for a known number of passengers."""

from __future__ import annotations

from typing import Any, Final

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, number, whole_number
from sim.verification.line import line_scenario, times_at
from sim.verification.verdict import Tolerance

DISPATCH_S = 600.0
RUN_S = 300.0
DOORS_RULES = ("separate", "shared")
FRICTION_S = 0.5
"""Added per boarding while anybody stands, TCRP Report 165."""


def _channels(params: Params) -> str:
    return str(params.get("channels", "separate"))


def _theory(params: Params) -> float:
    boarding = float(params["tb"]) + (FRICTION_S if params["standees"] else 0.0)
    times = (int(params["board"]) * boarding, int(params["alight"]) * float(params["ta"]))
    return float(params["doors"]) + (max(times) if _channels(params) == "separate" else sum(times))


def _scenario(params: Params) -> ScenarioParameters:
    board, alight = int(params["board"]), int(params["alight"])
    riders = {("s0", "s1"): alight, ("s1", "s2"): board, ("s0", "s2"): 1 if params["standees"] else 0}
    flows: list[dict[str, Any]] = [
        {
            "origin": origin,
            "destination": destination,
            "pieces": [{"start": DISPATCH_S - 60.0, "end": DISPATCH_S, "commuters": count}],
        }
        for (origin, destination), count in riders.items()
        if count
    ]
    return line_scenario(
        name="verify-dwell",
        description="One vehicle lets people out and in at the second stop.",
        running_times_s=[RUN_S, RUN_S],
        dispatch={"departures": [DISPATCH_S]},
        vehicle={
            "seats": 0 if params["standees"] else board + alight,
            "capacity": board + alight + 1,
            "dwell_rule": "max" if _channels(params) == "separate" else "sum",
            "dead_time": float(params["doors"]),
            "boarding": float(params["tb"]),
            "alighting": float(params["ta"]),
            "standee_friction": FRICTION_S,
        },
        changes={"demand": {"flows": flows, "use_network_demand": False}},
    )


def _measure(tables: Tables, params: Params) -> FloatArray:
    del params
    dwell: FloatArray = times_at(tables, 1, "departure_s")[:, 0] - times_at(tables, 1, "arrival_s")[:, 0]
    return dwell


def _sql(params: Params) -> str:
    del params
    return "select departure_s - arrival_s from 'tables/stop_visits.parquet' where stop_sequence = 1"


EXAMPLE: Final[Params] = {"board": 8, "alight": 5, "tb": 3.5, "ta": 2.1, "doors": 3.5, "standees": False}

CASES = (
    Case(
        id="dwell.tcqsm",
        quantity="dwell in seconds",
        keys=(
            whole_number("board", least=0),
            whole_number("alight", least=0),
            number("tb", "seconds per boarding", least=0.0),
            number("ta", "seconds per alighting", least=0.0),
            number("doors", "seconds to open and close", least=0.0),
            Key("standees", "true or false", lambda value: isinstance(value, bool)),
            Key("channels", f"one of {', '.join(DOORS_RULES)}", lambda value: value in DOORS_RULES),
        ),
        defaults=(EXAMPLE, {**EXAMPLE, "standees": True}, {**EXAMPLE, "channels": "shared"}),
        usual=3,
        objection=lambda params: "" if params["board"] + params["alight"] else "somebody has to board or alight",
        theory=_theory,
        scenario=_scenario,
        measure=_measure,
        tolerance=Tolerance("exact", 1e-9, 1e-6),
        formula="doors + max(board tb, alight ta); sum where doors are shared; tb + 0.5 s while anybody stands",
        source="TCRP Report 165, Transit Capacity and Quality of Service Manual",
        recompute=_sql,
    ),
)
